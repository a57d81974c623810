//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

mod faults;
mod points;
mod scenarios;
mod wires;

use ex10::{ChaosConfig, ChaosRunner, ClockSimulator, FailpointRegistry, NetworkSimulator, SimulationMode};
use ex10_protocol::{Action, Chaos, Condition, Delay, Event, Kind, Life, Node, Outcome, Plan, Report, Sent};
use std::any::Any;
use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use witness::aio::{Flavor, Runtime};

/// One of everything.
pub struct World {
    runtime: Runtime,
    registry: Arc<FailpointRegistry>,
    network: Arc<NetworkSimulator>,
    clock: Arc<ClockSimulator>,
    /// The runner, made when it is first needed: scripts of failpoints and networks do without.
    runner: OnceCell<Box<dyn Any>>,
    calls: Arc<AtomicU64>,
}

impl Default for World {
    fn default() -> Self {
        // Virtual time: what sleeps costs nothing.
        let runtime = Runtime::new(Flavor::Paused);
        let registry = Arc::new(FailpointRegistry::new());
        let network = Arc::new(wires::network(1, 0, 0, 0));
        let clock = Arc::new(ClockSimulator::new(0.0));
        Self {
            runtime,
            registry,
            network,
            clock,
            runner: OnceCell::new(),
            calls: Arc::default(),
        }
    }
}

fn runner(
    seed: u32,
    network: &Arc<NetworkSimulator>,
    clock: &Arc<ClockSimulator>,
    registry: &Arc<FailpointRegistry>,
) -> ChaosRunner {
    let config = ChaosConfig {
        seed: Some(u64::from(seed)),
        mode: SimulationMode::Simulated,
        enable_tracing: true,
        check_invariants: true,
    };
    ChaosRunner::new(config, Arc::clone(network), Arc::clone(clock), Arc::clone(registry))
}

impl World {
    fn runner(&self) -> &ChaosRunner {
        let make = || -> Box<dyn Any> { Box::new(runner(1, &self.network, &self.clock, &self.registry)) };
        let runner = self.runner.get_or_init(make).downcast_ref();
        runner.expect("nothing else is put there")
    }

    /// The virtual time of the runtime.
    fn tokio_now(&self) -> tokio::time::Instant {
        self.runtime.block_on(async { tokio::time::Instant::now() })
    }
}

fn millis(time: Duration) -> u64 {
    time.as_millis() as u64
}

impl Chaos for World {
    fn register(&mut self, name: String, action: Action, condition: Option<Condition>, count: Option<u8>) {
        points::register(self, name, action, condition, count);
    }

    fn set(&mut self, name: String, action: Action) {
        self.runtime
            .block_on(self.registry.set(&name, points::action(&self.calls, action)));
    }

    fn disable(&mut self, name: String) {
        self.runtime.block_on(self.registry.disable(&name));
    }

    fn check(&mut self, name: String) -> Outcome {
        points::outcome(self.runtime.block_on(self.registry.check(&name)))
    }

    fn maybe_fail(&mut self, name: String) -> Outcome {
        points::outcome(self.runtime.block_on(self.registry.maybe_fail(&name)))
    }

    fn time_check(&mut self, name: String, most: u32) -> Option<u64> {
        points::time_check(self, &name, most)
    }

    fn check_beside(&mut self, sleeper: String, name: String) -> Option<Outcome> {
        points::check_beside(self, sleeper, &name)
    }

    fn failures(&mut self, name: String, times: u16) -> u32 {
        points::failures(self, &name, times)
    }

    fn hits(&mut self, name: String) -> u64 {
        self.runtime.block_on(self.registry.hit_count(&name))
    }

    fn reset(&mut self) {
        self.runtime.block_on(self.registry.reset_counts());
    }

