//! EX12 : l'algorithme Paxos, et Multi-Paxos.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne des types. Les noms et les types de cette interface ne
//! changent pas ; les exigences R1 à R13 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs modules, à
//! condition de tout réexporter ici.

/// Numéro de proposition : se compare par tour, puis par proposeur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProposalNumber {
    /// Le tour.
    pub round: u64,
    /// Le proposeur.
    pub proposer_id: u64,
}

/// Ce sur quoi l'on s'accorde : des octets sans signification pour l'algorithme.
#[derive(Debug, Clone, PartialEq)]
pub struct Value(pub Vec<u8>);

/// Messages de la phase 1.
#[derive(Debug, Clone)]
pub enum Phase1Message {
    /// Phase 1a : un proposeur annonce une proposition.
    Prepare {
        /// Son numéro.
        proposal: ProposalNumber,
    },
    /// Phase 1b : un accepteur promet de ne plus participer à rien en dessous.
    Promise {
        /// Le numéro promis.
        proposal: ProposalNumber,
        /// Ce qu'il a accepté en dernier, et sous quel numéro.
        accepted: Option<(ProposalNumber, Value)>,
    },
    /// Phase 1b : un accepteur refuse.
    Nack {
        /// Le numéro refusé.
        proposal: ProposalNumber,
        /// Le numéro auquel il est tenu.
        highest_seen: ProposalNumber,
    },
}

/// Messages de la phase 2.
#[derive(Debug, Clone)]
pub enum Phase2Message {
    /// Phase 2a : un proposeur propose une valeur.
    Accept {
        /// Le numéro de sa proposition.
        proposal: ProposalNumber,
        /// La valeur que porte ce numéro.
        value: Value,
    },
    /// Phase 2b : un accepteur l'a acceptée.
    Accepted {
        /// Sous ce numéro.
        proposal: ProposalNumber,
    },
    /// Phase 2b : un accepteur est tenu par un numéro supérieur.
    Rejected {
        /// Le numéro rejeté.
        proposal: ProposalNumber,
    },
}

/// Un accepteur : la mémoire du système.
pub struct Acceptor {}

impl Acceptor {
    /// Un accepteur que rien ne tient.
    pub fn new(id: u64) -> Self {
        let _ = id;
        todo!()
    }

    /// Phase 1b : promet, ou refuse.
    pub fn receive_prepare(&mut self, proposal: ProposalNumber) -> Phase1Message {
        let _ = proposal;
        todo!()
    }

    /// Phase 2b : accepte, ou rejette.
    pub fn receive_accept(&mut self, proposal: ProposalNumber, value: Value) -> Phase2Message {
        let _ = (proposal, value);
        todo!()
    }
}

/// Un proposeur : il veut faire choisir une valeur.
pub struct Proposer {}

impl Proposer {
    /// Un proposeur qui n'a rien proposé.
    pub fn new(id: u64) -> Self {
        let _ = id;
        todo!()
    }

    /// Phase 1a : commence une nouvelle proposition.
    pub fn prepare(&mut self) -> Phase1Message {
        todo!()
    }

    /// Un accepteur répond.
    pub fn receive_promise(&mut self, from: u64, msg: Phase1Message) {
        let _ = (from, msg);
        todo!()
    }

    /// Si plus de la moitié des accepteurs ont promis la proposition courante.
    pub fn has_promise_quorum(&self, total: usize) -> bool {
        let _ = total;
        todo!()
    }

    /// Phase 2a : ce qu'il faut proposer aux accepteurs, dès que la majorité a promis.
    pub fn accept(&mut self, own: Value, total: usize) -> Option<Phase2Message> {
        let _ = (own, total);
        todo!()
    }
}

/// Un learner : il découvre ce qui a été choisi.
pub struct Learner {}

impl Learner {
    /// Un learner qui n'a rien appris.
    pub fn new(id: u64) -> Self {
        let _ = id;
        todo!()
    }

    /// Apprend qu'un accepteur a accepté une valeur.
    pub fn learn(&mut self, proposal: ProposalNumber, value: Value, from: u64) {
        let _ = (proposal, value, from);
        todo!()
    }

    /// La valeur choisie, s'il en sait assez.
    pub fn learned_value(&self, total: usize) -> Option<Value> {
        let _ = total;
        todo!()
    }
}

/// Le résultat d'une proposition.
#[derive(Debug)]
pub enum ConsensusResult {
    /// Cette valeur est choisie, pour toujours.
    Chosen(Value),
    /// Trop peu d'accepteurs répondent.
    NoQuorum,
    /// Un autre proposeur est passé devant, avec ce numéro.
    Conflict(ProposalNumber),
}

/// Une instance de Paxos : une décision.
pub struct PaxosInstance {}

impl PaxosInstance {
    /// Une instance neuve.
    pub fn new(proposer_id: u64, num_acceptors: usize, num_learners: usize) -> Self {
        let _ = (proposer_id, num_acceptors, num_learners);
        todo!()
    }

    /// Exécute les deux phases avec les accepteurs qui marchent.
    pub async fn propose(&mut self, value: Value) -> ConsensusResult {
        let _ = value;
        todo!()
    }

    /// Arrête un accepteur.
    pub fn fail_acceptor(&mut self, id: u64) {
        let _ = id;
        todo!()
    }
}

/// Multi-Paxos : un journal répliqué.
pub struct MultiPaxos {}

impl MultiPaxos {
    /// Un journal vide.
    pub fn new(num_acceptors: usize) -> Self {
        let _ = num_acceptors;
        todo!()
    }

    /// Fait choisir une valeur à la fin du journal, par le proposeur `leader`.
    pub async fn append(&mut self, leader: u64, value: Value) -> ConsensusResult {
        let _ = (leader, value);
        todo!()
    }

    /// Les valeurs choisies, dans l'ordre.
    pub fn log(&self) -> Vec<Value> {
        todo!()
    }

    /// Combien de fois la phase 1 a été exécutée.
    pub fn prepares(&self) -> u64 {
        todo!()
    }

    /// Arrête un accepteur.
    pub fn fail_acceptor(&mut self, id: u64) {
        let _ = id;
        todo!()
    }

    /// Un accepteur arrêté reprend, avec ce qu'il avait promis et accepté.
    pub fn recover_acceptor(&mut self, id: u64) {
        let _ = id;
        todo!()
    }
}
