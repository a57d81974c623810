//! One hidden check at work on one subject.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::strategy::{Just, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::{Deserialize, Serialize};
use witness::Language;
use witness::wire::Answer;

use crate::case::{Case, Objection};
use crate::shrink;
use crate::story::{Expectation, Story};
use crate::subject::{Ending, Subject, Transcript};

/// Scripts a frame: larger batches gain little, smaller ones cost a wake-up each.
const BATCH: usize = 32;

/// Scripts a check runs if it does not say otherwise.
pub(crate) const CASES: u32 = 256;

/// What a hidden check says of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// No script spoke against it.
    Passed,
    /// A script on which it is wrong.
    Failed(Story),
    /// A script that it does not survive; how it ended.
    Crashed(Story),
    /// A script that does not end.
    TimedOut(Story),
    /// A script that takes all memory.
    OutOfMemory(Story),
    /// It lacks what the check needs; the compiler's message.
    NotCompiled(String),
    /// The check itself is wrong, and why.
    Inconclusive(String),
}

/// What a law says of a case.
pub(crate) type Law<'l, L> = &'l dyn Fn(&Case<'_, L>) -> Result<(), Objection>;

/// One check's access to a subject and to the reference.
pub struct Trial<'a, L: Language> {
    subject: &'a mut dyn Subject<L>,
    reference: &'a mut dyn Subject<L>,
    seed: [u8; 32],
    cases: u32,
    tries: u32,
    runs: u32,
}

/// Why a script was found wanting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The law objects.
    Objection(Objection),
    /// A step panicked.
    Panicked { step: usize, message: String },
    /// The process ended at a step.
    Ended { step: usize, ending: Ending },
    /// The submission lacks a step.
    Missing(String),
    /// The check is wrong.
    Ours(String),
}

/// A fault and what it was found on.
pub(crate) struct Found<L: Language> {
    pub script: Vec<L::Step>,
    pub transcript: Transcript<L::Seen>,
    pub fault: Fault,
    /// Whether the law compared with the reference.
    pub compared: bool,
}

