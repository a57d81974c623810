//! Invariants and runs.

use super::{World, faults, millis};
use ex10::{ChaosEvent, ChaosEventType, ChaosScenario, ChaosStep, Invariant, InvariantViolation, ScenarioBuilder};
use ex10_protocol::{Event, Plan, Report, Tale};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::RwLock;

/// Answers what it was told to.
struct Scripted {
    name: String,
    answers: Vec<bool>,
    asked: AtomicUsize,
}

impl Invariant for Scripted {
    fn check(&self) -> Result<(), InvariantViolation> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.get(asked).or(self.answers.last());
        if answer.copied().unwrap_or(true) {
            return Ok(());
        }
        Err(violation(&self.name, asked.to_string()))
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Reads a lock of tokio, which blocks.
struct Blocking {
    name: String,
    holds: Arc<RwLock<bool>>,
}

impl Invariant for Blocking {
    fn check(&self) -> Result<(), InvariantViolation> {
        if *self.holds.blocking_read() {
            Ok(())
        } else {
            Err(violation(&self.name, "blocked".to_owned()))
        }
    }

    fn name(&self) -> &str {
        &self.name
    }
}

fn violation(name: &str, message: String) -> InvariantViolation {
    InvariantViolation {
        invariant: name.to_owned(),
        message,
        context: HashMap::new(),
    }
}

/// Whoever lacks a part of a violation hears of it in the step itself, and not in a thread of the submission's, which may swallow it.
fn is_there() {
    let _ = violation("", String::new());
}

pub(super) fn invariant(world: &World, name: String, answers: Vec<bool>) {
    is_there();
    let scripted = Scripted {
        name: name.clone(),
        answers,
        asked: AtomicUsize::new(0),
    };
    world
        .runtime
        .block_on(world.runner().register_invariant(&name, scripted));
}

pub(super) fn blocking_invariant(world: &World, name: String, holds: bool) {
    is_there();
    let blocking = Blocking {
        name: name.clone(),
        holds: Arc::new(RwLock::new(holds)),
    };
    world
        .runtime
        .block_on(world.runner().register_invariant(&name, blocking));
}

/// An event as it is told. Of the steps, only actions are told: their names begin with `act`.
fn told(event: &ChaosEvent) -> Option<Event> {
    let tale = match event.event_type {
        ChaosEventType::FaultInjected => Tale::Injected,
        ChaosEventType::FaultRemoved => Tale::Removed,
        ChaosEventType::InvariantChecked => Tale::Checked,
        ChaosEventType::InvariantViolated => Tale::Violated,
        ChaosEventType::ScenarioStarted => Tale::Started,
        ChaosEventType::ScenarioCompleted => Tale::Completed,
        ChaosEventType::StepExecuted if is_action(&event.details) => Tale::Acted,
        ChaosEventType::StepExecuted => return None,
    };
    Some((tale, event.details.clone(), millis(event.timestamp)))
}

fn is_action(details: &str) -> bool {
    details.len() == 4 && details.starts_with("act")
}

pub(super) fn run(world: &World, name: String, plan: Vec<Plan>) -> Option<Report> {
    let steps = faults::steps(plan);
    let scenario = ChaosScenario { name, steps };
    let report = world.runtime.block_on(world.runner().run(scenario)).ok()?;
    Some(Report {
        name: report.scenario_name,
        events: report.events.iter().filter_map(told).collect(),
        violations: report
            .invariant_violations
            .into_iter()
            .map(|violation| (violation.invariant, violation.message))
            .collect(),
        success: report.success,
        seed: report.seed,
        millis: millis(report.duration),
    })
}

pub(super) fn log(world: &World) -> Vec<Event> {
    let events = world.runtime.block_on(world.runner().event_log());
    events.iter().filter_map(told).collect()
}

/// What the builder makes of a plan; what it has no method for is left out.
fn built(builder: ScenarioBuilder, plan: Vec<Plan>) -> ScenarioBuilder {
    plan.into_iter().fold(builder, |builder, step| match step {
        Plan::Wait(time) => builder.wait(faults::millis(time)),
        Plan::Inject(id, fault, life, percent) => builder.inject(faults::spec(id, fault, life, percent)),
        Plan::Remove(id) => builder.remove_fault(id),
        Plan::Check(name) => builder.check_invariant(name),
        Plan::Act(name) => builder.action(name),
        Plan::If(..) => builder,
        Plan::Loop(count, inner) => builder.repeat(u32::from(count), |builder| built(builder, inner)),
        Plan::Parallel(branches) => builder.parallel(branches.into_iter().map(faults::steps).collect()),
    })
}

pub(super) fn build(plan: Vec<Plan>) -> Vec<String> {
    let scenario = built(ScenarioBuilder::new("built"), plan).build();
    let mut lines = vec![scenario.name];
    describe(&scenario.steps, 0, &mut lines);
    lines
}

fn describe(steps: &[ChaosStep], depth: usize, lines: &mut Vec<String>) {
    for step in steps {
        let line = match step {
            ChaosStep::Wait(time) => format!("wait {}", millis(*time)),
            ChaosStep::InjectFault(fault) => format!("inject {} for {:?}", fault.id, fault.duration.map(millis)),
            ChaosStep::RemoveFault(id) => format!("remove {id}"),
            ChaosStep::CheckInvariant(name) => format!("check {name}"),
            ChaosStep::Action(name) => format!("action {name}"),
            ChaosStep::If { .. } => "if".to_owned(),
            ChaosStep::Loop { count, .. } => format!("loop {count}"),
            // How branches are written down is open.
            ChaosStep::Parallel(_) => "parallel".to_owned(),
        };
        lines.push(format!("{}{line}", " ".repeat(depth)));
        if let ChaosStep::Loop { steps, .. } = step {
            describe(steps, depth + 1, lines);
        }
    }
}
