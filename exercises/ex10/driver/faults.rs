//! Steps of scenarios.

use super::wires;
use ex10::{ChaosStep, FaultSpec, FaultTarget, FaultType};
use ex10_protocol::{Delay, Fault, Plan};
use std::time::Duration;

pub(super) fn millis(millis: u32) -> Duration {
    Duration::from_millis(u64::from(millis))
}

pub(super) fn spec(id: String, fault: Fault, life: Option<u32>, percent: u8) -> FaultSpec {
    let (fault_type, target) = match fault {
        Fault::Cut(kind, nodes) => (
            FaultType::NetworkPartition(wires::kind(kind)),
            FaultTarget::Nodes(nodes.into_iter().map(wires::name).collect()),
        ),
        Fault::Slow(time, node) => (
            FaultType::NetworkLatency(wires::latency(Delay::Fixed(time))),
            FaultTarget::Node(wires::name(node)),
        ),
        Fault::Lose(node) => (FaultType::NetworkDrop(1.0), FaultTarget::Node(wires::name(node))),
        Fault::Skew(time, node) => (
            FaultType::ClockSkew(i64::from(time)),
            FaultTarget::Node(wires::name(node)),
        ),
        Fault::Crash => (FaultType::ProcessCrash, FaultTarget::Node(wires::name(0))),
        Fault::Pause => (FaultType::ProcessPause, FaultTarget::Node(wires::name(0))),
        Fault::DiskFull => (FaultType::DiskFull, FaultTarget::Node(wires::name(0))),
        Fault::DiskSlow(time) => (FaultType::DiskSlow(millis(time)), FaultTarget::Node(wires::name(0))),
        Fault::Memory => (FaultType::MemoryPressure(1 << 20), FaultTarget::Node(wires::name(0))),
    };
    FaultSpec {
        id,
        fault_type,
        target,
        duration: life.map(millis),
        probability: f64::from(percent) / 100.0,
    }
}

pub(super) fn steps(plan: Vec<Plan>) -> Vec<ChaosStep> {
    plan.into_iter().map(step).collect()
}

pub(super) fn step(plan: Plan) -> ChaosStep {
    match plan {
        Plan::Wait(time) => ChaosStep::Wait(millis(time)),
        Plan::Inject(id, fault, life, percent) => ChaosStep::InjectFault(spec(id, fault, life, percent)),
        Plan::Remove(id) => ChaosStep::RemoveFault(id),
        Plan::Check(name) => ChaosStep::CheckInvariant(name),
        Plan::Act(name) => ChaosStep::Action(name),
        Plan::If(condition, then, else_) => ChaosStep::If {
            condition,
            then: steps(then),
            else_: steps(else_),
        },
        Plan::Loop(count, inner) => ChaosStep::Loop {
            count: u32::from(count),
            steps: steps(inner),
        },
        Plan::Parallel(branches) => {
            // A branch of several steps: one that is done once.
            let branch = |branch| ChaosStep::Loop {
                count: 1,
                steps: steps(branch),
            };
            ChaosStep::Parallel(branches.into_iter().map(branch).collect())
        }
    }
}
