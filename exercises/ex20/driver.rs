//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

mod ideas;
mod retries;
mod systems;
mod wires;

use ex20::{DistributedSystem, FailureDetector, NetworkSimulator, PartialFailureHandler};
use ex20_protocol::{Attempt, Detector, Failure, Fate, Fundamentals, Node, Preset, State, Tale, Tally};
use std::time::{Duration, Instant};
use witness::aio::{Flavor, Runtime};

/// The rates and latencies of the network: a new one is made of them when it is needed.
#[derive(Clone, Copy, Default)]
struct Settings {
    loss: u8,
    cut: u8,
    min: u32,
    max: u32,
}

/// A network and a system.
pub struct World {
    /// Virtual time: what sleeps costs nothing.
    runtime: Runtime,
    settings: Settings,
    system: Option<DistributedSystem>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            runtime: Runtime::new(Flavor::Paused),
            settings: Settings::default(),
            system: None,
        }
    }
}

const HOUR: Duration = Duration::from_secs(3600);

/// An hour has more milliseconds than a test has patience.
const HOUR_MS: u64 = 3_600_000;

fn ago(hours: u8) -> Instant {
    let now = Instant::now();
    now.checked_sub(HOUR * u32::from(hours)).unwrap_or(now)
}

fn micros(time: Duration) -> u64 {
    time.as_micros() as u64
}

impl Fundamentals for World {
    fn fallacies(&mut self) -> Vec<String> {
        ideas::fallacies()
    }

    fn reasons(&mut self) -> Vec<String> {
        ideas::reasons()
    }

    fn challenges(&mut self) -> Vec<u8> {
        ideas::challenges()
    }

    fn failure(&mut self, failure: Failure) -> Failure {
        let failure = ideas::failure(failure);
        ideas::read(failure.clone())
    }

    fn states(&mut self) -> Vec<bool> {
        ideas::states()
    }

    fn errors(&mut self) -> Vec<Fate> {
        wires::errors()
    }

    fn reliable(&mut self) -> Preset {
        wires::preset(&NetworkSimulator::reliable())
    }

    fn unreliable(&mut self) -> Preset {
        wires::preset(&NetworkSimulator::unreliable())
    }

    fn network(&mut self, loss: u8, cut: u8, min: u32, max: u32) {
        self.settings = Settings { loss, cut, min, max };
    }

    fn traffic(&mut self, times: u16) -> Tally {
        wires::traffic(self, times)
    }

    fn latencies(&mut self, times: u16) -> Vec<u64> {
        wires::latencies(self, times)
    }

    fn carry(&mut self, text: String) -> Option<String> {
        wires::carry(self, text)
    }

    fn four_together(&mut self) -> (Vec<Fate>, u64) {
        wires::four_together(self)
    }

    fn tasks(&mut self, count: u8) -> (Tally, u64) {
        wires::tasks(self, count)
    }

    fn within(&mut self, limit: u32) -> (Fate, u64) {
        wires::within(self, limit)
    }

    fn new_detector(&mut self, timeout: u32) -> Detector {
        let detector = FailureDetector::new(u64::from(timeout));
        Detector {
            timeout: micros(detector.timeout),
            interval: micros(detector.heartbeat_interval),
            threshold: detector.suspicion_threshold,
        }
    }

    fn alive(&mut self, timeout: u8, node: Node, silence: u8) -> bool {
        let detector = FailureDetector::new(u64::from(timeout) * HOUR_MS);
        witness::block_on(detector.is_node_alive(&systems::name(node), ago(silence)))
    }

    fn alive_by(&mut self, timeout: u8, interval: u8, threshold: u8, node: Node, silence: u8) -> bool {
        let mut detector = FailureDetector::new(1);
        detector.timeout = HOUR * u32::from(timeout);
        detector.heartbeat_interval = HOUR * u32::from(interval);
        detector.suspicion_threshold = u32::from(threshold);
        witness::block_on(detector.is_node_alive(&systems::name(node), ago(silence)))
    }

    fn new_handler(&mut self) -> (u32, u64) {
        let handler = PartialFailureHandler::new();
        (handler.retry_count, handler.backoff_base_ms)
    }

    fn retry(&mut self, count: u8, base: u64, attempts: Vec<Attempt>) -> Tale {
        retries::retry(self, count, base, attempts)
    }

    fn retry_in_a_task(&mut self, count: u8, base: u64, attempts: Vec<Attempt>) -> Tale {
        retries::retry_in_a_task(self, count, base, attempts)
    }

    fn retry_messages(&mut self, times: u16, count: u8) -> Tally {
        retries::retry_messages(self, times, count)
    }

    fn system(&mut self, states: Vec<State>) {
        self.system = Some(systems::system(self.settings, states));
    }

    fn inject(&mut self, failure: Failure) {
        systems::inject(self, failure);
    }

    fn nodes(&mut self) -> Vec<State> {
        systems::nodes(self)
    }

    fn message(&mut self, from: Node, to: Node, number: u32) -> Fate {
        systems::message(self, from, to, number).0
    }

    fn message_time(&mut self, from: Node, to: Node) -> (Fate, u64) {
        systems::message(self, from, to, 7)
    }
}
