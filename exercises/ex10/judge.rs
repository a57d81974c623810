//! The hidden checks of EX10: failpoints, network, clock and scenarios, asked by scripts.
//!
//! Where the contract determines the answer it is compared with the reference's (`same`). What is random is judged by
//! counting: of `n` independent draws, the number of those with a property is off its mean by less than a bound of
//! Hoeffding (*Probability inequalities for sums of bounded random variables*, 1963) but for one case in 10^12.

mod driver;
#[path = "judge/network.rs"]
mod network;
#[path = "judge/points.rs"]
mod points;
#[path = "judge/scenarios.rs"]
mod scenarios;
#[path = "judge/time.rs"]
mod time;
#[cfg(test)]
mod workload;

use ex10_protocol::Script;
use proptest::{prelude::*, sample::select};

judge::checks! {
    driver::World;
    points::a_failpoint_does_what_it_is_told,
    points::actions_compose,
    points::conditions_decide,
    points::a_count_runs_out,
    points::every_call_is_a_hit,
    points::probabilities_are_kept,
    points::a_sleeper_delays_only_its_caller,
    points::concurrent_hits_are_all_counted,
    network::partitions_cut_what_they_say,
    network::expired_partitions_cut_nothing,
    network::messages_stop_at_partitions,
    network::latency_rules_add_up,
    network::jitter_stays_in_bounds,
    network::latencies_follow_their_distribution,
    network::losses_follow_their_rates,
    network::rules_concern_their_messages,
    network::the_seed_decides,
    time::the_clock_moves_as_told,
    time::nodes_have_their_own_time,
    time::time_passes_at_its_scale,
    scenarios::steps_run_in_order,
    scenarios::branches_all_run,
    scenarios::conditions_choose_the_way,
    scenarios::violations_are_reported,
    scenarios::all_invariants_can_be_checked,
    scenarios::invariants_may_block,
    scenarios::network_faults_take_effect,
    scenarios::local_faults_take_effect,
    scenarios::faults_expire,
    scenarios::injection_follows_its_probability,
    scenarios::runs_can_be_repeated,
    scenarios::simulated_waits_take_no_time,
    scenarios::the_log_has_it_all,
    scenarios::the_builder_writes_it_down,
}

/// How far the number of `n` draws with a property may be off its mean: 2 exp(-2 t² / n) = 10^-12.
fn off_by(n: usize) -> f64 {
    (n as f64 * (2e12_f64).ln() / 2.0).sqrt()
}

/// Whether so many of `n` draws, each with this probability, are believable.
fn believable(count: usize, n: usize, probability: f64) -> bool {
    (count as f64 - n as f64 * probability).abs() <= off_by(n)
}

fn named(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(names.to_vec()).prop_map(str::to_owned)
}

fn node() -> impl Strategy<Value = u8> {
    0..5_u8
}
