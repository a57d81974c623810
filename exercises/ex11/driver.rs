//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

use ex11::{CapClassification, CapError, CapProperty, CapSimulator, ClientSession, ConsistencyLevel};
use ex11::{QuorumConfig, ReadResult, SessionGuarantees, WriteResult};
use ex11_protocol::{Found, Kind, Level, Refusal, Systems, Written};
use std::collections::{BTreeMap, BTreeSet};
use witness::block_on;

/// The system of a script, and its clients.
#[derive(Default)]
pub struct World {
    system: Option<CapSimulator>,
    size: u8,
    sessions: BTreeMap<u8, ClientSession>,
    newest: u64,
    /// Which versions wrote a value.
    written: BTreeMap<(String, u64), BTreeSet<u64>>,
}

impl World {
    fn system(&mut self) -> &mut CapSimulator {
        if self.system.is_none() {
            self.size = 3;
        }
        self.system.get_or_insert_with(|| {
            CapSimulator::new(3, CapClassification::CP).with_quorum(QuorumConfig { n: 3, w: 2, r: 2 })
        })
    }

    fn session_of(&mut self, s: u8) -> (&mut ClientSession, &mut CapSimulator) {
        self.system();
        let session = self.sessions.entry(s).or_insert_with(|| {
            ClientSession::new(SessionGuarantees {
                read_your_writes: true,
                monotonic_reads: true,
                monotonic_writes: true,
            })
        });
        let system = self
            .system
            .get_or_insert_with(|| CapSimulator::new(3, CapClassification::CP));
        (session, system)
    }

    fn start(&mut self, system: CapSimulator, size: u8) {
        self.system = Some(system);
        self.size = size;
        self.sessions.clear();
        self.newest = 0;
        self.written.clear();
    }

    fn acknowledged(
        &mut self,
        key: String,
        value: u64,
        result: Result<WriteResult, CapError>,
    ) -> Result<Written, Refusal> {
        match result {
            Ok(done) => {
                let is_newest = done.version > self.newest;
                self.newest = self.newest.max(done.version);
                self.written.entry((key, value)).or_default().insert(done.version);
                Ok(Written {
                    acks: done.acks,
                    is_newest,
                })
            }
            Err(CapError::QuorumNotMet { needed, got }) => Err(Refusal::Quorum { needed, got }),
            Err(_) => Err(Refusal::Partition),
        }
    }

    fn found(&mut self, key: String, result: Result<ReadResult, CapError>) -> Result<Found, Refusal> {
        let Ok(ReadResult { value, version, .. }) = result else {
            return Err(Refusal::Unread);
        };
        let value = value.map(|bytes| <[u8; 8]>::try_from(bytes).map_or(u64::MAX, u64::from_le_bytes));
        let is_dated = match value {
            Some(value) => self
                .written
                .get(&(key, value))
                .is_some_and(|versions| versions.contains(&version)),
            None => version == 0,
        };
        Ok(Found { value, is_dated })
    }
}

fn kind_of(kind: Kind) -> CapClassification {
    match kind {
        Kind::CP => CapClassification::CP,
        Kind::AP => CapClassification::AP,
        Kind::CA => CapClassification::CA,
    }
}

fn level_of(level: Level) -> ConsistencyLevel {
    match level {
        Level::Eventual => ConsistencyLevel::Eventual,
        Level::Session => ConsistencyLevel::Session,
        Level::Causal => ConsistencyLevel::Causal,
        Level::Sequential => ConsistencyLevel::Sequential,
        Level::Linearizable => ConsistencyLevel::Linearizable,
    }
}

impl Systems for World {
    fn simulate(&mut self, kind: Kind, n: u8, w: u8, r: u8) {
        let quorum = QuorumConfig {
            n: n.into(),
            w: w.into(),
            r: r.into(),
        };
        self.start(CapSimulator::new(n.into(), kind_of(kind)).with_quorum(quorum), n);
    }

    fn simulate_plain(&mut self, kind: Kind, n: u8) {
        self.start(CapSimulator::new(n.into(), kind_of(kind)), n);
    }

    fn partition(&mut self, nodes: u8) {
        self.system();
        let side: Vec<u8> = (0..self.size.min(8)).filter(|k| nodes >> k & 1 == 1).collect();
        if !side.is_empty() && side.len() < usize::from(self.size) {
            let names = side.iter().map(|k| format!("node-{}", k + 1)).collect();
            block_on(self.system().create_partition(names));
        }
    }

    fn connect(&mut self, node: u8) {
        self.system();
        let name = format!("node-{}", node % self.size.max(1) + 1);
        self.system().connect(&name);
    }

    fn heal(&mut self) {
        block_on(self.system().heal_partition());
    }

    fn write(&mut self, key: String, value: u64) -> Result<Written, Refusal> {
        let result = block_on(self.system().write(&key, value.to_le_bytes().to_vec()));
        self.acknowledged(key, value, result)
    }

    fn read(&mut self, key: String, level: Level) -> Result<Found, Refusal> {
        let result = block_on(self.system().read(&key, level_of(level)));
        self.found(key, result)
    }

    fn check(&mut self, key: String) -> bool {
        block_on(self.system().check_consistency(&key)).consistent
    }

    fn versions(&mut self, key: String) -> (u32, u32) {
        let versions = block_on(self.system().check_consistency(&key)).versions;
        let distinct: BTreeSet<u64> = versions.values().copied().collect();
        (versions.len() as u32, distinct.len() as u32)
    }

    fn session(&mut self, s: u8, own: bool, reads: bool, writes: bool) {
        let session = ClientSession::new(SessionGuarantees {
            read_your_writes: own,
            monotonic_reads: reads,
            monotonic_writes: writes,
        });
        self.sessions.insert(s, session);
    }

    fn session_write(&mut self, s: u8, key: String, value: u64) -> Result<Written, Refusal> {
        let (session, system) = self.session_of(s);
        let result = block_on(session.write(system, &key, value.to_le_bytes().to_vec()));
        self.acknowledged(key, value, result)
    }

    fn session_read(&mut self, s: u8, key: String, level: Level) -> Result<Found, Refusal> {
        let (session, system) = self.session_of(s);
        let result = block_on(session.read(system, &key, level_of(level)));
        self.found(key, result)
    }

    fn meets(&mut self, n: u32, w: u32, r: u32) -> bool {
        QuorumConfig { n, w, r }.is_strongly_consistent()
    }

    fn strong(&mut self, n: u32) -> (u32, u32, u32) {
        let quorum = QuorumConfig::strong(n);
        (quorum.n, quorum.w, quorum.r)
    }

    fn available(&mut self, n: u32) -> (u32, u32, u32) {
        let quorum = QuorumConfig::available(n);
        (quorum.n, quorum.w, quorum.r)
    }

    fn properties(&mut self, kind: Kind) -> String {
        let letter = |property: CapProperty| match property {
            CapProperty::Availability => 'A',
            CapProperty::Consistency => 'C',
            CapProperty::PartitionTolerance => 'P',
        };
        let letters: BTreeSet<char> = kind_of(kind).properties().into_iter().map(letter).collect();
        letters.into_iter().collect()
    }
}
