//! The hidden checks of EX13: a key-value store on openraft, asked by scripts.
//!
//! The library is the submission's own affair as long as its contract is kept, so three kinds of scripts are enough:
//! one storage or state machine, by the methods that the library itself would call; calls from node to node; and whole
//! clusters, from which at most one node is away. In the latter the answer to a client never depends on who leads or
//! when, so answers are compared with the reference's (`same`). Where they are not determined, laws judge: what nodes
//! say of themselves must fit together, a node without a majority must not answer, a concurrent history must have a
//! sequential explanation (Herlihy and Wing, *Linearizability*, 1990).
//!
//! Time is virtual, so no verdict depends on how fast the machine is. Waits are bounded by many election timeouts; who
//! reaches such a bound never gets there.
//!
//! # Other designs considered
//! See `notes.md` beside this file.

#[path = "judge/clients.rs"]
mod clients;
#[path = "judge/concurrency.rs"]
mod concurrency;
mod driver;
#[path = "judge/failover.rs"]
mod failover;
#[path = "judge/log.rs"]
mod log;
#[path = "judge/machines.rs"]
mod machines;
#[path = "judge/membership.rs"]
mod membership;
#[path = "judge/metrics.rs"]
mod metrics;
#[path = "judge/network.rs"]
mod network;
#[path = "judge/snapshots.rs"]
mod snapshots;
#[cfg(test)]
mod workload;

use ex13_protocol::{Script, Seen, Step, steps::*};
use judge::{Case, Objection};
use proptest::{collection::vec, prelude::*, sample::select};

judge::checks! {
    driver::World;
    log::the_course_methods_keep_a_log,
    log::the_library_finds_its_log,
    log::both_views_show_the_same_log,
    log::a_purged_log_remembers_its_end,
    log::the_last_vote_is_kept,
    machines::entries_take_effect_in_order,
    machines::each_entry_has_its_response,
    machines::progress_is_told,
    machines::a_snapshot_carries_everything,
    machines::an_installed_snapshot_replaces_everything,
    machines::the_last_snapshot_is_found,
    machines::a_machine_is_opened_at_its_snapshot,
    network::calls_reach_the_node_they_name,
    network::an_isolated_node_is_alone,
    network::nobody_answers_for_an_absent_node,
    clients::a_lone_node_leads,
    clients::a_lone_node_serves_its_client,
    clients::a_node_without_a_cluster_waits,
    clients::nonsense_is_refused,
    clients::a_stopped_node_refuses,
    clients::reads_see_the_last_write,
    clients::followers_name_the_leader,
    clients::a_cluster_is_founded_once,
    failover::acknowledged_writes_survive_the_leader,
    failover::acknowledged_writes_survive_any_node,
    failover::an_isolated_node_shows_nothing,
    failover::an_isolated_node_promises_nothing,
    failover::a_restarted_cluster_remembers,
    failover::votes_are_kept,
    membership::voters_change_as_asked,
    membership::new_voters_hold_what_was_written,
    membership::removed_voters_no_longer_count,
    membership::nobody_is_no_membership,
    membership::a_restart_keeps_the_voters,
    snapshots::a_full_log_is_cut,
    snapshots::a_new_node_is_sent_a_snapshot,
    snapshots::a_late_node_is_sent_a_snapshot,
    snapshots::a_restart_begins_at_the_snapshot,
    metrics::all_nodes_tell_the_same_story,
    metrics::terms_rise_with_each_election,
    metrics::writes_are_counted,
    concurrency::concurrent_operations_are_linearizable,
}

/// Few keys, so that they meet.
fn key() -> impl Strategy<Value = String> {
    select(vec!["a", "b", "c"]).prop_map(str::to_owned)
}

/// Values of several lengths, also empty ones: a key with an empty value is there.
fn value() -> impl Strategy<Value = Vec<u8>> {
    vec(0..4_u8, 0..3)
}

/// What clients do.
fn operation() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (key(), value()).prop_map(|(key, value)| set(key, value)),
        1 => key().prop_map(delete),
        2 => key().prop_map(get),
    ]
}

/// A script of so many steps, with a beginning and an ending.
fn script(
    beginning: Vec<Step>,
    steps: impl Strategy<Value = Step>,
    longest: usize,
    ending: Vec<Step>,
) -> impl Strategy<Value = Vec<Step>> {
    vec(steps, 1..longest).prop_map(move |steps| [beginning.clone(), steps, ending.clone()].concat())
}

/// Reads all keys of `operation`.
fn read_all() -> Vec<Step> {
    ["a", "b", "c"].map(|key| get(key.to_owned())).to_vec()
}

/// The law of steps whose every answer must have some property.
fn each(is_right: impl Fn(&Seen) -> bool, fault: &str) -> impl Fn(&Case<'_, Script>) -> Result<(), Objection> {
    move |case| match case.steps().find(|(_, _, seen)| !is_right(seen)) {
        Some((at, _, _)) => Err(Objection::at(at, fault)),
        None => Ok(()),
    }
}
