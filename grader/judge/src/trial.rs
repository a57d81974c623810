//! One hidden check at work on one subject.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::{Deserialize, Serialize};
use witness::Language;
use witness::wire::Answer;

use crate::case::{Case, Objection};
use crate::shrink;
use crate::story::Story;
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
}

/// One check's access to a subject and to the reference.
pub struct Trial<'a, L: Language> {
    subject: &'a mut dyn Subject<L>,
    reference: &'a mut dyn Subject<L>,
    seed: [u8; 32],
    cases: u32,
    runs: u32,
}

/// Why a script was found wanting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    Objection(Objection),
    Ended { step: usize, ending: Ending },
    Missing(String),
}

/// A fault and what it was found on.
pub(crate) struct Found<L: Language> {
    pub script: Vec<L::Step>,
    pub transcript: Transcript<L::Seen>,
    pub fault: Fault,
    pub compared: bool,
}

impl<'a, L: Language> Trial<'a, L> {
    /// A trial whose scripts depend on the seed and the check's name, so not on which other checks run.
    pub(crate) fn new(subject: &'a mut dyn Subject<L>, reference: &'a mut dyn Subject<L>, seed: u64, check: &str) -> Self {
        let mut bytes = [0_u8; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        for (at, byte) in check.bytes().enumerate() {
            let slot = &mut bytes[8 + at % 24];
            *slot = slot.rotate_left(3) ^ byte;
        }
        Self { subject, reference, seed: bytes, cases: CASES, runs: 0 }
    }

    /// Changes how many scripts the check runs.
    pub fn cases(&mut self, cases: u32) -> &mut Self {
        self.cases = cases;
        self
    }

    /// How many scripts the subject ran.
    pub fn runs(&self) -> u32 {
        self.runs
    }

    /// Runs generated scripts until one breaks the law.
    pub fn forall(&mut self, scripts: impl Strategy<Value = Vec<L::Step>>, law: impl Fn(&Case<'_, L>) -> Result<(), Objection>) -> Verdict {
        self.forall_then(scripts, &[], law)
    }

    /// Runs generated scripts, each followed by `ending`, which is never shrunk away: a law about progress needs it.
    pub fn forall_then(&mut self, scripts: impl Strategy<Value = Vec<L::Step>>, ending: &[L::Step], law: impl Fn(&Case<'_, L>) -> Result<(), Objection>) -> Verdict {
        let config = Config { cases: self.cases, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &self.seed));
        let mut tried = 0;
        while tried < self.cases {
            let count = BATCH.min((self.cases - tried) as usize);
            let batch: Vec<Vec<L::Step>> = (0..count)
                .map(|_| {
                    let tree = scripts.new_tree(&mut runner).expect("a strategy of scripts rejects no value");
                    let mut script = tree.current();
                    script.extend_from_slice(ending);
                    script
                })
                .collect();
            let transcripts = self.subject.run_all(&batch);
            self.runs += transcripts.len() as u32;
            tried += count as u32;
            for (at, (script, transcript)) in batch.into_iter().zip(transcripts).enumerate() {
                if let Some(found) = self.examine(script, transcript, &law) {
                    let after = tried - count as u32 + at as u32 + 1;
                    return self.conclude(found, ending, &law, after);
                }
            }
        }
        Verdict::Passed
    }

    /// Runs one script and looks for a fault.
    pub(crate) fn attempt(&mut self, script: Vec<L::Step>, law: &dyn Fn(&Case<'_, L>) -> Result<(), Objection>) -> Option<Found<L>> {
        self.runs += 1;
        let transcript = self.subject.run(&script);
        self.examine(script, transcript, &law)
    }

    fn examine(&mut self, script: Vec<L::Step>, transcript: Transcript<L::Seen>, law: &dyn Fn(&Case<'_, L>) -> Result<(), Objection>) -> Option<Found<L>> {
        let stopped = transcript.answers.iter().enumerate().find_map(|(step, answer)| match answer {
            Answer::Saw(_) => None,
            Answer::Panicked(message) => Some(Fault::Objection(Objection::at(step, format!("panicked: {message}")))),
            Answer::Unavailable(message) => Some(Fault::Missing(message.clone())),
        });
        let ended = transcript.ending.map(|ending| Fault::Ended { step: transcript.answers.len().min(script.len().saturating_sub(1)), ending });
        if let Some(fault) = stopped.or(ended) {
            return Some(Found { script, transcript, fault, compared: true });
        }
        let mut ask = |script: &[L::Step]| self.reference.run(script);
        let case = Case::new(&script, &transcript, &mut ask);
        let objection = law(&case).err()?;
        let compared = case.compared();
        Some(Found { script, transcript, fault: Fault::Objection(objection), compared })
    }

    fn conclude(&mut self, found: Found<L>, ending: &[L::Step], law: &dyn Fn(&Case<'_, L>) -> Result<(), Objection>, after: u32) -> Verdict {
        if let Fault::Missing(message) = found.fault {
            return Verdict::NotCompiled(message);
        }
        let found = shrink::shrink(self, found, ending, law);
        let expected = found.compared.then(|| self.reference.run(&found.script).answers);
        let text = match &found.fault {
            Fault::Objection(objection) => objection.text.clone(),
            Fault::Ended { ending, .. } => ending.to_string(),
            Fault::Missing(message) => message.clone(),
        };
        let story = Story::tell::<L>(&found.script, &found.transcript, expected.as_deref(), &text, after);
        match found.fault {
            Fault::Ended { ending: Ending::Hung, .. } => Verdict::TimedOut(story),
            Fault::Ended { ending: Ending::OutOfMemory, .. } => Verdict::OutOfMemory(story),
            Fault::Ended { .. } => Verdict::Crashed(story),
            Fault::Objection(_) | Fault::Missing(_) => Verdict::Failed(story),
        }
    }
}
