//! Carries out scenarios.

use crate::clock::ClockSimulator;
use crate::event::{ChaosError, ChaosEvent, ChaosEventType, ChaosReport};
use crate::failpoint::{FailpointAction, FailpointRegistry};
use crate::fault::{FaultSpec, FaultType};
use crate::invariant::{self, Invariant, InvariantViolation};
use crate::latency::{LatencyRule, chance};
use crate::network::{DropRule, NetworkPartition, NetworkSimulator, NodeId};
use crate::scenario::{ChaosScenario, ChaosStep};
use crate::sync::{Boxed, join, lock};
use rand::{SeedableRng, rngs::StdRng};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How scenarios are carried out.
#[derive(Debug, Clone)]
pub struct ChaosConfig {
    /// What decides everything that is random; drawn if `None`.
    pub seed: Option<u64>,
    /// Whether waiting takes time.
    pub mode: SimulationMode,
    /// Whether events are also kept in the log of the runner.
    pub enable_tracing: bool,
    /// Whether the steps that look at invariants do.
    pub check_invariants: bool,
}

/// Whether waiting takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimulationMode {
    /// It does.
    RealTime,
    /// The simulated clock jumps.
    Simulated,
}

/// A fault that lasts.
struct Active {
    fault: FaultType,
    nodes: Vec<NodeId>,
    ends: Option<Duration>,
}

/// Carries out scenarios on a network, a clock and failpoints.
pub struct ChaosRunner {
    config: ChaosConfig,
    network: Arc<NetworkSimulator>,
    clock: Arc<ClockSimulator>,
    failpoints: Arc<FailpointRegistry>,
    invariants: Mutex<BTreeMap<String, Arc<dyn Invariant>>>,
    active: Mutex<BTreeMap<String, Active>>,
    event_log: Mutex<Vec<ChaosEvent>>,
}

/// One run of a scenario.
struct Run<'a> {
    runner: &'a ChaosRunner,
    nodes: BTreeSet<NodeId>,
    rng: Mutex<StdRng>,
    events: Mutex<Vec<ChaosEvent>>,
    violations: Mutex<Vec<InvariantViolation>>,
}

impl ChaosRunner {
    /// A runner without invariants.
    pub fn new(
        config: ChaosConfig,
        network: Arc<NetworkSimulator>,
        clock: Arc<ClockSimulator>,
        failpoints: Arc<FailpointRegistry>,
    ) -> Self {
        Self {
            config,
            network,
            clock,
            failpoints,
            invariants: Mutex::default(),
            active: Mutex::default(),
            event_log: Mutex::default(),
        }
    }

    /// Adds an invariant, or replaces the one of that name.
    pub async fn register_invariant(&self, name: &str, invariant: impl Invariant + 'static) {
        lock(&self.invariants).insert(name.to_owned(), Arc::new(invariant));
    }

    /// Carries out a scenario. Violated invariants are told by the report.
    ///
    /// # Errors
    /// None: a step that names what is not there does nothing. The type leaves room for scenarios that cannot be carried out.
    pub async fn run(&self, scenario: ChaosScenario) -> Result<ChaosReport, ChaosError> {
        let seed = self.config.seed.unwrap_or_else(rand::random);
        let mut nodes = BTreeSet::new();
        scenario.steps.iter().for_each(|step| step.name_nodes(&mut nodes));
        let run = Run {
            runner: self,
            nodes,
            rng: Mutex::new(StdRng::seed_from_u64(seed)),
            events: Mutex::default(),
            violations: Mutex::default(),
        };
        let started = self.clock.reading();
        run.tell(ChaosEventType::ScenarioStarted, &scenario.name);
        run.steps(&scenario.steps, started).await;
        run.tell(ChaosEventType::ScenarioCompleted, &scenario.name);
        let violations = std::mem::take(&mut *lock(&run.violations));
        let events = std::mem::take(&mut *lock(&run.events));
        Ok(ChaosReport {
            scenario_name: scenario.name,
            duration: self.clock.reading().saturating_sub(started),
            seed,
            events,
            success: violations.is_empty(),
            invariant_violations: violations,
        })
    }

