//! A clock that jumps. What decides anything is measured with clocks that cannot be set, so nothing but the date on the card changes.

use std::fs;
use std::process::Command;

use crate::faults::{grading, lasting, open_place, right};
use crate::support::{command, finish, scratch};

/// A library that is loaded before the C library and sets the date ten years forward and back, by turns, each time somebody asks for it.
/// It needs no header, and asks the kernel itself.
const JUMPING: &str = r"
struct timespec { long seconds; long nanoseconds; };
long syscall(long number, ...);
#if defined(__x86_64__)
enum { CLOCK_GETTIME = 228 };
#elif defined(__aarch64__)
enum { CLOCK_GETTIME = 113 };
#endif
int clock_gettime(int clock, struct timespec *time) {
    static long asked = 0;
    int failed = (int) syscall(CLOCK_GETTIME, clock, time);
    if (!failed && clock == 0) {
        time->seconds += __sync_fetch_and_add(&asked, 1) % 2 ? -315360000L : 315360000L;
    }
    return failed;
}
";

#[test]
fn a_clock_that_jumps_changes_no_verdict() {
    let right = right();
    let tools = scratch();
    let (source, library) = (tools.path().join("jumping.c"), tools.path().join("jumping.so"));
    fs::write(&source, JUMPING).expect("written");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
    assert!(compiler.status().expect("there is a C compiler: it links").success());

    let year = |card: &serde_json::Value| {
        let date = card["timing"]["started_at"].as_str().expect("a card has a date");
        date[..4].parse::<i32>().expect("a date begins with its year")
    };
    let place = open_place();
    let before = finish(grading(command(), place.path())).expect(0).json();
    let mut jumping = grading(command(), place.path());
    jumping.env("LD_PRELOAD", &library);
    let card = finish(jumping).expect(0).json();
    assert_eq!(lasting(&card), right);
    assert_eq!((year(&card) - year(&before)).abs(), 10, "the date was another");
}
