//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

mod arena;
mod member;
mod server;
mod words;

use arena::Arena;
use ex15::{LeaderElection, NodeId, PhiAccrualDetector, ShardId, ShardManager};
use ex15_protocol::{Algorithm, Answer, Clusters, Health, Look, Move, Outcome, Post, Slot, State, Word};
use member::Member;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use words::{ids, posts};

/// A detector, and when it heard its last heartbeat.
struct Watcher {
    detector: PhiAccrualDetector,
    last: Instant,
    is_fresh: bool,
}

/// Everything there is in a script.
#[derive(Default)]
pub struct World {
    watchers: BTreeMap<Slot, Watcher>,
    nodes: BTreeMap<Slot, LeaderElection>,
    arena: Option<Arena>,
    shards: BTreeMap<Slot, (ShardManager, u8)>,
    member: Option<Member>,
}

fn watcher(threshold: f64, samples: usize) -> Watcher {
    Watcher {
        detector: PhiAccrualDetector::new(threshold, samples),
        last: Instant::now(),
        is_fresh: true,
    }
}

fn millis(millis: u32) -> Duration {
    Duration::from_millis(u64::from(millis))
}

fn number(phi: f64) -> Option<f64> {
    (!phi.is_nan()).then_some(phi)
}

impl World {
    fn watcher(&mut self, d: Slot) -> &mut Watcher {
        self.watchers.entry(d).or_insert_with(|| watcher(8.0, 10))
    }

    fn elector(&mut self, e: Slot) -> &mut LeaderElection {
        self.nodes
            .entry(e)
            .or_insert_with(|| words::elector(3, Algorithm::Bully, &[1, 2, 4, 5]))
    }

    fn arena(&mut self) -> &mut Arena {
        self.arena
            .get_or_insert_with(|| Arena::new(Algorithm::Bully, vec![1, 2, 3, 4, 5]))
    }

    fn spread_of(&mut self, s: Slot) -> &mut (ShardManager, u8) {
        self.shards.entry(s).or_insert_with(|| (ShardManager::new(16), 16))
    }

    fn member(&mut self) -> &mut Member {
        self.member.get_or_insert_with(|| Member::new(5, 16, Algorithm::Bully))
    }
}

impl Clusters for World {
    fn detector(&mut self, d: Slot, tenths: u16, samples: u8) {
        let made = watcher(f64::from(tenths) / 10.0, usize::from(samples.max(1)));
        self.watchers.insert(d, made);
    }

    fn beats(&mut self, d: Slot, each: Vec<u32>) {
        let watcher = self.watcher(d);
        if watcher.is_fresh {
            watcher.is_fresh = false;
            watcher.detector.heartbeat_at(watcher.last);
        }
        for interval in each {
            watcher.last += millis(interval);
            watcher.detector.heartbeat_at(watcher.last);
        }
    }

    fn phi(&mut self, d: Slot, silence: u32) -> Option<f64> {
        let watcher = self.watcher(d);
        number(watcher.detector.phi(watcher.last + millis(silence), watcher.last))
    }

    fn phi_before(&mut self, d: Slot, early: u32) -> Option<f64> {
        let watcher = self.watcher(d);
        number(watcher.detector.phi(watcher.last, watcher.last + millis(early)))
    }

    fn suspects(&mut self, d: Slot, silence: u32) -> bool {
        let watcher = self.watcher(d);
        watcher
            .detector
            .is_suspected(watcher.last + millis(silence), watcher.last)
    }

    fn node(&mut self, e: Slot, id: u64, way: Algorithm, peers: Vec<u64>) {
        self.nodes.insert(e, words::elector(id, way, &peers));
    }

    fn set_peers(&mut self, e: Slot, peers: Vec<u64>) {
        self.elector(e).set_peers(&ids(&peers));
    }

    fn start(&mut self, e: Slot) -> Vec<Post> {
        posts(self.elector(e).start_election())
    }

    fn hear(&mut self, e: Slot, from: u64, word: Word) -> Vec<Post> {
        let message = words::message(&word);
        posts(
            self.elector(e)
                .handle_message(NodeId(from), message)
                .unwrap_or_default(),
        )
    }

