//! The script language of EX11: one simulated system, its network, and clients with sessions.
//!
//! Values are numbers; the driver turns them into bytes. Versions are free but for their order, so that the driver says only
//! whether they are what they have to be.

use serde::{Deserialize, Serialize};

/// What a system keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Consistent under partitions.
    CP,
    /// Available under partitions.
    AP,
    /// Without partitions.
    CA,
}

/// A consistency level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Level {
    /// The weakest.
    Eventual,
    /// One client.
    Session,
    /// Causes first.
    Causal,
    /// One order.
    Sequential,
    /// The strongest.
    Linearizable,
}

/// Why there is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// A write lacks nodes.
    Quorum {
        /// Needed.
        needed: u32,
        /// Reached.
        got: u32,
    },
    /// A write is refused because of a partition.
    Partition,
    /// A read is refused, in whichever way.
    Unread,
}

/// An acknowledged write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The replicas that have it.
    pub acks: u32,
    /// Whether its version is above all earlier ones.
    pub is_newest: bool,
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The value.
    pub value: Option<u64>,
    /// Whether the version is one that wrote this value, or 0 without a value.
    pub is_dated: bool,
}

witness::language! {
    /// A system of three CP nodes with majorities until another is made, and its clients.
    pub trait Systems {
        /// A new system with quorums of its own.
        fn simulate(kind: Kind, n: u8, w: u8, r: u8) => "let mut sim = CapSimulator::new({n}, CapClassification::{kind:?}).with_quorum(QuorumConfig {{ n: {n}, w: {w}, r: {r} }});";
        /// A new system with the quorums that it chooses.
        fn simulate_plain(kind: Kind, n: u8) => "let mut sim = CapSimulator::new({n}, CapClassification::{kind:?});";
        /// A partition; bit `k` is `node-{k+1}`. Nothing happens if a side is empty.
        fn partition(nodes: u8) => "sim.create_partition(/* nodes of the bits {nodes:#07b}, node-1 is the lowest */).await;";
        /// The client goes to a node, from 0.
        fn connect(node: u8) => "sim.connect(/* node number {node}, from 0 */);";
        /// The partition ends.
        fn heal() => "sim.heal_partition().await;";
        /// A write.
        fn write(key: String, value: u64) -> Result<Written, Refusal> => "sim.write({key:?}, {value}_u64.to_le_bytes().to_vec()).await";
        /// A read.
        fn read(key: String, level: Level) -> Result<Found, Refusal> => "sim.read({key:?}, ConsistencyLevel::{level:?}).await";
        /// Whether the replicas agree.
        fn check(key: String) -> bool => "sim.check_consistency({key:?}).await.consistent";
        /// How many replicas are listed, and how many different versions.
        fn versions(key: String) -> (u32, u32) => "sim.check_consistency({key:?}).await.versions";

        /// A new session, with guarantees.
        fn session(s: u8, own: bool, reads: bool, writes: bool) => "let mut s{s} = ClientSession::new(SessionGuarantees {{ read_your_writes: {own}, monotonic_reads: {reads}, monotonic_writes: {writes} }});";
        /// A write in a session.
        fn session_write(s: u8, key: String, value: u64) -> Result<Written, Refusal> => "s{s}.write(&mut sim, {key:?}, {value}_u64.to_le_bytes().to_vec()).await";
        /// A read in a session.
        fn session_read(s: u8, key: String, level: Level) -> Result<Found, Refusal> => "s{s}.read(&mut sim, {key:?}, ConsistencyLevel::{level:?}).await";

        /// Whether quorums meet.
        fn meets(n: u32, w: u32, r: u32) -> bool => "QuorumConfig {{ n: {n}, w: {w}, r: {r} }}.is_strongly_consistent()";
        /// The strong quorums: n, w and r.
        fn strong(n: u32) -> (u32, u32, u32) => "QuorumConfig::strong({n})";
        /// The available quorums: n, w and r.
        fn available(n: u32) -> (u32, u32, u32) => "QuorumConfig::available({n})";
        /// The properties of a system, sorted: `A`, `C`, `P`.
        fn properties(kind: Kind) -> String => "CapClassification::{kind:?}.properties()";
    }
}