impl<'a, L: Language> Trial<'a, L> {
    /// A trial whose scripts depend on the seed and the check's name, so not on which other checks run.
    pub(crate) fn new(
        subject: &'a mut dyn Subject<L>,
        reference: &'a mut dyn Subject<L>,
        seed: u64,
        check: &str,
    ) -> Self {
        let mut bytes = [0_u8; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        for (at, byte) in check.bytes().enumerate() {
            let slot = &mut bytes[8 + at % 24];
            *slot = slot.rotate_left(3) ^ byte;
        }
        subject.begin();
        Self {
            subject,
            reference,
            seed: bytes,
            cases: CASES,
            tries: 1,
            runs: 0,
        }
    }

    /// Changes how many scripts the check runs; 256 if it does not say.
    pub fn cases(&mut self, cases: u32) -> &mut Self {
        self.cases = cases;
        self
    }

    /// Has each script run several times, also while a story is being shortened: for scripts whose answers vary, since something
    /// in them happens at the same time.
    pub fn tries(&mut self, tries: u32) -> &mut Self {
        self.tries = tries.max(1);
        self
    }

    /// How many scripts the subject ran.
    pub fn runs(&self) -> u32 {
        self.runs
    }

    /// Runs generated scripts until one breaks the law.
    pub fn forall(
        &mut self,
        scripts: impl Strategy<Value = Vec<L::Step>>,
        law: impl Fn(&Case<'_, L>) -> Result<(), Objection>,
    ) -> Verdict {
        self.forall_then(scripts, &[], law)
    }

    /// Runs generated scripts, each followed by `ending`, which is never shrunk away: a law about progress needs it.
    pub fn forall_then(
        &mut self,
        scripts: impl Strategy<Value = Vec<L::Step>>,
        ending: &[L::Step],
        law: impl Fn(&Case<'_, L>) -> Result<(), Objection>,
    ) -> Verdict {
        let config = Config {
            cases: self.cases,
            failure_persistence: None,
            ..Config::default()
        };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &self.seed));
        let mut next = || {
            let tree = scripts
                .new_tree(&mut runner)
                .expect("a strategy of scripts rejects few values");
            [tree.current().as_slice(), ending].concat()
        };
        self.search(&mut next, ending, &law)
    }

    /// Runs each of some scripts: all that there are, where they can be counted.
    pub fn every(
        &mut self,
        scripts: Vec<Vec<L::Step>>,
        law: impl Fn(&Case<'_, L>) -> Result<(), Objection>,
    ) -> Verdict {
        self.cases = scripts.len() as u32;
        let mut scripts = scripts.into_iter();
        self.search(&mut || scripts.next().unwrap_or_default(), &[], &law)
    }

    /// Runs one script.
    pub fn once(&mut self, script: Vec<L::Step>, law: impl Fn(&Case<'_, L>) -> Result<(), Objection>) -> Verdict {
        self.cases(1).forall(Just(script), law)
    }

    fn search(&mut self, next: &mut dyn FnMut() -> Vec<L::Step>, ending: &[L::Step], law: Law<'_, L>) -> Verdict {
        let (mut made, tries) = (0, self.tries as usize);
        while made < self.cases {
            let count = BATCH.div_ceil(tries).min((self.cases - made) as usize);
            let batch: Vec<Vec<L::Step>> = (0..count).flat_map(|_| vec![next(); tries]).collect();
            let mut ran = 0;
            while ran < batch.len() {
                let transcripts = self.subject.run_all(&batch[ran..]);
                self.runs += transcripts.len() as u32;
                if transcripts.is_empty() {
                    return Verdict::Inconclusive("no script was run".to_owned());
                }
                let last = ran + transcripts.len();
                for (at, transcript) in (ran..).zip(transcripts) {
                    if let Some(found) = self.examine(batch[at].clone(), transcript, law) {
                        return self.conclude(found, ending, law, made + (at / tries) as u32 + 1);
                    }
                }
                ran = last;
            }
            made += count as u32;
        }
        Verdict::Passed
    }

    /// Runs one script, as often as the check wants it, and looks for a fault.
    pub(crate) fn attempt(&mut self, script: &[L::Step], law: Law<'_, L>) -> Option<Found<L>> {
        (0..self.tries).find_map(|_| {
            self.runs += 1;
            let transcript = self.subject.run(script);
            self.examine(script.to_vec(), transcript, law)
        })
    }

    fn examine(&mut self, script: Vec<L::Step>, transcript: Transcript<L::Seen>, law: Law<'_, L>) -> Option<Found<L>> {
        let stopped = transcript
            .answers
            .iter()
            .enumerate()
            .find_map(|(step, answer)| match answer {
                Answer::Saw(_) => None,
                Answer::Panicked(message) => Some(Fault::Panicked {
                    step,
                    message: message.clone(),
                }),
                Answer::Unavailable(message) => Some(Fault::Missing(message.clone())),
            });
        let last = script.len().saturating_sub(1);
        let ended = transcript.ending.map(|ending| Fault::Ended {
            step: transcript.answers.len().min(last),
            ending,
        });
        if let Some(fault) = stopped.or(ended) {
            return Some(Found {
                script,
                transcript,
                fault,
                compared: false,
            });
        }
        let (objection, compared) = self.ask(&script, &transcript, law);
        let fault = match objection {
            Ok(Ok(())) => return None,
            Ok(Err(objection)) => Fault::Objection(objection),
            Err(message) => self.blame(&script, law, message),
        };
        Some(Found {
            script,
            transcript,
            fault,
            compared,
        })
    }

    /// What the law says, or with which message it panics; and whether it compared with the reference.
    fn ask(
        &mut self,
        script: &[L::Step],
        transcript: &Transcript<L::Seen>,
        law: Law<'_, L>,
    ) -> (Result<Result<(), Objection>, String>, bool) {
        let mut reference = |script: &[L::Step]| self.reference.run(script);
        let case = Case::new(script, transcript, &mut reference);
        let said = catch_unwind(AssertUnwindSafe(|| law(&case))).map_err(|payload| {
            let text = payload
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| payload.downcast_ref::<&str>().copied());
            text.unwrap_or("it panicked").to_owned()
        });
        (said, case.compared())
    }

    /// Whose fault it is that a law panics: ours, if it panics over the reference's answers too.
    fn blame(&mut self, script: &[L::Step], law: Law<'_, L>, message: String) -> Fault {
        let transcript = self.reference.run(script);
        let is_whole = transcript.answers.iter().all(|answer| matches!(answer, Answer::Saw(_)));
        if is_whole && self.ask(script, &transcript, law).0.is_ok() {
            let text = format!("these answers do not fit together: {message}");
            return Fault::Objection(Objection::at(script.len().saturating_sub(1), text));
        }
        Fault::Ours(format!("the check is wrong: {message}"))
    }

    fn conclude(&mut self, found: Found<L>, ending: &[L::Step], law: Law<'_, L>, after: u32) -> Verdict {
        match &found.fault {
            Fault::Missing(message) => return Verdict::NotCompiled(message.clone()),
            Fault::Ours(message) => return Verdict::Inconclusive(message.clone()),
            Fault::Ended {
                ending: Ending::TooSlow,
                ..
            } => {
                // Where time ran out is chance.
                return Verdict::TimedOut(Story::untold(&Ending::TooSlow.to_string()));
            }
            _ => {}
        }
        self.subject.begin();
        let found = shrink::shrink(self, found, ending, law);
        let (text, from) = match &found.fault {
            Fault::Objection(objection) => (objection.text.clone(), if found.compared { 0 } else { usize::MAX }),
            Fault::Panicked { step, message } => (format!("panicked: {message}"), *step),
            Fault::Ended { step, ending } => (ending.to_string(), *step),
            Fault::Missing(message) | Fault::Ours(message) => (message.clone(), usize::MAX),
        };
        let answers = if from == usize::MAX {
            Vec::new()
        } else {
            self.reference.run(&found.script).answers
        };
        let story = Story::tell::<L>(
            &found.script,
            &found.transcript,
            Expectation {
                answers: &answers,
                from,
            },
            &text,
            after,
        );
        match found.fault {
            Fault::Ended {
                ending: Ending::Hung, ..
            } => Verdict::TimedOut(story),
            Fault::Ended {
                ending: Ending::OutOfMemory,
                ..
            } => Verdict::OutOfMemory(story),
            Fault::Ended { .. } => Verdict::Crashed(story),
            _ => Verdict::Failed(story),
        }
    }
}
