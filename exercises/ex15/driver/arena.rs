//! The simulated cluster: nodes, and the messages on their way between them.
//!
//! Messages between two nodes keep their order; whose message comes next is drawn. What goes to a node that does not run is
//! lost.

use super::words::{elector, ids};
use ex15::{ElectionMessage, LeaderElection, NodeId};
use ex15_protocol::{Algorithm, Outcome};
use std::collections::{BTreeMap, VecDeque};

/// How many messages are carried in an election before it counts as endless.
const MOST: usize = 2000;

type Post = Vec<(NodeId, ElectionMessage)>;

/// The cluster.
pub struct Arena {
    way: Algorithm,
    nodes: BTreeMap<u64, LeaderElection>,
    /// What is on its way, by sender and target.
    wires: BTreeMap<(u64, u64), VecDeque<ElectionMessage>>,
    winners: Vec<u64>,
}

impl Arena {
    /// Nodes that all know each other.
    pub fn new(way: Algorithm, nodes: Vec<u64>) -> Self {
        Self {
            way,
            nodes: nodes
                .iter()
                .map(|id| (*id, elector(*id, way, &nodes_but(&nodes, *id))))
                .collect(),
            wires: BTreeMap::new(),
            winners: Vec::new(),
        }
    }

    /// A node stops.
    pub fn crash(&mut self, id: u64, is_noticed: bool) {
        self.nodes.remove(&id);
        if is_noticed {
            self.introduce();
        }
    }

    /// A node comes back, and knows nothing.
    pub fn revive(&mut self, id: u64) {
        self.nodes.insert(id, elector(id, self.way, &[]));
        self.introduce();
    }

    /// All know who runs.
    fn introduce(&mut self) {
        let all: Vec<u64> = self.nodes.keys().copied().collect();
        for (id, node) in &mut self.nodes {
            node.set_peers(&ids(&nodes_but(&all, *id)));
        }
    }

    /// Nodes stand.
    pub fn elect(&mut self, starters: &[u64], order: u16) -> Outcome {
        self.winners.clear();
        let mut draw = u64::from(order);
        for id in starters {
            self.act(*id, LeaderElection::start_election);
        }
        let is_quiet = self.carry(&mut draw);
        self.outcome(is_quiet)
    }

    /// Time is over for each.
    pub fn expire(&mut self, order: u16) -> Outcome {
        self.winners.clear();
        let mut draw = u64::from(order);
        let mut is_quiet = true;
        let all: Vec<u64> = self.nodes.keys().copied().collect();
        for id in all.into_iter().rev() {
            self.act(id, LeaderElection::on_timeout);
            is_quiet &= self.carry(&mut draw);
        }
        self.outcome(is_quiet)
    }

    /// What came of it. Messages that never end are lost.
    fn outcome(&mut self, is_quiet: bool) -> Outcome {
        self.wires.clear();
        let leaders = self
            .nodes
            .iter()
            .map(|(id, node)| (*id, node.leader().map(|leader| leader.0)));
        Outcome {
            leaders: leaders.collect(),
            winners: self.winners.clone(),
            is_quiet,
        }
    }

    /// Carries messages until there are no more, or too many.
    fn carry(&mut self, draw: &mut u64) -> bool {
        for _ in 0..MOST {
            // A linear congruential generator (Knuth, MMIX): the order is part of the script.
            *draw = draw
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let Some(len) = (self.wires.len() as u64).checked_sub(1) else {
                return true;
            };
            let picked = (*draw >> 33) % (len + 1);
            let wire = self.wires.keys().nth(picked as usize).copied();
            let Some((from, to)) = wire else { return true };
            let queue = self.wires.entry((from, to)).or_default();
            let message = queue.pop_front();
            if queue.is_empty() {
                self.wires.remove(&(from, to));
            }
            let Some(message) = message else { continue };
            self.act(to, |node| {
                node.handle_message(NodeId(from), message).unwrap_or_default()
            });
        }
        self.wires.is_empty()
    }

    /// Something happens at a node, if it runs: what it sends is on its way.
    fn act(&mut self, id: u64, what: impl FnOnce(&mut LeaderElection) -> Post) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        let was_leader = node.leader() == Some(NodeId(id));
        let post = what(node);
        if !was_leader && node.leader() == Some(NodeId(id)) {
            self.winners.push(id);
        }
        for (to, message) in post {
            if self.nodes.contains_key(&to.0) {
                self.wires.entry((id, to.0)).or_default().push_back(message);
            }
        }
    }
}

fn nodes_but(all: &[u64], one: u64) -> Vec<u64> {
    all.iter().copied().filter(|id| *id != one).collect()
}
