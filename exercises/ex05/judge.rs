//! The hidden checks of EX05: a lock service, asked by scripts, on a clock that is never believed further than it goes.
//!
//! Nothing is compared with the reference here, because every answer depends on the time. Each step says between which
//! moments it was carried out, and a model of the contract (`model.rs`) says what may be answered then: a lease that
//! ends after the later moment was in force, one that ended before the earlier was over, and in between either answer
//! is right. Scripts that ask what holds during a lease take leases of hours; scripts that ask what holds after it take
//! leases of milliseconds and wait until they are past. So a loaded machine can make a check see less, but never wrong.
//!
//! A check objects only to what it is about: the same scripts serve several, and one mistake costs few of them.
//!
//! # Other designs considered
//! Every check must accept all of these; the samples `perfect` and `renews-at-each-call` are two of them, and take the
//! open choices each in another way than the reference.
//! - A thread for each guard, which renews the lease and ends by a condition variable, over a table that counts
//!   milliseconds since the service began. Hence two milliseconds of slack around every moment; hence a guard's lease may
//!   be prolonged at any time, so only its earliest end is known; hence few scripts with guards, as a thread may
//!   outlive its guard until it wakes up.
//! - A service without a lock or a thread of its own, where a guard is a flag that the service looks at whenever it is
//!   called: a dropped guard frees its lock at the next tick only, and nothing is asked before.
//! - A sweep of all expired locks at the beginning of each call, so that the table only holds locks in force: then
//!   `cleanup_expired` may find nothing left to report. Hence an expiry must be told only if no other call came between
//!   it and the question.
//! - A queue of expiries that are told even after somebody else took the lock over: hence such a report, late by one
//!   holder, is accepted.
//! - Reentrant locks, by a renewal, by a new token or by a count of releases: hence who asks for a lock that he holds
//!   may be answered in any way, as long as nobody else gets it.
//! - Idempotence by remembering who released last, or by accepting every token that is past: hence a repeated release
//!   must be accepted only while the lock is free, and otherwise must merely do no harm.
//! - Renewals counted from now, from the former end, or never to shorten a lease: hence two bounds instead of an end.

#[path = "judge/asking.rs"]
mod asking;
mod driver;
#[path = "judge/expiring.rs"]
mod expiring;
#[path = "judge/guarding.rs"]
mod guarding;
#[path = "judge/holding.rs"]
mod holding;
#[path = "judge/model.rs"]
mod model;
#[path = "judge/renewing.rs"]
mod renewing;
#[path = "judge/sharing.rs"]
mod sharing;
#[path = "judge/ticking.rs"]
mod ticking;
#[cfg(test)]
mod workload;

use ex05_protocol::{Script, Slot, Step, Term, Token, steps::*};
use judge::{Trial, Verdict};
use model::{Aspect, law};
use proptest::{collection::vec, prelude::*, sample::select};

judge::checks! {
    driver::World;
    holding::one_client_at_a_time_holds_a_lock,
    holding::a_refused_client_learns_who_and_until_when,
    holding::a_lease_lasts_as_long_as_asked,
    holding::a_lease_beyond_the_maximum_is_refused,
    holding::a_holder_that_asks_again_keeps_its_lock,
    holding::tokens_rise_over_all_locks,
    holding::tokens_rise_after_a_release,
    holding::a_released_lock_is_free_at_once,
    holding::another_client_cannot_release,
    holding::another_token_cannot_release,
    holding::releasing_again_is_no_error,
    holding::only_the_token_of_the_holder_is_valid,
    renewing::a_renewal_prolongs_the_lease,
    renewing::another_client_cannot_renew,
    renewing::another_token_cannot_renew,
    renewing::an_extension_beyond_the_maximum_is_refused,
    renewing::a_released_lock_cannot_be_renewed,
    asking::a_lock_is_told_as_it_was_granted,
    asking::metadata_is_kept,
    asking::every_lock_in_force_is_listed,
    asking::a_client_s_own_locks_are_listed,
    expiring::an_expired_lock_is_free,
    expiring::tokens_rise_after_an_expiry,
    expiring::an_expired_token_is_not_valid,
    expiring::an_expired_lock_is_not_told,
    expiring::an_expired_lock_is_not_listed,
    expiring::an_expired_lock_cannot_be_renewed,
    expiring::who_comes_late_frees_nobody_else,
    expiring::who_comes_late_renews_nothing,
    expiring::a_renewed_lease_outlives_its_first_end,
    ticking::a_cleanup_reports_each_expired_lock_once,
    ticking::a_cleanup_spares_other_locks,
    ticking::a_tick_tells_each_expiry_once,
    ticking::a_tick_tells_no_other_expiry,
    ticking::a_tick_warns_within_the_margin,
    ticking::a_tick_warns_of_nothing_else,
    guarding::a_guard_holds_its_lock,
    guarding::a_guard_tells_its_lock_and_token,
    guarding::a_guard_tells_what_remains,
    guarding::a_dropped_guard_frees_its_lock,
    guarding::a_late_drop_frees_nobody_else,
    guarding::a_guard_outlives_its_lease,
    sharing::threads_share_a_service,
}

