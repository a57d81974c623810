//! Scenarios: what shall happen, in which order.

use crate::fault::FaultSpec;
use crate::network::NodeId;
use std::collections::BTreeSet;
use std::time::Duration;

/// A scenario.
#[derive(Debug, Clone)]
pub struct ChaosScenario {
    /// Its name.
    pub name: String,
    /// Its steps, in order.
    pub steps: Vec<ChaosStep>,
}

/// A step of a scenario.
#[derive(Debug, Clone)]
pub enum ChaosStep {
    /// Lets time pass.
    Wait(Duration),
    /// Breaks something.
    InjectFault(FaultSpec),
    /// Repairs what the fault of this id broke.
    RemoveFault(String),
    /// Looks at an invariant.
    CheckInvariant(String),
    /// A named action, told in the log.
    Action(String),
    /// One of two ways.
    If {
        /// The invariant that decides.
        condition: String,
        /// The way if it holds.
        then: Vec<ChaosStep>,
        /// The way if not.
        else_: Vec<ChaosStep>,
    },
    /// The same again.
    Loop {
        /// How many times.
        count: u32,
        /// What.
        steps: Vec<ChaosStep>,
    },
    /// Steps at the same time.
    Parallel(Vec<ChaosStep>),
}

impl ChaosStep {
    /// Adds the nodes that the step names.
    pub(crate) fn name_nodes(&self, nodes: &mut BTreeSet<NodeId>) {
        match self {
            Self::InjectFault(fault) => nodes.extend(fault.target.named()),
            Self::If { then, else_, .. } => then.iter().chain(else_).for_each(|step| step.name_nodes(nodes)),
            Self::Loop { steps, .. } | Self::Parallel(steps) => steps.iter().for_each(|step| step.name_nodes(nodes)),
            Self::Wait(_) | Self::RemoveFault(_) | Self::CheckInvariant(_) | Self::Action(_) => {}
        }
    }
}

/// Builds a scenario step by step.
#[derive(Debug)]
pub struct ScenarioBuilder {
    name: String,
    steps: Vec<ChaosStep>,
}

impl ScenarioBuilder {
    /// A scenario without steps.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            steps: Vec::new(),
        }
    }

    /// Lets time pass.
    pub fn wait(self, duration: Duration) -> Self {
        self.then(ChaosStep::Wait(duration))
    }

    /// Breaks something.
    pub fn inject(self, fault: FaultSpec) -> Self {
        self.then(ChaosStep::InjectFault(fault))
    }

    /// Repairs something.
    pub fn remove_fault(self, id: impl Into<String>) -> Self {
        self.then(ChaosStep::RemoveFault(id.into()))
    }

    /// Looks at an invariant.
    pub fn check_invariant(self, name: impl Into<String>) -> Self {
        self.then(ChaosStep::CheckInvariant(name.into()))
    }

    /// A named action.
    pub fn action(self, name: impl Into<String>) -> Self {
        self.then(ChaosStep::Action(name.into()))
    }

    /// The steps that the function adds to an empty builder, so many times.
    pub fn repeat(self, count: u32, steps: impl FnOnce(Self) -> Self) -> Self {
        let inner = steps(Self::new(self.name.clone())).steps;
        self.then(ChaosStep::Loop { count, steps: inner })
    }

    /// Branches at the same time, the steps of each in order.
    pub fn parallel(self, branches: Vec<Vec<ChaosStep>>) -> Self {
        let branch = |steps| ChaosStep::Loop { count: 1, steps };
        self.then(ChaosStep::Parallel(branches.into_iter().map(branch).collect()))
    }

    /// The scenario.
    pub fn build(self) -> ChaosScenario {
        ChaosScenario {
            name: self.name,
            steps: self.steps,
        }
    }

    fn then(mut self, step: ChaosStep) -> Self {
        self.steps.push(step);
        self
    }
}
