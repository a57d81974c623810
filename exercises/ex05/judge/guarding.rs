//! Guards: they hold a lock for as long as they live.
//!
//! Few scripts with few guards: a design with a thread for each guard may take its time to end it.

use ex05_protocol::{Outlived, Script, Seen, Slot, Step, Term, Token, steps::*};
use judge::{Objection, Trial, Verdict};
use proptest::prelude::*;

use crate::{Aspect, after, client, law, lock, long, script, slot};

/// Scripts of a check with guards.
const CASES: u32 = 20;

/// Guards have slots apart from those of other tokens.
fn guard_slot() -> impl Strategy<Value = Slot> {
    10..12_u8
}

fn guarding() -> impl Strategy<Value = Step> {
    (guard_slot(), lock(), client(), long()).prop_map(|(g, lock, client, term)| guard(g, lock, client, term))
}

fn acquiring() -> impl Strategy<Value = Step> {
    (slot(), lock(), client(), long()).prop_map(|(t, lock, client, term)| try_acquire(t, lock, client, term))
}

/// Two guards at most, then other steps.
fn guarded(steps: impl Strategy<Value = Step>, longest: usize) -> impl Strategy<Value = Vec<Step>> {
    after(script(guarding(), 3), script(steps, longest))
}

/// R10: a client gets a guard of a lock that is free, and then nobody else gets the lock; if it is not free, it gets
/// none.
pub fn a_guard_holds_its_lock(trial: &mut Trial<Script>) -> Verdict {
    let scripts = after(script(acquiring(), 4), guarded(acquiring(), 8));
    trial.cases(CASES).forall(scripts, law(&[Aspect::Guard, Aspect::Grant]))
}

/// R2, R5, R10: a guard tells its lock and the token of its grant, which is valid, and new.
pub fn a_guard_tells_its_lock_and_token(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => guard_slot().prop_map(guard_token),
        1 => guard_slot().prop_map(guard_lock),
        2 => (lock(), guard_slot()).prop_map(|(lock, g)| is_valid(lock, Token::Of(g))),
        1 => acquiring(),
        1 => lock().prop_map(info),
    ];
    let wanted = &[Aspect::GuardSays, Aspect::Valid, Aspect::Invalid, Aspect::Info];
    let scripts = after(script(acquiring(), 3), guarded(steps, 12));
    trial.cases(CASES).forall(scripts, law(wanted))
}

/// R10: a guard tells what remains of its lease.
pub fn a_guard_tells_what_remains(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (lock(), client(), long(), 8..16_u8).prop_map(|(lock, client, term, millis)| {
        vec![
            guard(10, lock.clone(), client, term),
            pause(millis),
            info(lock.clone()),
            remaining(10),
            info(lock),
        ]
    });
    trial.cases(4).forall(scripts, law(&[Aspect::Remaining]))
}

/// R10: at the tick after its guard was dropped, a lock is free.
pub fn a_dropped_guard_frees_its_lock(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => guard_slot().prop_map(drop_guard),
        2 => Just(tick_expired()),
        3 => acquiring(),
    ];
    trial.cases(CASES).forall(guarded(steps, 12), law(&[Aspect::Grant]))
}

/// R10: a guard whose lock has another holder by now frees nothing when it is dropped.
pub fn a_late_drop_frees_nobody_else(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (lock(), client(), client(), long(), any::<bool>()).prop_map(|(lock, first, second, term, ticks)| {
        let mut script = vec![
            guard(10, lock.clone(), first.clone(), term),
            guard_token(10),
            release(lock.clone(), first, Token::Of(10)),
            try_acquire(0, lock.clone(), second, term),
        ];
        script.extend(ticks.then(tick_expired));
        script.extend([
            drop_guard(10),
            tick_expired(),
            is_valid(lock.clone(), Token::Of(0)),
            try_acquire(1, lock, "D".to_owned(), Term::Hours(1)),
        ]);
        script
    });
    trial
        .cases(CASES)
        .forall(scripts, law(&[Aspect::Valid, Aspect::Invalid, Aspect::Grant]))
}

/// R10: a guard holds its lock for longer than its lease, if the service ticks.
pub fn a_guard_outlives_its_lease(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![outlive("orders".to_owned())], |case| {
        let lost = case.steps().find(|(_, _, seen)| matches!(seen, Seen::outlive(Outlived::Lost)));
        match lost {
            Some((at, _, _)) => {
                let text = "the guard lives and the service ticks all the time, but the lock was lost when its first lease ended";
                Err(Objection::at(at, text))
            }
            None => Ok(()),
        }
    })
}
