//! Replicated types of one's own, as a pair of functions on a plain state.

/// Says how a plain state replicates: what operations do to it, and how two of them merge.
///
/// Whoever implements it promises what [`crate::StateCrdt`] and [`crate::OpCrdt`] promise: `merge_states` is commutative,
/// associative and idempotent, `initial` is neutral to it, and concurrent operations commute.
///
/// ```
/// use ex17::CustomCrdt;
///
/// /// Whether anybody has raised an alarm.
/// struct Alarm;
///
/// impl CustomCrdt for Alarm {
///     type State = bool;
///     type Op = ();
///
///     fn initial() -> bool {
///         false
///     }
///     fn apply_op(state: &mut bool, (): ()) {
///         *state = true;
///     }
///     fn merge_states(a: &bool, b: &bool) -> bool {
///         *a || *b
///     }
/// }
///
/// let mut state = Alarm::initial();
/// Alarm::apply_op(&mut state, ());
/// assert!(Alarm::merge_states(&Alarm::initial(), &state));
/// ```
pub trait CustomCrdt {
    /// What a replica keeps.
    type State;
    /// What happens to it.
    type Op;

    /// The state of a replica that has heard of nothing.
    fn initial() -> Self::State;

    /// Takes in an operation.
    fn apply_op(state: &mut Self::State, op: Self::Op);

    /// What two replicas have heard of together.
    fn merge_states(a: &Self::State, b: &Self::State) -> Self::State;
}

/// The example: the largest number that anybody has written.
///
/// ```
/// use ex17::{CustomCrdt, MaxRegister};
///
/// let mut record = MaxRegister::initial();
/// MaxRegister::apply_op(&mut record, 7);
/// MaxRegister::apply_op(&mut record, 3);
/// assert_eq!(MaxRegister::merge_states(&record, &5), 7);
/// ```
pub struct MaxRegister;

impl CustomCrdt for MaxRegister {
    type State = i64;
    type Op = i64;

    fn initial() -> i64 {
        i64::MIN
    }

    fn apply_op(state: &mut i64, op: i64) {
        *state = op.max(*state);
    }

    fn merge_states(a: &i64, b: &i64) -> i64 {
        *a.max(b)
    }
}
