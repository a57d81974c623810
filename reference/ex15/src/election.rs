//! Elections, as state machines. Messages are returned, to be carried by somebody else.

use std::collections::BTreeSet;

use crate::NodeId;

/// What goes to whom.
type Post = Vec<(NodeId, ElectionMessage)>;

/// How a leader is elected.
#[derive(Debug, Clone, Copy)]
pub enum LeaderElectionAlgorithm {
    /// The highest name wins (Garcia-Molina: "Elections in a Distributed Computing System", 1982).
    Bully,
    /// A token goes round the ring of names and collects them; the highest wins.
    Ring,
    /// A majority of voices wins (the election of Raft, without terms).
    RaftBased,
}

/// What nodes say during elections.
#[derive(Debug, Clone)]
pub enum ElectionMessage {
    /// Somebody stands for election.
    Election {
        /// Who.
        from: NodeId,
    },
    /// Bully: a higher node takes over. Raft: a voice.
    Ok {
        /// Whose.
        from: NodeId,
    },
    /// Somebody has won.
    Coordinator {
        /// Who.
        leader: NodeId,
    },
    /// Ring: the token.
    Token {
        /// Who has seen it.
        candidates: Vec<NodeId>,
    },
    /// Ring: somebody has won.
    Elected {
        /// Who.
        leader: NodeId,
    },
}

use ElectionMessage::{Coordinator, Elected, Election, Ok, Token};

/// One node's part in elections.
pub struct LeaderElection {
    local_id: NodeId,
    algorithm: LeaderElectionAlgorithm,
    current_leader: Option<NodeId>,
    election_in_progress: bool,
    /// The other nodes, once they are known.
    peers: Option<BTreeSet<NodeId>>,
    /// Bully: somebody higher has answered.
    is_overruled: bool,
    /// Raft: who has this node's voice.
    voice: Option<NodeId>,
    /// Raft: whose voices this node has.
    voices: BTreeSet<NodeId>,
}

impl LeaderElection {
    /// A node that knows of no other, and of no leader.
    #[must_use]
    pub fn new(local_id: NodeId, algorithm: LeaderElectionAlgorithm) -> Self {
        Self {
            local_id,
            algorithm,
            current_leader: None,
            election_in_progress: false,
            peers: None,
            is_overruled: false,
            voice: None,
            voices: BTreeSet::new(),
        }
    }

    /// The other nodes there are. A leader that is none of them is none any longer.
    pub fn set_peers(&mut self, peers: &[NodeId]) {
        let peers: BTreeSet<NodeId> = peers.iter().copied().filter(|peer| *peer != self.local_id).collect();
        self.current_leader = self
            .current_leader
            .filter(|leader| *leader == self.local_id || peers.contains(leader));
        self.peers = Some(peers);
    }

    /// Stands for election; what is to be sent.
    pub fn start_election(&mut self) -> Post {
        self.election_in_progress = true;
        self.is_overruled = false;
        let from = self.local_id;
        let Some(peers) = &self.peers else {
            // Nobody is known. Should there be anybody, it is told.
            return vec![(NodeId(from.0.wrapping_add(1)), Election { from })];
        };
        match self.algorithm {
            LeaderElectionAlgorithm::Bully => {
                let higher: Post = peers.range(from..).map(|peer| (*peer, Election { from })).collect();
                if higher.is_empty() { self.win() } else { higher }
            }
            LeaderElectionAlgorithm::Ring => match self.successor() {
                Some(next) => vec![(next, Token { candidates: vec![from] })],
                None => self.win(),
            },
            LeaderElectionAlgorithm::RaftBased => {
                self.voice = Some(from);
                self.voices = BTreeSet::from([from]);
                if self.has_majority() {
                    return self.win();
                }
                self.to_all(&Election { from })
            }
        }
    }

