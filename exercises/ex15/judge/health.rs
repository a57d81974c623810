//! Probes of a server on the loopback.

use ex15_protocol::{Answer, Script, Seen, Step, steps::*};
use judge::{Objection, Trial, Verdict};
use proptest::{prelude::*, sample::select};

fn is_well(answer: Answer) -> bool {
    matches!(answer, Answer::Status(200..=299))
}

/// Objects to the first probe that this says something about.
fn check(
    trial: &mut Trial<Script>,
    cases: u32,
    scripts: impl Strategy<Value = Vec<Step>>,
    wrong: impl Fn(&Step, &Seen) -> Option<&'static str>,
) -> Verdict {
    trial.cases(cases).forall(scripts, |case| {
        let mut steps = case.steps();
        let found = steps.find_map(|(at, step, seen)| Some(Objection::at(at, wrong(step, seen)?)));
        found.map_or(Ok(()), Err)
    })
}

fn judged(step: &Step, seen: &Seen) -> Option<&'static str> {
    let (Step::probe { live, ready }, Seen::probe(health)) = (step, seen) else {
        return None;
    };
    if health.liveness != is_well(*live) {
        return Some("liveness should be whether /live was answered with a status from 200 to 299");
    }
    (health.readiness != is_well(*ready))
        .then_some("readiness should be whether /ready was answered with a status from 200 to 299")
}

/// R14: each probe asks its own path, and a status of 2xx is a success.
pub fn a_status_of_success_is_needed(trial: &mut Trial<Script>) -> Verdict {
    let status = || select(vec![200, 200, 204, 299, 404, 500, 503]).prop_map(Answer::Status);
    check(
        trial,
        16,
        (status(), status()).prop_map(|(live, ready)| vec![probe(live, ready)]),
        judged,
    )
}

/// R14: something that is not HTTP, a closed connection and a refused one are failures.
pub fn no_answer_is_a_failure(trial: &mut Trial<Script>) -> Verdict {
    let answer = || select(vec![Answer::Nonsense, Answer::Closes, Answer::Status(200)]);
    let scripts = prop_oneof![
        3 => (answer(), answer()).prop_map(|(live, ready)| vec![probe(live, ready)]),
        1 => Just(vec![probe_nobody()]),
    ];
    check(trial, 12, scripts, |step, seen| match seen {
        Seen::probe_nobody(health) if health.liveness || health.readiness => {
            Some("connections are refused there: neither alive nor ready")
        }
        _ => judged(step, seen),
    })
}

/// R14: a probe that is not answered within the interval is a failure.
pub fn a_silent_server_is_given_up(trial: &mut Trial<Script>) -> Verdict {
    let scripts = any::<bool>().prop_map(|is_live_mute| vec![probe_mute(is_live_mute)]);
    check(trial, 2, scripts, |step, seen| match (step, seen) {
        (Step::probe_mute { is_live_mute: true }, Seen::probe_mute(health)) if health.liveness => {
            Some("/live is never answered: not alive")
        }
        (Step::probe_mute { is_live_mute: false }, Seen::probe_mute(health)) if health.readiness => {
            Some("/ready is never answered: not ready")
        }
        _ => None,
    })
}

/// R14: `last_check` is when the probes ran.
pub fn checks_are_dated(trial: &mut Trial<Script>) -> Verdict {
    check(trial, 2, Just(vec![is_dated()]), |_, seen| {
        (*seen == Seen::is_dated(false)).then_some("last_check lies before the check began, or after it ended")
    })
}