    /// Looks at all invariants.
    ///
    /// # Errors
    /// The first that does not hold, by name.
    pub async fn check_all_invariants(&self) -> Result<(), InvariantViolation> {
        let all: Vec<_> = lock(&self.invariants).values().cloned().collect();
        for one in all {
            invariant::check(one).await?;
        }
        Ok(())
    }

    /// What happened in all runs.
    pub async fn event_log(&self) -> Vec<ChaosEvent> {
        lock(&self.event_log).clone()
    }

    /// Makes a fault take effect.
    fn inject(&self, fault: &FaultSpec, nodes: Vec<NodeId>) {
        let id = || Some(fault.id.clone());
        match &fault.fault_type {
            FaultType::NetworkPartition(kind) => {
                let first = nodes.first().cloned();
                self.network.cut(
                    NetworkPartition {
                        group_a: first.into_iter().collect(),
                        group_b: nodes.iter().skip(1).cloned().collect(),
                        partition_type: *kind,
                        // The runner ends it, on the simulated clock.
                        duration: None,
                        created_at: Instant::now(),
                    },
                    id(),
                );
            }
            FaultType::NetworkLatency(latency) => {
                for node in &nodes {
                    let rule = LatencyRule {
                        from: Some(node.clone()),
                        to: None,
                        latency: latency.clone(),
                        probability: 1.0,
                    };
                    self.network.delay(rule, id());
                }
            }
            FaultType::NetworkDrop(rate) => {
                for node in &nodes {
                    let rule = DropRule {
                        from: Some(node.clone()),
                        to: None,
                        drop_rate: *rate,
                        corrupt_rate: 0.0,
                    };
                    self.network.lose(rule, id());
                }
            }
            FaultType::ClockSkew(_) => {}
            local => self.failpoints.arm(&fault.id, local_failure(local)),
        }
    }

    /// Takes a fault back. False if there is none.
    async fn remove(&self, id: &str) -> bool {
        let Some(active) = lock(&self.active).remove(id) else {
            return false;
        };
        self.network.undo(id);
        match active.fault {
            FaultType::NetworkPartition(_) | FaultType::NetworkLatency(_) | FaultType::NetworkDrop(_) => {}
            FaultType::ClockSkew(_) => {
                for node in &active.nodes {
                    self.clock.set_clock_skew(node, 0).await;
                }
            }
            _ => self.failpoints.disable(id).await,
        }
        true
    }

    /// The fault that ends first, if it ends by then.
    fn next_end(&self, by: Duration) -> Option<(Duration, String)> {
        let active = lock(&self.active);
        let ending = active
            .iter()
            .filter_map(|(id, active)| Some((active.ends?, id.clone())));
        ending.min().filter(|(end, _)| *end <= by)
    }
}

/// What a failpoint does for a fault of one machine.
fn local_failure(fault: &FaultType) -> FailpointAction {
    match fault {
        FaultType::DiskSlow(time) => FailpointAction::Sleep(*time),
        FaultType::CpuThrottle(share) => {
            FailpointAction::Sleep(Duration::from_millis(10).mul_f64(share.clamp(0.0, 1.0)))
        }
        fault => FailpointAction::Return(format!("{fault:?}")),
    }
}

