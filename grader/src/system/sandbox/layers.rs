//! Which layers of confinement are in force here, and whether they are enough.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Layer, LayerState};
use crate::system::jail::{ARGUMENT, Findings, Policy, Walls};

/// A layer that a host may lack, and that can be left out to see what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum LayerName {
    /// A user of its own for each job.
    User,
    /// Namespaces: mounts, network, shared memory, process ids.
    Namespaces,
    /// Landlock: files, TCP, signals.
    Landlock,
    /// The filter of system calls.
    Seccomp,
    /// A control group for memory and processes.
    Cgroup,
}

impl LayerName {
    /// As scorecards write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Namespaces => "namespaces",
            Self::Landlock => "landlock",
            Self::Seccomp => "seccomp",
            Self::Cgroup => "cgroup",
        }
    }
}

/// Layers that are left out although the host has them: for tests of what the others hold.
pub type Without = std::collections::BTreeSet<LayerName>;

/// The version of landlock that knows TCP.
const LANDLOCK_TCP: i32 = 4;
/// The version of landlock that keeps signals in.
const LANDLOCK_SCOPE: i32 = 6;

/// The layers of a host by name.
#[derive(Debug, Clone)]
pub(super) struct Layers(Vec<Layer>);

impl Layers {
    /// Supervision alone.
    pub fn new() -> Self {
        let mut layers = Self(Vec::new());
        layers.add("supervision", LayerState::Active);
        layers
    }

    /// Notes a layer.
    pub fn add(&mut self, name: &str, state: LayerState) {
        self.0.push(Layer {
            name: name.to_owned(),
            state,
        });
    }

    /// Notes what a probe found, as far as it is wanted, and gives the walls that jobs get.
    pub fn add_walls(&mut self, found: &Findings, without: &Without) -> Walls {
        let wanted = |name, state| {
            if without.contains(&name) {
                LayerState::Off
            } else {
                state
            }
        };
        let state = |error: Option<&String>| match error {
            None => LayerState::Active,
            Some(reason) => LayerState::Unavailable(reason.clone()),
        };
        let namespaces = wanted(LayerName::Namespaces, state(found.namespaces.as_ref().err()));
        let landlock = wanted(LayerName::Landlock, state(found.landlock.as_ref().err()));
        let seccomp = wanted(LayerName::Seccomp, state(found.seccomp.as_ref().err()));
        let walls = Walls {
            namespaces: found
                .namespaces
                .as_ref()
                .ok()
                .filter(|_| namespaces == LayerState::Active)
                .copied(),
            processes: false,
            landlock: landlock == LayerState::Active,
            seccomp: seccomp == LayerState::Active,
        };
        let part = |least: i32| match &found.landlock {
            Ok(version) if landlock == LayerState::Active && *version < least => LayerState::Unavailable(format!(
                "the kernel's landlock is version {version}, this takes {least}"
            )),
            _ => landlock.clone(),
        };
        let (tcp, scope) = (part(LANDLOCK_TCP), part(LANDLOCK_SCOPE));
        self.add("namespaces", namespaces);
        self.add("landlock", landlock);
        self.add("landlock-tcp", tcp);
        self.add("landlock-scope", scope);
        self.add("seccomp", seccomp);
        walls
    }

    /// Whether a layer is in force.
    pub fn has(&self, name: &str) -> bool {
        self.0
            .iter()
            .any(|layer| layer.name == name && layer.state == LayerState::Active)
    }

    /// What `strict` demands and this host lacks, with what would give it.
    pub fn below_strict(&self) -> Vec<String> {
        const DEMANDS: [(&str, &[&str], &str); 4] = [
            (
                "memory",
                &["cgroup", "seccomp"],
                "a writable control group or a kernel with seccomp",
            ),
            (
                "processes",
                &["seccomp", "namespaces", "user"],
                "a kernel with seccomp, or run as root",
            ),
            (
                "network",
                &["namespaces", "seccomp"],
                "allow user namespaces or use a kernel with seccomp",
            ),
            (
                "files",
                &["landlock", "namespaces"],
                "allow user namespaces or use a kernel with landlock (5.13)",
            ),
        ];
        let lacking = DEMANDS
            .iter()
            .filter(|(_, layers, _)| !layers.iter().any(|layer| self.has(layer)));
        lacking
            .map(|(what, layers, remedy)| {
                let reasons: Vec<String> = self
                    .0
                    .iter()
                    .filter(|layer| layers.contains(&layer.name.as_str()))
                    .map(|layer| format!("{} is {}", layer.name, layer.state))
                    .collect();
                format!(
                    "{what} would not be isolated ({}; remedy: {remedy})",
                    reasons.join(", ")
                )
            })
            .collect()
    }

    /// All of them.
    pub fn all(&self) -> &[Layer] {
        &self.0
    }
}

/// Has a throw-away process find out what works here.
pub(super) fn probe(executable: &Path, policy: &Policy) -> Findings {
    let arguments: [OsString; 2] = [ARGUMENT.into(), policy.to_argument()];
    let output = Command::new(executable)
        .args(arguments)
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    match output {
        Ok(output) => serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| Findings::none(&format!("the process that tried it ended with {}", output.status))),
        Err(error) => Findings::none(&format!("cannot start `{}`: {error}", executable.display())),
    }
}
