//! Acceptors: the memory of the system.

use crate::{Phase1Message, Phase2Message, ProposalNumber, Value};

/// An acceptor. Its state is what a real one writes to disk before it answers.
#[derive(Debug, Clone)]
pub struct Acceptor {
    /// Who it is, for those that count answers.
    pub(crate) id: u64,
    /// The highest number it answered with a promise or an acceptance.
    promised: Option<ProposalNumber>,
    /// What it accepted last; that is also what it accepted under the highest number.
    accepted: Option<(ProposalNumber, Value)>,
}

impl Acceptor {
    /// One that has promised and accepted nothing.
    #[must_use]
    pub fn new(id: u64) -> Self {
        Self {
            id,
            promised: None,
            accepted: None,
        }
    }

    /// Phase 1b: promises to take part in nothing below `proposal`, unless it has promised more.
    ///
    /// The same number may be asked about again, if the answer was lost.
    pub fn receive_prepare(&mut self, proposal: ProposalNumber) -> Phase1Message {
        match self.promised {
            Some(highest_seen) if highest_seen > proposal => Phase1Message::Nack { proposal, highest_seen },
            _ => {
                self.promised = Some(proposal);
                let accepted = self.accepted.clone();
                Phase1Message::Promise { proposal, accepted }
            }
        }
    }

    /// Phase 2b: accepts, unless it has promised more than `proposal`.
    ///
    /// To accept is to promise: who accepts under a number that it was never asked about must not accept below it later.
    pub fn receive_accept(&mut self, proposal: ProposalNumber, value: Value) -> Phase2Message {
        if self.promised > Some(proposal) {
            return Phase2Message::Rejected { proposal };
        }
        self.promised = Some(proposal);
        self.accepted = Some((proposal, value));
        debug_assert!(self.accepted.as_ref().map(|(number, _)| *number) <= self.promised);
        Phase2Message::Accepted { proposal }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(round: u64) -> ProposalNumber {
        ProposalNumber { round, proposer_id: 0 }
    }

    fn promises(acceptor: &mut Acceptor, round: u64) -> bool {
        matches!(acceptor.receive_prepare(number(round)), Phase1Message::Promise { .. })
    }

    fn accepts(acceptor: &mut Acceptor, round: u64) -> bool {
        let value = Value(vec![round as u8]);
        matches!(
            acceptor.receive_accept(number(round), value),
            Phase2Message::Accepted { .. }
        )
    }

    #[test]
    fn a_promise_excludes_lower_numbers_only() {
        let mut acceptor = Acceptor::new(0);
        assert!(promises(&mut acceptor, 2));
        assert!(!promises(&mut acceptor, 1));
        assert!(!accepts(&mut acceptor, 1));
        assert!(accepts(&mut acceptor, 2));
        assert!(promises(&mut acceptor, 2));
        assert!(promises(&mut acceptor, 3));
    }

    #[test]
    fn an_acceptance_is_a_promise() {
        let mut acceptor = Acceptor::new(0);
        assert!(accepts(&mut acceptor, 5));
        assert!(!promises(&mut acceptor, 4));
        assert!(!accepts(&mut acceptor, 4));
    }

    #[test]
    fn a_promise_tells_of_the_last_acceptance() {
        let mut acceptor = Acceptor::new(0);
        accepts(&mut acceptor, 1);
        accepts(&mut acceptor, 3);
        let Phase1Message::Promise {
            accepted: Some((under, value)),
            ..
        } = acceptor.receive_prepare(number(4))
        else {
            panic!("no promise, or an empty one");
        };
        assert_eq!((under, value), (number(3), Value(vec![3])));
    }
}