impl Run<'_> {
    fn tell(&self, event_type: ChaosEventType, details: &str) {
        let event = ChaosEvent {
            timestamp: self.runner.clock.reading(),
            event_type,
            details: details.to_owned(),
        };
        if self.runner.config.enable_tracing {
            lock(&self.runner.event_log).push(event.clone());
        }
        lock(&self.events).push(event);
    }

    /// Carries out steps in order. The moment at which they end: branches that run at the same time have each their own.
    fn steps<'a>(&'a self, steps: &'a [ChaosStep], from: Duration) -> Boxed<'a, Duration> {
        Box::pin(async move {
            let mut now = from;
            for step in steps {
                now = self.step(step, now).await;
            }
            now
        })
    }

    async fn step(&self, step: &ChaosStep, from: Duration) -> Duration {
        self.end_faults(self.runner.clock.reading()).await;
        let mut now = from;
        match step {
            ChaosStep::Wait(time) => {
                now = from.saturating_add(*time);
                self.wait_until(now).await;
                self.tell(ChaosEventType::StepExecuted, "");
            }
            ChaosStep::InjectFault(fault) => {
                self.inject(fault).await;
                self.tell(ChaosEventType::StepExecuted, "");
            }
            ChaosStep::RemoveFault(id) => {
                self.remove(id).await;
                self.tell(ChaosEventType::StepExecuted, "");
            }
            ChaosStep::CheckInvariant(name) => {
                self.check(name).await;
                self.tell(ChaosEventType::StepExecuted, "");
            }
            ChaosStep::Action(name) => self.tell(ChaosEventType::StepExecuted, name),
            ChaosStep::If { condition, then, else_ } => {
                let way = if self.holds(condition).await { then } else { else_ };
                now = self.steps(way, now).await;
            }
            ChaosStep::Loop { count, steps } => {
                for _ in 0..*count {
                    now = self.steps(steps, now).await;
                }
            }
            ChaosStep::Parallel(branches) => now = self.together(branches, now).await,
        }
        now
    }

    /// Carries out branches at the same time. The end of the last.
    async fn together(&self, branches: &[ChaosStep], from: Duration) -> Duration {
        let last = Mutex::new(from);
        let branch = |step| -> Boxed<'_, ()> {
            let last = &last;
            Box::pin(async move {
                let end = self.steps(std::slice::from_ref(step), from).await;
                let mut last = lock(last);
                *last = end.max(*last);
            })
        };
        join(branches.iter().map(branch).collect()).await;
        *lock(&last)
    }

    /// Lets time pass up to a moment, and faults end on the way.
    async fn wait_until(&self, moment: Duration) {
        while let Some((end, _)) = self.runner.next_end(moment) {
            self.pass_to(end).await;
            self.end_faults(end.max(self.runner.clock.reading())).await;
        }
        self.pass_to(moment).await;
    }

    async fn pass_to(&self, moment: Duration) {
        let time = moment.saturating_sub(self.runner.clock.reading());
        if self.runner.config.mode == SimulationMode::RealTime {
            let before = self.runner.clock.reading();
            tokio::time::sleep(time).await;
            let passed = self.runner.clock.reading().saturating_sub(before);
            self.runner.clock.forward(time.saturating_sub(passed));
        } else {
            self.runner.clock.forward(time);
        }
    }

    async fn end_faults(&self, now: Duration) {
        while let Some((_, id)) = self.runner.next_end(now) {
            self.remove(&id).await;
        }
    }

    async fn inject(&self, fault: &FaultSpec) {
        let nodes = {
            let mut rng = lock(&self.rng);
            if !chance(fault.probability, &mut rng) {
                return;
            }
            fault.target.among(&self.nodes, &mut rng)
        };
        // A fault of the same id gives way.
        self.remove(&fault.id).await;
        self.runner.inject(fault, nodes.clone());
        if let FaultType::ClockSkew(skew) = fault.fault_type {
            for node in &nodes {
                self.runner.clock.set_clock_skew(node, skew).await;
            }
        }
        let now = self.runner.clock.reading();
        let active = Active {
            fault: fault.fault_type.clone(),
            nodes,
            ends: fault.duration.map(|duration| now.saturating_add(duration)),
        };
        lock(&self.runner.active).insert(fault.id.clone(), active);
        self.tell(ChaosEventType::FaultInjected, &fault.id);
    }

    async fn remove(&self, id: &str) {
        if self.runner.remove(id).await {
            self.tell(ChaosEventType::FaultRemoved, id);
        }
    }

    async fn check(&self, name: &str) {
        let found = lock(&self.runner.invariants).get(name).cloned();
        let (true, Some(found)) = (self.runner.config.check_invariants, found) else {
            return;
        };
        let checked = invariant::check(found).await;
        self.tell(ChaosEventType::InvariantChecked, name);
        if let Err(violation) = checked {
            self.tell(ChaosEventType::InvariantViolated, name);
            lock(&self.violations).push(violation);
        }
    }

    async fn holds(&self, condition: &str) -> bool {
        let found = lock(&self.runner.invariants).get(condition).cloned();
        match found {
            Some(found) => invariant::check(found).await.is_ok(),
            None => false,
        }
    }
}
