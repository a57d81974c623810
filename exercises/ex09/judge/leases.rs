//! Leases: what hangs on them, how they end, how they are renewed.

use ex09_protocol::{Script, Seen, Step, steps::*};
use judge::{Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::watches::same_events;
use crate::{all_is_well, key, one_of_two, script, slot, value};

fn granting() -> impl Strategy<Value = Step> {
    (slot(), 1..9_u8).prop_map(|(l, hours)| grant(l, hours))
}

fn attaching() -> impl Strategy<Value = Step> {
    (key(), value(), slot()).prop_map(|(key, value, l)| put_leased(key, value, l))
}

/// R10: a lease knows its keys, and revoking it deletes them and no others.
pub fn a_lease_takes_its_keys_with_it(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => granting(),
        3 => attaching(),
        1 => key().prop_map(delete),
        1 => slot().prop_map(revoke),
        2 => slot().prop_map(lease_keys),
        2 => key().prop_map(get),
    ];
    trial.forall(script(steps, 24), same)
}

/// R10: the last put of a key sets its lease: another one, or none, and it no longer ends with the old one.
pub fn a_put_sets_the_lease_of_its_key(trial: &mut Trial<Script>) -> Verdict {
    let beginning = [grant(0, 1), grant(1, 1)];
    let steps = prop_oneof![
        3 => (one_of_two(), value(), 0..2_u8).prop_map(|(key, value, l)| put_leased(key, value, l)),
        2 => (one_of_two(), value()).prop_map(|(key, value)| put(key, value)),
        1 => (0..2_u8).prop_map(lease_keys),
        1 => one_of_two().prop_map(lease_of),
        1 => (0..2_u8).prop_map(revoke),
        1 => one_of_two().prop_map(get),
    ];
    trial.forall(
        script(steps, 20).prop_map(move |script| [beginning.to_vec(), script].concat()),
        same,
    )
}

/// R8, R10: watchers hear that the keys of a revoked lease are deleted.
pub fn the_end_of_a_lease_is_heard(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => granting(),
        4 => attaching(),
        1 => Just(watch_prefix(0, "/".to_owned())),
        2 => slot().prop_map(revoke),
        1 => Just(drain(0)),
    ];
    trial.forall(script(steps, 24), same_events)
}

/// R10: a lease that was never granted, or has ended, can neither take keys nor be renewed, asked or revoked.
pub fn unknown_leases_are_refused(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        1 => granting(),
        1 => slot().prop_map(revoke),
        1 => attaching(),
        1 => slot().prop_map(lease_keys),
        1 => slot().prop_map(keep_alive),
    ];
    trial.forall(script(steps, 16), same)
}

/// R10: a lease that nobody renews ends, and its keys are gone.
pub fn a_lease_ends_by_itself(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(3)
        .forall(vec(key(), 1..4).prop_map(|keys| vec![expire(keys)]), |case| {
            all_is_well(case, "keys of a lease of 50 ms are still there seconds later")
        })
}

/// R8, R10: watchers hear that the keys of an expired lease are deleted.
pub fn an_expiry_is_heard(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(3)
        .forall(vec(key(), 1..4).prop_map(|keys| vec![expire_unheard(keys)]), |case| {
            all_is_well(case, "keys of a lease that ran out are gone, but no watch heard of it")
        })
}

/// R8, R10: a watch that is waited at hears of an expiry, though nobody calls the registry.
pub fn an_expiry_needs_no_caller(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(1)
        .forall(key().prop_map(|key| vec![await_expiry(key)]), |case| {
            all_is_well(
                case,
                "the key of a lease of 50 ms ended, and a watch that waits was not told in seconds",
            )
        })
}

/// R10: a lease that is renewed in time lasts longer than it was granted for.
pub fn a_renewed_lease_lasts(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(1).forall(Just(vec![outlive("/a".to_owned())]), |case| {
        all_is_well(
            case,
            "a key is gone less than a second after its lease of a second was renewed",
        )
    })
}

/// R10: after a renewal the whole time remains again, and never more.
pub fn renewal_restores_the_whole_time(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![1 => granting(), 2 => slot().prop_map(keep_alive)];
    trial.forall(script(steps, 12), same)
}

/// R10: a lease lasts as long as it was asked for, and is never shorter than the minimum.
pub fn short_leases_are_raised_or_refused(trial: &mut Trial<Script>) -> Verdict {
    let script = (2..100_u16, vec(1..200_u16, 1..4)).prop_map(|(least, asked)| {
        [limit_leases(least)]
            .into_iter()
            .chain(asked.into_iter().map(granted))
            .collect::<Vec<_>>()
    });
    trial.forall(script, |case| {
        let mut least = 5;
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::limit_leases { secs }, _) => least = u64::from(*secs),
                (Step::granted { secs }, Seen::granted(granted)) => {
                    let asked = u64::from(*secs);
                    let right = if asked < least {
                        granted.is_none_or(|granted| granted >= least)
                    } else {
                        *granted == Some(asked)
                    };
                    if !right {
                        return Err(Objection::at(
                            at,
                            format!("{asked} s were asked for, and {least} s are the minimum"),
                        ));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}
