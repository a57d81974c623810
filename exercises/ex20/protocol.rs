//! The script language of EX20: a network with its rates, detectors, retries and a small system, and what one sees of them.
//!
//! Rates are in percent. Time is virtual and in milliseconds, but for the silence of nodes, which is in hours: it is real,
//! and an hour is longer than any hesitation of the machine.

use serde::{Deserialize, Serialize};

/// The number of a node: node 2 is called `n2`.
pub type Node = u8;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// It arrived, with this content.
    Arrived(u32),
    /// `PacketLost`.
    Lost,
    /// `Partitioned`.
    Partitioned,
    /// `Timeout`.
    TimedOut,
    /// `ConnectionRefused`.
    Refused,
    /// An error of the submission's own.
    Other,
}

/// What became of many messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// They arrived as they were sent.
    pub arrived: u32,
    /// They arrived, but with another content.
    pub changed: u32,
    /// `PacketLost`.
    pub lost: u32,
    /// `Partitioned`.
    pub partitioned: u32,
    /// Anything else.
    pub other: u32,
}

/// A network's fields, rates in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preset {
    /// `packet_loss_rate`.
    pub loss: u32,
    /// `partition_probability`.
    pub cut: u32,
    /// `min_latency_ms`.
    pub min: u64,
    /// `max_latency_ms`.
    pub max: u64,
}

/// A detector's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detector {
    /// `timeout`, in microseconds.
    pub timeout: u64,
    /// `heartbeat_interval`, in microseconds.
    pub interval: u64,
    /// `suspicion_threshold`.
    pub threshold: u32,
}

/// One call of an operation that is retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// How long it takes.
    pub takes: u16,
    /// What comes of it.
    pub answer: Result<u32, u32>,
}

/// What was seen of a retry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tale {
    /// When the operation was called, and when that call ended.
    pub calls: Vec<(u64, Option<u64>)>,
    /// What `with_retry` returned, if it did long after it should have.
    pub answer: Option<Result<u32, u32>>,
    /// When.
    pub returned: u64,
}

/// `FailureMode`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// `Partial`.
    Partial(Vec<Node>),
    /// `Byzantine`, with one of the four behaviours in the order of the statement.
    Byzantine(Node, u8),
    /// `FailStop`.
    FailStop(Node),
    /// None of them.
    Other,
}

/// `NodeState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// `Healthy`.
    Healthy,
    /// `Degraded`.
    Degraded,
    /// `Failed`.
    Failed,
    /// `Partitioned`.
    Partitioned,
    /// None of them.
    Other,
}

