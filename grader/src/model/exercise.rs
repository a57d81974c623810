//! What an exercise.toml means.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ids::ExerciseId;
use super::limits::Limits;

/// One exercise of the course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// Which.
    pub id: ExerciseId,
    /// Its name, `VectorClock`.
    pub title: String,
    /// What it is about, one line.
    pub summary: String,
    /// The file of a submission that holds its public items, `src/lib.rs`.
    pub entry: String,
    /// The crates that a submission may use.
    #[serde(default)]
    pub crates: Vec<String>,
    /// Whether its processes may talk to each other over loopback.
    #[serde(default)]
    pub network: Network,
    /// Whether a build script generates code for it: then the reference's runs when the kit is built, a submission includes what it
    /// generated from `OUT_DIR`, and a build script in the submission is expected and ignored.
    #[serde(default)]
    pub generated: bool,
    /// Modules of `std` and `tokio` that a submission may use although the policy refuses them elsewhere. `network = "loopback"` gives
    /// `std::net` and `tokio::net` by itself.
    #[serde(default)]
    pub allows: Vec<Module>,
    /// What each process may use, where it differs from the usual.
    #[serde(default)]
    pub limits: ProcessLimits,
    /// What the statement asks for.
    #[serde(rename = "requirement")]
    pub requirements: Vec<Requirement>,
    /// What is timed and counted.
    #[serde(default, rename = "budget")]
    pub budgets: Vec<Budget>,
}

/// What network an exercise has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// None.
    #[default]
    None,
    /// The machine's own addresses.
    Loopback,
}

/// A module that the policy refuses unless the exercise allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Module {
    /// Other processes, and the end of this one.
    #[serde(rename = "std::process")]
    StdProcess,
    /// Files.
    #[serde(rename = "std::fs")]
    StdFs,
    /// Sockets.
    #[serde(rename = "std::net")]
    StdNet,
    /// Environment variables and arguments.
    #[serde(rename = "std::env")]
    StdEnv,
    /// What one kind of system has.
    #[serde(rename = "std::os")]
    StdOs,
    /// Other processes.
    #[serde(rename = "tokio::process")]
    TokioProcess,
    /// Files.
    #[serde(rename = "tokio::fs")]
    TokioFs,
    /// Sockets.
    #[serde(rename = "tokio::net")]
    TokioNet,
}

impl Module {
    /// All of them by their names.
    pub const NAMED: [(&str, Self); 8] = [
        ("std::process", Self::StdProcess),
        ("std::fs", Self::StdFs),
        ("std::net", Self::StdNet),
        ("std::env", Self::StdEnv),
        ("std::os", Self::StdOs),
        ("tokio::process", Self::TokioProcess),
        ("tokio::fs", Self::TokioFs),
        ("tokio::net", Self::TokioNet),
    ];

    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, module)| *module)
    }
}

impl Exercise {
    /// Whether a submission may use a module.
    pub fn may_use(&self, module: Module) -> bool {
        let sockets = matches!(module, Module::StdNet | Module::TokioNet);
        self.allows.contains(&module) || sockets && self.network == Network::Loopback
    }
}

/// What one process of an exercise may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProcessLimits {
    /// Cpu time of one check or one script, milliseconds.
    pub cpu_ms: u64,
    /// Memory, MiB.
    pub memory_mib: u64,
    /// Output of a check, KiB.
    pub output_kib: u64,
    /// Threads at once.
    pub threads: u64,
    /// Cpu time of one call of the compiler, milliseconds.
    pub compile_cpu_ms: u64,
}

impl Default for ProcessLimits {
    fn default() -> Self {
        Self {
            cpu_ms: 2000,
            memory_mib: 512,
            output_kib: 256,
            threads: 8,
            compile_cpu_ms: 60_000,
        }
    }
}

impl ProcessLimits {
    /// As the sandbox takes them. Wall time is five times the cpu time, for what sleeps or waits for ever.
    pub fn limits(&self) -> Limits {
        let cpu = Duration::from_millis(self.cpu_ms);
        Limits {
            cpu,
            wall: cpu * 5,
            memory: self.memory_mib << 20,
            output: self.output_kib << 10,
            file_size: 16 << 20,
            tasks: self.threads + 4,
        }
    }

    /// For one call of the compiler or linker. Wall time is three times the cpu time: compilers do not wait for anything.
    pub fn compiling(&self) -> Limits {
        let cpu = Duration::from_millis(self.compile_cpu_ms);
        Limits {
            cpu,
            wall: cpu * 3,
            ..Limits::compile()
        }
    }
}

/// A numbered requirement of the statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// `R1`.
    pub id: String,
    /// What it asks for.
    pub text: String,
    /// The concepts of the course that it is about, `5.4.4.k`.
    pub concepts: Vec<String>,
}

/// A budget: a workload and what it may cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Its name.
    pub id: String,
    /// The requirement that it belongs to.
    pub requirement: String,
    /// The function of workload.rs.
    pub workload: String,
    /// What is bounded.
    pub kind: BudgetUnit,
    /// For time and allocations: the size.
    #[serde(default)]
    pub size: Option<u64>,
    /// For growth: the sizes, rising.
    #[serde(default)]
    pub sizes: Vec<u64>,
    /// The bound.
    pub limit: f64,
}

/// What a budget bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BudgetUnit {
    /// Cpu time as a multiple of the reference's.
    Time,
    /// The exponent by which the cost grows with the size.
    Growth,
    /// Allocations of one operation.
    Allocations,
}
