//! Linearizability of recorded concurrent histories.
//!
//! The search of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993) with the memory of Lowe ("Testing for linearizability", 2017):
//! an operation may take effect next if it was called before every operation that is still open returned; a set of done operations with the state
//! they lead to is looked at once.

use std::collections::HashSet;
use std::hash::Hash;

/// What an object does when operations come one after another.
pub trait Sequential: Clone + Eq + Hash {
    /// An operation with its arguments.
    type Operation;
    /// What it returned.
    type Returned;

    /// Whether the operation may return this now; if so, the state after it.
    fn step(&self, operation: &Self::Operation, returned: &Self::Returned) -> Option<Self>;
}

/// An operation of a history. The clock counts calls and returns: what returned before another was called has the smaller number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded<O, R> {
    /// The operation.
    pub operation: O,
    /// What it returned.
    pub returned: R,
    /// When it was called.
    pub called_at: u64,
    /// When it returned.
    pub returned_at: u64,
}

/// The histories that are searched are short; a set of operations is a word.
pub const LONGEST: usize = 64;

/// Whether some order of the operations that respects the clock explains what each returned.
///
/// On failure gives the longest explained order that was found, as positions in the history.
///
/// # Panics
/// If the history has more than [`LONGEST`] operations.
pub fn linearizable<S: Sequential>(
    initial: S,
    history: &[Recorded<S::Operation, S::Returned>],
) -> Result<(), Vec<usize>> {
    assert!(
        history.len() <= LONGEST,
        "a history of {} operations is too long to search",
        history.len()
    );
    let mut search = Search {
        history,
        seen: HashSet::new(),
        order: Vec::new(),
        longest: Vec::new(),
    };
    if search.explain(0, &initial) {
        Ok(())
    } else {
        Err(search.longest)
    }
}

struct Search<'h, S: Sequential> {
    history: &'h [Recorded<S::Operation, S::Returned>],
    seen: HashSet<(u64, S)>,
    order: Vec<usize>,
    longest: Vec<usize>,
}

impl<S: Sequential> Search<'_, S> {
    fn explain(&mut self, done: u64, state: &S) -> bool {
        if self.order.len() > self.longest.len() {
            self.longest.clone_from(&self.order);
        }
        let open = |at: &usize| done & (1 << at) == 0;
        let Some(first_return) = (0..self.history.len())
            .filter(open)
            .map(|at| self.history[at].returned_at)
            .min()
        else {
            return true;
        };
        for at in (0..self.history.len()).filter(open) {
            let next = &self.history[at];
            if next.called_at > first_return {
                continue;
            }
            let Some(after) = state.step(&next.operation, &next.returned) else {
                continue;
            };
            let done = done | (1 << at);
            if self.seen.insert((done, after.clone())) {
                self.order.push(at);
                if self.explain(done, &after) {
                    return true;
                }
                self.order.pop();
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A register: `Some` writes, `None` reads what is returned.
    impl Sequential for u8 {
        type Operation = Option<u8>;
        type Returned = u8;

        fn step(&self, operation: &Option<u8>, returned: &u8) -> Option<u8> {
            match operation {
                Some(value) => Some(*value),
                None => (returned == self).then_some(*self),
            }
        }
    }

    fn write(value: u8, called_at: u64, returned_at: u64) -> Recorded<Option<u8>, u8> {
        Recorded {
            operation: Some(value),
            returned: 0,
            called_at,
            returned_at,
        }
    }

    fn read(returned: u8, called_at: u64, returned_at: u64) -> Recorded<Option<u8>, u8> {
        Recorded {
            operation: None,
            returned,
            called_at,
            returned_at,
        }
    }

    #[test]
    fn overlapping_operations_may_take_effect_in_either_order() {
        assert_eq!(linearizable(0_u8, &[write(1, 0, 3), read(0, 1, 2)]), Ok(()));
        assert_eq!(linearizable(0_u8, &[write(1, 0, 3), read(1, 1, 2)]), Ok(()));
    }

    #[test]
    fn a_stale_read_after_a_finished_write_is_refused() {
        assert_eq!(linearizable(0_u8, &[write(1, 0, 1), read(0, 2, 3)]), Err(vec![0]));
    }

    #[test]
    fn two_readers_must_agree_on_the_order_of_two_writes() {
        let history = [
            write(1, 0, 9),
            write(2, 1, 8),
            read(1, 2, 3),
            read(2, 4, 5),
            read(1, 6, 7),
        ];
        assert!(linearizable(0_u8, &history).is_err());
        assert_eq!(linearizable(0_u8, &history[..4]), Ok(()));
    }

    #[test]
    fn a_value_that_nobody_wrote_is_refused() {
        assert!(linearizable(0_u8, &[write(1, 0, 5), read(7, 1, 2)]).is_err());
    }
}
