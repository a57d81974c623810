//! A manager, with a clock that scripts move on, and a seed that takes connections.

use super::words::algorithm;
use ex15::{ClusterConfig, ClusterManager, NodeId, NodeState};
use ex15_protocol::{Algorithm, Look, Slot, State};
use std::any::Any;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use witness::aio::{Flavor, Runtime};

/// How long ago a script's clock began.
const PAST: Duration = Duration::from_secs(300);

/// The manager of a script.
pub struct Member {
    runtime: Runtime,
    manager: ClusterManager,
    began: Instant,
    /// The time it is.
    pub now: Instant,
    /// Who the manager's seed is: made when it is first needed.
    seed: Option<TcpListener>,
    /// Receivers, which a submission may not hand out.
    watches: BTreeMap<Slot, Box<dyn Any>>,
}

fn plain(mut nodes: Vec<NodeId>) -> Vec<u64> {
    nodes.sort_by_key(|node| node.0);
    nodes.into_iter().map(|node| node.0).collect()
}

impl Member {
    /// A new one.
    pub fn new(id: u64, shards: u8, way: Algorithm) -> Self {
        let config = ClusterConfig {
            heartbeat_interval: Duration::from_secs(1),
            phi_threshold: 8.0,
            election_algorithm: algorithm(way),
            num_shards: u32::from(shards),
        };
        let runtime = Runtime::new(Flavor::CurrentThread);
        let manager = runtime.block_on(async { ClusterManager::new(NodeId(id), config) });
        let now = Instant::now();
        let began = now.checked_sub(PAST).unwrap_or(now);
        Self {
            runtime,
            manager,
            began,
            now: began,
            seed: None,
            watches: BTreeMap::new(),
        }
    }

    /// Joins by its own seed.
    pub fn join(&mut self) -> bool {
        let bind = || TcpListener::bind("127.0.0.1:0").expect("a loopback has free ports");
        let seed = self.seed.get_or_insert_with(bind).local_addr().expect("it is bound");
        self.runtime.block_on(self.manager.join(&seed.to_string())).is_ok()
    }

    pub fn leave(&mut self) -> bool {
        self.runtime.block_on(self.manager.leave()).is_ok()
    }

    pub fn beat(&mut self, from: u64) {
        self.manager.on_heartbeat_at(NodeId(from), self.now);
    }

    pub fn beat_together(&mut self, nodes: &[u64]) {
        let manager = &self.manager;
        thread::scope(|scope| {
            for node in nodes {
                scope.spawn(move || manager.on_heartbeat(NodeId(*node)));
            }
        });
        self.now = self.now.max(Instant::now());
    }

    pub fn check(&mut self) -> Vec<u64> {
        plain(self.manager.check_members_at(self.now))
    }

    pub fn check_now(&mut self) -> Vec<u64> {
        plain(self.runtime.block_on(self.manager.check_members()))
    }

    pub fn members(&mut self) -> Vec<(u64, State)> {
        let members = self.manager.members().into_iter();
        let mut members: Vec<(u64, State)> = members.map(|member| (member.id.0, state(&member.state))).collect();
        members.sort_by_key(|(id, _)| *id);
        members
    }

    pub fn heard(&mut self, id: u64) -> Option<u32> {
        let members = self.manager.members();
        let member = members.iter().find(|member| member.id == NodeId(id))?;
        let since = member.last_heartbeat.saturating_duration_since(self.began);
        u32::try_from(since.as_millis()).ok()
    }

    pub fn spread(&mut self) -> Vec<(u64, Vec<u32>)> {
        let members = self.manager.members().into_iter();
        let mut spread: Vec<(u64, Vec<u32>)> = members
            .map(|member| {
                let mut shards: Vec<u32> = member.shards.iter().map(|shard| shard.0).collect();
                shards.sort_unstable();
                (member.id.0, shards)
            })
            .collect();
        spread.sort();
        spread
    }

    pub fn my_shards(&mut self) -> Vec<u32> {
        let mut shards: Vec<u32> = self.manager.my_shards().iter().map(|shard| shard.0).collect();
        shards.sort_unstable();
        shards
    }

    pub fn subscribe(&mut self, w: Slot) {
        let mut watch: watch::Receiver<Vec<NodeId>> = self.manager.subscribe();
        watch.borrow_and_update();
        self.watches.insert(w, Box::new(watch));
    }

    pub fn look(&mut self, w: Slot) -> Look {
        if !self.watches.contains_key(&w) {
            self.subscribe(w);
        }
        let watch = self.watches.get_mut(&w);
        let watch = watch.and_then(|watch| watch.downcast_mut::<watch::Receiver<Vec<NodeId>>>());
        let watch = watch.expect("nothing else is put there");
        Look {
            is_news: watch.has_changed().unwrap_or(false),
            members: plain(watch.borrow_and_update().clone()),
        }
    }

    pub fn trigger(&mut self) {
        self.runtime.block_on(self.manager.trigger_election());
    }

    pub fn head(&mut self) -> Option<u64> {
        let leader: Option<NodeId> = self.manager.leader();
        leader.map(|leader| leader.0)
    }
}

fn state(state: &NodeState) -> State {
    match state {
        NodeState::Joining => State::Joining,
        NodeState::Healthy => State::Healthy,
        NodeState::Suspected => State::Suspected,
        NodeState::Unreachable => State::Unreachable,
        NodeState::Leaving => State::Leaving,
        NodeState::Left => State::Left,
    }
}
