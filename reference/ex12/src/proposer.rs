//! Proposers: who wants something to be chosen.

use std::collections::BTreeMap;

use crate::number::is_majority;
use crate::{Phase1Message, Phase2Message, ProposalNumber, Value};

/// A proposer.
#[derive(Debug, Clone)]
pub struct Proposer {
    id: u64,
    /// The highest round it has used or heard of.
    highest_round: u64,
    /// The proposal it is at, if it has begun one.
    current_proposal: Option<ProposalNumber>,
    /// The acceptors that promised the current proposal, and what they told.
    promises: BTreeMap<u64, Option<(ProposalNumber, Value)>>,
    /// The value that goes with the current proposal, once it was offered.
    offered: Option<Value>,
}

impl Proposer {
    /// One that has proposed nothing.
    #[must_use]
    pub fn new(id: u64) -> Self {
        Self {
            id,
            highest_round: 0,
            current_proposal: None,
            promises: BTreeMap::new(),
            offered: None,
        }
    }

    /// Phase 1a: begins a new proposal, with a number beyond all that it used or heard of. What was said about older ones
    /// counts no more.
    pub fn prepare(&mut self) -> Phase1Message {
        let proposal = self.begin();
        Phase1Message::Prepare { proposal }
    }

    /// As [`Self::prepare`]; the number alone.
    pub(crate) fn begin(&mut self) -> ProposalNumber {
        self.highest_round += 1;
        let proposal = ProposalNumber {
            round: self.highest_round,
            proposer_id: self.id,
        };
        self.current_proposal = Some(proposal);
        self.promises.clear();
        self.offered = None;
        proposal
    }

    /// An acceptor answers. A promise counts if it is one of the current proposal; a refusal shows what to exceed, whichever
    /// proposal it is about.
    pub fn receive_promise(&mut self, from: u64, msg: Phase1Message) {
        match msg {
            Phase1Message::Promise { proposal, accepted } if self.current_proposal == Some(proposal) => {
                self.promises.insert(from, accepted);
            }
            Phase1Message::Nack { highest_seen, .. } => {
                self.highest_round = self.highest_round.max(highest_seen.round);
            }
            Phase1Message::Promise { .. } | Phase1Message::Prepare { .. } => {}
        }
    }

    /// Whether more than half of `total` acceptors have promised the current proposal.
    #[must_use]
    pub fn has_promise_quorum(&self, total: usize) -> bool {
        is_majority(self.promises.len(), total)
    }

    /// Phase 2a: what to offer to the acceptors, once a majority of them has promised.
    ///
    /// It is the value of the highest number that a promise told of: it may have been chosen already. Only if no promise
    /// told of any it is `own`. A number goes with one value: what was offered once is offered again, whatever came since.
    pub fn accept(&mut self, own: Value, total: usize) -> Option<Phase2Message> {
        let proposal = self.current_proposal.filter(|_| self.has_promise_quorum(total))?;
        let value = self.offered.take().or_else(|| self.told()).unwrap_or(own);
        self.offered = Some(value.clone());
        Some(Phase2Message::Accept { proposal, value })
    }

    /// The value of the highest number that a promise of the current proposal told of.
    pub(crate) fn told(&self) -> Option<Value> {
        let highest = self.promises.values().flatten().max_by_key(|(number, _)| *number);
        highest.map(|(_, value)| value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(byte: u8) -> Value {
        Value(vec![byte])
    }

    fn promise(proposal: ProposalNumber, accepted: Option<(u64, u8)>) -> Phase1Message {
        let under = |round| ProposalNumber { round, proposer_id: 9 };
        let accepted = accepted.map(|(round, byte)| (under(round), value(byte)));
        Phase1Message::Promise { proposal, accepted }
    }

    fn offered(proposer: &mut Proposer, own: u8, total: usize) -> Option<Value> {
        match proposer.accept(value(own), total)? {
            Phase2Message::Accept { value, .. } => Some(value),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn acceptors_are_counted_and_not_messages() {
        let mut proposer = Proposer::new(1);
        assert!(!proposer.has_promise_quorum(1));
        let first = proposer.begin();
        let second = proposer.begin();
        proposer.receive_promise(0, promise(second, None));
        proposer.receive_promise(0, promise(second, None));
        proposer.receive_promise(1, promise(first, None));
        proposer.receive_promise(2, Phase1Message::Prepare { proposal: second });
        assert!(!proposer.has_promise_quorum(3));
        proposer.receive_promise(2, promise(second, None));
        assert!(proposer.has_promise_quorum(3));
        assert!(!proposer.has_promise_quorum(4));
    }

    #[test]
    fn a_refusal_is_exceeded() {
        let mut proposer = Proposer::new(1);
        let proposal = proposer.begin();
        let highest_seen = ProposalNumber {
            round: 7,
            proposer_id: 5,
        };
        proposer.receive_promise(0, Phase1Message::Nack { proposal, highest_seen });
        assert!(!proposer.has_promise_quorum(1));
        assert!(proposer.begin() > highest_seen);
    }

    #[test]
    fn the_highest_value_told_of_is_offered_and_stays() {
        let mut proposer = Proposer::new(1);
        proposer.highest_round = 9;
        let proposal = proposer.begin();
        assert_eq!(offered(&mut proposer, 1, 3), None);
        proposer.receive_promise(0, promise(proposal, Some((4, 40))));
        proposer.receive_promise(1, promise(proposal, Some((2, 20))));
        assert_eq!(offered(&mut proposer, 1, 3), Some(value(40)));
        proposer.receive_promise(2, promise(proposal, Some((8, 80))));
        assert_eq!(offered(&mut proposer, 2, 3), Some(value(40)));

        let proposal = proposer.begin();
        for from in 0..2 {
            proposer.receive_promise(from, promise(proposal, None));
        }
        assert_eq!(offered(&mut proposer, 3, 3), Some(value(3)));
        assert_eq!(offered(&mut proposer, 4, 3), Some(value(3)));
    }
}
