//! Renewing leases that are in force.

use ex05_protocol::{Script, Settings, Step, Term, Token, steps::*};
use judge::{Trial, Verdict};
use proptest::prelude::*;

use crate::{Aspect, after, client, everything_held, law, lock, long, releasing, script, slot, token};

fn held_for_hours() -> impl Strategy<Value = Vec<Step>> {
    everything_held(long().boxed())
}

/// Renewals by tokens that were given out.
fn renewing(client: impl Strategy<Value = String>, term: impl Strategy<Value = Term>) -> impl Strategy<Value = Step> {
    (lock(), client, slot(), term).prop_map(|(lock, client, t, term)| renew(lock, client, Token::Of(t), term))
}

/// What a script with one client does: its locks have the slots of their numbers.
fn own_locks(term: impl Strategy<Value = Term>) -> impl Strategy<Value = Step> {
    let own = prop_oneof![Just((0, "orders")), Just((1, "users")), Just((2, "été"))];
    (own, term).prop_map(|((t, lock), term)| renew(lock.to_owned(), "A".to_owned(), Token::Of(t), term))
}

fn own_acquisitions() -> Vec<Step> {
    let own = [(0, "orders", 1), (1, "users", 3), (2, "été", 8)];
    own.map(|(t, lock, hours)| try_acquire(t, lock.to_owned(), "A".to_owned(), Term::Hours(hours)))
        .to_vec()
}

/// R4: a renewal prolongs the lease, from now or from its former end, and the new end is told everywhere.
pub fn a_renewal_prolongs_the_lease(trial: &mut Trial<Script>) -> Verdict {
    let term = prop_oneof![3 => long(), 1 => Just(Term::Default)];
    let steps = prop_oneof![
        3 => own_locks(term),
        2 => lock().prop_map(info),
        1 => lock().prop_map(|lock| try_acquire(3, lock, "B".to_owned(), Term::Default)),
    ];
    trial.forall(
        after(Just(own_acquisitions()), script(steps, 12)),
        law(&[Aspect::Renew, Aspect::Extension, Aspect::Info, Aspect::Refused]),
    )
}

/// R4: a client that does not hold the lock cannot renew its lease, even by the right token.
pub fn another_client_cannot_renew(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![3 => renewing(client(), long()), 1 => lock().prop_map(info)];
    trial.forall(
        after(held_for_hours(), script(steps, 12)),
        law(&[Aspect::RenewClient, Aspect::Info]),
    )
}

/// R4: the holder cannot renew its lease by another token, smaller or greater.
pub fn another_token_cannot_renew(trial: &mut Trial<Script>) -> Verdict {
    let renewing = (lock(), token(), long()).prop_map(|(lock, token, term)| renew(lock, "A".to_owned(), token, term));
    let steps = prop_oneof![3 => renewing, 1 => lock().prop_map(info)];
    trial.forall(
        after(Just(own_acquisitions()), script(steps, 12)),
        law(&[Aspect::RenewToken, Aspect::Info]),
    )
}

/// R4: an extension longer than the maximum is refused; the maximum itself is allowed.
pub fn an_extension_beyond_the_maximum_is_refused(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (9..60_u16).prop_flat_map(|max_hours| {
        let settings = Settings {
            max_hours,
            ..Settings::default()
        };
        let beyond = (0..3_u8, max_hours + 1..max_hours + 4).prop_map(|(t, hours)| {
            let lock = crate::LOCKS[usize::from(t)].to_owned();
            renew_for_hours(lock, "A".to_owned(), Token::Of(t), hours)
        });
        let steps = prop_oneof![3 => beyond, 1 => lock().prop_map(info)];
        let most = renew_for_hours("orders".to_owned(), "A".to_owned(), Token::Of(0), max_hours);
        let acquired = [vec![configure(settings)], own_acquisitions()].concat();
        after(Just(acquired), script(steps, 8)).prop_map(move |script| [script, vec![most.clone()]].concat())
    });
    trial.forall(scripts, law(&[Aspect::Maximum, Aspect::Info]))
}

/// R4: a lock that was released has no lease to renew, and stays free.
pub fn a_released_lock_cannot_be_renewed(trial: &mut Trial<Script>) -> Verdict {
    let own_release =
        (0..3_u8).prop_map(|t| release(crate::LOCKS[usize::from(t)].to_owned(), "A".to_owned(), Token::Of(t)));
    let steps = prop_oneof![
        2 => own_release,
        1 => releasing(),
        3 => own_locks(long()),
        1 => (lock(), 0..3_u8).prop_map(|(lock, t)| is_valid(lock, Token::Of(t))),
    ];
    trial.forall(
        after(Just(own_acquisitions()), script(steps, 12)),
        law(&[Aspect::RenewOver, Aspect::Invalid]),
    )
}
