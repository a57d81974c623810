//! Le cœur de Raft : les élections sont faites, le journal reste à faire.

use std::collections::HashSet;
use std::time::Duration;

/// Identifiant d'un nœud.
pub type NodeId = u64;

/// Terme logique.
pub type Term = u64;

/// Position dans le journal.
pub type LogIndex = u64;

/// Rôle d'un nœud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RaftState {
    /// Suiveur.
    Follower,
    /// Candidat.
    Candidate,
    /// Leader.
    Leader,
}

/// Une commande dans le journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry<C: Clone> {
    /// Terme.
    pub term: Term,
    /// Position.
    pub index: LogIndex,
    /// Commande.
    pub command: C,
}

/// Configuration d'un nœud.
#[derive(Debug, Clone)]
pub struct RaftConfig {
    /// Ce nœud.
    pub node_id: NodeId,
    /// Tous les nœuds.
    pub cluster: Vec<NodeId>,
    /// Délai minimal.
    pub election_timeout_min: u64,
    /// Délai maximal.
    pub election_timeout_max: u64,
    /// Intervalle des battements.
    pub heartbeat_interval: u64,
}

/// Demande de voix.
#[derive(Debug, Clone)]
pub struct RequestVoteRequest {
    /// Terme du candidat.
    pub term: Term,
    /// Candidat.
    pub candidate_id: NodeId,
    /// Indice de sa dernière entrée.
    pub last_log_index: LogIndex,
    /// Terme de sa dernière entrée.
    pub last_log_term: Term,
}

/// Réponse à une demande de voix.
#[derive(Debug, Clone)]
pub struct RequestVoteResponse {
    /// Terme de celui qui répond.
    pub term: Term,
    /// Voix accordée.
    pub vote_granted: bool,
}

/// Ce que le programme autour du cœur doit faire.
#[derive(Debug, Clone)]
pub enum RaftOutput<C: Clone> {
    /// Envoyer une demande de voix.
    SendRequestVote {
        /// À qui.
        target: NodeId,
        /// Quoi.
        request: RequestVoteRequest,
    },
    /// Appliquer ces entrées.
    ApplyCommands(Vec<LogEntry<C>>),
    /// Réarmer le délai d'élection.
    ScheduleElectionTimeout(Duration),
}

/// Un nœud.
pub struct RaftCore<C: Clone> {
    config: RaftConfig,
    state: RaftState,
    term: Term,
    voted_for: Option<NodeId>,
    leader: Option<NodeId>,
    votes: HashSet<NodeId>,
    log: Vec<LogEntry<C>>,
}

impl<C: Clone + PartialEq> RaftCore<C> {
    /// Un nœud neuf.
    pub fn new(config: RaftConfig) -> Self {
        Self {
            config,
            state: RaftState::Follower,
            term: 0,
            voted_for: None,
            leader: None,
            votes: HashSet::new(),
            log: Vec::new(),
        }
    }

    /// Rôle.
    pub fn state(&self) -> RaftState {
        self.state
    }

    /// Terme.
    pub fn current_term(&self) -> Term {
        self.term
    }

    /// Leader connu.
    pub fn leader_id(&self) -> Option<NodeId> {
        self.leader
    }

    /// Se porte candidat.
    pub fn on_election_timeout(&mut self) -> Vec<RaftOutput<C>> {
        self.term += 1;
        self.state = RaftState::Candidate;
        self.voted_for = Some(self.config.node_id);
        self.votes = HashSet::from([self.config.node_id]);
        let request = RequestVoteRequest {
            term: self.term,
            candidate_id: self.config.node_id,
            last_log_index: self.log.len() as LogIndex,
            last_log_term: self.log.last().map_or(0, |entry| entry.term),
        };
        let others = self.config.cluster.iter().filter(|id| **id != self.config.node_id);
        let ask = |target: &NodeId| RaftOutput::SendRequestVote {
            target: *target,
            request: request.clone(),
        };
        let mut outputs: Vec<_> = others.map(ask).collect();
        outputs.push(self.timer());
        outputs
    }

    /// Traite une demande de voix.
    pub fn handle_request_vote(&mut self, request: RequestVoteRequest) -> (RequestVoteResponse, Vec<RaftOutput<C>>) {
        self.observe(request.term);
        let last = (
            self.log.last().map_or(0, |entry| entry.term),
            self.log.len() as LogIndex,
        );
        let vote_granted = request.term == self.term
            && self.voted_for.is_none_or(|id| id == request.candidate_id)
            && (request.last_log_term, request.last_log_index) >= last;
        let mut outputs = Vec::new();
        if vote_granted {
            self.voted_for = Some(request.candidate_id);
            outputs.push(self.timer());
        }
        let response = RequestVoteResponse {
            term: self.term,
            vote_granted,
        };
        (response, outputs)
    }

    /// Compte une voix.
    pub fn handle_request_vote_response(&mut self, from: NodeId, response: RequestVoteResponse) -> Vec<RaftOutput<C>> {
        self.observe(response.term);
        if self.state == RaftState::Candidate && response.term == self.term && response.vote_granted {
            self.votes.insert(from);
            if self.votes.len() > self.config.cluster.len() / 2 {
                self.state = RaftState::Leader;
                self.leader = Some(self.config.node_id);
            }
        }
        Vec::new()
    }

    fn observe(&mut self, term: Term) {
        if term > self.term {
            self.term = term;
            self.state = RaftState::Follower;
            self.voted_for = None;
            self.leader = None;
        }
    }

    fn timer(&self) -> RaftOutput<C> {
        let width = self.config.election_timeout_max - self.config.election_timeout_min + 1;
        let draw = (self.config.node_id * 7919 + self.term * 104_729) % width;
        RaftOutput::ScheduleElectionTimeout(Duration::from_millis(self.config.election_timeout_min + draw))
    }
}
