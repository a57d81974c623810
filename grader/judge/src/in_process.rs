//! A subject in this process: the driver linked with the reference.

use witness::wire::Answer;
use witness::{Language, World};

use crate::subject::{Subject, Transcript};

/// Runs scripts on worlds of this process.
pub struct InProcess<L: Language> {
    make: World<L>,
}

impl<L: Language> InProcess<L> {
    /// On worlds from `make`.
    pub fn new(make: World<L>) -> Self {
        Self { make }
    }
}

impl<L: Language> Subject<L> for InProcess<L> {
    fn run_all(&mut self, scripts: &[Vec<L::Step>]) -> Vec<Transcript<L::Seen>> {
        let run = |script: &Vec<L::Step>| {
            let mut answers: Vec<Answer<L::Seen>> = Vec::new();
            let gave_up = witness::perform::<L>(self.make, script.clone(), |answer| answers.push(answer));
            Transcript {
                answers,
                ending: None,
                gave_up,
            }
        };
        scripts.iter().map(run).collect()
    }
}
