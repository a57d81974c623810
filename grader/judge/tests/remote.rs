//! The judge program and a misbehaving witness, end to end: whatever the witness does, the verdict and the step are right.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::io::Write;
use std::process::{Command, Stdio};

use judge::Patience;
use judge::wire::{Event, Request, Verdict};

const TOY: &str = env!("CARGO_BIN_EXE_toy");
const PATIENCE: Patience = Patience {
    cpu_ms: 300,
    idle_ms: 600,
};

/// A command line that starts the toy as a witness with its channel where it belongs, after some more shell.
fn launcher(before: &str) -> Vec<String> {
    let script = format!("{before} exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null");
    ["sh", "-c", &script, TOY].map(str::to_owned).to_vec()
}

/// What the judge program says to a request.
fn ask(request: &Request) -> Vec<Event> {
    let mut judge = Command::new(TOY)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    judge
        .stdin
        .take()
        .unwrap()
        .write_all(&serde_json::to_vec(request).unwrap())
        .unwrap();
    let output = judge.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The outcome of one check: verdict, detail, the lines of the story.
fn check(name: &str, before: &str) -> (Verdict, String, Vec<String>) {
    let checks = vec![name.to_owned(), "sums".to_owned()];
    let events = ask(&Request::Check {
        launcher: launcher(before),
        checks,
        seed: 1,
        patience: PATIENCE,
    });
    let Ok([first, second, Event::Done]) = <[Event; 3]>::try_from(events) else {
        panic!("two checks were asked for")
    };
    let Event::Check {
        verdict: Verdict::Passed,
        runs: 256,
        ..
    } = second
    else {
        panic!("what follows is not harmed: {second:?}")
    };
    let Event::Check {
        verdict, detail, story, ..
    } = first
    else {
        panic!("{first:?}")
    };
    let line = |line: judge::Line| match line.expected {
        Some(expected) => format!("{} {} not {expected}", line.call, line.actual),
        None => format!("{} {}", line.call, line.actual).trim_end().to_owned(),
    };
    (
        verdict,
        detail,
        story
            .map(|story| story.lines.into_iter().map(line).collect())
            .unwrap_or_default(),
    )
}

#[track_caller]
fn expect(name: &str, before: &str, verdict: Verdict, detail: &str, story: &[&str]) {
    let outcome = check(name, before);
    let story: Vec<String> = story.iter().map(|line| (*line).to_owned()).collect();
    assert_eq!(outcome, (verdict, detail.to_owned(), story));
}

#[test]
fn a_wrong_answer_is_told_in_the_fewest_steps() {
    let lines = ["sum.add_carelessly(101) 100 not 101"];
    expect(
        "careless_sums",
        "",
        Verdict::Failed,
        "the answer differs from what the contract determines",
        &lines,
    );
}

#[test]
fn an_ending_stays_and_a_law_shows_no_expected_answers() {
    let (verdict, detail, lines) = check("no_sum_stays", "");
    assert_eq!(
        (verdict, detail.as_str()),
        (Verdict::Failed, "adding 1 changes the sum")
    );
    assert_eq!(
        lines,
        [
            "sum.add_carelessly(99) 99",
            "sum.add_carelessly(1) 100",
            "sum.add_carelessly(1) 100"
        ]
    );
}

#[test]
fn a_law_that_panics_over_wrong_answers_blames_the_submission() {
    let (verdict, detail, _) = check("a_law_that_panics", "");
    assert_eq!(verdict, Verdict::Failed);
    assert!(detail.starts_with("these answers do not fit together: "), "{detail}");
}

#[test]
fn a_law_that_panics_over_right_answers_is_ours() {
    expect(
        "a_law_that_is_wrong",
        "",
        Verdict::Inconclusive,
        "the check is wrong: never right",
        &[],
    );
}

#[test]
fn a_missing_step_shows_what_the_compiler_said() {
    expect(
        "needs_forgotten",
        "",
        Verdict::NotCompiled,
        "no method named `forgotten` [E0599]",
        &[],
    );
}

#[test]
fn a_panic_is_told_without_control_characters() {
    let detail = "panicked: no \\u{1b}[31mred\\u{1b}[0m";
    expect(
        "panics",
        "",
        Verdict::Failed,
        detail,
        &[&format!("sum.spoil(Panic); {detail} not ")],
    );
}

#[test]
fn a_long_message_is_cut() {
    let (verdict, detail, lines) = check("raves", "");
    assert_eq!((verdict, lines.len()), (Verdict::Failed, 1));
    assert!(detail.len() < 500 && detail.ends_with("..."), "{detail}");
}

#[test]
fn a_panic_that_panics_is_only_a_panic() {
    let (verdict, _, lines) = check("panics_twice", "");
    assert_eq!((verdict, lines.len()), (Verdict::Failed, 1));
}

#[test]
fn an_exit_is_no_success() {
    let detail = "the process exited with status 0";
    expect(
        "exits",
        "",
        Verdict::Crashed,
        detail,
        &[&format!("sum.spoil(Exit); {detail} not ")],
    );
}

#[test]
fn an_abort_is_a_crash_at_its_step() {
    let detail = "the process died of signal 6 (abort)";
    expect(
        "aborts",
        "",
        Verdict::Crashed,
        detail,
        &[&format!("sum.spoil(Abort); {detail} not ")],
    );
}

#[test]
fn a_stack_overflow_is_called_by_its_name() {
    let detail = "the stack overflowed: a recursion does not end, or goes too deep";
    expect(
        "recurses",
        "",
        Verdict::Crashed,
        detail,
        &[&format!("sum.spoil(Recurse); {detail} not ")],
    );
}

#[test]
fn memory_that_runs_out_is_exhaustion() {
    let detail = "the process ran out of memory";
    expect(
        "hoards",
        "ulimit -v 120000;",
        Verdict::OutOfMemory,
        detail,
        &[&format!("sum.spoil(Hoard); {detail} not ")],
    );
}

#[test]
fn an_endless_loop_is_found_by_its_cpu_time() {
    expect(
        "loops",
        "",
        Verdict::TimedOut,
        "no answer in time",
        &["sum.spoil(Loop); no answer in time not "],
    );
}

#[test]
fn a_sleep_is_found_by_waiting() {
    expect(
        "sleeps",
        "",
        Verdict::TimedOut,
        "no answer in time",
        &["sum.spoil(Sleep); no answer in time not "],
    );
}

#[test]
fn a_doze_that_uses_little_cpu_is_found_too() {
    expect(
        "dozes",
        "",
        Verdict::TimedOut,
        "no answer in time",
        &["sum.spoil(Doze); no answer in time not "],
    );
}

#[test]
fn junk_in_the_channel_is_a_crash() {
    let detail = "what the process answered makes no sense, or is far too long";
    for (name, how) in [
        ("writes_junk", "Junk"),
        ("writes_blanks", "Blank"),
        ("announces_much", "Huge"),
    ] {
        expect(
            name,
            "",
            Verdict::Crashed,
            detail,
            &[&format!("sum.spoil({how}); {detail} not ")],
        );
    }
}

#[test]
fn noise_and_things_left_behind_are_no_fault_and_do_not_stay() {
    expect("makes_noise", "", Verdict::Passed, "", &[]);
}

#[test]
fn scripts_that_are_all_slow_take_too_long_together() {
    let detail = "the scripts of this check take too long together";
    expect("dawdles", "", Verdict::TimedOut, detail, &[]);
}

#[test]
fn equal_requests_have_equal_answers() {
    let outcomes = [(); 2].map(|()| [check("careless_sums", ""), check("panics", ""), check("aborts", "")]);
    assert_eq!(outcomes[0], outcomes[1]);
}

/// A request that is answered with a complaint.
fn complaint(launcher: Vec<String>, check: &str) -> String {
    let request = Request::Check {
        launcher,
        checks: vec![check.to_owned()],
        seed: 1,
        patience: PATIENCE,
    };
    let mut judge = Command::new(TOY)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    judge
        .stdin
        .take()
        .unwrap()
        .write_all(&serde_json::to_vec(&request).unwrap())
        .unwrap();
    let output = judge.wait_with_output().unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_the_submission_has_no_part_in_is_a_fault_of_ours() {
    assert_eq!(complaint(launcher(""), "nothing"), "there is no check `nothing`\n");
    let missing = vec!["/does/not/exist".to_owned()];
    assert!(complaint(missing, "sums").starts_with("cannot start `/does/not/exist`: "));
    let failing = ["sh", "-c", "echo 'no such jail' >&2; exit 125"]
        .map(str::to_owned)
        .to_vec();
    let text = "the witness does not start: the process exited with status 125: no such jail\n";
    assert_eq!(complaint(failing, "sums"), text);
}

#[test]
fn a_program_that_dies_before_its_first_instruction_is_a_crash() {
    let dies = ["sh", "-c", "kill -KILL $$"].map(str::to_owned).to_vec();
    let loader = [
        "sh",
        "-c",
        "echo 'cannot allocate TLS data structures for initial thread' >&2; exit 127",
    ];
    for launcher in [dies, loader.map(str::to_owned).to_vec()] {
        let events = ask(&Request::Check {
            launcher,
            checks: vec!["sums".to_owned()],
            seed: 1,
            patience: PATIENCE,
        });
        let [Event::Check { verdict, detail, .. }, Event::Done] = events.as_slice() else {
            panic!("one check was asked for")
        };
        assert_eq!(*verdict, Verdict::Crashed);
        assert!(detail.starts_with("the program cannot start"), "{detail}");
    }
}
