//! Acquiring and releasing: who holds what, and by which token.

use ex05_protocol::{Script, Settings, Step, Term, Token, steps::*};
use judge::{Trial, Verdict};
use proptest::prelude::*;

use crate::{Aspect, acquiring, after, client, everything_held, law, lock, long, releasing, script, slot, token};

/// R1: a lock that nobody holds is granted, and one that somebody holds is granted to nobody else.
pub fn one_client_at_a_time_holds_a_lock(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(script(acquiring(), 16), law(&[Aspect::Grant]))
}

/// R1: a client that is refused learns who holds the lock, and until when.
pub fn a_refused_client_learns_who_and_until_when(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(script(acquiring(), 16), law(&[Aspect::Refused]))
}

/// R1: a lease lasts as long as was asked for, or as long as the configuration says.
pub fn a_lease_lasts_as_long_as_asked(trial: &mut Trial<Script>) -> Verdict {
    let term = prop_oneof![2 => long(), 1 => Just(Term::Default)];
    let asking =
        (slot(), lock(), client(), term).prop_map(|(t, lock, client, term)| try_acquire(t, lock, client, term));
    trial.forall(after(configuring(), script(asking, 8)), law(&[Aspect::Lease]))
}

fn configuring() -> impl Strategy<Value = Vec<Step>> {
    (1..100_u8).prop_map(|default_hours| {
        vec![configure(Settings {
            default_hours,
            ..Settings::default()
        })]
    })
}

/// R1: a lease longer than the maximum is refused and grants nothing; the maximum itself is allowed.
pub fn a_lease_beyond_the_maximum_is_refused(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (2..40_u16).prop_flat_map(|max_hours| {
        let settings = Settings {
            max_hours,
            ..Settings::default()
        };
        let asking = (lock(), client(), max_hours - 1..max_hours + 3)
            .prop_map(|(lock, client, hours)| ask_for_hours(lock, client, hours));
        let taking =
            (slot(), lock(), client()).prop_map(|(t, lock, client)| try_acquire(t, lock, client, Term::Default));
        after(
            Just(vec![configure(settings)]),
            script(prop_oneof![2 => asking, 1 => taking], 10),
        )
    });
    trial.forall(scripts, law(&[Aspect::Maximum, Aspect::Grant]))
}

/// R1, R5: a client that asks for a lock that it holds, however it is answered, still holds it.
pub fn a_holder_that_asks_again_keeps_its_lock(trial: &mut Trial<Script>) -> Verdict {
    let asking = |client| {
        (slot(), client, long())
            .prop_map(|(t, client, term): (u8, String, Term)| try_acquire(t, "orders".to_owned(), client, term))
    };
    let steps = prop_oneof![
        3 => asking(Just("A".to_owned()).boxed()),
        1 => asking(client().boxed()),
        2 => slot().prop_map(|t| is_valid("orders".to_owned(), Token::Of(t))),
    ];
    trial.forall(script(steps, 14), law(&[Aspect::Grant, Aspect::Valid, Aspect::Invalid]))
}

/// R2: tokens rise from 1 on, over all locks and clients.
pub fn tokens_rise_over_all_locks(trial: &mut Trial<Script>) -> Verdict {
    let asking =
        (slot(), "[a-z]{1,4}", client(), long()).prop_map(|(t, lock, client, term)| try_acquire(t, lock, client, term));
    trial.forall(script(asking, 16), law(&[Aspect::Order]))
}

/// R2, R3: a token is never given out again, also when the lock was released.
pub fn tokens_rise_after_a_release(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![2 => acquiring(), 1 => own_release()];
    trial.forall(script(steps, 24), law(&[Aspect::Order]))
}

/// Few clients and locks, so that releases often are those of the holder.
fn own_release() -> impl Strategy<Value = Step> {
    (lock(), client(), slot()).prop_map(|(lock, client, t)| release(lock, client, Token::Of(t)))
}

/// Acquisitions and releases of one lock by two clients, each with a slot of its own, for releases that hit.
fn two_clients() -> impl Strategy<Value = Step> {
    let who = prop_oneof![Just((0, "A")), Just((1, "B"))];
    (who, any::<bool>(), long()).prop_map(|((t, client), acquires, term)| {
        if acquires {
            try_acquire(t, "orders".to_owned(), client.to_owned(), term)
        } else {
            release("orders".to_owned(), client.to_owned(), Token::Of(t))
        }
    })
}

/// R3: its holder can release a lock, and from then on it is free.
pub fn a_released_lock_is_free_at_once(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(script(two_clients(), 16), law(&[Aspect::Release, Aspect::Grant]))
}

/// R3: a client that does not hold the lock cannot release it, even by the right token.
pub fn another_client_cannot_release(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![2 => acquiring(), 3 => releasing()];
    trial.forall(script(steps, 16), law(&[Aspect::ReleaseClient, Aspect::Grant]))
}

/// R3: the holder cannot release its lock by another token, smaller or greater.
pub fn another_token_cannot_release(trial: &mut Trial<Script>) -> Verdict {
    let beginning = everything_held(long().boxed());
    let releasing = (lock(), client(), token()).prop_map(|(lock, client, token)| release(lock, client, token));
    let steps = prop_oneof![1 => acquiring(), 3 => releasing];
    trial.forall(
        after(beginning, script(steps, 12)),
        law(&[Aspect::ReleaseToken, Aspect::Grant]),
    )
}

/// R3: releasing again by the same token is no error while nobody else has the lock, and never frees another's lock.
pub fn releasing_again_is_no_error(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(script(two_clients(), 20), law(&[Aspect::ReleaseAgain, Aspect::Grant]))
}

/// R5: of all tokens, only that of the holder is valid.
pub fn only_the_token_of_the_holder_is_valid(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => acquiring(),
        1 => own_release(),
        3 => (lock(), token()).prop_map(|(lock, token)| is_valid(lock, token)),
    ];
    trial.forall(script(steps, 20), law(&[Aspect::Valid, Aspect::Invalid]))
}
