//! What is to be done when: locks by time, the earliest first.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::{FencingToken, LockId};

/// Appointments with locks. The token tells those of the same moment apart, as it belongs to one lock alone.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    appointments: BTreeMap<(Instant, FencingToken), LockId>,
}

impl Agenda {
    pub(crate) fn enter(&mut self, at: Instant, token: FencingToken, lock_id: &LockId) {
        self.appointments.insert((at, token), lock_id.clone());
    }

    pub(crate) fn cancel(&mut self, at: Instant, token: FencingToken) {
        self.appointments.remove(&(at, token));
    }

    /// Takes out the earliest appointment whose time has come.
    pub(crate) fn next_due(&mut self, now: Instant) -> Option<LockId> {
        let first = self.appointments.first_entry()?;
        let (at, _) = first.key();
        (*at <= now).then(|| first.remove())
    }

    pub(crate) fn len(&self) -> usize {
        self.appointments.len()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn appointments_come_in_order_and_not_before_their_time() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut agenda = Agenda::default();
        agenda.enter(start + second * 2, FencingToken(1), &"late".to_owned());
        agenda.enter(start + second, FencingToken(2), &"early".to_owned());
        agenda.enter(start + second, FencingToken(3), &"cancelled".to_owned());
        agenda.cancel(start + second, FencingToken(3));

        assert_eq!(agenda.next_due(start), None);
        assert_eq!(agenda.next_due(start + second).as_deref(), Some("early"));
        assert_eq!(agenda.next_due(start + second), None);
        assert_eq!(agenda.next_due(start + second * 3).as_deref(), Some("late"));
        assert_eq!(agenda.len(), 0);
    }
}
