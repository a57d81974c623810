//! Multi-Paxos: a sequence of decisions under a leader ("Paxos Made Simple", section 3).
//!
//! Every position of the log is an instance of Paxos of its own. The proposers use one number for all of them, and the
//! acceptors one promise: so phase 1 is run once, when a leader is elected, and each value needs phase 2 only.

use std::collections::BTreeMap;

use crate::{ConsensusResult, Learner, Phase1Message, ProposalNumber, Proposer, Value};

/// Attempts of an election: the first may meet a higher number, and the second exceeds it.
const ATTEMPTS: usize = 2;

/// A replicated log.
#[derive(Debug)]
pub struct MultiPaxos {
    replicas: Vec<Replica>,
    /// What was chosen, by position. A value is in it once a majority of the acceptors holds it.
    chosen: Vec<Value>,
    /// Those that ever wanted to lead.
    proposers: BTreeMap<u64, Proposer>,
    /// Those that think they lead, and under which number. All but the highest are wrong, and will be told.
    leads: BTreeMap<u64, ProposalNumber>,
    prepares: u64,
}

/// An acceptor of all positions.
#[derive(Debug, Default)]
struct Replica {
    stopped: bool,
    /// One promise for the whole log.
    promised: Option<ProposalNumber>,
    /// By position: what it has accepted last.
    accepted: BTreeMap<usize, (ProposalNumber, Value)>,
}

impl Replica {
    /// Phase 1b for the whole log: a promise tells of a position, since those before it are decided and those behind it
    /// are empty.
    fn receive_prepare(&mut self, proposal: ProposalNumber, position: usize) -> Phase1Message {
        match self.promised {
            Some(highest_seen) if highest_seen > proposal => Phase1Message::Nack { proposal, highest_seen },
            _ => {
                self.promised = Some(proposal);
                let accepted = self.accepted.get(&position).cloned();
                Phase1Message::Promise { proposal, accepted }
            }
        }
    }

    /// Phase 2b at a position.
    ///
    /// # Errors
    /// The higher number that it has promised.
    fn receive_accept(
        &mut self,
        proposal: ProposalNumber,
        position: usize,
        value: &Value,
    ) -> Result<(), ProposalNumber> {
        match self.promised {
            Some(promised) if promised > proposal => Err(promised),
            _ => {
                self.promised = Some(proposal);
                self.accepted.insert(position, (proposal, value.clone()));
                Ok(())
            }
        }
    }
}

impl MultiPaxos {
    /// An empty log, held by acceptors named from 0 on.
    #[must_use]
    pub fn new(num_acceptors: usize) -> Self {
        Self {
            replicas: (0..num_acceptors).map(|_| Replica::default()).collect(),
            chosen: Vec::new(),
            proposers: BTreeMap::new(),
            leads: BTreeMap::new(),
            prepares: 0,
        }
    }

    /// Has a value chosen behind all others, by the proposer `leader`.
    ///
    /// If it does not think that it leads, it runs phase 1 first, and finishes what a predecessor may have left half done.
    /// If it wrongly thinks so, the acceptors that follow another leader refuse: that is a conflict, and it will run phase
    /// 1 the next time. A value that met too few acceptors may be chosen later, or never.
    pub async fn append(&mut self, leader: u64, value: Value) -> ConsensusResult {
        let proposal = match self.leads.get(&leader) {
            Some(proposal) => *proposal,
            None => match self.elect(leader) {
                Ok(proposal) => proposal,
                Err(result) => return result,
            },
        };
        self.choose(proposal, value)
    }

    /// What was chosen, in order. No entry ever changes.
    #[must_use]
    pub fn log(&self) -> Vec<Value> {
        self.chosen.clone()
    }

    /// How often phase 1 was run.
    #[must_use]
    pub fn prepares(&self) -> u64 {
        self.prepares
    }

    /// An acceptor stops.
    pub fn fail_acceptor(&mut self, id: u64) {
        self.stop(id, true);
    }

