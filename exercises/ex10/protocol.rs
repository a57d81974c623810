//! The script language of EX10: failpoints, a network, a clock and a runner, and what one sees of them.
//!
//! Nodes have numbers; probabilities are in percent. The clock has scale 0, so that simulated time is exact.

use serde::{Deserialize, Serialize};

/// The number of a node: node 2 is called `n2`.
pub type Node = u8;

/// What a failpoint does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Nothing.
    Off,
    /// `Return`.
    Return(String),
    /// `Panic`.
    Panic(String),
    /// `Sleep`, in milliseconds.
    Sleep(u32),
    /// `Probability`.
    Probability(u8, Box<Action>),
    /// `CountedAction`.
    Counted(u8, Box<Action>),
    /// `Sequence`.
    Sequence(Vec<Action>),
    /// `Callback`: counts its calls and fails in the first so many.
    Callback(u8),
}

/// When a failpoint acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    /// `Always`.
    Always,
    /// `OnThread`, with the name of this thread or of another.
    Thread(bool),
    /// `WithProbability`, in percent.
    Probability(u8),
    /// `AfterCount`.
    After(u8),
    /// `BeforeCount`.
    Before(u8),
    /// `TimeWindow` that has begun and not ended; that has ended; that has not begun.
    Window(Window),
}

/// A time window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Window {
    /// It is over.
    Past,
    /// It is now.
    Present,
    /// It has not begun.
    Future,
}

/// What a failpoint answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// `Ok`.
    Passed,
    /// `Triggered`.
    Triggered(String),
    /// `Panic`.
    Panicked(String),
}

/// The kind of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// `Bidirectional`.
    Both,
    /// `AsymmetricAtoB`.
    AtoB,
    /// `AsymmetricBtoA`.
    BtoA,
}

/// How long a partition lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Life {
    /// `None`.
    Forever,
    /// An hour more.
    Long,
    /// It was created 50 ms ago, for 40 ms.
    Over,
}

/// A distribution of latencies, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delay {
    /// `Fixed`.
    Fixed(u32),
    /// `Uniform`.
    Uniform(u32, u32),
    /// `Normal`.
    Normal(u32, u32),
    /// `Exponential`.
    Exponential(u32),
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sent {
    /// It arrived as it was sent.
    Arrived,
    /// It arrived as another.
    Changed,
    /// `Partitioned`, with these two nodes.
    Partitioned,
    /// `Dropped`.
    Dropped,
    /// `Corrupted`.
    Corrupted,
    /// Another error.
    Other,
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// `NetworkPartition` of these nodes.
    Cut(Kind, Vec<Node>),
    /// `NetworkLatency`, fixed, in microseconds.
    Slow(u32, Node),
    /// `NetworkDrop` of everything.
    Lose(Node),
    /// `ClockSkew` in milliseconds.
    Skew(i32, Node),
    /// `ProcessCrash`.
    Crash,
    /// `ProcessPause`.
    Pause,
    /// `DiskFull`.
    DiskFull,
    /// `DiskSlow` in milliseconds.
    DiskSlow(u32),
    /// `MemoryPressure`.
    Memory,
}

/// A step of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Plan {
    /// `Wait`, in milliseconds.
    Wait(u32),
    /// `InjectFault`: id, fault, duration in milliseconds, probability in percent.
    Inject(String, Fault, Option<u32>, u8),
    /// `RemoveFault`.
    Remove(String),
    /// `CheckInvariant`.
    Check(String),
    /// `Action`.
    Act(String),
    /// `If`.
    If(String, Vec<Plan>, Vec<Plan>),
    /// `Loop`.
    Loop(u8, Vec<Plan>),
    /// `Parallel`, made by the builder.
    Parallel(Vec<Vec<Plan>>),
}

/// The kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tale {
    /// `FaultInjected`.
    Injected,
    /// `FaultRemoved`.
    Removed,
    /// `InvariantChecked`.
    Checked,
    /// `InvariantViolated`.
    Violated,
    /// `ScenarioStarted`.
    Started,
    /// `ScenarioCompleted`.
    Completed,
    /// `StepExecuted` of an action. Those of other steps are left out: the contract says nothing of them.
    Acted,
}

/// An event: its kind, its details, its time in milliseconds.
pub type Event = (Tale, String, u64);

/// The report of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The name of the scenario.
    pub name: String,
    /// The events.
    pub events: Vec<Event>,
    /// The invariants that did not hold, with their messages.
    pub violations: Vec<(String, String)>,
    /// Whether the run was a success.
    pub success: bool,
    /// The seed.
    pub seed: u64,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

