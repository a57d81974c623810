//! Le cœur de Raft.

use std::collections::HashMap;
use std::time::Duration;

/// Identifiant d'un nœud, unique dans le cluster.
pub type NodeId = u64;

/// Terme logique : une période qui a au plus un leader. Le premier est 1.
pub type Term = u64;

/// Position dans le journal. La première entrée a l'indice 1 ; 0 désigne ce qui la précède.
pub type LogIndex = u64;

/// Rôle d'un nœud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RaftState {
    /// Répond aux requêtes, attend un leader ou un délai.
    Follower,
    /// Demande des voix.
    Candidate,
    /// Décide de l'ordre des commandes.
    Leader,
}

/// Une commande dans le journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry<C: Clone> {
    /// Terme du leader qui l'a ajoutée.
    pub term: Term,
    /// Position dans le journal.
    pub index: LogIndex,
    /// Ce qu'il faudra appliquer.
    pub command: C,
}

/// Configuration d'un nœud.
#[derive(Debug, Clone)]
pub struct RaftConfig {
    /// Ce nœud.
    pub node_id: NodeId,
    /// Tous les nœuds du cluster, celui-ci compris.
    pub cluster: Vec<NodeId>,
    /// Délai d'élection le plus court, en millisecondes.
    pub election_timeout_min: u64,
    /// Délai d'élection le plus long, en millisecondes.
    pub election_timeout_max: u64,
    /// Temps entre deux battements, en millisecondes.
    pub heartbeat_interval: u64,
}

/// Un candidat demande une voix.
#[derive(Debug, Clone)]
pub struct RequestVoteRequest {
    /// Terme du candidat.
    pub term: Term,
    /// Qui demande.
    pub candidate_id: NodeId,
    /// Indice de sa dernière entrée, 0 s'il n'en a pas.
    pub last_log_index: LogIndex,
    /// Terme de sa dernière entrée, 0 s'il n'en a pas.
    pub last_log_term: Term,
}

/// Réponse à une demande de voix.
#[derive(Debug, Clone)]
pub struct RequestVoteResponse {
    /// Terme courant de celui qui répond.
    pub term: Term,
    /// La voix est-elle accordée ?
    pub vote_granted: bool,
}

/// Un leader envoie des entrées, ou aucune : c'est alors un simple battement.
#[derive(Debug, Clone)]
pub struct AppendEntriesRequest<C: Clone> {
    /// Terme du leader.
    pub term: Term,
    /// Qui dirige.
    pub leader_id: NodeId,
    /// Indice de l'entrée qui précède les nouvelles.
    pub prev_log_index: LogIndex,
    /// Terme de cette entrée.
    pub prev_log_term: Term,
    /// Toutes les entrées du leader qui la suivent.
    pub entries: Vec<LogEntry<C>>,
    /// Indice engagé du leader.
    pub leader_commit: LogIndex,
}

/// Réponse à un envoi d'entrées.
#[derive(Debug, Clone)]
pub struct AppendEntriesResponse {
    /// Terme courant de celui qui répond.
    pub term: Term,
    /// Le journal concordait-il ?
    pub success: bool,
    /// Facultatif, après un échec : d'où le leader devrait reprendre.
    pub conflict_index: Option<LogIndex>,
    /// Facultatif, après un échec : le terme de l'entrée en conflit.
    pub conflict_term: Option<Term>,
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
    /// Envoyer des entrées ou un battement.
    SendAppendEntries {
        /// À qui.
        target: NodeId,
        /// Quoi.
        request: AppendEntriesRequest<C>,
    },
    /// Appliquer ces entrées engagées, dans cet ordre.
    ApplyCommands(Vec<LogEntry<C>>),
    /// Réarmer le délai d'élection.
    ScheduleElectionTimeout(Duration),
    /// Planifier le prochain battement.
    ScheduleHeartbeat(Duration),
}

/// Ce qu'un leader sait d'un suiveur.
#[derive(Debug)]
struct Peer {
    /// Première entrée à envoyer.
    pub next: LogIndex,
    /// Dernière entrée qu'il détient à coup sûr.
    pub held: LogIndex,
}

/// Le rôle courant.
#[derive(Debug)]
enum Role {
    /// Suit un leader, s'il le connaît.
    Follower { leader: Option<NodeId> },
    /// Compte les nœuds qui l'ont choisi.
    Candidate { voters: Vec<NodeId> },
    /// Recopie son journal.
    Leader { peers: HashMap<NodeId, Peer> },
}

impl Role {
    fn state(&self) -> RaftState {
        match self {
            Role::Follower { .. } => RaftState::Follower,
            Role::Candidate { .. } => RaftState::Candidate,
            Role::Leader { .. } => RaftState::Leader,
        }
    }
}

