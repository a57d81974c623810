//! A topic: some partitions, and the rule that chooses one for each message.

use crate::log::Log;
use crate::{BrokerError, Message, Offset, PartitionId, TopicConfig};

/// A topic and its partitions.
#[derive(Debug)]
pub(crate) struct Topic {
    /// As it was created, but with the number of partitions that it really has.
    pub(crate) config: TopicConfig,
    partitions: Vec<Log>,
    /// Where the next message without a key goes.
    turn: PartitionId,
}

impl Topic {
    pub(crate) fn new(config: TopicConfig) -> Self {
        let partitions = (0..config.partitions).map(|_| Log::default()).collect();
        Self {
            config,
            partitions,
            turn: 0,
        }
    }

    /// Its partitions in order.
    pub(crate) fn logs(&self) -> impl Iterator<Item = &Log> {
        self.partitions.iter()
    }

    /// Its partitions in order, to be changed.
    pub(crate) fn logs_mut(&mut self) -> impl Iterator<Item = &mut Log> {
        self.partitions.iter_mut()
    }

    /// One of its partitions.
    pub(crate) fn log(&self, partition: PartitionId) -> Result<&Log, BrokerError> {
        let log = self.partitions.get(partition as usize);
        log.ok_or_else(|| BrokerError::PartitionNotFound(self.config.name.clone(), partition))
    }

    /// How many messages it keeps.
    pub(crate) fn len(&self) -> u64 {
        self.partitions.iter().map(|log| log.len() as u64).sum()
    }

    /// Stores a message in the partition that its key chooses.
    pub(crate) fn append(&mut self, message: Message) -> (PartitionId, Offset) {
        let partition = self.route(message.key.as_deref());
        let offset = self.partitions[partition as usize].append(message);
        (partition, offset)
    }

    /// The partition of a key; without one the partitions take turns.
    fn route(&mut self, key: Option<&[u8]>) -> PartitionId {
        let count = self.config.partitions;
        match key {
            Some(key) => (hash(key) % u64::from(count)) as PartitionId,
            None => {
                let partition = self.turn;
                self.turn = (self.turn + 1) % count;
                partition
            }
        }
    }
}

/// FNV-1a, with both halves mixed since its low bits alone vary little. Unlike the standard library's hasher it is the
/// same in every process and every release, and so are the partitions of keys.
fn hash(key: &[u8]) -> u64 {
    let hash = key.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        // The vector of the empty input and of `a`, before the halves are mixed.
        let mixed = |hash: u64| hash ^ (hash >> 32);
        assert_eq!(hash(b""), mixed(0xcbf2_9ce4_8422_2325));
        assert_eq!(hash(b"a"), mixed(0xaf63_dc4c_8601_ec8c));
    }
}
