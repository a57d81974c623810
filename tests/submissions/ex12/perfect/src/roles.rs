//! Les trois rôles. Le premier tour est 0, et un `Prepare` répété est refusé.

use crate::{Phase1Message, Phase2Message, ProposalNumber, Value};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Accepteur.
pub struct Acceptor {
    id: u64,
    bound: Option<ProposalNumber>,
    history: Vec<(ProposalNumber, Value)>,
}

impl Acceptor {
    /// Neuf.
    pub fn new(id: u64) -> Self {
        Acceptor {
            id,
            bound: None,
            history: vec![],
        }
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Phase 1b.
    pub fn receive_prepare(&mut self, proposal: ProposalNumber) -> Phase1Message {
        if let Some(highest_seen) = self.bound
            && proposal <= highest_seen
        {
            return Phase1Message::Nack { proposal, highest_seen };
        }
        self.bound = Some(proposal);
        Phase1Message::Promise {
            proposal,
            accepted: self.history.last().cloned(),
        }
    }

    /// Phase 2b.
    pub fn receive_accept(&mut self, proposal: ProposalNumber, value: Value) -> Phase2Message {
        match self.bound {
            Some(bound) if proposal < bound => Phase2Message::Rejected { proposal: bound },
            _ => {
                self.bound = Some(proposal);
                self.history.push((proposal, value));
                Phase2Message::Accepted { proposal }
            }
        }
    }
}

/// Proposeur.
pub struct Proposer {
    id: u64,
    current: Option<ProposalNumber>,
    /// Le plus haut numéro connu.
    floor: Option<ProposalNumber>,
    promises: HashMap<u64, Phase1Message>,
    offer: Option<Phase2Message>,
}

impl Proposer {
    /// Neuf.
    pub fn new(id: u64) -> Self {
        Proposer {
            id,
            current: None,
            floor: None,
            promises: HashMap::new(),
            offer: None,
        }
    }

    /// Phase 1a : le plus petit numéro qui dépasse tous ceux que l'on connaît.
    pub fn prepare(&mut self) -> Phase1Message {
        let round = match self.floor {
            None => 0,
            Some(floor) if floor.proposer_id < self.id => floor.round,
            Some(floor) => floor.round + 1,
        };
        let proposal = ProposalNumber {
            round,
            proposer_id: self.id,
        };
        self.current = Some(proposal);
        self.floor = Some(proposal);
        self.promises = HashMap::new();
        self.offer = None;
        Phase1Message::Prepare { proposal }
    }

    pub(crate) fn current(&self) -> Option<ProposalNumber> {
        self.current
    }

    /// Une réponse.
    pub fn receive_promise(&mut self, from: u64, msg: Phase1Message) {
        match &msg {
            Phase1Message::Promise { proposal, .. } => {
                if Some(*proposal) == self.current {
                    self.promises.insert(from, msg);
                }
            }
            Phase1Message::Nack { highest_seen, .. } => self.floor = self.floor.max(Some(*highest_seen)),
            Phase1Message::Prepare { .. } => {}
        }
    }

    /// Quorum de promesses.
    pub fn has_promise_quorum(&self, total: usize) -> bool {
        self.promises.len() * 2 > total
    }

    pub(crate) fn adopted(&self) -> Option<Value> {
        let mut best: Option<(ProposalNumber, &Value)> = None;
        for message in self.promises.values() {
            if let Phase1Message::Promise {
                accepted: Some((number, value)),
                ..
            } = message
                && best.is_none_or(|(highest, _)| *number > highest)
            {
                best = Some((*number, value));
            }
        }
        best.map(|(_, value)| value.clone())
    }

    /// Phase 2a.
    pub fn accept(&mut self, own: Value, total: usize) -> Option<Phase2Message> {
        if !self.has_promise_quorum(total) {
            return None;
        }
        if self.offer.is_none() {
            let value = self.adopted().unwrap_or(own);
            self.offer = self.current.map(|proposal| Phase2Message::Accept { proposal, value });
        }
        self.offer.clone()
    }
}

/// Learner : qui a accepté quoi.
pub struct Learner {
    heard: HashSet<(ProposalNumber, u64)>,
    values: BTreeMap<ProposalNumber, Value>,
}

impl Learner {
    /// Neuf.
    pub fn new(_id: u64) -> Self {
        Learner {
            heard: HashSet::new(),
            values: BTreeMap::new(),
        }
    }

    /// Une acceptation.
    pub fn learn(&mut self, proposal: ProposalNumber, value: Value, from: u64) {
        self.heard.insert((proposal, from));
        self.values.insert(proposal, value);
    }

    /// La valeur choisie.
    pub fn learned_value(&self, total: usize) -> Option<Value> {
        for (proposal, value) in &self.values {
            let count = self.heard.iter().filter(|(number, _)| number == proposal).count();
            if count * 2 > total {
                return Some(value.clone());
            }
        }
        None
    }
}
