//! The hidden checks of EX09: a multi-version registry, asked by scripts.
//!
//! Where the contract determines the answer a script's answers are compared with the reference's (`same`): reads, past
//! and present, versions, transactions, what a watch delivers. Revisions are compared as moments of the script, since
//! their numbers are open. What is not determined is judged by laws: revisions only have to rise, the events of one
//! commit may come in any order, a slow watch may end or catch up, a short lease may be raised or refused, and a
//! concurrent history must have a sequential explanation (Herlihy and Wing, *Linearizability*, 1990).
//!
//! # Other designs considered
//! Every check must accept all of these; the sample `perfect` takes each open choice the other way than the reference.
//! - `Mutex<BTreeMap<(String, Revision), Option<KeyValue>>>`: tombstones among the keys, revisions from 2 on, an empty
//!   prefix and the deletion of nothing as errors, one commit a key when a lease ends, leases by `std::time::Instant`
//!   swept by a periodic task: hence no paused clock, hence waiting for the end of a lease by asking again.
//! - `RwLock` and one `broadcast` channel for all watches, each filtering what concerns it: a slow reader lags and its
//!   watch ends. Hence no more than a buffer of events in all, not per watch, where nothing may be lost, and hence one
//!   response for each event is as good as one for each commit.
//! - An actor task that owns the state, asked through `mpsc` with `oneshot` answers: nothing happens between two steps
//!   of a script, so a cancelled watch may keep its place until the next event, and answers cross tasks, hence
//!   operations take effect at some moment between call and return and nothing more is asked of concurrency.
//! - A journal that watchers read at their own pace, woken by a `watch` channel: nothing is ever lost, hence the law of
//!   slow readers knows two right ends.

#[path = "judge/concurrency.rs"]
mod concurrency;
mod driver;
#[path = "judge/keys.rs"]
mod keys;
#[path = "judge/leases.rs"]
mod leases;
#[path = "judge/past.rs"]
mod past;
#[path = "judge/services.rs"]
mod services;
#[path = "judge/transactions.rs"]
mod transactions;
#[path = "judge/watches.rs"]
mod watches;
#[cfg(test)]
mod workload;

use ex09_protocol::{Moment, Operation, Script, Seen, Slot, Step};
use judge::{Case, Objection};
use proptest::{collection::vec, prelude::*, sample::select};

judge::checks! {
    driver::World;
    keys::reads_see_the_last_write,
    keys::deletions_are_counted_and_returned,
    keys::a_put_tells_what_it_replaced,
    keys::an_identical_value_can_be_ignored,
    keys::revisions_rise_with_each_commit,
    keys::the_current_revision_is_the_last_commit,
    keys::versions_follow_the_life_of_a_key,
    keys::keys_carry_their_commits,
    keys::a_prefix_is_an_interval_of_bytes,
    keys::keys_come_in_order,
    keys::keys_only_leaves_values_out,
    past::the_past_can_be_read,
    past::compacted_revisions_are_refused,
    past::compaction_keeps_the_rest,
    past::old_revisions_are_compacted_by_themselves,
    transactions::comparisons_choose_the_branch,
    transactions::revisions_can_be_compared,
    transactions::leases_can_be_compared,
    transactions::operations_run_in_order_as_one_commit,
    transactions::a_refused_transaction_changes_nothing,
    watches::a_watch_delivers_each_event_once_in_order,
    watches::changes_of_many_keys_are_all_heard,
    watches::changes_of_a_transaction_are_all_heard,
    watches::a_watch_replays_from_its_start,
    watches::filtered_events_stay_away,
    watches::deletions_tell_what_was_there,
    watches::responses_never_step_back,
    watches::a_compacted_start_is_refused,
    watches::a_watch_may_begin_after_compaction,
    watches::a_slow_reader_loses_nothing,
    watches::a_slower_reader_sees_no_hole,
    watches::watchers_are_limited,
    watches::a_watch_that_ended_frees_its_place,
    leases::a_lease_takes_its_keys_with_it,
    leases::a_put_sets_the_lease_of_its_key,
    leases::the_end_of_a_lease_is_heard,
    leases::unknown_leases_are_refused,
    leases::a_lease_ends_by_itself,
    leases::an_expiry_is_heard,
    leases::an_expiry_needs_no_caller,
    leases::a_renewed_lease_lasts,
    leases::renewal_restores_the_whole_time,
    leases::short_leases_are_raised_or_refused,
    services::services_are_found_in_their_namespace,
    services::services_are_found_as_registered,
    services::tags_must_all_match,
    services::the_status_filter_is_exact,
    services::a_service_ends_with_its_lease,
    concurrency::concurrent_operations_are_linearizable,
    concurrency::no_increment_is_lost,
    concurrency::concurrent_commits_are_delivered_in_order,
}

/// The keys of most scripts: few, so that they meet, and neighbours, so that prefixes are told apart.
const KEYS: [&str; 6] = ["/a", "/a/", "/a/b", "/a/b/c", "/a0", "/b"];
/// Prefixes of some of them, and of none.
const PREFIXES: [&str; 6] = ["/", "/a", "/a/", "/a/b", "/b", "/c"];

fn key() -> impl Strategy<Value = String> {
    select(KEYS.to_vec()).prop_map(str::to_owned)
}

/// A key of two, for scripts that follow the life of a key.
fn one_of_two() -> impl Strategy<Value = String> {
    select(vec!["/a", "/b"]).prop_map(str::to_owned)
}

fn prefix() -> impl Strategy<Value = String> {
    select(PREFIXES.to_vec()).prop_map(str::to_owned)
}

/// Few values, so that the same is written again.
fn value() -> impl Strategy<Value = u8> {
    0..4_u8
}

/// A moment of the past: the smaller the script, the smaller the moments that are meant.
fn moment() -> impl Strategy<Value = Moment> {
    1..24_u16
}

fn slot() -> impl Strategy<Value = Slot> {
    0..3_u8
}

/// Operations of a transaction.
fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let operation = prop_oneof![
        3 => (key(), value()).prop_map(|(key, value)| Operation::Put(key, value)),
        1 => (key(), value()).prop_map(|(key, value)| Operation::PutGet(key, value)),
        1 => key().prop_map(Operation::Get),
        1 => key().prop_map(Operation::Delete),
        1 => prefix().prop_map(Operation::DeletePrefix),
    ];
    vec(operation, 1..5)
}

/// A script of up to so many steps.
fn script(steps: impl Strategy<Value = Step>, longest: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(steps, 1..longest)
}

/// The law of steps that say themselves whether all is well.
fn all_is_well(case: &Case<'_, Script>, fault: &str) -> Result<(), Objection> {
    let faulty = |seen: &Seen| match seen {
        Seen::age(well) | Seen::outlive(well) | Seen::await_expiry(well) => !well,
        Seen::expire(left) | Seen::expire_unheard(left) => !left.is_empty(),
        Seen::discover_status((found, right)) => found != right,
        _ => false,
    };
    match case.steps().find(|(_, _, seen)| faulty(seen)) {
        Some((at, _, _)) => Err(Objection::at(at, fault)),
        None => Ok(()),
    }
}
