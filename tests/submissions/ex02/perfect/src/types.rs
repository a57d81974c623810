//! Les messages, la configuration et les sorties.

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