witness::language! {
    /// One network, described by its rates and latencies; one system on it; detectors and retries by themselves.
    pub trait Fundamentals {
        /// The texts of the eight fallacies.
        fn fallacies() -> Vec<String> => "[Fallacies::network_is_reliable(), Fallacies::latency_is_zero(), /* and so on */]";
        /// The five reasons.
        fn reasons() -> Vec<String> => "[distribution_reasons::SCALABILITY, distribution_reasons::AVAILABILITY, /* and so on */]";
        /// The number of each challenge, found out from a clone of it.
        fn challenges() -> Vec<u8> => "[DistributedChallenge::NetworkPartition, DistributedChallenge::ClockSkew, /* and so on */].clone()";
        /// A clone of a failure, read.
        fn failure(failure: Failure) -> Failure => { format!("/* FailureMode */ {failure:?}.clone()") };
        /// Whether each state equals each, clones on the right.
        fn states() -> Vec<bool> => "/* NodeState::{{Healthy, Degraded, Failed, Partitioned}} */ state == other.clone()";
        /// The four errors.
        fn errors() -> Vec<Fate> => "[NetworkError::PacketLost, NetworkError::Partitioned, NetworkError::Timeout, NetworkError::ConnectionRefused]";

        /// The fields of `reliable()`.
        fn reliable() -> Preset => "NetworkSimulator::reliable()";
        /// The fields of `unreliable()`.
        fn unreliable() -> Preset => "NetworkSimulator::unreliable()";
        /// The network from here on.
        fn network(loss: u8, cut: u8, min: u32, max: u32) => {
            let (loss, cut) = (f64::from(*loss) / 100.0, f64::from(*cut) / 100.0);
            format!("let network = /* loss {loss}, partition {cut}, latency from {min} to {max} ms */;")
        };
        /// Sends so many messages, one after another.
        fn traffic(times: u16) -> Tally => "/* {times} times */ network.send_message(number).await";
        /// How long so many messages took that arrived, one after another.
        fn latencies(times: u16) -> Vec<u64> => "/* {times} times */ let before = Instant::now(); network.send_message(number).await; before.elapsed()";
        /// Sends a message of a type that can neither be copied nor compared.
        fn carry(text: String) -> Option<String> => "network.send_message(Parcel({text:?})).await.ok()";
        /// Sends four messages at the same time: what became of them, and how long it took.
        fn four_together() -> (Vec<Fate>, u64) => "tokio::join!(network.send_message(0), network.send_message(1), network.send_message(2), network.send_message(3))";
        /// Sends each message from a task of its own, all at the same time.
        fn tasks(count: u8) -> (Tally, u64) => "/* {count} times */ tokio::spawn(async move {{ network.send_message(number).await }})";
        /// Sends a message and waits for it no longer than this: what became of it, and when.
        fn within(limit: u32) -> (Fate, u64) => "network.send_with_timeout(7, Duration::from_millis({limit})).await";

        /// A new detector, by its timeout in milliseconds.
        fn new_detector(timeout: u32) -> Detector => "FailureDetector::new({timeout})";
        /// Whether a new detector takes a node for alive after so many hours.
        fn alive(timeout: u8, node: Node, silence: u8) -> bool => "FailureDetector::new({timeout} * HOUR_MS).is_node_alive(\"n{node}\", Instant::now() - {silence} * HOUR).await";
        /// The same with a detector of these fields.
        fn alive_by(timeout: u8, interval: u8, threshold: u8, node: Node, silence: u8) -> bool => "FailureDetector {{ timeout: {timeout} * HOUR, heartbeat_interval: {interval} * HOUR, suspicion_threshold: {threshold} }}.is_node_alive(\"n{node}\", Instant::now() - {silence} * HOUR).await";

        /// The fields of a new handler.
        fn new_handler() -> (u32, u64) => "PartialFailureHandler::new()";
        /// Retries an operation whose calls go so, the last one for ever.
        fn retry(count: u8, base: u64, attempts: Vec<Attempt>) -> Tale => "PartialFailureHandler {{ retry_count: {count}, backoff_base_ms: {base} }}.with_retry(/* calls: {attempts:?} */).await";
        /// The same in a task.
        fn retry_in_a_task(count: u8, base: u64, attempts: Vec<Attempt>) -> Tale => "tokio::spawn(async move {{ PartialFailureHandler {{ retry_count: {count}, backoff_base_ms: {base} }}.with_retry(/* calls: {attempts:?} */).await }})";
        /// So many messages, each retried.
        fn retry_messages(times: u16, count: u8) -> Tally => "/* {times} times */ PartialFailureHandler {{ retry_count: {count}, backoff_base_ms: 1 }}.with_retry(|| Box::pin(async move {{ network.send_message(number).await }})).await";

        /// The system from here on, its nodes in these states, on the network.
        fn system(states: Vec<State>) => "let mut system = DistributedSystem {{ nodes: /* {states:?} */, network }};";
        /// Makes a failure happen.
        fn inject(failure: Failure) => "system.inject(&/* FailureMode */ {failure:?});";
        /// The states of the nodes.
        fn nodes() -> Vec<State> => "system.nodes";
        /// Sends a message between two nodes.
        fn message(from: Node, to: Node, number: u32) -> Fate => "system.send(\"n{from}\", \"n{to}\", {number}).await";
        /// How long that takes, and what becomes of it.
        fn message_time(from: Node, to: Node) -> (Fate, u64) => "let before = Instant::now(); system.send(\"n{from}\", \"n{to}\", 7).await; before.elapsed()";
    }
}
