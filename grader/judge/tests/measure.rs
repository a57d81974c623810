//! The judge program and the toy's workloads, end to end.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::io::Write;
use std::process::{Command, Stdio};

use judge::Patience;
use judge::wire::{Bound, Budget, Event, Figures, Request, Verdict};

const TOY: &str = env!("CARGO_BIN_EXE_toy");

fn launcher(part: &str) -> Vec<String> {
    let script = format!("TOY={part} exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null");
    ["sh", "-c", &script, TOY].map(str::to_owned).to_vec()
}

/// Measures one budget of a candidate against the twin.
fn measure(part: &str, workload: &str, bound: Bound) -> (Verdict, String, Option<Figures>) {
    let request = Request::Measure {
        candidate: launcher(part),
        twin: launcher("twin"),
        budgets: vec![Budget {
            id: "budget".to_owned(),
            workload: workload.to_owned(),
            bound,
        }],
        patience: Patience {
            cpu_ms: 500,
            idle_ms: 2000,
        },
    };
    let mut judge = Command::new(TOY)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    judge
        .stdin
        .take()
        .unwrap()
        .write_all(&serde_json::to_vec(&request).unwrap())
        .unwrap();
    let output = judge.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let first = text.lines().next().unwrap();
    match serde_json::from_str(first).unwrap() {
        Event::Budget {
            name,
            verdict,
            detail,
            figures,
            ..
        } if name == "budget" => (verdict, detail, figures),
        other => panic!("{other:?}"),
    }
}

fn time(limit: f64) -> Bound {
    Bound::Time { size: 4096, limit }
}

#[test]
fn the_reference_is_as_fast_as_itself() {
    let (verdict, _, figures) = measure("same", "sum", time(2.0));
    assert_eq!(verdict, Verdict::Passed, "{figures:?}");
}

#[test]
fn three_times_the_work_takes_three_times_the_time() {
    let (verdict, detail, figures) = measure("slower", "sum", time(2.0));
    assert_eq!(verdict, Verdict::Failed, "{figures:?}");
    assert_eq!(detail, "over the limit: at most 2 times the reference's cpu time");
    assert_eq!(measure("slower", "sum", time(4.5)).0, Verdict::Passed);
}

#[test]
fn a_square_grows_faster_than_a_line() {
    let growth = || Bound::Growth {
        sizes: vec![64, 256, 1024],
        limit: 1.5,
    };
    assert_eq!(measure("same", "sum", growth()).0, Verdict::Passed);
    let (verdict, detail, figures) = measure("same", "pairs", growth());
    assert_eq!(verdict, Verdict::Failed, "{figures:?}");
    assert_eq!(
        detail,
        "over the limit: at most 1.5 as the exponent by which cost grows with size"
    );
}

#[test]
fn allocations_are_counted() {
    let allocations = |limit| Bound::Allocations { size: 16, limit };
    let (verdict, _, figures) = measure("same", "pairs", allocations(3.0));
    assert_eq!((verdict, figures.unwrap().value), (Verdict::Passed, 3.0));
    assert_eq!(measure("same", "pairs", allocations(2.0)).0, Verdict::Failed);
}

#[test]
fn wrong_work_has_no_time() {
    let (verdict, detail, figures) = measure("same", "wrong", time(2.0));
    let text = "the workload's results differ from the reference's; a budget counts for correct work only";
    assert_eq!((verdict, detail.as_str(), figures), (Verdict::Failed, text, None));
}

#[test]
fn work_that_does_not_end_is_timed_out() {
    let (verdict, detail, _) = measure("same", "endless", time(2.0));
    assert_eq!((verdict, detail.as_str()), (Verdict::TimedOut, "no answer in time"));
}