/// Un nœud d'un cluster Raft.
pub struct RaftCore<C: Clone> {
    config: RaftConfig,
    term: Term,
    vote: Option<NodeId>,
    log: Vec<LogEntry<C>>,
    commit: LogIndex,
    role: Role,
    /// État du générateur des délais d'élection.
    seed: u64,
}

impl<C: Clone + PartialEq> RaftCore<C> {
    /// Crée un suiveur de terme 0.
    pub fn new(config: RaftConfig) -> Self {
        let seed = config.node_id.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        Self {
            config,
            term: 0,
            vote: None,
            log: Vec::new(),
            commit: 0,
            role: Role::Follower { leader: None },
            seed,
        }
    }

    /// Rôle courant.
    pub fn state(&self) -> RaftState {
        self.role.state()
    }

    /// Terme courant.
    pub fn current_term(&self) -> Term {
        self.term
    }

    /// Leader connu du terme courant.
    pub fn leader_id(&self) -> Option<NodeId> {
        match &self.role {
            Role::Follower { leader } => *leader,
            Role::Candidate { .. } => None,
            Role::Leader { .. } => Some(self.config.node_id),
        }
    }

    /// Indice de la dernière entrée engagée.
    pub fn commit_index(&self) -> LogIndex {
        self.commit
    }

    /// Se porte candidat.
    pub fn on_election_timeout(&mut self) -> Vec<RaftOutput<C>> {
        if let Role::Leader { .. } = self.role {
            return vec![];
        }
        self.term += 1;
        self.vote = Some(self.config.node_id);
        self.role = Role::Candidate {
            voters: vec![self.config.node_id],
        };
        let mut out = vec![self.arm()];
        for target in self.others() {
            let request = RequestVoteRequest {
                term: self.term,
                candidate_id: self.config.node_id,
                last_log_index: self.log.len() as LogIndex,
                last_log_term: self.term_of(self.log.len() as LogIndex),
            };
            out.push(RaftOutput::SendRequestVote { target, request });
        }
        out.extend(self.count());
        out
    }

    /// Envoie à chacun ce qui lui manque.
    pub fn on_heartbeat_timeout(&mut self) -> Vec<RaftOutput<C>> {
        let Role::Leader { .. } = self.role else { return vec![] };
        let mut out = self.advance();
        out.push(RaftOutput::ScheduleHeartbeat(Duration::from_millis(
            self.config.heartbeat_interval,
        )));
        out.extend(self.broadcast());
        out
    }

