//! Les moteurs. Le journal a un accepteur par position et par nœud ; un leader qui n'a pas trouvé de majorité garde sa
//! phase 1, et repropose d'abord la valeur restée en suspens.

use crate::{Acceptor, ConsensusResult, Learner, Phase1Message, Phase2Message, ProposalNumber, Proposer, Value};
use std::collections::HashMap;

/// Une décision.
pub struct PaxosInstance {
    proposer: Proposer,
    acceptors: Vec<Acceptor>,
    learners: Vec<Learner>,
    decided: Option<Value>,
    total: usize,
}

impl PaxosInstance {
    /// Neuve.
    pub fn new(proposer_id: u64, num_acceptors: usize, num_learners: usize) -> Self {
        PaxosInstance {
            proposer: Proposer::new(proposer_id),
            acceptors: (0..num_acceptors).map(|id| Acceptor::new(id as u64)).collect(),
            learners: (0..num_learners).map(|id| Learner::new(id as u64)).collect(),
            decided: None,
            total: num_acceptors,
        }
    }

    /// Les deux phases.
    pub async fn propose(&mut self, value: Value) -> ConsensusResult {
        if let Some(decided) = &self.decided {
            return ConsensusResult::Chosen(decided.clone());
        }
        let message = self.proposer.prepare();
        let Phase1Message::Prepare { proposal } = message else {
            return ConsensusResult::NoQuorum;
        };
        for acceptor in &mut self.acceptors {
            let answer = acceptor.receive_prepare(proposal);
            self.proposer.receive_promise(acceptor.id(), answer);
        }
        let Some(Phase2Message::Accept { proposal, value }) = self.proposer.accept(value, self.total) else {
            return ConsensusResult::NoQuorum;
        };
        let mut accepted = 0;
        for acceptor in &mut self.acceptors {
            if let Phase2Message::Accepted { .. } = acceptor.receive_accept(proposal, value.clone()) {
                accepted += 1;
                for learner in &mut self.learners {
                    learner.learn(proposal, value.clone(), acceptor.id());
                }
            }
        }
        if accepted * 2 > self.total {
            self.decided = Some(value.clone());
            return ConsensusResult::Chosen(value);
        }
        ConsensusResult::NoQuorum
    }

    /// Panne.
    pub fn fail_acceptor(&mut self, id: u64) {
        self.acceptors.retain(|acceptor| acceptor.id() != id);
    }
}

struct Node {
    up: bool,
    bound: Option<ProposalNumber>,
    positions: HashMap<usize, (ProposalNumber, Value)>,
}

struct Leader {
    proposer: Proposer,
    established: bool,
    /// Position et valeur déjà envoyées, peut-être acceptées par quelques-uns.
    pending: Option<(usize, Value)>,
}

/// Journal.
pub struct MultiPaxos {
    nodes: Vec<Node>,
    learners: Vec<Learner>,
    leaders: HashMap<u64, Leader>,
    decided: Vec<Value>,
    phases: u64,
}

impl MultiPaxos {
    /// Vide.
    pub fn new(num_acceptors: usize) -> Self {
        let node = |_| Node {
            up: true,
            bound: None,
            positions: HashMap::new(),
        };
        MultiPaxos {
            nodes: (0..num_acceptors).map(node).collect(),
            learners: vec![],
            leaders: HashMap::new(),
            decided: vec![],
            phases: 0,
        }
    }

    fn phase_one(&mut self, leader: &mut Leader) -> Result<(), ConsensusResult> {
        let position = self.decided.len();
        let up = self.nodes.iter().filter(|node| node.up).count();
        if up * 2 <= self.nodes.len() {
            return Err(ConsensusResult::NoQuorum);
        }
        loop {
            self.phases += 1;
            let Phase1Message::Prepare { proposal } = leader.proposer.prepare() else {
                return Err(ConsensusResult::NoQuorum);
            };
            for (id, node) in self.nodes.iter_mut().enumerate().filter(|(_, node)| node.up) {
                let answer = match node.bound {
                    Some(highest_seen) if highest_seen > proposal => Phase1Message::Nack { proposal, highest_seen },
                    _ => {
                        node.bound = Some(proposal);
                        let accepted = node.positions.get(&position).cloned();
                        Phase1Message::Promise { proposal, accepted }
                    }
                };
                leader.proposer.receive_promise(id as u64, answer);
            }
            if leader.proposer.has_promise_quorum(self.nodes.len()) {
                leader.established = true;
                leader.pending = leader.proposer.adopted().map(|value| (position, value));
                return Ok(());
            }
        }
    }

    fn phase_two(&mut self, leader: &mut Leader, value: Value) -> Option<ConsensusResult> {
        let position = self.decided.len();
        let proposal = leader.proposer.current()?;
        leader.pending = Some((position, value.clone()));
        if self.learners.len() <= position {
            self.learners.push(Learner::new(0));
        }
        let mut rival = None;
        for (id, node) in self.nodes.iter_mut().enumerate().filter(|(_, node)| node.up) {
            if let Some(bound) = node.bound
                && bound > proposal
            {
                rival = Some(bound);
                continue;
            }
            node.bound = Some(proposal);
            node.positions.insert(position, (proposal, value.clone()));
            self.learners[position].learn(proposal, value.clone(), id as u64);
        }
        if let Some(value) = self.learners[position].learned_value(self.nodes.len()) {
            leader.pending = None;
            self.decided.push(value.clone());
            return Some(ConsensusResult::Chosen(value));
        }
        if let Some(rival) = rival {
            leader.established = false;
            return Some(ConsensusResult::Conflict(rival));
        }
        None
    }

    fn lead(&mut self, leader: &mut Leader, value: Value) -> ConsensusResult {
        if !leader.established
            && let Err(result) = self.phase_one(leader)
        {
            return result;
        }
        if let Some((position, pending)) = leader.pending.take()
            && position >= self.decided.len()
        {
            match self.phase_two(leader, pending) {
                Some(ConsensusResult::Chosen(_)) => {}
                other => return other.unwrap_or(ConsensusResult::NoQuorum),
            }
        }
        self.phase_two(leader, value).unwrap_or(ConsensusResult::NoQuorum)
    }

    /// Ajoute.
    pub async fn append(&mut self, leader: u64, value: Value) -> ConsensusResult {
        let mut state = self.leaders.remove(&leader).unwrap_or_else(|| Leader {
            proposer: Proposer::new(leader),
            established: false,
            pending: None,
        });
        let result = self.lead(&mut state, value);
        self.leaders.insert(leader, state);
        result
    }

    /// Le journal.
    pub fn log(&self) -> Vec<Value> {
        self.decided.clone()
    }

    /// Exécutions de la phase 1.
    pub fn prepares(&self) -> u64 {
        self.phases
    }

    fn set(&mut self, id: u64, up: bool) {
        if let Some(node) = self.nodes.get_mut(id as usize) {
            node.up = up;
        }
    }

    /// Panne.
    pub fn fail_acceptor(&mut self, id: u64) {
        self.set(id, false);
    }

    /// Reprise.
    pub fn recover_acceptor(&mut self, id: u64) {
        self.set(id, true);
    }
}
