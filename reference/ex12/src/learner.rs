//! Learners: who finds out what was chosen.

use std::collections::{BTreeMap, BTreeSet};

use crate::number::is_majority;
use crate::{ProposalNumber, Value};

/// A learner. It forgets nothing, so it does not matter in which order it hears of acceptances.
#[derive(Debug, Clone, Default)]
pub struct Learner {
    /// By proposal: its value, and the acceptors that accepted it.
    counts: BTreeMap<ProposalNumber, (Value, BTreeSet<u64>)>,
}

impl Learner {
    /// One that has heard of nothing. Its name is for those that talk about it.
    #[must_use]
    pub fn new(_id: u64) -> Self {
        Self::default()
    }

    /// Hears that the acceptor `from` has accepted a proposal. To hear it again changes nothing.
    pub fn learn(&mut self, proposal: ProposalNumber, value: Value, from: u64) {
        let (_, acceptors) = self.counts.entry(proposal).or_insert((value, BTreeSet::new()));
        acceptors.insert(from);
    }

    /// The chosen value, if this learner has heard enough to know: more than half of `total` acceptors have accepted it
    /// *under one number*. Acceptances under different numbers do not add up, not even of the same value: between them
    /// another value may have been chosen.
    #[must_use]
    pub fn learned_value(&self, total: usize) -> Option<Value> {
        let chosen = |(_, acceptors): &&(Value, BTreeSet<u64>)| is_majority(acceptors.len(), total);
        self.counts.values().find(chosen).map(|(value, _)| value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(round: u64) -> ProposalNumber {
        ProposalNumber { round, proposer_id: 0 }
    }

    #[test]
    fn a_majority_under_one_number_is_needed() {
        let value = Value(b"v".to_vec());
        let mut learner = Learner::new(0);
        learner.learn(number(1), value.clone(), 0);
        learner.learn(number(1), value.clone(), 0);
        learner.learn(number(2), value.clone(), 1);
        learner.learn(number(3), value.clone(), 2);
        assert_eq!(learner.learned_value(3), None);
        learner.learn(number(2), value.clone(), 2);
        assert_eq!(learner.learned_value(4), None);
        assert_eq!(learner.learned_value(3), Some(value));
    }
}
