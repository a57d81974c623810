//! The hidden checks of EX20: names and texts, a network that fails, a detector, retries and a small system.
//!
//! Where the contract determines the answer it is compared with the reference's (`same`); times are virtual, and a wait is
//! accepted within the bounds of the statement, whatever jitter there is. What is random is judged by counting: of `n`
//! independent draws, the number of those with a property is off its mean by less than a bound of Hoeffding
//! (*Probability inequalities for sums of bounded random variables*, 1963) but for one case in 10^12.
//!
//! Heartbeats are real instants, in hours: a wrong verdict would need a machine that hesitates for an hour.
//! What else was thought of is in notes.md.

#[path = "judge/detector.rs"]
mod detector;
mod driver;
#[path = "judge/ideas.rs"]
mod ideas;
#[path = "judge/network.rs"]
mod network;
#[path = "judge/retry.rs"]
mod retry;
#[path = "judge/system.rs"]
mod system;
#[cfg(test)]
mod workload;

use ex20_protocol::Script;

judge::checks! {
    driver::World;
    ideas::the_eight_fallacies_differ,
    ideas::the_five_reasons_differ,
    ideas::the_seven_challenges_differ,
    ideas::failure_modes_keep_what_they_say,
    ideas::states_and_errors_are_told_apart,
    network::the_presets_are_those_of_the_statement,
    network::rates_of_zero_and_one_are_certain,
    network::losses_follow_their_rate,
    network::partitions_follow_their_rate,
    network::the_two_draws_are_independent,
    network::latencies_stay_within_their_bounds,
    network::latencies_are_uniform,
    network::the_bounds_come_in_either_order,
    network::what_arrives_is_what_was_sent,
    network::messages_travel_at_the_same_time,
    network::messages_can_be_sent_from_tasks,
    network::late_messages_are_timeouts,
    network::errors_come_before_the_timeout,
    detector::a_new_detector_misses_three_beats,
    detector::silence_ends_in_death,
    detector::one_late_beat_kills_nobody,
    detector::the_timeout_is_the_least_patience,
    retry::a_new_handler_is_that_of_the_statement,
    retry::the_first_success_ends_it,
    retry::the_last_error_is_returned,
    retry::calls_are_limited,
    retry::calls_follow_one_another,
    retry::waits_double,
    retry::waits_are_not_much_longer,
    retry::nothing_is_waited_for_after_the_last_call,
    retry::waits_end_at_a_minute,
    retry::without_retries_there_is_one_call,
    retry::a_retry_can_run_in_a_task,
    retry::retries_hide_losses,
    system::failed_nodes_refuse,
    system::partitioned_nodes_cannot_be_reached,
    system::the_others_go_on,
    system::the_network_carries_what_nodes_send,
    system::failures_concern_whom_they_name,
}

/// How far the number of `n` draws with a property may be off its mean: 2 exp(-2 t² / n) = 10^-12.
fn off_by(n: usize) -> f64 {
    (n as f64 * (2e12_f64).ln() / 2.0).sqrt()
}

/// Whether so many of `n` draws, each with this probability, are believable.
fn believable(count: u32, n: usize, probability: f64) -> bool {
    (f64::from(count) - n as f64 * probability).abs() <= off_by(n)
}
