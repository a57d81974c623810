//! A script and what a subject answered, as a law sees it.

use std::cell::{Cell, OnceCell, RefCell};

use witness::Language;
use witness::wire::Answer;

use crate::subject::Transcript;

/// Has the reference run a script.
pub(crate) type Ask<'a, L> = &'a mut dyn FnMut(&[<L as Language>::Step]) -> Transcript<<L as Language>::Seen>;

/// A script whose every step returned.
pub struct Case<'a, L: Language> {
    script: &'a [L::Step],
    seen: Vec<&'a L::Seen>,
    reference: RefCell<Ask<'a, L>>,
    expected: OnceCell<Vec<L::Seen>>,
    asked: Cell<bool>,
}

/// Why a script shows that a submission is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The number of the step where it shows.
    pub step: usize,
    /// What is wrong there.
    pub text: String,
}

impl Objection {
    /// Something is wrong at a step.
    pub fn at(step: usize, text: impl Into<String>) -> Self {
        Self {
            step,
            text: text.into(),
        }
    }
}

impl<'a, L: Language> Case<'a, L> {
    /// A case of a transcript in which every step returned.
    pub(crate) fn new(script: &'a [L::Step], transcript: &'a Transcript<L::Seen>, reference: Ask<'a, L>) -> Self {
        let returned = |answer: &'a Answer<L::Seen>| match answer {
            Answer::Saw(seen) => Some(seen),
            Answer::Panicked(_) | Answer::Unavailable(_) => None,
        };
        let seen = transcript.answers.iter().filter_map(returned).collect();
        Self {
            script,
            seen,
            reference: RefCell::new(reference),
            expected: OnceCell::new(),
            asked: Cell::new(false),
        }
    }

    /// The steps in order: the number from 0, the step, what was seen.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = (usize, &'a L::Step, &'a L::Seen)> + use<'_, 'a, L> {
        self.script
            .iter()
            .zip(&self.seen)
            .enumerate()
            .map(|(at, (step, seen))| (at, step, *seen))
    }

    /// What the reference sees on the same script; asked only when called.
    ///
    /// # Panics
    /// If the reference does not answer every step: the judge is wrong then, not the submission.
    pub fn expected(&self) -> &[L::Seen] {
        self.asked.set(true);
        self.expected.get_or_init(|| {
            let transcript = (self.reference.borrow_mut())(self.script);
            let answers = transcript.answers.into_iter().map(|answer| match answer {
                Answer::Saw(seen) => seen,
                Answer::Panicked(message) => panic!("the reference panicked: {message}"),
                Answer::Unavailable(message) => panic!("the reference lacks a step: {message}"),
            });
            answers.collect()
        })
    }

    /// Whether the law compared with the reference.
    pub(crate) fn compared(&self) -> bool {
        self.asked.get()
    }
}

/// The law of most checks: each step returns what the reference returns.
pub fn same<L: Language>(case: &Case<'_, L>) -> Result<(), Objection> {
    let expected = case.expected();
    // Numbers that are no numbers differ from themselves, but not in how they are written down.
    let differ =
        |seen: &L::Seen, other: &L::Seen| seen != other && postcard::to_stdvec(seen) != postcard::to_stdvec(other);
    match case.steps().find(|(at, _, seen)| differ(seen, &expected[*at])) {
        Some((at, _, _)) => Err(Objection::at(
            at,
            "the answer differs from what the contract determines",
        )),
        None => Ok(()),
    }
}
