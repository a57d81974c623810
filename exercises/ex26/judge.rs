//! The hidden checks of EX26: formulas on readings that the script makes up, and causality in random histories.
//!
//! What an answer must be is worked out here: sums of readings, and reachability in the graph of events. The reference is not asked, and
//! the machine's clock is never read. `notes.md` says which other designs must pass.

#[path = "judge/causality.rs"]
mod causality;
mod driver;
#[path = "judge/physical.rs"]
mod physical;
#[cfg(test)]
mod workload;

use ex26_protocol::Script;

judge::checks! {
    driver::World;
    physical::skew_has_a_sign,
    physical::skews_are_opposite,
    physical::drift_follows_its_rate,
    physical::drift_has_a_sign,
    physical::an_offset_comes_from_four_readings,
    physical::a_server_that_is_behind_has_a_negative_offset,
    physical::a_right_clock_is_not_moved,
    physical::delay_is_the_time_on_the_way,
    physical::offsets_are_within_half_the_delay,
    physical::a_client_moves_its_clock_by_the_offset,
    physical::the_last_sample_counts,
    physical::nobody_to_ask_is_an_error,
    causality::lamport_times_follow_the_rules,
    causality::causes_have_smaller_times,
    causality::times_are_ordered_totally,
    causality::nodes_break_ties,
    causality::vectors_count_what_is_known,
    causality::comparison_is_causality,
    causality::concurrent_events_are_concurrent,
}
