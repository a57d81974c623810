//! What a process may use. Every child has limits; there is no default of "unlimited".

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The resources of one child process and its descendants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Cpu time: the limit that counts.
    pub cpu: Duration,
    /// Wall time: three to five times the cpu time, for processes that sleep or deadlock.
    pub wall: Duration,
    /// Memory, bytes.
    pub memory: u64,
    /// Bytes printed on standard output and error together.
    pub output: u64,
    /// Bytes of one written file.
    pub file_size: u64,
    /// Processes and threads at once.
    pub tasks: u64,
}

impl Limits {
    /// For one call of the compiler or linker.
    pub fn compile() -> Self {
        Self {
            cpu: Duration::from_secs(60),
            wall: Duration::from_secs(180),
            memory: 2 << 30,
            output: 8 << 20,
            file_size: 256 << 20,
            tasks: 64,
        }
    }

    /// For programs of ours: they end by themselves, and these limits only keep a mistake of ours from staying for ever.
    pub fn trusted() -> Self {
        Self {
            cpu: Duration::from_secs(900),
            wall: Duration::from_secs(3600),
            memory: 4 << 30,
            output: 64 << 20,
            file_size: 64 << 20,
            tasks: 256,
        }
    }
}
