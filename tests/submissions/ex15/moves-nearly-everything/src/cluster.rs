//! Le gestionnaire : une table derrière un seul verrou, où le nœud local est présent dès le début.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use tokio::sync::watch;

use crate::{
    ClusterConfig, ClusterError, LeaderElection, NodeId, NodeInfo, NodeState, PhiAccrualDetector, ShardId, ShardManager,
};

struct Member {
    info: NodeInfo,
    detector: PhiAccrualDetector,
}

/// Le cluster, vu d'un nœud.
pub struct ClusterManager {
    me: NodeId,
    config: ClusterConfig,
    members: Mutex<BTreeMap<NodeId, Member>>,
    published: watch::Sender<Vec<NodeId>>,
    election: LeaderElection,
    shards: ShardManager,
}

impl ClusterManager {
    /// Un nouveau nœud.
    pub fn new(local_id: NodeId, config: ClusterConfig) -> Self {
        let manager = Self {
            me: local_id,
            members: Mutex::new(BTreeMap::new()),
            published: watch::channel(Vec::new()).0,
            election: LeaderElection::new(local_id, config.election_algorithm),
            shards: ShardManager::new(config.num_shards),
            config,
        };
        manager.hear(local_id, Instant::now());
        manager
    }

    fn members_lock(&self) -> MutexGuard<'_, BTreeMap<NodeId, Member>> {
        self.members.lock().expect("pas de panique")
    }

    fn hear(&self, from: NodeId, at: Instant) {
        let mut members = self.members_lock();
        let member = members.entry(from).or_insert_with(|| Member {
            info: NodeInfo {
                id: from,
                addr: String::new(),
                state: NodeState::Joining,
                last_heartbeat: at,
                shards: Vec::new(),
                metadata: HashMap::new(),
            },
            detector: PhiAccrualDetector::new(self.config.phi_threshold, 1000),
        });
        member.info.state = NodeState::Healthy;
        member.info.last_heartbeat = at;
        member.detector.heartbeat_at(at);
        self.publish(&mut members);
    }

    fn publish(&self, members: &mut BTreeMap<NodeId, Member>) {
        let is_present = |member: &&Member| member.info.state != NodeState::Unreachable;
        let present: Vec<NodeId> = members.values().filter(is_present).map(|member| member.info.id).rev().collect();
        let is_new = *self.published.borrow() != present;
        if is_new {
            self.shards.rebalance(&present);
            for member in members.values_mut() {
                member.info.shards = self.shards_of(member.info.id);
            }
            self.published.send_replace(present);
        }
    }

    fn shards_of(&self, node: NodeId) -> Vec<ShardId> {
        let all = (0..self.config.num_shards).map(ShardId);
        all.filter(|shard| self.shards.get_owner(*shard) == Some(node)).collect()
    }

    /// Rejoint le cluster, sans vérifier la graine.
    pub async fn join(&self, seed: &str) -> Result<(), ClusterError> {
        if seed.is_empty() {
            return Err(ClusterError::JoinFailed("pas de graine".to_owned()));
        }
        self.hear(self.me, Instant::now());
        Ok(())
    }

    /// Quitte le cluster.
    pub async fn leave(&self) -> Result<(), ClusterError> {
        let mut members = self.members_lock();
        members.remove(&self.me);
        self.publish(&mut members);
        Ok(())
    }

    /// Un battement.
    pub fn on_heartbeat(&self, from: NodeId) {
        self.hear(from, Instant::now());
    }

    /// Un battement à un instant donné.
    pub fn on_heartbeat_at(&self, from: NodeId, at: Instant) {
        self.hear(from, at);
    }

    /// Contrôle les membres.
    pub async fn check_members(&self) -> Vec<NodeId> {
        self.check_members_at(Instant::now())
    }

    /// Contrôle les membres à un instant donné.
    pub fn check_members_at(&self, now: Instant) -> Vec<NodeId> {
        let mut members = self.members_lock();
        let mut found = Vec::new();
        for member in members.values_mut().filter(|member| member.info.id != self.me) {
            if member.detector.is_suspected(now, member.info.last_heartbeat) {
                member.info.state = match member.info.state {
                    NodeState::Healthy => NodeState::Suspected,
                    _ => NodeState::Unreachable,
                };
                found.push(member.info.id);
            }
        }
        self.publish(&mut members);
        found
    }

    /// Les membres.
    pub fn members(&self) -> Vec<NodeInfo> {
        self.members_lock().values().map(|member| member.info.clone()).collect()
    }

    /// S'abonne.
    pub fn subscribe(&self) -> watch::Receiver<Vec<NodeId>> {
        self.published.subscribe()
    }

    /// Démarre une élection.
    pub async fn trigger_election(&mut self) {
        self.election.set_peers(&self.published.borrow());
        let lost = self.election.start_election();
        drop(lost);
    }

    /// Le leader.
    pub fn leader(&self) -> Option<NodeId> {
        self.election.leader()
    }

    /// Les shards de ce nœud.
    pub fn my_shards(&self) -> Vec<ShardId> {
        let _members = self.members_lock();
        self.shards_of(self.me)
    }
}
