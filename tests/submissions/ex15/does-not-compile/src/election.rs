//! Les élections : une machine à états par algorithme.

use std::collections::HashSet;

use crate::NodeId;

/// Algorithmes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LeaderElectionAlgorithm {
    /// Le plus grand gagne.
    Bully,
    /// Jeton.
    Ring,
    /// Majorité.
    RaftBased,
}

/// Messages.
#[derive(Debug, Clone)]
pub enum ElectionMessage {
    /// Se présente.
    Election {
        /// Qui.
        from: NodeId,
    },
    /// Répond.
    Ok {
        /// Qui.
        from: NodeId,
    },
    /// A gagné.
    Coordinator {
        /// Qui.
        leader: NodeId,
    },
    /// Le jeton.
    Token {
        /// Qui l'a vu.
        candidates: Vec<NodeId>,
    },
    /// A gagné, sur l'anneau.
    Elected {
        /// Qui.
        leader: NodeId,
    },
}

use LeaderElectionAlgorithm::{Bully, RaftBased, Ring};

/// Où en est un nœud.
#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Idle,
    Asking,
    Answered,
}

/// La part d'un nœud.
pub struct LeaderElection {
    me: NodeId,
    algorithm: LeaderElectionAlgorithm,
    peers: Vec<NodeId>,
    leader: Option<NodeId>,
    phase: Phase,
    vote: Option<NodeId>,
    votes: HashSet<NodeId>,
    is_alone_known: bool,
}

impl LeaderElection {
    /// Un nouveau nœud.
    pub fn new(local_id: NodeId, algorithm: LeaderElectionAlgorithm) -> Self {
        Self {
            me: local_id,
            algorithm,
            peers: Vec::new(),
            leader: None,
            phase: Phase::Idle,
            vote: None,
            votes: HashSet::new(),
            is_alone_known: false,
        }
    }

    /// Les pairs.
    pub fn set_peers(&mut self, peers: &[NodeId]) {
        self.peers = peers.to_vec();
        self.peers.retain(|peer| *peer != self.me);
        self.is_alone_known = true;
        if self.leader.is_some_and(|leader| leader != self.me && !self.peers.contains(&leader)) {
            self.leader = None;
        }
    }

    /// Démarre.
    pub fn start_election(&mut self) -> Vec<(NodeId, ElectionMessage)> {
        let me = self.me;
        self.leader = None;
        self.phase = Phase::Asking;
        if !self.is_alone_known {
            return vec![(me, ElectionMessage::Election { from: me })];
        }
        self.vote = Some(me);
        self.votes = HashSet::from([me]);
        let targets: Vec<NodeId> = match self.algorithm {
            Bully => self.peers.iter().copied().filter(|peer| *peer > me).collect(),
            _ => self.peers.clone(),
        };
        if targets.is_empty() {
            return self.lead();
        }
        if self.algorithm == Ring {
            return self.pass(ElectionMessage::Token { candidates: vec![me] });
        }
        targets.into_iter().map(|to| (to, ElectionMessage::Election { from: me })).collect()
    }

    /// Traite un message.
    pub fn handle_message(&mut self, from: NodeId, msg: ElectionMessage) -> Option<Vec<(NodeId, ElectionMessage)>> {
        let me = self.me;
        let sent = match (self.algorithm, msg) {
            (Bully, ElectionMessage::Election { from: other }) if other < me => {
                let mut sent = vec![(from, ElectionMessage::Ok { from: me })];
                if self.phase == Phase::Idle {
                    sent.extend(self.start_election());
                }
                sent
            }
            (Bully, ElectionMessage::Ok { from: other }) if other > me => {
                if self.phase == Phase::Asking {
                    self.phase = Phase::Answered;
                }
                Vec::new()
            }
            (Bully, ElectionMessage::Coordinator { leader }) if leader < me => self.start_election(),
            (RaftBased, ElectionMessage::Election { from: other }) if self.vote.is_none() => {
                self.vote = Some(other);
                vec![(other, ElectionMessage::Ok { from: me })]
            }
            (RaftBased, ElectionMessage::Ok { from: other }) if self.phase == Phase::Asking => {
                self.votes.insert(other);
                if self.votes.len() > self.peers.len().div_ceil(2) {
                    self.lead()
                } else {
                    Vec::new()
                }
            }
            (Ring, ElectionMessage::Token { candidates }) if candidates.contains(&me) => {
                // Le gagnant est annoncé à tous, sans passer par l'anneau.
                let leader = candidates.into_iter().max()?;
                self.leader = Some(leader);
                self.phase = Phase::Idle;
                self.announce(leader)
            }
            (Ring, ElectionMessage::Token { mut candidates }) => {
                candidates.push(me);
                self.pass(ElectionMessage::Token { candidates })
            }
            (_, ElectionMessage::Coordinator { leader }) => {
                self.leader = Some(leader);
                self.phase = Phase::Idle;
                Vec::new()
            }
            _ => return None,
        };
        Some(sent)
    }

    /// Le délai est écoulé.
    pub fn on_timeout(&mut self) -> Vec<(NodeId, ElectionMessage)> {
        self.vote = None;
        match (self.phase, self.algorithm) {
            (Phase::Idle, _) => Vec::new(),
            (Phase::Asking, Bully) => self.lead(),
            _ => self.start_election(),
        }
    }

    /// Le leader.
    pub fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    /// Si c'est lui.
    pub fn is_leader(&self) -> bool {
        self.leader == Some(self.me)
    }

    fn lead(&mut self) -> Vec<(NodeId, ElectionMessage)> {
        self.leader = Some(self.me);
        self.phase = Phase::Idle;
        self.announce(self.me)
    }

    fn announce(&self, leader: NodeId) -> Vec<(NodeId, ElectionMessage)> {
        self.peers.iter().map(|peer| (*peer, ElectionMessage::Coordinator { leader })).collect()
    }

    fn pass(&self, message: ElectionMessage) -> Vec<(NodeId, ElectionMessage)> {
        let next = self.peers.iter().filter(|peer| **peer > self.me).min();
        next.or(self.peers.iter().min()).map(|next| vec![(*next, message)]).unwrap_or_default()
    }
}
