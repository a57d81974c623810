//! Propagators: both headers of the standard, and several ways at once.

use ex07_protocol::{Script, Slot, Step, Way, own_header, steps::*};
use judge::{Trial, Verdict, same};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{GOOD_STATES, one_of, script, slot, span, trace};

const GOOD: &str = "00-12345678901234567890123456789012-1234567890123456-01";

/// R4, R5: `inject` writes `traceparent`, and `tracestate` if there is one.
pub fn inject_writes_both_headers(trial: &mut Trial<Script>) -> Verdict {
    let script = (trace(), span(), any::<bool>(), prop::option::of(one_of(&GOOD_STATES))).prop_map(
        |((high, low), span, sampled, list)| {
            let mut script = vec![context(0, high, low, span, sampled)];
            script.extend(list.map(|list| set_state(0, list)));
            script.extend([inject(0, 0), sent(0, "traceparent".to_owned()), sent_state(0)]);
            script
        },
    );
    trial.cases(128).forall(script, same)
}

/// R5: `extract` reads what the carrier has: nothing without a good `traceparent`, whatever else there is.
pub fn extract_reads_the_context(trial: &mut Trial<Script>) -> Verdict {
    let value = one_of(&[
        GOOD,
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "garbage",
    ]);
    let key = one_of(&[
        "traceparent",
        "traceparent",
        "traceparent",
        "trace-parent",
        "trace.parent",
        "parent",
    ]);
    let step = prop_oneof![
        3 => (slot(), key, value).prop_map(|(k, key, value)| header(k, key, value)),
        1 => slot().prop_map(|k| header(k, "tracestate".to_owned(), "foo=1".to_owned())),
        3 => slot().prop_map(extract),
    ];
    trial.cases(192).forall(script(step, 10), same)
}

/// A carrier with a good `traceparent` and this list.
fn arriving(k: Slot, list: String) -> Vec<Step> {
    vec![
        header(k, "traceparent".to_owned(), GOOD.to_owned()),
        header(k, "tracestate".to_owned(), list),
        extract_state(k),
    ]
}

/// A list of so many members.
fn list_of(members: usize) -> String {
    let member = |number| format!("k{number}={number}");
    (0..members).map(member).collect::<Vec<_>>().join(",")
}

fn good_list() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => one_of(&GOOD_STATES),
        2 => (1..=32_usize).prop_map(list_of),
        1 => Just(list_of(32)),
        1 => Just(format!("{}=1", "k".repeat(256))),
        1 => Just(format!("k={}", "v".repeat(256))),
    ]
}

/// R4: `extract` keeps a good `tracestate`, all its members, in order.
pub fn tracestate_is_kept(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(128)
        .forall(good_list().prop_map(|list| arriving(0, list)), same)
}

/// R4: one bad member, or more than 32, and the whole `tracestate` is dropped; `traceparent` stays.
pub fn a_malformed_tracestate_is_dropped_alone(trial: &mut Trial<Script>) -> Verdict {
    let member = one_of(&[
        "foo",
        "foo =1",
        "FOO=1",
        "fOo=1",
        "foo.bar=1",
        "@foo=1",
        "=1",
        "foo=1=2",
        "foo=é",
        "foo=a\u{7f}",
        "é=1",
        "_a=1",
        "a b=1",
        "foobarbaz",
        "foo+=1",
        "foo=a\u{1}b",
        "-a=1",
    ]);
    let member = prop_oneof![
        8 => member,
        1 => Just(format!("{}=1", "k".repeat(257))),
        1 => Just(format!("k={}", "v".repeat(257))),
    ];
    let among = (
        vec(one_of(&["a=1", "b=2", "c@d=3"]), 0..4),
        member,
        any::<prop::sample::Index>(),
    )
        .prop_map(|(mut members, bad, at)| {
            members.insert(at.index(members.len() + 1), bad);
            members.join(",")
        });
    let list = prop_oneof![6 => among, 1 => (33..40_usize).prop_map(list_of)];
    let script = list.prop_map(|list| [arriving(0, list), vec![extract(0)]].concat());
    trial.forall(script, same)
}

fn way() -> impl Strategy<Value = Way> {
    select(vec![Way::W3C, Way::Own(1), Way::Own(2), Way::Own(3)])
}

/// The header of a way.
fn header_of(way: Way) -> String {
    match way {
        Way::W3C => "traceparent".to_owned(),
        Way::Own(number) => own_header(number),
    }
}

/// R5: a composite writes in each of its ways.
pub fn a_composite_writes_every_way(trial: &mut Trial<Script>) -> Verdict {
    let script = (span(), vec(way(), 0..4)).prop_map(|(span, ways)| {
        let mut script = vec![context(0, 1, 2, span, true), inject_all(0, 0, ways)];
        let all = [Way::W3C, Way::Own(1), Way::Own(2), Way::Own(3)];
        script.extend(all.map(|way| sent(0, header_of(way))));
        script
    });
    trial.cases(96).forall(script, same)
}

/// R5: a composite reads in the first of its ways that finds a context.
pub fn a_composite_reads_the_first_way_that_answers(trial: &mut Trial<Script>) -> Verdict {
    let arriving = (way(), span(), any::<bool>()).prop_map(|(way, span, is_good)| {
        let value = if is_good {
            format!("00-{:032x}-{span:016x}-01", 7)
        } else {
            "garbage".to_owned()
        };
        header(0, header_of(way), value)
    });
    let asking = vec(way(), 0..4).prop_map(|ways| extract_any(0, ways));
    let script =
        (vec(arriving, 0..5), vec(asking, 1..4)).prop_map(|(headers, questions)| [headers, questions].concat());
    trial.cases(192).forall(script, same)
}