    fn calls(&mut self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    fn network(&mut self, seed: u32, loss: u8, latency: u32, jitter: u32) {
        self.network = Arc::new(wires::network(seed, loss, latency, jitter));
        self.runner = OnceCell::new();
    }

    fn partition(&mut self, a: Vec<Node>, b: Vec<Node>, kind: Kind, life: Life) {
        self.runtime
            .block_on(self.network.partition(wires::partition(a, b, kind, life)));
    }

    fn heal_all(&mut self) {
        self.runtime.block_on(self.network.heal_all());
    }

    fn heal_expired(&mut self) {
        self.runtime.block_on(self.network.heal_expired());
    }

    fn reach(&mut self) -> Vec<(Node, Node)> {
        wires::reach(self)
    }

    fn delay(&mut self, from: Option<Node>, to: Option<Node>, delay: Delay, percent: u8) {
        wires::delay(self, from, to, delay, percent);
    }

    fn lose(&mut self, from: Option<Node>, to: Option<Node>, dropped: u8, corrupted: u8) {
        wires::lose(self, from, to, dropped, corrupted);
    }

    fn latencies(&mut self, from: Node, to: Node, times: u16) -> Vec<u64> {
        wires::latencies(self, from, to, times)
    }

    fn traffic(&mut self, from: Node, to: Node, times: u16) -> Vec<Sent> {
        wires::traffic(self, from, to, times)
    }

    fn advance(&mut self, millis: u32) {
        self.runtime
            .block_on(self.clock.advance(Duration::from_millis(u64::from(millis))));
    }

    fn sleep(&mut self, millis: u32) {
        self.runtime
            .block_on(self.clock.sleep(Duration::from_millis(u64::from(millis))));
    }

    fn now(&mut self) -> u64 {
        millis(self.runtime.block_on(self.clock.now()))
    }

    fn skew(&mut self, node: Node, millis: i32) {
        self.runtime
            .block_on(self.clock.set_clock_skew(&wires::name(node), i64::from(millis)));
    }

    fn now_of(&mut self, node: Node) -> u64 {
        millis(self.runtime.block_on(self.clock.now_for_node(&wires::name(node))))
    }

    fn scaled(&mut self, scale: u8) -> bool {
        let before = Instant::now();
        let clock = ClockSimulator::new(f64::from(scale));
        let after = Instant::now();
        std::thread::sleep(Duration::from_millis(3));
        let least = after.elapsed().as_secs_f64() * f64::from(scale);
        let now = witness::block_on(clock.now()).as_secs_f64();
        let most = before.elapsed().as_secs_f64() * f64::from(scale);
        least <= now + 0.001 && now <= most + 0.001
    }

    fn invariant(&mut self, name: String, answers: Vec<bool>) {
        scenarios::invariant(self, name, answers);
    }

    fn blocking_invariant(&mut self, name: String, holds: bool) {
        scenarios::blocking_invariant(self, name, holds);
    }

    fn check_all(&mut self) -> Option<(String, String)> {
        let checked = self.runtime.block_on(self.runner().check_all_invariants());
        checked.err().map(|violation| (violation.invariant, violation.message))
    }

    fn run(&mut self, name: String, plan: Vec<Plan>) -> Option<Report> {
        scenarios::run(self, name, plan)
    }

    fn run_seeded(&mut self, seed: u32, plan: Vec<Plan>) -> Option<Report> {
        let runner: Box<dyn Any> = Box::new(runner(seed, &self.network, &self.clock, &self.registry));
        self.runner = OnceCell::from(runner);
        scenarios::run(self, "seeded".to_owned(), plan)
    }

    fn time_run(&mut self, plan: Vec<Plan>) -> Option<u64> {
        let before = self.tokio_now();
        scenarios::run(self, "timed".to_owned(), plan)?;
        Some(millis(self.tokio_now().saturating_duration_since(before)))
    }

    fn log(&mut self) -> Vec<Event> {
        scenarios::log(self)
    }

    fn build(&mut self, plan: Vec<Plan>) -> Vec<String> {
        scenarios::build(plan)
    }

    fn storm(&mut self, tasks: u8, times: u8, allowed: u8) -> (u64, u32) {
        points::storm(tasks, times, allowed)
    }
}