    /// Traite une demande de voix.
    pub fn handle_request_vote(&mut self, request: RequestVoteRequest) -> (RequestVoteResponse, Vec<RaftOutput<C>>) {
        let mut out = self.catch_up(request.term);
        let last = self.log.len() as LogIndex;
        let up_to_date = match request.last_log_term.cmp(&self.term_of(last)) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => request.last_log_index >= last,
            std::cmp::Ordering::Greater => true,
        };
        let mine = self.vote.is_none() || self.vote == Some(request.candidate_id);
        let vote_granted = request.term >= self.term && mine && up_to_date;
        if vote_granted {
            self.vote = Some(request.candidate_id);
            out.push(self.arm());
        }
        (
            RequestVoteResponse {
                term: self.term,
                vote_granted,
            },
            out,
        )
    }

    /// Compte une voix.
    pub fn handle_request_vote_response(&mut self, from: NodeId, response: RequestVoteResponse) -> Vec<RaftOutput<C>> {
        let mut out = self.catch_up(response.term);
        if let Role::Candidate { voters } = &mut self.role
            && response.vote_granted
            && response.term == self.term
        {
            if !voters.contains(&from) {
                voters.push(from);
            }
            out.extend(self.count());
        }
        out
    }

    /// Recopie les entrées d'un leader.
    pub fn handle_append_entries(
        &mut self,
        request: AppendEntriesRequest<C>,
    ) -> (AppendEntriesResponse, Vec<RaftOutput<C>>) {
        let mut out = vec![];
        let mut success = false;
        if request.term >= self.term {
            out.extend(self.catch_up(request.term));
            self.role = Role::Follower {
                leader: Some(request.leader_id),
            };
            out.push(self.arm());
            let prev = request.prev_log_index as usize;
            success = prev <= self.log.len() && self.term_of(request.prev_log_index) == request.prev_log_term;
            if success {
                let verified = (prev + request.entries.len()) as LogIndex;
                self.log.truncate(prev);
                self.log.extend(request.entries);
                out.extend(self.apply_up_to(request.leader_commit.min(verified)));
            }
        }
        (
            AppendEntriesResponse {
                term: self.term,
                success,
                conflict_index: None,
                conflict_term: None,
            },
            out,
        )
    }

    /// Note ce qu'un suiveur détient.
    pub fn handle_append_entries_response(
        &mut self,
        from: NodeId,
        response: AppendEntriesResponse,
    ) -> Vec<RaftOutput<C>> {
        let mut out = self.catch_up(response.term);
        let (last, term) = (self.log.len() as LogIndex, self.term);
        let Role::Leader { peers } = &mut self.role else {
            return out;
        };
        let Some(peer) = peers.get_mut(&from) else { return out };
        if response.term != term {
            return out;
        }
        if response.success {
            *peer = Peer {
                next: last + 1,
                held: last,
            };
            let committed = self.advance();
            if !committed.is_empty() {
                out.extend(committed);
                out.extend(self.broadcast());
            }
        } else {
            peer.next = peer.next.saturating_sub(1).max(1);
            out.push(self.append_for(from));
        }
        out
    }

    /// Ajoute une commande, si ce nœud dirige.
    pub fn propose(&mut self, command: C) -> Option<LogIndex> {
        let Role::Leader { .. } = self.role else { return None };
        let index = self.log.len() as LogIndex + 1;
        self.log.push(LogEntry {
            term: self.term,
            index,
            command,
        });
        Some(index)
    }

    /// L'entrée de cet indice est-elle engagée ?
    pub fn is_committed(&self, index: LogIndex) -> bool {
        index > 0 && index <= self.commit
    }

    /// Le journal complet.
    pub fn log(&self) -> &[LogEntry<C>] {
        &self.log
    }

    fn others(&self) -> Vec<NodeId> {
        self.config
            .cluster
            .iter()
            .copied()
            .filter(|id| *id != self.config.node_id)
            .collect()
    }

    fn term_of(&self, index: LogIndex) -> Term {
        if index == 0 {
            0
        } else {
            self.log[index as usize - 1].term
        }
    }

    /// Adopte un terme supérieur.
    fn catch_up(&mut self, term: Term) -> Vec<RaftOutput<C>> {
        if term <= self.term {
            return vec![];
        }
        self.term = term;
        self.vote = None;
        self.role = Role::Follower { leader: None };
        vec![self.arm()]
    }

    /// Tire un délai d'élection (xorshift).
    fn arm(&mut self) -> RaftOutput<C> {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        let span = self.config.election_timeout_max - self.config.election_timeout_min + 1;
        RaftOutput::ScheduleElectionTimeout(Duration::from_millis(
            self.config.election_timeout_min + self.seed % span,
        ))
    }

    /// Prend la tête si les voix suffisent.
    fn count(&mut self) -> Vec<RaftOutput<C>> {
        let Role::Candidate { voters } = &self.role else {
            return vec![];
        };
        if voters.len() * 2 <= self.config.cluster.len() {
            return vec![];
        }
        let fresh = |id| {
            (
                id,
                Peer {
                    next: self.commit + 1,
                    held: 0,
                },
            )
        };
        let peers: HashMap<NodeId, Peer> = self.others().into_iter().map(fresh).collect();
        self.role = Role::Leader { peers };
        let mut out = self.broadcast();
        out.push(RaftOutput::ScheduleHeartbeat(Duration::from_millis(
            self.config.heartbeat_interval,
        )));
        out
    }

    fn broadcast(&self) -> Vec<RaftOutput<C>> {
        self.others().into_iter().map(|id| self.append_for(id)).collect()
    }

    fn append_for(&self, target: NodeId) -> RaftOutput<C> {
        let next = match &self.role {
            Role::Leader { peers } => peers.get(&target).map_or(1, |peer| peer.next),
            _ => 1,
        };
        let request = AppendEntriesRequest {
            term: self.term,
            leader_id: self.config.node_id,
            prev_log_index: next - 1,
            prev_log_term: self.term_of(next - 1),
            entries: self.log[next as usize - 1..].to_vec(),
            leader_commit: self.commit,
        };
        RaftOutput::SendAppendEntries { target, request }
    }

    /// Engage, en remontant, tout ce qu'une majorité détient et qui s'achève dans ce terme.
    fn advance(&mut self) -> Vec<RaftOutput<C>> {
        let Role::Leader { peers } = &self.role else {
            return vec![];
        };
        let mut best = self.commit;
        let mut candidate = self.log.len() as LogIndex;
        while candidate > self.commit && self.term_of(candidate) == self.term {
            let holders = 1 + peers.values().filter(|peer| peer.held >= candidate).count();
            if holders * 2 > self.config.cluster.len() {
                best = candidate;
                break;
            }
            candidate = peers
                .values()
                .map(|peer| peer.held)
                .filter(|held| *held < candidate)
                .max()
                .unwrap_or(0);
        }
        self.apply_up_to(best)
    }

    fn apply_up_to(&mut self, index: LogIndex) -> Vec<RaftOutput<C>> {
        if index <= self.commit {
            return vec![];
        }
        let entries = self.log[self.commit as usize..index as usize].to_vec();
        self.commit = index;
        vec![RaftOutput::ApplyCommands(entries)]
    }
}
