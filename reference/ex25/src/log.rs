//! The coordinator's log: what survives it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::TwoPCPhase;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    /// The transaction.
    pub txn: String,
    /// What was begun or decided.
    pub phase: TwoPCPhase,
}

/// What a coordinator wrote down. Clones are the same log, as a file that is opened twice is the same file.
#[derive(Debug, Clone, Default)]
pub struct TransactionLog {
    records: Arc<Mutex<Vec<LogRecord>>>,
}

impl TransactionLog {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a line.
    pub fn log_phase(&mut self, txn: &str, phase: TwoPCPhase) {
        let record = LogRecord {
            txn: txn.to_owned(),
            phase,
        };
        self.lines().push(record);
    }

    /// All lines, oldest first.
    #[must_use]
    pub fn records(&self) -> Vec<LogRecord> {
        self.lines().clone()
    }

    fn lines(&self) -> MutexGuard<'_, Vec<LogRecord>> {
        // A line is written whole or not at all, so a panic elsewhere spoils nothing.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
