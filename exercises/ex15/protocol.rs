//! The script language of EX15: detectors, nodes in an election, a simulated cluster that elects, shards, a manager and a
//! server that is asked for its health.
//!
//! Time is an argument of the contract, so scripts tell it: nothing waits. The manager has a clock that `pass` moves on.
//! Elections are simulated by the driver, which carries the messages; what it tells is what came of it. Nodes are small
//! numbers here, and what is unordered in the contract is sorted.

use serde::{Deserialize, Serialize};

/// The number of a detector, a node, a set of shards or a subscriber.
pub type Slot = u8;

/// How a leader is elected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// The highest wins.
    Bully,
    /// A token goes round.
    Ring,
    /// A majority decides.
    RaftBased,
}

/// A message of an election.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Word {
    /// Somebody stands.
    Election(u64),
    /// An answer.
    Ok(u64),
    /// Somebody has won.
    Coordinator(u64),
    /// The token.
    Token(Vec<u64>),
    /// Somebody has won, on the ring.
    Elected(u64),
}

impl Word {
    /// The expression that makes it.
    fn text(&self) -> String {
        match self {
            Self::Election(from) => format!("Election {{ from: NodeId({from}) }}"),
            Self::Ok(from) => format!("Ok {{ from: NodeId({from}) }}"),
            Self::Coordinator(leader) => format!("Coordinator {{ leader: NodeId({leader}) }}"),
            Self::Token(candidates) => format!("Token {{ candidates: {} }}", nodes(candidates)),
            Self::Elected(leader) => format!("Elected {{ leader: NodeId({leader}) }}"),
        }
    }
}

fn nodes(ids: &[u64]) -> String {
    let names: Vec<String> = ids.iter().map(|id| format!("NodeId({id})")).collect();
    format!("vec![{}]", names.join(", "))
}

/// A message, and to whom it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// To whom.
    pub to: u64,
    /// What.
    pub word: Word,
}

/// What came of an election in the simulated cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The nodes that run, and whom each takes for the leader.
    pub leaders: Vec<(u64, Option<u64>)>,
    /// Who became leader meanwhile, by its own account, in order.
    pub winners: Vec<u64>,
    /// Whether there are no messages left on their way.
    pub is_quiet: bool,
}

/// A shard that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Which.
    pub shard: u32,
    /// From whom.
    pub from: u64,
    /// To whom.
    pub to: u64,
}

/// What is thought of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// It comes.
    Joining,
    /// It is there.
    Healthy,
    /// It is silent.
    Suspected,
    /// It counts as gone.
    Unreachable,
    /// It goes.
    Leaving,
    /// It has gone.
    Left,
}

/// What a subscriber sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Whether something was announced since it looked last.
    pub is_news: bool,
    /// The members, sorted.
    pub members: Vec<u64>,
}

/// How a server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// With a status.
    Status(u16),
    /// With something that is not HTTP.
    Nonsense,
    /// It closes the connection without a word.
    Closes,
}

/// What the probes said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Alive.
    pub liveness: bool,
    /// Ready.
    pub readiness: bool,
}

fn algorithm(algorithm: Algorithm) -> String {
    format!("LeaderElectionAlgorithm::{algorithm:?}")
}

