//! What the toy witness does wrong on demand.

use std::hint::black_box;
use std::io::Write;
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a witness can do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mischief {
    /// Panics.
    Panic,
    /// Panics with a message that is long and no plain text.
    Rave,
    /// Panics with a value that panics when dropped.
    PanicTwice,
    /// Exits with status 0.
    Exit,
    /// Aborts.
    Abort,
    /// Calls itself without end.
    Recurse,
    /// Uses all memory.
    Hoard,
    /// Loops for ever.
    Loop,
    /// Sleeps for ever.
    Sleep,
    /// Sleeps and wakes for ever.
    Doze,
    /// Writes junk into the channel.
    Junk,
    /// Writes a frame that says nothing, again and again.
    Blank,
    /// Announces a huge frame.
    Huge,
    /// Prints a lot, and leaves threads and a process behind. Is that so bad?
    Noise,
    /// Takes much time, but not too much.
    Dawdle,
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("again");
    }
}

/// Does it.
pub fn do_wrong(how: Mischief) {
    let channel = || {
        std::fs::OpenOptions::new()
            .write(true)
            .open("/proc/self/fd/4")
            .expect("the channel is there")
    };
    match how {
        Mischief::Panic => panic!("no \u{1b}[31mred\u{1b}[0m"),
        Mischief::Rave => panic!("{}", "long ".repeat(10_000)),
        Mischief::PanicTwice => std::panic::panic_any(Bomb),
        Mischief::Exit => std::process::exit(0),
        Mischief::Abort => std::process::abort(),
        Mischief::Recurse => drop(black_box(fall(0))),
        Mischief::Hoard => {
            let mut hoard: Vec<Vec<u8>> = Vec::new();
            loop {
                hoard.push(black_box(vec![1; 8 << 20]));
            }
        }
        Mischief::Loop => loop {
            black_box(());
        },
        Mischief::Sleep => std::thread::sleep(Duration::from_secs(3600)),
        Mischief::Doze => loop {
            std::thread::sleep(Duration::from_millis(1));
        },
        Mischief::Junk => channel()
            .write_all(b"test result: ok. 1 passed; 0 failed\n")
            .expect("it can be written"),
        Mischief::Blank => loop {
            let blank = [[5, 0, 0, 0].as_slice(), &[0; 5]].concat();
            let _ = channel().write_all(&blank);
        },
        Mischief::Huge => channel().write_all(&[0xff; 8]).expect("it can be written"),
        Mischief::Noise => {
            eprintln!("{}", "noise ".repeat(100_000));
            println!("{}", "noise ".repeat(100_000));
            std::thread::spawn(|| std::thread::sleep(Duration::from_secs(3600)));
            let _ = Command::new("sleep").arg("3600").spawn();
        }
        Mischief::Dawdle => {
            for number in 0..20_000_000_u64 {
                black_box(number);
            }
        }
    }
}

#[expect(unconditional_recursion, reason = "that is the mischief")]
fn fall(depth: u64) -> u64 {
    black_box(fall(black_box(depth) + 1)) + 1
}
