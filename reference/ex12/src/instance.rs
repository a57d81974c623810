//! One decision: a proposer, its acceptors and learners in one process.

use std::collections::BTreeSet;

use crate::{Acceptor, Learner, Phase2Message, ProposalNumber, Proposer, Value};

/// What came of a proposal.
#[derive(Debug)]
pub enum ConsensusResult {
    /// This value is chosen: for ever, and perhaps not the one that was proposed.
    Chosen(Value),
    /// Too few acceptors answer.
    NoQuorum,
    /// A higher number was promised to another proposer.
    Conflict(ProposalNumber),
}

/// An instance of Paxos: it decides one value.
#[derive(Debug)]
pub struct PaxosInstance {
    proposer: Proposer,
    acceptors: Vec<Acceptor>,
    learners: Vec<Learner>,
    /// The acceptors that answer no more.
    failed: BTreeSet<u64>,
}

impl PaxosInstance {
    /// An instance with a proposer of that name, acceptors named from 0 on, and learners.
    #[must_use]
    pub fn new(proposer_id: u64, num_acceptors: usize, num_learners: usize) -> Self {
        Self {
            proposer: Proposer::new(proposer_id),
            acceptors: (0..num_acceptors as u64).map(Acceptor::new).collect(),
            learners: (0..num_learners as u64).map(Learner::new).collect(),
            failed: BTreeSet::new(),
        }
    }

    /// Runs both phases with the acceptors that have not failed.
    ///
    /// An instance decides once. Who proposes again is told what was chosen the first time: the acceptors remember it, and
    /// the proposer has to adopt it. Nobody competes with the only proposer, so there is never a conflict.
    pub async fn propose(&mut self, value: Value) -> ConsensusResult {
        let proposal = self.proposer.begin();
        for acceptor in self.acceptors.iter_mut().filter(|it| !self.failed.contains(&it.id)) {
            self.proposer
                .receive_promise(acceptor.id, acceptor.receive_prepare(proposal));
        }
        let total = self.acceptors.len();
        let Some(Phase2Message::Accept { proposal, value }) = self.proposer.accept(value, total) else {
            return ConsensusResult::NoQuorum;
        };
        // The result is known to a learner of its own: an instance may have been given none.
        let mut outcome = Learner::default();
        for acceptor in self.acceptors.iter_mut().filter(|it| !self.failed.contains(&it.id)) {
            if let Phase2Message::Accepted { proposal } = acceptor.receive_accept(proposal, value.clone()) {
                for learner in self.learners.iter_mut().chain([&mut outcome]) {
                    learner.learn(proposal, value.clone(), acceptor.id);
                }
            }
        }
        outcome
            .learned_value(total)
            .map_or(ConsensusResult::NoQuorum, ConsensusResult::Chosen)
    }

    /// An acceptor stops. One that has stopped, or does not exist, changes nothing.
    pub fn fail_acceptor(&mut self, id: u64) {
        self.failed.insert(id);
    }
}
