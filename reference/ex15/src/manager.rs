//! The cluster as one node sees it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use dashmap::DashMap;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::{
    ClusterConfig, ClusterError, LeaderElection, NodeId, NodeInfo, NodeState, PhiAccrualDetector, ShardId, ShardManager,
};

/// How many intervals each member's detector learns from.
const SAMPLES: usize = 100;

/// Knows the members, watches over them, announces them, and spreads the shards over them.
pub struct ClusterManager {
    local_id: NodeId,
    config: ClusterConfig,
    members: Arc<DashMap<NodeId, NodeInfo>>,
    /// One for each member that was heard of: its rhythm is its own. The lock is held during each change of members, so that
    /// changes are announced in the order in which they happened.
    detectors: Mutex<HashMap<NodeId, PhiAccrualDetector>>,
    membership_tx: watch::Sender<Vec<NodeId>>,
    leader_election: LeaderElection,
    shard_manager: ShardManager,
}

impl ClusterManager {
    /// A node that is in no cluster yet.
    #[must_use]
    pub fn new(local_id: NodeId, config: ClusterConfig) -> Self {
        Self {
            local_id,
            members: Arc::default(),
            detectors: Mutex::default(),
            membership_tx: watch::Sender::new(Vec::new()),
            leader_election: LeaderElection::new(local_id, config.election_algorithm),
            shard_manager: ShardManager::new(config.num_shards),
            config,
        }
    }

    /// Becomes a member, if the seed takes connections.
    ///
    /// # Errors
    /// If it does not.
    pub async fn join(&self, seed: &str) -> Result<(), ClusterError> {
        let reached = TcpStream::connect(seed).await;
        reached.map_err(|error| ClusterError::JoinFailed(format!("{seed}: {error}")))?;
        let _change = self.change();
        self.admit(self.local_id, Instant::now());
        self.announce();
        Ok(())
    }

    /// Says good-bye.
    ///
    /// # Errors
    /// If this node is no member.
    pub async fn leave(&self) -> Result<(), ClusterError> {
        let _change = self.change();
        match self.members.get_mut(&self.local_id) {
            Some(mut local) if local.state.is_present() => local.state = NodeState::Left,
            _ => return Err(ClusterError::NodeNotFound(self.local_id)),
        }
        self.announce();
        Ok(())
    }

    /// A heartbeat, now.
    pub fn on_heartbeat(&self, from: NodeId) {
        self.on_heartbeat_at(from, Instant::now());
    }

    /// A heartbeat at a given time. A node that was not known becomes a member.
    pub fn on_heartbeat_at(&self, from: NodeId, at: Instant) {
        if from == self.local_id {
            return;
        }
        let mut detectors = self.change();
        let detector = detectors.entry(from).or_insert_with(|| {
            PhiAccrualDetector::new(self.config.phi_threshold, SAMPLES).expecting(self.config.heartbeat_interval)
        });
        detector.heartbeat_at(at);
        self.admit(from, at);
        self.announce();
    }

    /// Looks who is silent, now.
    pub async fn check_members(&self) -> Vec<NodeId> {
        self.check_members_at(Instant::now())
    }

    /// Looks who is silent at a given time: who is, is suspected at first, and unreachable the next time. In order.
    pub fn check_members_at(&self, now: Instant) -> Vec<NodeId> {
        let detectors = self.change();
        let mut silent = Vec::new();
        for mut member in self.members.iter_mut() {
            let Some(detector) = detectors.get(&member.id) else {
                continue;
            };
            if detector.is_suspected(now, member.last_heartbeat) {
                silent.push(member.id);
                member.state = match member.state {
                    NodeState::Suspected | NodeState::Unreachable => NodeState::Unreachable,
                    _ => NodeState::Suspected,
                };
            }
        }
        self.announce();
        silent.sort_unstable();
        silent
    }

    /// All that is known of the members, in order, those that are gone included.
    #[must_use]
    pub fn members(&self) -> Vec<NodeInfo> {
        let _no_change = self.change();
        let mut members: Vec<NodeInfo> = self.members.iter().map(|member| member.clone()).collect();
        members.sort_by_key(|member| member.id);
        for member in &mut members {
            member.shards = self.shard_manager.shards_of(member.id);
        }
        members
    }

    /// The members, now and whenever they change.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Vec<NodeId>> {
        self.membership_tx.subscribe()
    }

    /// Stands for election among the members. The course defines no transport: what is to be sent is not.
    pub async fn trigger_election(&mut self) {
        let peers = self.membership_tx.borrow().clone();
        self.leader_election.set_peers(&peers);
        self.leader_election.start_election();
        if let Some(leader) = self.leader() {
            self.shard_manager.set_coordinator(leader);
        }
    }

    /// The leader, as far as this node knows.
    #[must_use]
    pub fn leader(&self) -> Option<NodeId> {
        self.leader_election.leader()
    }

    /// The shards of this node, in order.
    #[must_use]
    pub fn my_shards(&self) -> Vec<ShardId> {
        let _no_change = self.change();
        self.shard_manager.shards_of(self.local_id)
    }

    fn change(&self) -> MutexGuard<'_, HashMap<NodeId, PhiAccrualDetector>> {
        self.detectors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A node is there.
    fn admit(&self, id: NodeId, at: Instant) {
        let mut member = self.members.entry(id).or_insert_with(|| NodeInfo {
            id,
            addr: String::new(),
            state: NodeState::Joining,
            last_heartbeat: at,
            shards: Vec::new(),
            metadata: HashMap::new(),
        });
        member.state = NodeState::Healthy;
        member.last_heartbeat = member.last_heartbeat.max(at);
    }

    /// Announces the members that are there, and spreads the shards over them, if they are others than before.
    fn announce(&self) {
        let present = self.members.iter().filter(|member| member.state.is_present());
        let mut present: Vec<NodeId> = present.map(|member| member.id).collect();
        present.sort_unstable();
        if *self.membership_tx.borrow() == present {
            return;
        }
        self.shard_manager.rebalance(&present);
        self.membership_tx.send_replace(present);
    }
}
