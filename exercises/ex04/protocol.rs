//! The script language of EX04: one member that is told what arrives, and simulated clusters of members.
//!
//! Time is virtual. A round is one probe interval: every member that lives ticks once, what it sends arrives at once, and what that
//! makes others send too; then the timers that are due run out. Peers of a member on its own are played by the driver: they
//! answer probes unless the script says otherwise.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A peer of a member on its own, from 1; a member of a cluster, from 0.
pub type Peer = u8;

/// The local member, where a peer is meant.
pub const SELF: Peer = 0;

/// One probe interval, in milliseconds.
pub const INTERVAL: u64 = 1000;

/// How a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum State {
    /// `Alive`.
    Alive,
    /// `Suspect`.
    Suspect,
    /// `Dead`.
    Dead,
    /// `Left`.
    Left,
}

/// News about a member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct News {
    /// Who.
    pub peer: Peer,
    /// How it is.
    pub state: State,
    /// Since which of its incarnations.
    pub incarnation: u64,
}

/// What a member does. Timers are kept by the driver and not told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// Sends a `Ping`.
    Ping(Peer),
    /// Sends an `Ack` to somebody: of which question, about whom.
    Ack(Peer, u64, Peer),
    /// Sends a `PingReq` to somebody: about whom.
    PingReq(Peer, Peer),
    /// Sends a `Gossip` to somebody.
    Gossip(Peer, Vec<News>),
    /// Sends a `Sync` to somebody, sorted.
    Sync(Peer, Vec<News>),
    /// Sends a `SyncRequest` to somebody.
    SyncRequest(Peer),
    /// Tells of a change: who, from, to.
    Changed(Peer, State, State),
}

/// How a member is tuned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tuning {
    /// `indirect_probes`.
    pub indirect: u8,
    /// `suspicion_multiplier`.
    pub suspicion: u8,
    /// `fanout`.
    pub fanout: u8,
    /// `max_piggyback`.
    pub piggyback: u8,
    /// `dead_retention`, in intervals.
    pub retention: u16,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            indirect: 3,
            suspicion: 2,
            fanout: 3,
            piggyback: 10,
            retention: 1000,
        }
    }
}

/// How a peer behaves when it is probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answers {
    /// It answers.
    Always,
    /// It answers others only.
    ToOthers,
    /// It does not.
    Never,
}

/// The name of a peer.
pub fn name(peer: Peer) -> String {
    format!("p{peer}")
}

/// Its port.
pub fn port(peer: Peer) -> u16 {
    9000 + u16::from(peer)
}

/// The peer of a name; one that no script uses for a name that is unknown.
pub fn peer_named(name: &str) -> Peer {
    name.strip_prefix('p')
        .and_then(|number| number.parse().ok())
        .unwrap_or(Peer::MAX)
}

/// The peer at a port.
pub fn peer_at(port: u16) -> Peer {
    port.checked_sub(9000)
        .and_then(|number| Peer::try_from(number).ok())
        .unwrap_or(Peer::MAX)
}

/// How many rounds news may take to reach a cluster of so many, and how long they may be told: 4 log2 n + 4.
pub fn rounds(members: u64) -> u64 {
    4 * u64::from(members.max(1).next_power_of_two().trailing_zeros()) + 4
}

/// How many rounds may pass until everybody knows that a member failed: two turns of probes, a suspicion, news.
pub fn detection(members: u64, tuning: Tuning) -> u64 {
    let log = u64::from(members.max(1).next_power_of_two().trailing_zeros());
    2 * members + 2 + u64::from(tuning.suspicion) * (1 + log) + rounds(members)
}