witness::language! {
    /// A registry of failpoints, a network, a clock and a runner over them.
    pub trait Chaos {
        /// Adds a failpoint.
        fn register(name: String, action: Action, condition: Option<Condition>, count: Option<u8>) => "registry.register(Failpoint {{ name: {name:?}.into(), action: /* {action:?} */, condition: /* {condition:?} */, count: {count:?} }}).await;";
        /// Changes its action.
        fn set(name: String, action: Action) => "registry.set({name:?}, /* {action:?} */).await;";
        /// Disables it.
        fn disable(name: String) => "registry.disable({name:?}).await;";
        /// Hits it.
        fn check(name: String) -> Outcome => "registry.check({name:?}).await";
        /// Hits it.
        fn maybe_fail(name: String) -> Outcome => "registry.maybe_fail({name:?}).await";
        /// Hits it on a task, for so many milliseconds of virtual time at most. How long it took, `None` if longer.
        fn time_check(name: String, most: u32) -> Option<u64> => "timeout(Duration::from_millis({most}), registry.check({name:?})).await /* how long? */";
        /// Hits another failpoint while this one sleeps. `None` if that waits for the sleeper.
        fn check_beside(sleeper: String, name: String) -> Option<Outcome> => "/* while a task awaits */ registry.check({sleeper:?}) /* */; registry.check({name:?}).await";
        /// How many of so many hits were errors.
        fn failures(name: String, times: u16) -> u32 => "(0..{times}) /* how many errors? */ registry.maybe_fail({name:?}).await.is_err()";
        /// Its hits.
        fn hits(name: String) -> u64 => "registry.hit_count({name:?}).await";
        /// Sets all hits to zero.
        fn reset() => "registry.reset_counts().await;";
        /// How often callbacks were called.
        fn calls() -> u64 => "calls.load(Ordering::Relaxed)";

        /// A new network: seed, loss in percent, latency and jitter in microseconds.
        fn network(seed: u32, loss: u8, latency: u32, jitter: u32) => "let network = NetworkSimulator::new(NetworkConfig {{ base_drop_rate: {loss} as f64 / 100.0, base_latency: Duration::from_micros({latency}), jitter: Duration::from_micros({jitter}), bandwidth: None }}, Some({seed}));";
        /// Cuts it.
        fn partition(a: Vec<Node>, b: Vec<Node>, kind: Kind, life: Life) => "network.partition(/* {a:?} | {b:?}, {kind:?}, {life:?} */).await;";
        /// Heals all.
        fn heal_all() => "network.heal_all().await;";
        /// Heals what expired.
        fn heal_expired() => "network.heal_expired().await;";
        /// Who of five nodes reaches whom.
        fn reach() -> Vec<(Node, Node)> => "/* all pairs with */ network.can_communicate(&from, &to).await";
        /// Delays messages; in percent of the cases.
        fn delay(from: Option<Node>, to: Option<Node>, delay: Delay, percent: u8) => "network.add_latency(LatencyRule {{ from: /* {from:?} */, to: /* {to:?} */, latency: /* {delay:?} µs */, probability: {percent} as f64 / 100.0 }}).await;";
        /// Loses messages.
        fn lose(from: Option<Node>, to: Option<Node>, dropped: u8, corrupted: u8) => "network.add_drop_rule(DropRule {{ from: /* {from:?} */, to: /* {to:?} */, drop_rate: {dropped} as f64 / 100.0, corrupt_rate: {corrupted} as f64 / 100.0 }}).await;";
        /// So many latencies in microseconds.
        fn latencies(from: Node, to: Node, times: u16) -> Vec<u64> => "/* {times} times */ network.get_latency(&\"n{from}\".into(), &\"n{to}\".into()).await";
        /// Sends so many messages.
        fn traffic(from: Node, to: Node, times: u16) -> Vec<Sent> => "/* {times} times */ network.send(&\"n{from}\".into(), &\"n{to}\".into(), message).await";

        /// Moves the clock, in milliseconds.
        fn advance(millis: u32) => "clock.advance(Duration::from_millis({millis})).await;";
        /// Sleeps on the clock.
        fn sleep(millis: u32) => "clock.sleep(Duration::from_millis({millis})).await;";
        /// Reads it.
        fn now() -> u64 => "clock.now().await";
        /// Sets a node's skew.
        fn skew(node: Node, millis: i32) => "clock.set_clock_skew(&\"n{node}\".into(), {millis}).await;";
        /// Reads it as a node does.
        fn now_of(node: Node) -> u64 => "clock.now_for_node(&\"n{node}\".into()).await";
        /// Whether a new clock of this scale passes as it should, by real time before and after.
        fn scaled(scale: u8) -> bool => "ClockSimulator::new({scale} as f64).now().await /* after a real moment */";

        /// Adds an invariant that answers these in order, then the last again; with an error whose message is the number of the answer.
        fn invariant(name: String, answers: Vec<bool>) => "runner.register_invariant({name:?}, /* {answers:?} */).await;";
        /// Adds an invariant that blocks on a lock of tokio.
        fn blocking_invariant(name: String, holds: bool) => "runner.register_invariant({name:?}, /* value.blocking_read(), {holds} */).await;";
        /// Looks at all invariants: the one that does not hold, and its message.
        fn check_all() -> Option<(String, String)> => "runner.check_all_invariants().await";
        /// Carries out a scenario.
        fn run(name: String, plan: Vec<Plan>) -> Option<Report> => "runner.run(ChaosScenario {{ name: {name:?}.into(), steps: /* {plan:?} */ }}).await?";
        /// The same, with a seed of its own.
        fn run_seeded(seed: u32, plan: Vec<Plan>) -> Option<Report> => "/* a new runner with seed {seed} */ runner.run(/* {plan:?} */).await?";
        /// How long a scenario makes its caller wait, in milliseconds.
        fn time_run(plan: Vec<Plan>) -> Option<u64> => "runner.run(/* {plan:?} */).await?; // waited, in ms";
        /// All events so far.
        fn log() -> Vec<Event> => "runner.event_log().await";
        /// What the builder makes of these: the kinds of steps, indented.
        fn build(plan: Vec<Plan>) -> Vec<String> => "ScenarioBuilder::new(\"built\") /* {plan:?} */ .build().steps";
        /// So many tasks hit a failpoint so often, one error each allowed: hits and errors.
        fn storm(tasks: u8, times: u8, allowed: u8) -> (u64, u32) => "/* {tasks} tasks, {times} times */ registry.check(\"storm\").await /* count: Some({allowed}) */";
    }
}
