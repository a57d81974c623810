//! Servers: health, reflection, limits and their end.

use ex08_protocol::{CANCELLED, DEADLINE_EXCEEDED, Health, OK, Script, Seen, Step, UNIMPLEMENTED, steps::*};
use judge::{Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::same_as_told;

fn status() -> impl Strategy<Value = Health> {
    select(vec![Health::Serving, Health::NotServing])
}

/// One after another, repetitions left out.
fn changes(heard: &[Health]) -> Vec<Health> {
    let mut heard = heard.to_vec();
    heard.dedup();
    heard
}

/// R14: the last status set is told, and a watcher hears the changes of its service in order.
pub fn health_is_told_in_order(trial: &mut Trial<Script>) -> Verdict {
    let script = (vec(status(), 0..4), vec((any::<bool>(), status()), 0..10))
        .prop_map(|(before, after)| vec![health(before, after)]);
    trial.cases(16).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::health { before, after }, Seen::health((a, b, heard))) = (step, seen) else {
                continue;
            };
            let of = |first: bool| after.iter().filter(move |one| one.0 == first).map(|one| one.1);
            let start = before.last().copied().unwrap_or(Health::Unknown);
            let last = (
                of(true).next_back().unwrap_or(start),
                of(false).next_back().unwrap_or(Health::Unknown),
            );
            if (*a, *b) != last {
                return Err(Objection::at(
                    at,
                    format!("the statuses are {:?}, expected {last:?}", (a, b)),
                ));
            }
            // Whether the present is told first, and a repetition again, is open.
            let mut right = vec![start];
            right.extend(of(true));
            let right = changes(&right);
            let all = [&[start], heard.as_slice()].concat();
            if changes(&all) != right {
                return Err(Objection::at(
                    at,
                    format!("the watcher heard {heard:?}; the changes were {right:?}"),
                ));
            }
        }
        Ok(())
    })
}

/// R15: health and reflection are served if the configuration or the builder says so, and not otherwise.
pub fn health_and_reflection_are_served_if_wanted(trial: &mut Trial<Script>) -> Verdict {
    let script = vec![extras(true, false), extras(false, true), extras(false, false)];
    trial.once(script, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::extras { configured, added }, Seen::extras(codes)) = (step, seen) else {
                continue;
            };
            let right = if *configured || *added { OK } else { UNIMPLEMENTED };
            if *codes != (right, right) {
                let text = format!("the codes of health and reflection are {codes:?}, expected {right} for both");
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R16: a message above the limit is refused, one below it is not, and the server goes on.
pub fn messages_have_a_limit(trial: &mut Trial<Script>) -> Verdict {
    let script = vec![message(1024, 4000), message(20_000, 4000), message(6 << 20, 5 << 20)];
    trial.once(script, |case| {
        same_as_told(case, "a message above the limit is served, or one below it is not")
    })
}

/// R17: a request without a response after `request_timeout_ms` is given up, others are served.
pub fn requests_have_a_timeout(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![timeout()], |case| match case.steps().next() {
        Some((at, _, Seen::timeout((stalled, quick))))
            if ![DEADLINE_EXCEEDED, CANCELLED].contains(stalled) || *quick != OK =>
        {
            let text = format!(
                "a stalled call has code {stalled} (255: none), expected 4 or 1; a quick one {quick}, expected 0"
            );
            Err(Objection::at(at, text))
        }
        _ => Ok(()),
    })
}

/// R18: when the shutdown begins, calls that run are finished, and then the server ends.
pub fn a_shutdown_waits_for_running_calls(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(2)
        .forall((0..4_u8).prop_map(|more| vec![shutdown(more)]), |case| {
            same_as_told(
                case,
                "the server ended before its call, the call was cut, or the server did not end",
            )
        })
}

/// R16: beyond `max_concurrent_connections` a connection is not served until another closes.
pub fn connections_are_limited(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![crowd()], |case| {
        same_as_told(case, "a second connection is served beside the first, or none after it")
    })
}

/// R15: an address in use is a `BindError` of `build`.
pub fn a_taken_address_is_an_error(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![taken()], |case| same_as_told(case, "`build` on an address in use"))
}