    /// Handles a message; what is to be sent then.
    pub fn handle_message(&mut self, from: NodeId, msg: ElectionMessage) -> Option<Post> {
        let post = match self.algorithm {
            LeaderElectionAlgorithm::Bully => self.hear_of_bullies(from, msg),
            LeaderElectionAlgorithm::Ring => self.hear_on_the_ring(msg),
            LeaderElectionAlgorithm::RaftBased => self.hear_of_voices(from, msg),
        };
        (!post.is_empty()).then_some(post)
    }

    /// The time allowed for answers is over; what is to be sent then.
    pub fn on_timeout(&mut self) -> Post {
        match self.algorithm {
            LeaderElectionAlgorithm::RaftBased => self.voice = None,
            LeaderElectionAlgorithm::Bully if self.election_in_progress && !self.is_overruled => return self.win(),
            _ => {}
        }
        if self.election_in_progress {
            self.start_election()
        } else {
            Vec::new()
        }
    }

    /// The leader, as far as this node knows.
    #[must_use]
    pub fn leader(&self) -> Option<NodeId> {
        self.current_leader
    }

    /// Whether it is this node.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.current_leader == Some(self.local_id)
    }

    fn hear_of_bullies(&mut self, from: NodeId, msg: ElectionMessage) -> Post {
        match msg {
            Election { from: lower } if lower < self.local_id => {
                let mut post = vec![(from, Ok { from: self.local_id })];
                if !self.election_in_progress {
                    post.extend(self.start_election());
                }
                post
            }
            Ok { from: higher } if higher > self.local_id => {
                self.is_overruled = true;
                Vec::new()
            }
            Coordinator { leader } if leader < self.local_id => self.start_election(),
            Coordinator { leader } => self.follow(leader),
            _ => Vec::new(),
        }
    }

    fn hear_on_the_ring(&mut self, msg: ElectionMessage) -> Post {
        let post = match msg {
            Token { mut candidates } => {
                self.election_in_progress = true;
                if !candidates.contains(&self.local_id) {
                    candidates.push(self.local_id);
                    Token { candidates }
                } else {
                    // It has been everywhere.
                    let leader = candidates.into_iter().max().unwrap_or(self.local_id);
                    self.follow(leader);
                    Elected { leader }
                }
            }
            Elected { leader } if self.election_in_progress || self.current_leader != Some(leader) => {
                self.follow(leader);
                Elected { leader }
            }
            _ => return Vec::new(),
        };
        self.successor().map(|next| (next, post)).into_iter().collect()
    }

    fn hear_of_voices(&mut self, from: NodeId, msg: ElectionMessage) -> Post {
        match msg {
            Election { from: candidate } if *self.voice.get_or_insert(candidate) == candidate => {
                vec![(from, Ok { from: self.local_id })]
            }
            Ok { from: voter } if self.election_in_progress => {
                self.voices.insert(voter);
                if self.has_majority() { self.win() } else { Vec::new() }
            }
            Coordinator { leader } => self.follow(leader),
            _ => Vec::new(),
        }
    }

    fn follow(&mut self, leader: NodeId) -> Post {
        self.current_leader = Some(leader);
        self.election_in_progress = false;
        Vec::new()
    }

    /// Leads, and says so.
    fn win(&mut self) -> Post {
        let leader = self.local_id;
        self.follow(leader);
        self.to_all(&Coordinator { leader })
    }

    fn to_all(&self, msg: &ElectionMessage) -> Post {
        let peers = self.peers.iter().flatten();
        peers.map(|peer| (*peer, msg.clone())).collect()
    }

    /// The next one on the ring, in the order of names.
    fn successor(&self) -> Option<NodeId> {
        let peers = self.peers.as_ref()?;
        peers.range(self.local_id..).chain(peers).next().copied()
    }

    fn has_majority(&self) -> bool {
        let all = self.peers.as_ref().map_or(0, BTreeSet::len) + 1;
        self.peers.is_some() && 2 * self.voices.len() > all
    }
}
