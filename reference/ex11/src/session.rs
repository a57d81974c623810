//! What one client is guaranteed, whichever nodes it talks to.

use std::collections::HashMap;

use crate::{CapError, CapSimulator, ConsistencyLevel, ReadResult, WriteResult};

/// The guarantees of a session.
#[derive(Debug)]
pub struct SessionGuarantees {
    /// Its reads show its own writes, or later ones.
    pub read_your_writes: bool,
    /// Its reads never show less than earlier ones.
    pub monotonic_reads: bool,
    /// Its writes go only where its earlier ones have arrived.
    pub monotonic_writes: bool,
}

/// A client with guarantees.
#[derive(Debug)]
pub struct ClientSession {
    guarantees: SessionGuarantees,
    last_read: HashMap<String, u64>,
    last_write: HashMap<String, u64>,
}

impl ClientSession {
    /// A client that has neither read nor written.
    pub fn new(guarantees: SessionGuarantees) -> Self {
        Self {
            guarantees,
            last_read: HashMap::new(),
            last_write: HashMap::new(),
        }
    }

    /// Writes in the name of the client.
    ///
    /// # Errors
    ///
    /// Those of the simulator, and [`CapError::PartitionUnavailable`] if writes must be monotonic and an earlier one is
    /// unknown on the client's side.
    pub async fn write(&mut self, sim: &mut CapSimulator, key: &str, value: Vec<u8>) -> Result<WriteResult, CapError> {
        if self.guarantees.monotonic_writes {
            for (written, version) in &self.last_write {
                if sim.read(written, ConsistencyLevel::Eventual).await?.version < *version {
                    return Err(CapError::PartitionUnavailable);
                }
            }
        }
        let result = sim.write(key, value).await?;
        self.last_write.insert(key.to_owned(), result.version);
        Ok(result)
    }

    /// Reads in the name of the client.
    ///
    /// # Errors
    ///
    /// Those of the simulator, and [`CapError::PartitionUnavailable`] if what can be read is older than what is guaranteed.
    pub async fn read(
        &mut self,
        sim: &mut CapSimulator,
        key: &str,
        level: ConsistencyLevel,
    ) -> Result<ReadResult, CapError> {
        let result = sim.read(key, level).await?;
        let known = |versions: &HashMap<String, u64>, wanted: bool| {
            versions.get(key).copied().filter(|_| wanted).unwrap_or_default()
        };
        let written = known(&self.last_write, self.guarantees.read_your_writes);
        let read = known(&self.last_read, self.guarantees.monotonic_reads);
        if result.version < written.max(read) {
            return Err(CapError::PartitionUnavailable);
        }
        let last = self.last_read.entry(key.to_owned()).or_default();
        *last = (*last).max(result.version);
        Ok(result)
    }
}
