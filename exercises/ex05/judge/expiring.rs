//! Leases that run out: what holds when they are over, before anybody has cleaned up.

use ex05_protocol::{Script, Step, Term, Token, steps::*};
use judge::{Trial, Verdict};
use proptest::{collection::vec, prelude::*};

use crate::{
    Aspect, LOCKS, after, client, everything_held, law, lock, long, script, short, slot, some_expired, token, waiting,
};

/// R6: a lock whose lease is over is granted to who asks, without a cleanup; one whose lease is not is not.
pub fn an_expired_lock_is_free(trial: &mut Trial<Script>) -> Verdict {
    let asking =
        (slot(), lock(), client(), long()).prop_map(|(t, lock, client, term)| try_acquire(t, lock, client, term));
    waiting(trial, after(some_expired(), script(asking, 10)), &[Aspect::Grant])
}

/// R2, R6: who takes over an expired lock gets a greater token, also the former holder, also after a cleanup.
pub fn tokens_rise_after_an_expiry(trial: &mut Trial<Script>) -> Verdict {
    let asking =
        (slot(), lock(), client(), long()).prop_map(|(t, lock, client, term)| try_acquire(t, lock, client, term));
    let steps = prop_oneof![4 => asking, 1 => Just(cleanup())];
    waiting(trial, after(some_expired(), script(steps, 10)), &[Aspect::Order])
}

/// R5, R6: no token is valid when the lease is over.
pub fn an_expired_token_is_not_valid(trial: &mut Trial<Script>) -> Verdict {
    let asking = (0..3_u8).prop_map(|t| is_valid(LOCKS[usize::from(t)].to_owned(), Token::Of(t)));
    waiting(trial, after(some_expired(), script(asking, 8)), &[Aspect::Invalid])
}

/// R6, R7: nothing is told of a lock whose lease is over.
pub fn an_expired_lock_is_not_told(trial: &mut Trial<Script>) -> Verdict {
    waiting(
        trial,
        after(some_expired(), script(lock().prop_map(info), 8)),
        &[Aspect::Info],
    )
}

/// R6, R7: a lock whose lease is over is in no list.
pub fn an_expired_lock_is_not_listed(trial: &mut Trial<Script>) -> Verdict {
    let asking = prop_oneof![1 => Just(list()), 2 => client().prop_map(list_client)];
    let wanted = &[Aspect::List, Aspect::ClientList];
    waiting(trial, after(some_expired(), script(asking, 8)), wanted)
}

/// R4, R6: a lease that is over cannot be renewed, not even by its last holder.
pub fn an_expired_lock_cannot_be_renewed(trial: &mut Trial<Script>) -> Verdict {
    let renewing = (0..3_u8, client(), long())
        .prop_map(|(t, client, term)| renew(LOCKS[usize::from(t)].to_owned(), client, Token::Of(t), term));
    waiting(trial, after(some_expired(), script(renewing, 16)), &[Aspect::RenewOver])
}

/// Every lock expires, and is taken over; the new tokens go into other slots than the old ones. Then come late calls
/// and questions.
fn taken_over(late: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    let takeover = vec((client(), long()), LOCKS.len()).prop_map(|taken| {
        let numbered = taken.into_iter().zip(0..);
        let taking = numbered
            .map(|((client, term), t): (_, u8)| try_acquire(10 + t, LOCKS[usize::from(t)].to_owned(), client, term));
        [wait()].into_iter().chain(taking).collect::<Vec<_>>()
    });
    let asking = (0..3_u8).prop_map(|t| is_valid(LOCKS[usize::from(t)].to_owned(), Token::Of(10 + t)));
    after(
        everything_held(short().boxed()),
        after(takeover, script(prop_oneof![3 => late, 2 => asking], 16)),
    )
}

/// R3, R6: whoever releases a lock by an old token, its new holder keeps it.
pub fn who_comes_late_frees_nobody_else(trial: &mut Trial<Script>) -> Verdict {
    let late = (lock(), client(), token()).prop_map(|(lock, client, token)| release(lock, client, token));
    waiting(trial, taken_over(late), &[Aspect::Valid])
}

/// R4, R6: an old token renews nobody else's lease.
pub fn who_comes_late_renews_nothing(trial: &mut Trial<Script>) -> Verdict {
    let late =
        (lock(), client(), token(), long()).prop_map(|(lock, client, token, term)| renew(lock, client, token, term));
    let wanted = &[Aspect::RenewClient, Aspect::RenewToken, Aspect::Valid];
    waiting(trial, taken_over(late), wanted)
}

/// R4, R6: a lease that was renewed in time is in force when its first end is past, and no cleanup ends it.
pub fn a_renewed_lease_outlives_its_first_end(trial: &mut Trial<Script>) -> Verdict {
    let name = |t: u8| LOCKS[usize::from(t)].to_owned();
    let question = (0..3_u8, 0..3_u8).prop_map(move |(t, kind)| match kind {
        0 => is_valid(name(t), Token::Of(t)),
        1 => cleanup(),
        _ => try_acquire(9, name(t), "B".to_owned(), Term::Hours(1)),
    });
    let scripts = (vec((16..22_u8, long()), LOCKS.len()), script(question, 8)).prop_map(move |(leases, rest)| {
        let mut script = Vec::new();
        for ((millis, term), t) in leases.into_iter().zip(0..) {
            script.push(try_acquire(t, name(t), "A".to_owned(), Term::Millis(millis)));
            script.push(renew(name(t), "A".to_owned(), Token::Of(t), term));
        }
        script.push(wait());
        [script, rest].concat()
    });
    let wanted = &[Aspect::Renew, Aspect::Valid, Aspect::CleanupOther, Aspect::Grant];
    trial.cases(3).forall(scripts, law(wanted))
}
