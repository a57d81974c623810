//! Interceptors, tokens and metrics.

use ex08_protocol::{Opinion, Script, Seen, Step, steps::*};
use judge::{Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::same_as_told;

fn names(count: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Vec<String>> {
    vec(select(vec!["a", "b", "c", "d"]).prop_map(str::to_owned), count)
}

/// R6: requests pass interceptors in the order in which they were added, responses backwards.
pub fn interceptors_run_in_order(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(6)
        .forall(names(0..5).prop_map(|names| vec![chain(names, None)]), |case| {
            same_as_told(
                case,
                "the interceptors did not run once each, requests in order and responses backwards",
            )
        })
}

/// R6: the first refusal is the answer, and neither later interceptors nor the service see the request.
pub fn a_refusal_stops_the_chain(trial: &mut Trial<Script>) -> Verdict {
    let script = (names(2..5), 0..4_u8).prop_map(|(names, refusing)| {
        let refusing = refusing % names.len() as u8;
        vec![chain(names, Some(refusing))]
    });
    trial.cases(8).forall(script, |case| {
        let heard =
            |lines: &[String]| -> Vec<String> { lines.iter().filter(|line| line.contains(" in ")).cloned().collect() };
        for ((at, _, seen), expected) in case.steps().zip(case.expected()) {
            if let (Seen::chain((lines, code)), Seen::chain((right, refusal))) = (seen, expected)
                && (heard(lines) != heard(right) || code != refusal)
            {
                let text = format!("after a refusal: expected {right:?} and code {refusal}, got {lines:?} and {code}");
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R6: what an interceptor sets in the metadata later ones and the client see.
pub fn metadata_pass_through_the_chain(trial: &mut Trial<Script>) -> Verdict {
    let value = select(vec!["1", "request-42", "a b"]).prop_map(str::to_owned);
    trial
        .cases(4)
        .forall(value.prop_map(|value| vec![metadata(value)]), |case| {
            same_as_told(case, "metadata that an interceptor set are lost")
        })
}

fn header() -> impl Strategy<Value = Option<String>> {
    select(vec![
        None,
        Some("Bearer secret"),
        Some("Bearer secret"),
        Some("Bearer other"),
        Some("Basic secret"),
        Some("secret"),
        Some("Bearer "),
    ])
    .prop_map(|header| header.map(str::to_owned))
}

fn opinion() -> impl Strategy<Value = Opinion> {
    select(vec![
        Opinion::Good,
        Opinion::Good,
        Opinion::Invalid,
        Opinion::Expired,
        Opinion::Insufficient,
    ])
}

/// R7: the token of `Bearer` is judged, its claims are added to the request, and each error has its code.
pub fn tokens_are_extracted_and_judged(trial: &mut Trial<Script>) -> Verdict {
    let step = (header(), opinion()).prop_map(|(header, opinion)| auth(header, opinion));
    trial.cases(60).forall(vec(step, 1..4), |case| {
        same_as_told(case, "the code, the subject or the roles are not those of the token")
    })
}

/// R7: a server with the interceptor serves only calls with a good token.
pub fn a_server_asks_for_tokens(trial: &mut Trial<Script>) -> Verdict {
    let step = (header(), opinion()).prop_map(|(header, opinion)| guarded(header, opinion));
    trial.cases(8).forall(step.prop_map(|step: Step| vec![step]), |case| {
        same_as_told(case, "the call does not have the code that its token deserves")
    })
}

/// R8: each call is recorded with its method and its code, and none is active afterwards.
pub fn every_call_is_measured(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(6).forall(
        vec(any::<bool>(), 0..6).prop_map(|calls| vec![metrics(calls)]),
        |case| {
            same_as_told(
                case,
                "the records, or the number of calls that are active at the end, are not right",
            )
        },
    )
}
