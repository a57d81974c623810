//! Linearizability of recorded concurrent histories.
//!
//! The search of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993) with the memory of Lowe ("Testing for linearizability", 2017):
//! an operation may take effect next if it was called before every operation that is still open returned; a set of done operations with the state
//! they lead to is looked at once. (The crate `stateright` has a tester too, without that memory, beside a web server.)

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

/// States that are looked at. An order that exists is found long before; without this, forged times could keep a judge busy.
const EFFORT: usize = 1 << 17;

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
    // What returned first often took effect first.
    let mut by_return: Vec<usize> = (0..history.len()).collect();
    by_return.sort_by_key(|at| history[*at].returned_at);
    let mut search = Search {
        history,
        by_return,
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
    by_return: Vec<usize>,
    seen: HashSet<(u64, S)>,
    order: Vec<usize>,
    longest: Vec<usize>,
}

impl<S: Sequential> Search<'_, S> {
    /// Whether what is not yet done can follow a state.
    fn explain(&mut self, done: u64, state: &S) -> bool {
        if self.order.len() > self.longest.len() {
            self.longest.clone_from(&self.order);
        }
        let open: Vec<usize> = self
            .by_return
            .iter()
            .copied()
            .filter(|at| done & (1 << at) == 0)
            .collect();
        let Some(first) = open.first() else { return true };
        let first_return = self.history[*first].returned_at;
        // What was called after another returned cannot come before it.
        for at in open
            .into_iter()
            .filter(|at| self.history[*at].called_at <= first_return)
        {
            let next = &self.history[at];
            let Some(after) = state.step(&next.operation, &next.returned) else {
                continue;
            };
            let done = done | (1 << at);
            if self.seen.len() < EFFORT && self.seen.insert((done, after.clone())) {
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

    #[test]
    fn forged_times_do_not_keep_the_search_busy() {
        let mut history: Vec<_> = (0..40).map(|value| write(value, 0, u64::MAX)).collect();
        history.push(read(99, 0, u64::MAX));
        assert!(linearizable(0_u8, &history).is_err());
    }

    /// Tries every order there is.
    fn by_force(state: u8, left: &[Recorded<Option<u8>, u8>]) -> bool {
        left.is_empty()
            || (0..left.len()).any(|at| {
                let mut rest = left.to_vec();
                let next = rest.remove(at);
                rest.iter().all(|other| next.called_at < other.returned_at)
                    && state
                        .step(&next.operation, &next.returned)
                        .is_some_and(|after| by_force(after, &rest))
            })
    }

    proptest::proptest! {
        #[test]
        fn the_search_agrees_with_trying_every_order(
            operations in proptest::collection::vec((proptest::option::of(0..3_u8), 0..3_u8, 0..12_u64, 1..8_u64), 0..7)
        ) {
            let recorded = |(operation, returned, called_at, length)| {
                Recorded { operation, returned, called_at: 2 * called_at, returned_at: 2 * (called_at + length) + 1 }
            };
            let history: Vec<_> = operations.into_iter().map(recorded).collect();
            proptest::prop_assert_eq!(linearizable(0_u8, &history).is_ok(), by_force(0, &history));
        }
    }
}
