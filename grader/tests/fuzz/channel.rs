//! What processes of a submission and judges send back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use moulinette::kit::{ExerciseKit, Library};
use moulinette::model::evidence::CheckRecord;
use moulinette::model::exercise::Network;
use moulinette::model::limits::Limits;
use moulinette::model::verdict::Verdict;
use moulinette::stages::JudgeError;
use moulinette::stages::build::Program;
use moulinette::stages::checks::Checking;
use moulinette::system::sandbox::{Ending, Outcome, ScriptedSandbox};
use proptest::prelude::*;
use witness::wire::{self, Answer, Hello, Reply, SpecReply, WorkReply};

use super::{cases, damaged};

/// Runs a stage over a sandbox in which every process ends well and says `stdout` and `channel`; `channel` may use the greeting.
fn with<T>(
    stdout: Vec<u8>,
    channel: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static,
    run: impl FnOnce(&Checking<'_>) -> T,
) -> T {
    let sandbox = ScriptedSandbox::new(move |job| {
        Ok(Outcome {
            stdout: stdout.clone(),
            channel: channel(job.channel.as_deref().unwrap_or_default()),
            ..Outcome::silent(Ending::Exited(0))
        })
    });
    let library = || Library {
        name: "x".to_owned(),
        path: PathBuf::from("/nowhere"),
    };
    let kit = ExerciseKit {
        seals: Default::default(),
        judge: PathBuf::from("/nowhere"),
        protocol: library(),
        witness: library(),
        allowed: Vec::new(),
        dependencies: PathBuf::from("/nowhere"),
        generated: None,
    };
    let program = Program {
        path: PathBuf::from("/nowhere"),
        lost: BTreeMap::new(),
    };
    run(&Checking {
        program: &program,
        kit: &kit,
        sandbox: &sandbox,
        scratch: Path::new("/"),
        judge_scratch: Path::new("/"),
        limits: Limits::trusted(),
        network: Network::None,
        seed: 0,
    })
}

fn spec(channel: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> CheckRecord {
    with(Vec::new(), channel, |checking| checking.spec("some_check").unwrap())
}

fn hidden(stdout: Vec<u8>) -> Result<Vec<CheckRecord>, JudgeError> {
    with(stdout, |_| Vec::new(), |checking| checking.hidden(&["a", "b"]))
}

const EVENTS: &str = concat!(
    r#"{"check":{"name":"a","verdict":"passed","detail":"","story":null,"runs":3,"restarts":0,"cpu_ms":1.5,"wall_ms":2.0}}"#,
    "\n",
    r#"{"check":{"name":"b","verdict":"failed","detail":"no","story":{"lines":[{"call":"f()","actual":"1","expected":"2"}],"#,
    r#""objection":"o","found_after":1},"runs":3,"restarts":0,"cpu_ms":1.5,"wall_ms":2.0}}"#,
    "\n\"done\"\n"
);

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    "\n",
    "null",
    "-1",
    "1e999",
    "\"done\"",
    "\"name\":\"a\"",
    "\\u0000",
    "é",
    "NaN",
];

proptest! {
    #![proptest_config(cases(200))]

    /// Bytes that do not know the greeting's number are never a pass, and the frame's decoder takes no more than it is given.
    #[test]
    fn nonsense_is_never_a_pass(bytes in prop::collection::vec(any::<u8>(), 0..200), length in any::<u32>(), framed in any::<bool>()) {
        let mut sent = if framed { (bytes.len() as u32).to_le_bytes() } else { length.to_le_bytes() }.to_vec();
        sent.extend(&bytes);
        // Eight random bytes are not the number of the greeting.
        prop_assert_ne!(spec(move |_| sent.clone()).verdict, Verdict::Passed);
    }

    /// A true answer that is damaged is no pass either, unless nothing was damaged.
    #[test]
    fn a_damaged_answer_is_no_other_answer(at in any::<prop::sample::Index>(), bit in 0..8_u8, cut in any::<Option<prop::sample::Index>>()) {
        let seen = Arc::new(Mutex::new((Vec::new(), Vec::new())));
        let kept = Arc::clone(&seen);
        let record = spec(move |greeting| {
            let hello: Hello = wire::receive(&mut &*greeting, 1 << 10).unwrap().unwrap();
            let mut answer = Vec::new();
            wire::send(&mut answer, &(hello.nonce, 1_u32, "it failed", "spec.rs:1")).unwrap();
            let whole = answer.clone();
            let place = at.index(answer.len());
            answer[place] ^= 1 << bit;
            if let Some(cut) = cut {
                answer.truncate(cut.index(answer.len() + 1));
            }
            *kept.lock().unwrap() = (whole, answer.clone());
            answer
        });
        prop_assert_ne!(record.verdict, Verdict::Passed, "{:?}", seen.lock().unwrap());
    }

    #[test]
    fn any_frame_is_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0..300_usize) {
        let mut sent = (bytes.len() as u32).to_le_bytes().to_vec();
        sent.extend(&bytes);
        sent.truncate(cut.max(1));
        let longest = 1 << 16;
        let _ = wire::receive::<SpecReply>(&mut sent.as_slice(), longest);
        let _ = wire::receive::<WorkReply>(&mut sent.as_slice(), longest);
        let _ = wire::receive::<Hello>(&mut sent.as_slice(), longest);
        if let Ok(Some(reply)) = wire::receive::<Reply<Answer<Vec<String>>>>(&mut sent.as_slice(), longest) {
            // A number of answers is a claim until they are there.
            prop_assert!(reply.answers.len() <= bytes.len());
        }
        prop_assert!(wire::receive::<String>(&mut [0xff_u8; 4].as_slice(), longest).is_err());
    }

    /// What a judge says is an answer to every check, or our error: never a verdict that nobody gave.
    #[test]
    fn a_judge_answers_everything_or_nothing(text in damaged(EVENTS, PIECES)) {
        if let Ok(records) = hidden(text.clone().into_bytes()) {
            let names: Vec<&str> = records.iter().map(|record| record.id.name()).collect();
            prop_assert_eq!(names, ["a", "b"]);
            prop_assert!(text.trim_end().ends_with("\"done\""));
        }
    }

    #[test]
    fn any_bytes_of_a_judge_are_an_error_of_ours(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(hidden(bytes).is_err());
    }
}

#[test]
fn a_sound_judge_is_understood() {
    let verdicts: Vec<Verdict> = hidden(EVENTS.as_bytes().to_vec())
        .unwrap()
        .into_iter()
        .map(|record| record.verdict)
        .collect();
    assert_eq!(verdicts, [Verdict::Passed, Verdict::Failed]);
}
