//! The hidden checks of EX03: five replicated types, over random scripts.
//!
//! What counters hold, and what a replica reads that merges nothing, the contract determines: such checks compare with
//! the reference (`same`). Sets after merges are judged by the history itself: who had heard of which insertions when it
//! removed. Registers and maps read the wall clock, or do not, so of concurrent writes any may win; their checks ask
//! whether *one* order of the writes, in which a write comes after all that its writer had heard of, explains every
//! answer. The laws of merging need no reference at all: states merged in different ways must look the same.
//!
//! Scripts play by the rules of the contract: a name has one writer, and a copy is a message, which writes nothing.
//!
//! # Other designs considered
//! Every check must accept all of these; the sample `perfect` is all of them at once, but for the clock on the wall.
//! - An OR-Set as the textbook has it: tagged elements and a tombstone for each removed tag, collected or not; an
//!   insertion keeps the tags that its value had, or replaces them. Only values are ever looked at, never tags or sizes of
//!   states, and the cost of a merge is measured with tombstones in mind.
//! - Logical time: a counter per register, per map or per process that merging raises, with no clock on the wall. No check
//!   knows what a unit of time is, which of two concurrent writes is "later", or at what time clocks start. Nanoseconds
//!   on the wall do as well: only clocks that give two writes the same time are refused.
//! - A PN-Counter as one table of `(up, down)` or of `(total, version)` pairs per replica: correct because a name has one
//!   writer, to which scripts keep.
//! - `LWWMap::remove` that writes nothing where the key has no value: then there is nothing to remove, and no later
//!   answer may depend on it. The judge counts such a removal as one that may have been a write.
//! - A map that keeps values apart from the timestamps of all keys ever written, or `Option`s in registers; `keys` in any
//!   order, hence sorted by the driver.

#[path = "judge/counters.rs"]
mod counters;
mod driver;
#[path = "judge/map.rs"]
mod map;
#[path = "judge/register.rs"]
mod register;
#[path = "judge/set.rs"]
mod set;
#[path = "judge/stamps.rs"]
mod stamps;
#[cfg(test)]
mod workload;

use ex03_protocol::Script;

judge::checks! {
    driver::World;
    stamps::timestamps_are_ordered_by_time_then_replica,
    stamps::a_timestamp_keeps_its_replica,
    counters::gcounter_value_is_the_sum,
    counters::gcounter_knows_the_share_of_each_replica,
    counters::gcounter_merge_takes_the_larger_counts,
    counters::gcounter_merge_obeys_the_laws,
    counters::gcounters_converge,
    counters::pncounter_value_is_the_signed_sum,
    counters::pncounter_merge_keeps_both_directions,
    counters::pncounter_merge_obeys_the_laws,
    counters::pncounters_converge,
    register::the_last_set_is_read,
    register::timestamps_grow_with_each_set,
    register::the_largest_timestamp_wins,
    register::one_order_of_writes_explains_every_register,
    register::an_unwritten_register_wins_nothing,
    register::quick_writes_stay_in_order,
    register::register_merge_obeys_the_laws,
    register::registers_converge,
    set::a_set_contains_what_was_inserted,
    set::remove_tells_whether_there_was_something,
    set::a_set_lists_each_value_once,
    set::insertions_survive_removals_that_did_not_see_them,
    set::old_states_bring_nothing_back,
    set::values_agree_after_merges,
    set::set_merge_obeys_the_laws,
    set::sets_converge,
    map::the_last_write_of_a_key_is_read,
    map::keys_are_those_with_a_value,
    map::one_order_of_writes_explains_every_key,
    map::keys_agree_with_values_after_merges,
    map::map_merge_obeys_the_laws,
    map::maps_converge,
}
