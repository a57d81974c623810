//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

use ex26::{
    LamportClock, LamportTimestamp, NTPClient, NTPError, NTPSample, PhysicalClock, VectorClock, VectorComparison,
};
use ex26_protocol::{Event, Happening, Moment, ORIGIN, PROCESSES, Relation, Sample, Stamp, Times, happenings};
use std::collections::HashMap;
use std::time::{Duration, SystemTime};

/// Nothing is kept between steps.
#[derive(Default)]
pub struct World;

fn moment(moment: Moment) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(ORIGIN) + Duration::from_nanos(moment)
}

/// How far a time is after another, in ns.
fn after(earlier: SystemTime, later: SystemTime) -> i128 {
    match later.duration_since(earlier) {
        Ok(after) => after.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    }
}

fn sample(sample: Sample) -> NTPSample {
    NTPSample {
        t1: moment(sample.t1),
        t2: moment(sample.t2),
        t3: moment(sample.t3),
        t4: moment(sample.t4),
    }
}

/// A clock that runs fast by so many thousandths of a millionth.
fn drifting(rate: i64) -> PhysicalClock {
    let mut clock = PhysicalClock::new();
    clock.set_drift_rate(rate as f64 / 1e3);
    clock
}

/// The vector clocks of the processes after each event.
fn clocks(history: &[Happening]) -> Vec<VectorClock> {
    let mut clocks: Vec<VectorClock> = (0..PROCESSES).map(VectorClock::new).collect();
    let mut sent: HashMap<usize, HashMap<u32, u64>> = HashMap::new();
    let mut after = Vec::new();
    for (at, happening) in history.iter().enumerate() {
        let clock = &mut clocks[happening.process as usize];
        match happening.event {
            Event::Local(_) => clock.tick(),
            Event::Send(_) => {
                sent.insert(at, clock.send());
            }
            Event::Receive(..) => {
                if let Some(message) = happening.sent_at.and_then(|sent_at| sent.get(&sent_at)) {
                    clock.receive(message);
                }
            }
        }
        after.push(clock.clone());
    }
    after
}

fn relation(comparison: VectorComparison) -> Relation {
    match comparison {
        VectorComparison::HappenedBefore => Relation::Before,
        VectorComparison::HappenedAfter => Relation::After,
        VectorComparison::Concurrent => Relation::Concurrent,
        VectorComparison::Equal => Relation::Equal,
    }
}

impl Times for World {
    fn skew(&mut self, local: Moment, remote: Moment) -> i128 {
        PhysicalClock::signed_skew(moment(local), moment(remote))
    }

    fn drift(&mut self, rate: i64, millis: u64) -> i128 {
        let drift = drifting(rate).estimate_drift(Duration::from_millis(millis));
        drift.as_nanos() as i128
    }

    fn signed_drift(&mut self, rate: i64, millis: u64) -> i128 {
        drifting(rate).signed_drift(Duration::from_millis(millis))
    }

    fn offset(&mut self, sample: Sample) -> i128 {
        self::sample(sample).offset()
    }

    fn delay(&mut self, sample: Sample) -> i128 {
        self::sample(sample).delay().as_nanos() as i128
    }

    fn apply(&mut self, samples: Vec<Sample>, local: Moment) -> (i128, i128) {
        let mut client = NTPClient::new(vec!["server".to_owned()]);
        for one in samples {
            client.apply(&sample(one));
        }
        let local = moment(local);
        (client.offset(), after(local, client.synchronized_at(local)))
    }

    fn sync(&mut self, servers: u8) -> bool {
        let servers = (0..servers).map(|number| format!("server-{number}"));
        let mut client = NTPClient::new(servers.collect());
        !matches!(witness::block_on(client.sync()), Err(NTPError::NoServers))
    }

    fn lamport(&mut self, events: Vec<Event>) -> Vec<Stamp> {
        let mut clocks: Vec<LamportClock> = (0..PROCESSES).map(LamportClock::new).collect();
        let mut sent: HashMap<usize, LamportTimestamp> = HashMap::new();
        let mut stamps = Vec::new();
        for (at, happening) in happenings(&events).iter().enumerate() {
            let clock = &mut clocks[happening.process as usize];
            match happening.event {
                Event::Local(_) => stamps.push((clock.tick(), happening.process)),
                Event::Send(_) => {
                    let stamp = clock.send();
                    sent.insert(at, stamp);
                    stamps.push((stamp.time, stamp.node_id));
                }
                Event::Receive(..) => {
                    if let Some(stamp) = happening.sent_at.and_then(|sent_at| sent.get(&sent_at)) {
                        clock.receive(stamp);
                    }
                    stamps.push((clock.time(), happening.process));
                }
            }
        }
        stamps
    }

    fn sorted(&mut self, stamps: Vec<Stamp>) -> Vec<Stamp> {
        let stamp = |(time, node_id): Stamp| LamportTimestamp { time, node_id };
        let mut stamps: Vec<LamportTimestamp> = stamps.into_iter().map(stamp).collect();
        stamps.sort();
        stamps.iter().map(|stamp| (stamp.time, stamp.node_id)).collect()
    }

    fn vectors(&mut self, events: Vec<Event>) -> Vec<Vec<u64>> {
        let entries = |clock: &VectorClock| (0..PROCESSES).map(|node| clock.get(node)).collect();
        clocks(&happenings(&events)).iter().map(entries).collect()
    }

    fn relations(&mut self, events: Vec<Event>) -> Vec<(u32, u32, Relation)> {
        let clocks = clocks(&happenings(&events));
        let mut relations = Vec::new();
        for (a, first) in clocks.iter().enumerate() {
            for (b, second) in clocks.iter().enumerate().skip(a) {
                relations.push((a as u32, b as u32, relation(first.compare(second))));
            }
        }
        relations
    }
}
