//! La file d'attente d'un groupe pour une partition.

use crate::types::{ConsumerId, Offset};
use std::collections::VecDeque;
use std::time::Instant;

#[derive(Debug)]
enum State {
    Ready,
    Held { by: ConsumerId, until: Instant },
}

#[derive(Debug)]
struct Entry {
    offset: Offset,
    state: State,
    refusals: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// Ce que le groupe n'a pas encore terminé, dans l'ordre.
    entries: VecDeque<Entry>,
    /// Les premières entrées, qui ont déjà été livrées au moins une fois.
    delivered: usize,
    /// Le dernier message terminé.
    pub(crate) last_done: Option<Offset>,
}

impl Queue {
    pub(crate) fn from(offset: Offset, end: Offset) -> Self {
        let mut queue = Self::default();
        queue.restart(offset, end);
        queue
    }

    pub(crate) fn push(&mut self, offset: Offset) {
        self.entries.push_back(Entry {
            offset,
            state: State::Ready,
            refusals: 0,
        });
    }

    /// Recommence à un offset ; ce qui était détenu est oublié.
    pub(crate) fn restart(&mut self, offset: Offset, end: Offset) {
        self.entries.clear();
        self.delivered = 0;
        (offset..end).for_each(|offset| self.push(offset));
    }

    pub(crate) fn first(&self) -> Option<Offset> {
        self.entries.front().map(|entry| entry.offset)
    }

    pub(crate) fn drop_first(&mut self) {
        self.entries.pop_front();
        self.delivered = self.delivered.saturating_sub(1);
    }

    /// Combien de messages un consumer détient.
    pub(crate) fn held_by(&self, consumer: &str, now: Instant) -> usize {
        let held = |entry: &&Entry| matches!(&entry.state, State::Held { by, until } if by == consumer && *until > now);
        self.entries.iter().take(self.delivered).filter(held).count()
    }

    pub(crate) fn deliver(&mut self, consumer: &str, max: usize, now: Instant, until: Instant) -> Vec<Offset> {
        let mut offsets = Vec::new();
        for entry in self.entries.iter_mut().take(self.delivered) {
            if offsets.len() == max {
                return offsets;
            }
            let is_free = match &entry.state {
                State::Ready => true,
                State::Held { until, .. } => *until <= now,
            };
            if is_free {
                entry.hold(consumer, until);
                offsets.push(entry.offset);
            }
        }
        while offsets.len() < max
            && let Some(entry) = self.entries.get_mut(self.delivered)
        {
            entry.hold(consumer, until);
            offsets.push(entry.offset);
            self.delivered += 1;
        }
        offsets
    }

    /// Livre sans attendre d'acquittement.
    pub(crate) fn hand_out(&mut self, max: usize) -> Vec<Offset> {
        let mut offsets = Vec::new();
        while offsets.len() < max
            && let Some(offset) = self.first()
        {
            self.drop_first();
            self.last_done = Some(offset);
            offsets.push(offset);
        }
        offsets
    }

    pub(crate) fn done(&mut self, offset: Offset) {
        while self.first().is_some_and(|first| first <= offset) {
            self.drop_first();
        }
        self.last_done = self.last_done.max(Some(offset));
    }

    /// Rend à la file tout ce qu'un consumer détient.
    pub(crate) fn give_back(&mut self, consumer: &str) {
        for entry in self.entries.iter_mut().take(self.delivered) {
            if matches!(&entry.state, State::Held { by, .. } if by == consumer) {
                entry.state = State::Ready;
            }
        }
    }

    /// Compte un refus, s'il s'agit d'un message livré.
    pub(crate) fn refuse(&mut self, offset: Offset) -> u32 {
        let entry = self
            .entries
            .iter_mut()
            .take(self.delivered)
            .find(|entry| entry.offset == offset);
        entry.map_or(0, |entry| {
            entry.refusals += 1;
            entry.refusals
        })
    }

    pub(crate) fn remove(&mut self, offset: Offset) {
        let at = self
            .entries
            .iter()
            .take(self.delivered)
            .position(|entry| entry.offset == offset);
        if let Some(at) = at {
            self.entries.remove(at);
            self.delivered -= 1;
        }
    }
}

impl Entry {
    fn hold(&mut self, by: &str, until: Instant) {
        let by = by.to_owned();
        self.state = State::Held { by, until };
    }
}
