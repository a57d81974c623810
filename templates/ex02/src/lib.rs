//! EX02 : le cœur de l'algorithme Raft.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne de [`RaftCore`]. Les noms et les types de cette
//! interface ne changent pas ; les exigences R1 à R13 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs
//! modules, à condition de tout réexporter ici.

use std::marker::PhantomData;
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

/// Un nœud d'un cluster Raft : la logique seule, sans réseau, ni disque, ni horloge.
pub struct RaftCore<C: Clone> {
    // À vous de choisir : rôle, terme, vote, journal… Ce champ ne sert qu'à employer `C`.
    unused: PhantomData<C>,
}

impl<C: Clone + PartialEq> RaftCore<C> {
    /// Crée un suiveur de terme 0, au journal vide (R1).
    pub fn new(config: RaftConfig) -> Self {
        todo!("new {config:?}")
    }

    /// Rôle courant (R1).
    pub fn state(&self) -> RaftState {
        todo!("state {:?}", self.unused)
    }

    /// Terme courant (R1).
    pub fn current_term(&self) -> Term {
        todo!()
    }

    /// Leader du terme courant, s'il est connu (R5).
    pub fn leader_id(&self) -> Option<NodeId> {
        todo!()
    }

    /// Indice de la dernière entrée engagée (R6, R8).
    pub fn commit_index(&self) -> LogIndex {
        todo!()
    }

    /// Le délai d'élection a expiré : se porte candidat au terme suivant (R2).
    pub fn on_election_timeout(&mut self) -> Vec<RaftOutput<C>> {
        todo!()
    }

    /// Le délai de battement a expiré : un leader envoie à chacun ce qui lui manque (R7).
    pub fn on_heartbeat_timeout(&mut self) -> Vec<RaftOutput<C>> {
        todo!()
    }

    /// Traite une demande de voix (R3).
    pub fn handle_request_vote(&mut self, request: RequestVoteRequest) -> (RequestVoteResponse, Vec<RaftOutput<C>>) {
        todo!("handle_request_vote {request:?}")
    }

    /// Traite la réponse d'un nœud à une demande de voix (R4).
    pub fn handle_request_vote_response(&mut self, from: NodeId, response: RequestVoteResponse) -> Vec<RaftOutput<C>> {
        todo!("handle_request_vote_response {from} {response:?}")
    }

    /// Traite les entrées ou le battement d'un leader (R5, R6).
    pub fn handle_append_entries(
        &mut self,
        request: AppendEntriesRequest<C>,
    ) -> (AppendEntriesResponse, Vec<RaftOutput<C>>) {
        todo!("handle_append_entries du terme {}", request.term)
    }

    /// Traite la réponse d'un nœud à un envoi d'entrées (R7, R8).
    pub fn handle_append_entries_response(
        &mut self,
        from: NodeId,
        response: AppendEntriesResponse,
    ) -> Vec<RaftOutput<C>> {
        todo!("handle_append_entries_response {from} {response:?}")
    }

    /// Ajoute une commande au journal d'un leader et rend son indice ; `None` si ce nœud ne dirige pas (R7).
    pub fn propose(&mut self, command: C) -> Option<LogIndex> {
        let _ = command;
        todo!()
    }

    /// L'entrée de cet indice est-elle engagée ? (R6)
    pub fn is_committed(&self, index: LogIndex) -> bool {
        todo!("is_committed {index}")
    }

    /// Le journal complet.
    pub fn log(&self) -> &[LogEntry<C>] {
        todo!()
    }
}