    /// An acceptor goes on, with all that it had promised and accepted.
    pub fn recover_acceptor(&mut self, id: u64) {
        self.stop(id, false);
    }

    fn stop(&mut self, id: u64, stopped: bool) {
        let replica = usize::try_from(id).ok().and_then(|at| self.replicas.get_mut(at));
        if let Some(replica) = replica {
            replica.stopped = stopped;
        }
    }

    /// Phase 1 for all positions that are not decided, and phase 2 for what a promise tells of.
    ///
    /// # Errors
    /// Why the proposer does not lead.
    fn elect(&mut self, leader: u64) -> Result<ProposalNumber, ConsensusResult> {
        let total = self.replicas.len();
        let proposer = self.proposers.entry(leader).or_insert_with(|| Proposer::new(leader));
        for _ in 0..ATTEMPTS {
            self.prepares += 1;
            let proposal = proposer.begin();
            for (id, replica) in (0..).zip(&mut self.replicas).filter(|(_, it)| !it.stopped) {
                proposer.receive_promise(id, replica.receive_prepare(proposal, self.chosen.len()));
            }
            if proposer.has_promise_quorum(total) {
                let told = proposer.told();
                self.leads.insert(leader, proposal);
                return match told.map(|value| self.choose(proposal, value)) {
                    None | Some(ConsensusResult::Chosen(_)) => Ok(proposal),
                    Some(other) => Err(other),
                };
            }
        }
        Err(ConsensusResult::NoQuorum)
    }

    /// Phase 2 at the first position that is not decided. Who does not succeed leads no more: its number went with this
    /// value here, and must not go with another.
    fn choose(&mut self, proposal: ProposalNumber, value: Value) -> ConsensusResult {
        let (total, position) = (self.replicas.len(), self.chosen.len());
        let mut learner = Learner::default();
        let mut rival = None;
        for (id, replica) in (0..).zip(&mut self.replicas).filter(|(_, it)| !it.stopped) {
            match replica.receive_accept(proposal, position, &value) {
                Ok(()) => learner.learn(proposal, value.clone(), id),
                Err(promised) => rival = rival.max(Some(promised)),
            }
        }
        if let Some(value) = learner.learned_value(total) {
            self.chosen.push(value.clone());
            return ConsensusResult::Chosen(value);
        }
        self.leads.remove(&proposal.proposer_id);
        rival.map_or(ConsensusResult::NoQuorum, ConsensusResult::Conflict)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn append(log: &mut MultiPaxos, leader: u64, byte: u8) -> ConsensusResult {
        let appending = pin!(log.append(leader, Value(vec![byte])));
        match appending.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    #[test]
    fn a_leader_prepares_once_and_a_deposed_one_is_told() {
        let mut log = MultiPaxos::new(3);
        append(&mut log, 1, 10);
        append(&mut log, 1, 11);
        assert_eq!(log.prepares(), 1);
        assert!(matches!(append(&mut log, 2, 20), ConsensusResult::Chosen(_)));
        assert!(matches!(append(&mut log, 1, 12), ConsensusResult::Conflict(number) if number.proposer_id == 2));
        assert!(matches!(append(&mut log, 1, 13), ConsensusResult::Chosen(_)));
        assert_eq!(log.log(), [10, 11, 20, 13].map(|byte| Value(vec![byte])));
    }

    #[test]
    fn a_new_leader_finishes_what_was_left_half_done() {
        let mut log = MultiPaxos::new(3);
        append(&mut log, 1, 10);
        log.fail_acceptor(1);
        log.fail_acceptor(2);
        assert!(matches!(append(&mut log, 1, 11), ConsensusResult::NoQuorum));
        assert_eq!(log.log().len(), 1);
        log.recover_acceptor(2);
        assert!(matches!(append(&mut log, 2, 20), ConsensusResult::Chosen(_)));
        assert_eq!(log.log(), [10, 11, 20].map(|byte| Value(vec![byte])));
    }
}