    fn timeout(&mut self, e: Slot) -> Vec<Post> {
        posts(self.elector(e).on_timeout())
    }

    fn leader(&mut self, e: Slot) -> Option<u64> {
        let leader: Option<NodeId> = self.elector(e).leader();
        leader.map(|leader| leader.0)
    }

    fn is_leader(&mut self, e: Slot) -> bool {
        self.elector(e).is_leader()
    }

    fn cluster(&mut self, way: Algorithm, ids: Vec<u64>) {
        self.arena = Some(Arena::new(way, ids));
    }

    fn crash(&mut self, id: u64, is_noticed: bool) {
        self.arena().crash(id, is_noticed);
    }

    fn revive(&mut self, id: u64) {
        self.arena().revive(id);
    }

    fn elect(&mut self, starters: Vec<u64>, order: u16) -> Outcome {
        self.arena().elect(&starters, order)
    }

    fn expire(&mut self, order: u16) -> Outcome {
        self.arena().expire(order)
    }

    fn shards(&mut self, s: Slot, count: u8) {
        self.shards.insert(s, (ShardManager::new(u32::from(count)), count));
    }

    fn assign(&mut self, s: Slot, nodes: Vec<u64>) {
        self.spread_of(s).0.assign(&ids(&nodes));
    }

    fn rebalance(&mut self, s: Slot, nodes: Vec<u64>) -> Vec<Move> {
        let moves = self.spread_of(s).0.rebalance(&ids(&nodes)).into_iter();
        let mut moves: Vec<Move> = moves
            .map(|moved| Move {
                shard: moved.shard.0,
                from: moved.from.0,
                to: moved.to.0,
            })
            .collect();
        moves.sort_by_key(|moved| moved.shard);
        moves
    }

    fn owners(&mut self, s: Slot) -> Vec<Option<u64>> {
        let (shards, count) = self.spread_of(s);
        let all = (0..=u32::from(*count)).map(ShardId);
        all.map(|shard| shards.get_owner(shard).map(|owner| owner.0)).collect()
    }

    fn manager(&mut self, id: u64, shards: u8, way: Algorithm) {
        self.member = Some(Member::new(id, shards, way));
    }

    fn pass(&mut self, time: u32) {
        self.member().now += millis(time);
    }

    fn join(&mut self) -> bool {
        self.member().join()
    }

    fn leave(&mut self) -> bool {
        self.member().leave()
    }

    fn beat(&mut self, from: u64) {
        self.member().beat(from);
    }

    fn beat_regularly(&mut self, nodes: Vec<u64>, times: u8) {
        for _ in 0..times {
            self.member().now += Duration::from_secs(1);
            for node in &nodes {
                self.member().beat(*node);
            }
        }
    }

    fn beat_together(&mut self, nodes: Vec<u64>) {
        self.member().beat_together(&nodes);
    }

    fn check(&mut self) -> Vec<u64> {
        self.member().check()
    }

    fn check_now(&mut self) -> Vec<u64> {
        self.member().check_now()
    }

    fn members(&mut self) -> Vec<(u64, State)> {
        self.member().members()
    }

    fn heard(&mut self, id: u64) -> Option<u32> {
        self.member().heard(id)
    }

    fn spread(&mut self) -> Vec<(u64, Vec<u32>)> {
        self.member().spread()
    }

    fn my_shards(&mut self) -> Vec<u32> {
        self.member().my_shards()
    }

    fn subscribe(&mut self, w: Slot) {
        self.member().subscribe(w);
    }

    fn look(&mut self, w: Slot) -> Look {
        self.member().look(w)
    }

    fn trigger(&mut self) {
        self.member().trigger();
    }

    fn head(&mut self) -> Option<u64> {
        self.member().head()
    }

    fn probe(&mut self, live: Answer, ready: Answer) -> Health {
        server::probe(live, ready)
    }

    fn probe_mute(&mut self, is_live_mute: bool) -> Health {
        server::probe_mute(is_live_mute)
    }

    fn probe_nobody(&mut self) -> Health {
        server::probe_nobody()
    }

    fn is_dated(&mut self) -> bool {
        server::is_dated()
    }
}