/// Scripts of a check whose leases must run out: each of them waits.
const WAITING: u32 = 4;

/// The locks of most scripts. Few, so that clients meet.
const LOCKS: [&str; 3] = ["orders", "users", "été"];
/// Their clients.
const CLIENTS: [&str; 3] = ["A", "B", "C"];

fn lock() -> impl Strategy<Value = String> {
    select(LOCKS.to_vec()).prop_map(str::to_owned)
}

fn client() -> impl Strategy<Value = String> {
    select(CLIENTS.to_vec()).prop_map(str::to_owned)
}

fn slot() -> impl Strategy<Value = Slot> {
    0..4_u8
}

/// Leases that no script outlasts.
fn long() -> impl Strategy<Value = Term> {
    (1..9_u8).prop_map(Term::Hours)
}

/// Leases that run out while a script waits, and not before it comes to that.
fn short() -> impl Strategy<Value = Term> {
    (4..6_u8).prop_map(Term::Millis)
}

/// The acquisition of a lock for hours.
fn acquiring() -> impl Strategy<Value = Step> {
    (slot(), lock(), client(), long()).prop_map(|(t, lock, client, term)| try_acquire(t, lock, client, term))
}

/// A release, most often with a token that was given out.
fn releasing() -> impl Strategy<Value = Step> {
    (lock(), client(), slot()).prop_map(|(lock, client, t)| release(lock, client, Token::Of(t)))
}

/// The token of a slot, or a neighbour of it.
fn token() -> impl Strategy<Value = Token> {
    prop_oneof![
        2 => slot().prop_map(Token::Of),
        1 => slot().prop_map(Token::Above),
        1 => slot().prop_map(Token::Below),
    ]
}

/// A script of up to so many steps.
fn script(steps: impl Strategy<Value = Step>, longest: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(steps, 1..longest)
}

/// A script that begins with these steps.
fn after(
    beginning: impl Strategy<Value = Vec<Step>>,
    rest: impl Strategy<Value = Vec<Step>>,
) -> impl Strategy<Value = Vec<Step>> {
    (beginning, rest).prop_map(|(beginning, rest)| [beginning, rest].concat())
}

/// Each lock is acquired by some client, and its token goes into the slot of the same number.
fn everything_held(term: impl Strategy<Value = Term> + Clone) -> impl Strategy<Value = Vec<Step>> {
    vec((client(), term), LOCKS.len()).prop_map(|held| {
        let numbered = LOCKS.iter().zip(0..);
        held.into_iter()
            .zip(numbered)
            .map(|((client, term), (lock, t))| try_acquire(t, (*lock).to_owned(), client, term))
            .collect()
    })
}

/// Some locks, held for hours or for milliseconds, and a wait until the latter are over.
fn some_expired() -> impl Strategy<Value = Vec<Step>> {
    let term = prop_oneof![2 => short(), 1 => long()];
    everything_held(term.boxed()).prop_map(|mut script| {
        script.push(wait());
        script
    })
}

/// A check of scripts that wait.
fn waiting(trial: &mut Trial<Script>, scripts: impl Strategy<Value = Vec<Step>>, wanted: &'static [Aspect]) -> Verdict {
    trial.cases(WAITING).forall(scripts, law(wanted))
}