witness::language! {
    /// Detectors, elections, shards, a manager and a server. What was not made has a meaning: a detector of threshold 8 and
    /// 10 samples, a bully 3 among 1 to 5, a cluster of 5 bullies, 16 shards, manager 5 with 16 shards.
    pub trait Clusters {
        /// A new detector; its threshold in tenths.
        fn detector(d: Slot, tenths: u16, samples: u8) =>
            "let mut d{d} = PhiAccrualDetector::new({tenths} as f64 / 10.0, {samples});";
        /// Heartbeats, each so many milliseconds after the one before. The first of all comes at time zero.
        fn beats(d: Slot, millis: Vec<u32>) => "for ms in {millis:?} {{ t{d} += millis(ms); d{d}.heartbeat_at(t{d}); }}";
        /// The level of suspicion after a silence; nothing if it is not a number.
        fn phi(d: Slot, millis: u32) -> Option<f64> => "d{d}.phi(t + millis({millis}), t)";
        /// The level of suspicion at a moment before the last heartbeat.
        fn phi_before(d: Slot, millis: u32) -> Option<f64> => "d{d}.phi(t - millis({millis}), t)";
        /// Whether such a silence is suspicious.
        fn suspects(d: Slot, millis: u32) -> bool => "d{d}.is_suspected(t + millis({millis}), t)";

        /// A new node that knows its peers.
        fn node(e: Slot, id: u64, way: Algorithm, peers: Vec<u64>) => {
            let text = format!("let mut e{e} = LeaderElection::new(NodeId({id}), {});", algorithm(*way));
            format!("{text} e{e}.set_peers(&{});", nodes(peers))
        };
        /// It has other peers now.
        fn set_peers(e: Slot, peers: Vec<u64>) => { format!("e{e}.set_peers(&{});", nodes(peers)) };
        /// It stands. What it sends, sorted by target.
        fn start(e: Slot) -> Vec<Post> => "e{e}.start_election()";
        /// A message arrives. What it sends, sorted by target.
        fn hear(e: Slot, from: u64, word: Word) -> Vec<Post> => {
            format!("e{e}.handle_message(NodeId({from}), ElectionMessage::{})", word.text())
        };
        /// Its time is over. What it sends, sorted by target.
        fn timeout(e: Slot) -> Vec<Post> => "e{e}.on_timeout()";
        /// Its leader.
        fn leader(e: Slot) -> Option<u64> => "e{e}.leader()";
        /// Whether it leads.
        fn is_leader(e: Slot) -> bool => "e{e}.is_leader()";

        /// A new cluster, of these nodes.
        fn cluster(way: Algorithm, ids: Vec<u64>) => {
            format!("// a cluster of {ids:?}, all of which know each other: {}", algorithm(*way))
        };
        /// A node stops. If that is noticed, the others have new peers.
        fn crash(id: u64, is_noticed: bool) => {
            format!("// node {id} stops; {}", if *is_noticed { "set_peers on the others" } else { "nobody notices" })
        };
        /// A node comes back, as new, and all have new peers.
        fn revive(id: u64) => "// node {id} comes back, as a new LeaderElection; set_peers on all";
        /// Nodes stand at the same time, and messages are carried, in an order that depends on the number, until there are no
        /// more.
        fn elect(starters: Vec<u64>, order: u16) -> Outcome =>
            "// start_election on {starters:?}; carry messages until quiet (order {order})";
        /// Time is over for each node, the highest first, and messages are carried each time.
        fn expire(order: u16) -> Outcome => "// on_timeout on each, from the highest; carry messages each time (order {order})";

        /// New shards.
        fn shards(s: Slot, count: u8) => "let s{s} = ShardManager::new({count});";
        /// Spreads them anew.
        fn assign(s: Slot, ids: Vec<u64>) => { format!("s{s}.assign(&{});", nodes(ids)) };
        /// Balances them. The moves, sorted by shard.
        fn rebalance(s: Slot, ids: Vec<u64>) -> Vec<Move> => { format!("s{s}.rebalance(&{})", nodes(ids)) };
        /// Who holds each of the shards there are, and one that there is not.
        fn owners(s: Slot) -> Vec<Option<u64>> => "(0..=count{s}).map(|shard| s{s}.get_owner(ShardId(shard)))";

        /// A new manager.
        fn manager(id: u64, shards: u8, way: Algorithm) => {
            format!("let manager = ClusterManager::new(NodeId({id}), config({shards}, {}));", algorithm(*way))
        };
        /// Time passes for the manager.
        fn pass(millis: u32) => "now += millis({millis});";
        /// It joins; whether it could. The seed takes connections.
        fn join() -> bool => "manager.join(seed).await.is_ok()";
        /// It leaves; whether it could.
        fn leave() -> bool => "manager.leave().await.is_ok()";
        /// A heartbeat.
        fn beat(from: u64) => "manager.on_heartbeat_at(NodeId({from}), now);";
        /// Heartbeats of these nodes, so many each, one second apart.
        fn beat_regularly(ids: Vec<u64>, times: u8) =>
            "for _ in 0..{times} {{ now += secs(1); for id in {ids:?} {{ manager.on_heartbeat_at(NodeId(id), now); }} }}";
        /// Heartbeats of these nodes by the real clock, all at the same time, from a thread each.
        fn beat_together(ids: Vec<u64>) => "// a thread for each of {ids:?}: manager.on_heartbeat(NodeId(id));";
        /// Who is silent, sorted.
        fn check() -> Vec<u64> => "manager.check_members_at(now)";
        /// Who is silent by the real clock, sorted.
        fn check_now() -> Vec<u64> => "manager.check_members().await";
        /// The members, sorted.
        fn members() -> Vec<(u64, State)> => "manager.members() // id, state";
        /// When a member was last heard of, in milliseconds since the clock began.
        fn heard(id: u64) -> Option<u32> => "manager.members() // last_heartbeat of {id}";
        /// The shards of each member, sorted.
        fn spread() -> Vec<(u64, Vec<u32>)> => "manager.members() // id, shards";
        /// The shards of the manager's node, sorted.
        fn my_shards() -> Vec<u32> => "manager.my_shards()";
        /// Subscribes.
        fn subscribe(w: Slot) => "let mut w{w} = manager.subscribe(); w{w}.borrow_and_update();";
        /// What a subscriber sees. One that did not subscribe does so now.
        fn look(w: Slot) -> Look => "(w{w}.has_changed(), w{w}.borrow_and_update())";
        /// The manager's node stands for election.
        fn trigger() => "manager.trigger_election().await;";
        /// The manager's leader.
        fn head() -> Option<u64> => "manager.leader()";

        /// Asks a server that answers `/live` and `/ready` so, and anything else with 404.
        fn probe(live: Answer, ready: Answer) -> Health =>
            "check(server).await // /live: {live:?}, /ready: {ready:?}, other paths: 404";
        /// Asks a server that never answers on one path, and with 200 on the other.
        fn probe_mute(is_live_mute: bool) -> Health => {
            let (mute, other) = if *is_live_mute { ("/live", "/ready") } else { ("/ready", "/live") };
            format!("check(server).await // {mute} is never answered, {other} with 200")
        };
        /// Asks where no server is.
        fn probe_nobody() -> Health => "check(server).await // connections are refused";
        /// Whether the date of a check lies between its beginning and its end.
        fn is_dated() -> bool => "check(server).await.last_check";
    }
}