witness::language! {
    /// A member on its own, named `p0`, and a cluster.
    pub trait Mesh {
        /// A new member on its own, that knows nobody.
        fn tuned(tuning: Tuning) => "let mut node = GossipProtocol::new(p0, addr(9000), /* {tuning:?} */);";
        /// It starts from seeds.
        fn bootstrap(seeds: Vec<Peer>) -> Vec<Deed> => "node.bootstrap(/* addresses of {seeds:?} */)";
        /// It is told of members by a `Sync` of the first of them.
        fn sync(news: Vec<News>) -> Vec<Deed> => "node.handle_message(from, Sync {{ members: {news:?} }})";
        /// It is told news.
        fn gossip(from: Peer, news: Vec<News>) -> Vec<Deed> => "node.handle_message(addr(p{from}), Gossip {{ updates: {news:?} }})";
        /// It is asked for all that it knows.
        fn asked_for_all(from: Peer) -> Vec<Deed> => "node.handle_message(addr(p{from}), SyncRequest {{ from: p{from} }})";
        /// It is probed.
        fn ping(from: Peer, seq: u64) -> Vec<Deed> => "node.handle_message(addr(p{from}), Ping {{ seq: {seq}, from: p{from} }})";
        /// It is asked to probe another; that one answers, if the script lets it.
        fn ping_req(from: Peer, target: Peer, seq: u64, answers: bool) -> Vec<Deed> => {
            format!("node.handle_message(addr(p{from}), PingReq {{ seq: {seq}, from: p{from}, target: p{target} }}) // {}",
                if *answers { "the target acknowledges" } else { "the target is silent" })
        };
        /// It is asked to probe several, by whom, whom and under which number; they answer when all have been asked, the last first.
        fn ping_reqs(requests: Vec<(Peer, Peer, u64)>) -> Vec<Deed> => "/* PingReqs (from, target, seq): {requests:?}, then the targets acknowledge */";
        /// How a peer behaves from now on.
        fn behave(peer: Peer, answers: Answers) => "// p{peer} answers probes: {answers:?}";
        /// Rounds pass.
        fn pass(rounds: u16) -> Vec<Deed> => "// {rounds} times: node.tick(), answers of peers, timers that are due";
        /// It changes what it says of itself.
        fn describe(key: u8, value: u8) -> Vec<Deed> => "node.update_metadata(\"k{key}\", \"v{value}\")";
        /// It hears what a peer says of itself.
        fn described(peer: Peer, incarnation: u64, key: u8, value: u8) => {
            format!("node.handle_message(.., Gossip {{ updates: [p{peer} Alive {incarnation} {{k{key}: v{value}}}] }});")
        };
        /// What is known of what a peer says of itself: key and value, sorted.
        fn metadata(peer: Peer) -> Option<Vec<(String, String)>> => "node.get_metadata(p{peer})";
        /// It leaves.
        fn leave() -> Vec<Deed> => "node.leave()";
        /// The members that it knows, without itself, sorted.
        fn members() -> Vec<News> => "node.all_members()";
        /// Whether a member is alive.
        fn is_alive(peer: Peer) -> bool => "node.is_alive(p{peer})";
        /// The members that are alive, without itself, sorted; and whether `cluster_size` counts as many as `alive_members` has.
        fn alive() -> (Vec<Peer>, bool) => "(node.alive_members(), node.cluster_size() == node.alive_members().len())";
        /// Draws members.
        fn select(exclude: Vec<Peer>, count: u8) -> Vec<Peer> => "node.select_random(/* {exclude:?} */, {count})";

        /// A new cluster whose members know each other.
        fn cluster(members: u8, tuning: Tuning) => "/* {members} members that know each other, {tuning:?} */";
        /// A new cluster whose members know the first one only, as a seed.
        fn seeded(members: u8) => "/* {members} members that know the first one as a seed */";
        /// Rounds pass in the cluster: how many times somebody was seen other than alive.
        fn run(rounds: u16) -> u64 => "// {rounds} rounds";
        /// A member describes itself; the rounds until everybody that lives knows.
        fn spread(member: Peer) -> Option<u64> => "cluster[{member}].update_metadata(..); // until all know";
        /// A member is stopped.
        fn kill(member: Peer) => "// member {member} stops";
        /// A member leaves, and is stopped.
        fn depart(member: Peer) => "cluster[{member}].leave(); // and stops";
        /// The rounds until everybody that lives sees a member like this.
        fn until(member: Peer, state: State) -> Option<u64> => "// until all see member {member} as {state:?}";
        /// The rounds until everybody that lives knows everybody that lives.
        fn until_met() -> Option<u64> => "// until all know all";
        /// Over rounds, what the members tell about one of them: the most rounds in which somebody tells the same news.
        fn talk(member: Peer, rounds: u16) -> u64 => "// {rounds} rounds, news about member {member}";
    }
}

impl fmt::Debug for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{} {:?} {}", self.peer, self.state, self.incarnation)
    }
}

impl fmt::Debug for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ping(to) => write!(f, "to p{to}: Ping"),
            Self::Ack(to, seq, from) => write!(f, "to p{to}: Ack {seq} from p{from}"),
            Self::PingReq(to, target) => write!(f, "to p{to}: PingReq about p{target}"),
            Self::Gossip(to, news) => write!(f, "to p{to}: Gossip {news:?}"),
            Self::Sync(to, news) => write!(f, "to p{to}: Sync {news:?}"),
            Self::SyncRequest(to) => write!(f, "to p{to}: SyncRequest"),
            Self::Changed(peer, old, new) => write!(f, "p{peer}: {old:?} -> {new:?}"),
        }
    }
}
