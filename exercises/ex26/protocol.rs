//! The script language of EX26: readings of clocks that the script makes up, and histories of processes that send messages.
//!
//! No step depends on the machine's own clock. Moments are nanoseconds after a fixed day; a history is a list of events, from which
//! [`happenings`] makes what really happens: any list is a history.

use serde::{Deserialize, Serialize};

/// A moment: nanoseconds after the first of January 2000 or so.
pub type Moment = u64;

/// The moment 0, in seconds after the epoch.
pub const ORIGIN: u64 = 946_684_800;

/// The processes of a history.
pub const PROCESSES: u32 = 4;

/// An exchange with a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The request leaves, by the client's clock.
    pub t1: Moment,
    /// The request arrives, by the server's clock.
    pub t2: Moment,
    /// The answer leaves, by the server's clock.
    pub t3: Moment,
    /// The answer arrives, by the client's clock.
    pub t4: Moment,
}

/// Something that a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Something of its own.
    Local(u8),
    /// It sends a message.
    Send(u8),
    /// It receives a message: which of those sent so far, counted around. Nothing happens if none was sent by another.
    Receive(u8, u8),
}

/// Something that happened: where, and which earlier event sent the message that was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happening {
    /// The process.
    pub process: u32,
    /// What it was.
    pub event: Event,
    /// The event that sent what was received.
    pub sent_at: Option<usize>,
}

/// What really happens in a history.
pub fn happenings(events: &[Event]) -> Vec<Happening> {
    let mut all: Vec<Happening> = Vec::new();
    for event in events {
        let (Event::Local(process) | Event::Send(process) | Event::Receive(process, _)) = *event;
        let process = u32::from(process) % PROCESSES;
        let sent_at = match event {
            Event::Receive(_, which) => {
                let sends = all
                    .iter()
                    .enumerate()
                    .filter(|(_, happening)| matches!(happening.event, Event::Send(_)) && happening.process != process);
                let sends: Vec<usize> = sends.map(|(at, _)| at).collect();
                if sends.is_empty() {
                    continue;
                }
                Some(sends[usize::from(*which) % sends.len()])
            }
            _ => None,
        };
        all.push(Happening {
            process,
            event: *event,
            sent_at,
        });
    }
    all
}

/// How two events are related.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// The first before the second.
    Before,
    /// The second before the first.
    After,
    /// Neither.
    Concurrent,
    /// The same.
    Equal,
}

/// A Lamport timestamp: time and node.
pub type Stamp = (u64, u32);

witness::language! {
    /// Clocks of all kinds.
    pub trait Times {
        /// How far a remote clock is ahead, in ns.
        fn skew(local: Moment, remote: Moment) -> i128 => "PhysicalClock::signed_skew(/* {local} ns */, /* {remote} ns */)";
        /// How far a clock that runs fast by so many thousandths of a ppm drifts in so many ms: in ns.
        fn drift(rate: i64, millis: u64) -> i128 => "clock.set_drift_rate({rate} as f64 / 1e3); clock.estimate_drift(Duration::from_millis({millis}))";
        /// The same, with its sign.
        fn signed_drift(rate: i64, millis: u64) -> i128 => "clock.set_drift_rate({rate} as f64 / 1e3); clock.signed_drift(Duration::from_millis({millis}))";

        /// How far the server is ahead, in ns.
        fn offset(sample: Sample) -> i128 => "NTPSample {sample:?}.offset()";
        /// How long the messages took, in ns.
        fn delay(sample: Sample) -> i128 => "NTPSample {sample:?}.delay()";
        /// A client takes samples over: its offset, and by how much its time is moved from a local moment, in ns.
        fn apply(samples: Vec<Sample>, local: Moment) -> (i128, i128) => "for sample in {samples:?} {{ client.apply(&sample) }} client.synchronized_at(/* {local} ns */)";
        /// A client with so many servers asks: whether it has an answer.
        fn sync(servers: u8) -> bool => "NTPClient::new(/* {servers} servers */).sync().await.is_ok()";

        /// The time of each event of a history, by Lamport's clocks.
        fn lamport(events: Vec<Event>) -> Vec<Stamp> => "/* Lamport clocks of {events:?} */";
        /// Stamps in their order.
        fn sorted(stamps: Vec<Stamp>) -> Vec<Stamp> => "/* {stamps:?} */ stamps.sort()";

        /// What is known of each process after each event of a history, by vector clocks.
        fn vectors(events: Vec<Event>) -> Vec<Vec<u64>> => "/* vector clocks of {events:?} */";
        /// How each two events of a history are related, the earlier in the list first.
        fn relations(events: Vec<Event>) -> Vec<(u32, u32, Relation)> => "/* compare() on the events of {events:?} */";
    }
}
