//! Le stockage : les partitions d'un topic et le choix de l'une d'elles.

use crate::types::*;
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

#[derive(Debug)]
struct Stored {
    arrival: Instant,
    message: Message,
}

#[derive(Debug, Default)]
pub(crate) struct Partition {
    removed: u64,
    stored: VecDeque<Stored>,
}

impl Partition {
    pub(crate) fn first(&self) -> Offset {
        self.removed
    }

    pub(crate) fn end(&self) -> Offset {
        self.removed + self.stored.len() as u64
    }

    pub(crate) fn len(&self) -> usize {
        self.stored.len()
    }

    fn stored(&self, offset: Offset) -> Option<&Stored> {
        self.stored.get(offset.checked_sub(self.removed)? as usize)
    }

    pub(crate) fn message(&self, offset: Offset) -> Option<&Message> {
        self.stored(offset).map(|stored| &stored.message)
    }

    /// Vrai aussi pour un message déjà supprimé.
    pub(crate) fn is_expired(&self, offset: Offset, retention: Duration, now: Instant) -> bool {
        self.stored(offset)
            .is_none_or(|stored| now.duration_since(stored.arrival) >= retention)
    }

    pub(crate) fn push(&mut self, message: Message) -> Offset {
        let offset = self.end();
        self.stored.push_back(Stored {
            arrival: Instant::now(),
            message,
        });
        offset
    }

    pub(crate) fn cleanup(&mut self, retention: Duration, now: Instant) -> usize {
        let before = self.stored.len();
        while self.len() > 0 && self.is_expired(self.removed, retention, now) {
            self.stored.pop_front();
            self.removed += 1;
        }
        before - self.stored.len()
    }
}

#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) config: TopicConfig,
    pub(crate) partitions: Vec<Partition>,
}

impl Topic {
    pub(crate) fn partition(&self, number: PartitionId) -> Result<&Partition, BrokerError> {
        self.partitions
            .get(number as usize)
            .ok_or_else(|| BrokerError::PartitionNotFound(self.config.name.clone(), number))
    }

    /// La partition d'une clé ; sans clé, la moins remplie.
    pub(crate) fn choose(&self, key: Option<&Vec<u8>>) -> PartitionId {
        let count = self.partitions.len();
        let chosen = match key {
            Some(key) => {
                let mut hasher = DefaultHasher::new();
                key.hash(&mut hasher);
                (hasher.finish() % count as u64) as usize
            }
            None => (0..count)
                .min_by_key(|number| self.partitions[*number].len())
                .unwrap_or_default(),
        };
        chosen as PartitionId
    }
}
