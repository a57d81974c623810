//! Cleaning up and ticking: each expiry is told once, and each that comes soon.

use ex05_protocol::{Script, Settings, Step, Term, Token, steps::*};
use judge::{Trial, Verdict};
use proptest::{collection::vec, prelude::*};

use crate::{Aspect, LOCKS, after, client, law, lock, long, script, short, slot, some_expired, waiting};

/// Other locks than those of [`LOCKS`], so that one table holds more of them.
fn more() -> impl Strategy<Value = Vec<Step>> {
    let term = prop_oneof![2 => short(), 1 => long()];
    vec((client(), term), 0..8).prop_map(|held| {
        let numbered = held.into_iter().zip(10..);
        numbered
            .map(|((client, term), t): (_, u8)| try_acquire(t, format!("lock-{t}"), client, term))
            .collect()
    })
}

/// Locks that were released before their lease could run out.
fn released() -> impl Strategy<Value = Vec<Step>> {
    vec((client(), 8..14_u8), 0..3).prop_map(|held| {
        let numbered = held.into_iter().zip(20..);
        let steps = numbered.map(|((client, millis), t): (_, u8)| {
            let lock = format!("lock-{t}");
            vec![
                try_acquire(t, lock.clone(), client.clone(), Term::Millis(millis)),
                release(lock, client, Token::Of(t)),
            ]
        });
        steps.flatten().collect()
    })
}

/// Many locks, some of which expire, and then such steps.
fn many_expired(steps: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    after(more(), after(some_expired(), script(steps, 5)))
}

/// R8: a cleanup reports each lock that has expired, once.
pub fn a_cleanup_reports_each_expired_lock_once(trial: &mut Trial<Script>) -> Verdict {
    waiting(trial, many_expired(Just(cleanup())), &[Aspect::Cleanup])
}

/// R8: a cleanup neither reports nor frees locks that are held or were released.
pub fn a_cleanup_spares_other_locks(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => Just(cleanup()),
        3 => (0..3_u8).prop_map(|t| is_valid(LOCKS[usize::from(t)].to_owned(), Token::Of(t))),
    ];
    let scripts = after(released(), many_expired(steps));
    trial
        .cases(3)
        .forall(scripts, law(&[Aspect::CleanupOther, Aspect::Valid]))
}

/// R9: ticks tell of each expiry, with who held the lock, once.
pub fn a_tick_tells_each_expiry_once(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![3 => Just(tick_expired()), 1 => Just(pause(3))];
    let scripts = many_expired(steps).prop_map(|script| [script, vec![pause(4), tick_expired()]].concat());
    waiting(trial, scripts, &[Aspect::Expiry])
}

/// R9: ticks tell of no expiry of a lock that is held or was released.
pub fn a_tick_tells_no_other_expiry(trial: &mut Trial<Script>) -> Verdict {
    let scripts = after(released(), many_expired(Just(tick_expired())));
    trial.cases(3).forall(scripts, law(&[Aspect::ExpiryOther]))
}

/// R9: when no more than the margin of a lease remains, a tick tells who should renew it, and what remains.
pub fn a_tick_warns_within_the_margin(trial: &mut Trial<Script>) -> Verdict {
    // Of an hour, all but 3.6 milliseconds; of three hours, all but 11.
    let settings = Settings {
        margin_ppm: 999_999,
        ..Settings::default()
    };
    let leases = vec((client(), 1..4_u8, any::<bool>()), LOCKS.len());
    let scripts = leases.prop_map(move |leases| {
        let mut script = vec![configure(settings.clone())];
        for ((client, hours, renews), t) in leases.into_iter().zip(0..) {
            let (lock, term) = (LOCKS[usize::from(t)].to_owned(), Term::Hours(hours));
            script.push(try_acquire(t, lock.clone(), client.clone(), term));
            script.extend(renews.then(|| renew(lock, client, Token::Of(t), term)));
        }
        script.extend([pause(14), tick_soon(), pause(4), tick_soon()]);
        script
    });
    waiting(trial, scripts, &[Aspect::Warning])
}

/// R9: ticks warn of no lease of which more than the margin remains, and of no lock that is free.
pub fn a_tick_warns_of_nothing_else(trial: &mut Trial<Script>) -> Verdict {
    let configuring = (100_000..900_000_u32).prop_map(|margin_ppm| {
        vec![configure(Settings {
            margin_ppm,
            ..Settings::default()
        })]
    });
    let acquiring =
        (slot(), lock(), client(), long()).prop_map(|(t, lock, client, term)| try_acquire(t, lock, client, term));
    let releasing = (lock(), client(), slot()).prop_map(|(lock, client, t)| release(lock, client, Token::Of(t)));
    let steps = prop_oneof![4 => acquiring, 2 => releasing, 1 => Just(tick_soon()), 1 => Just(pause(1))];
    trial
        .cases(24)
        .forall(after(configuring, script(steps, 14)), law(&[Aspect::WarningOther]))
}
