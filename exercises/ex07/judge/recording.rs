//! What a span records, and what becomes of it.
//!
//! A span that is dropped is read from the exporter, one that is ended from what `end` returned. Each slot has one span.

use std::collections::BTreeMap;

use ex07_protocol::{Attributes, KEYS, Kind, Script, Seen, Slot, Status, Step, Times, Value, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::{one_of, span, trace};

/// The slot of most scripts.
const S: Slot = 0;

fn key() -> impl Strategy<Value = String> {
    one_of(&KEYS)
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => one_of(&["", "café", "a \"b\"\n"]).prop_map(Value::String),
        2 => prop_oneof![Just(0), Just(i64::MIN), any::<i64>()].prop_map(Value::Int),
        2 => (-1000..1000_i32).prop_map(|number| Value::Float(f64::from(number) / 8.0)),
        2 => any::<bool>().prop_map(Value::Bool),
        1 => vec(one_of(&["a", "b", ""]), 0..3).prop_map(Value::StringArray),
        1 => vec(any::<i64>(), 0..3).prop_map(Value::IntArray),
    ]
}

fn some_attributes() -> impl Strategy<Value = Attributes> {
    prop::collection::btree_map(key(), value(), 0..4)
}

/// A span that these happen to, then ends, and is asked.
fn living(early: Vec<Step>, late: Vec<Step>, ending: fn(Slot) -> Step, questions: &[fn(Slot) -> Step]) -> Vec<Step> {
    let questions = questions.iter().map(|question| question(S)).collect();
    [vec![build(S)], early, vec![start(S)], late, vec![ending(S)], questions].concat()
}

/// R6: attributes are kept, before the start and after it, of every type; the last value of a key counts.
pub fn attributes_are_kept(trial: &mut Trial<Script>) -> Verdict {
    let early = vec(
        (key(), value()).prop_map(|(key, value)| with_attribute(S, key, value)),
        0..5,
    );
    let late = vec(
        (key(), value()).prop_map(|(key, value)| set_attribute(S, key, value)),
        0..5,
    );
    let script = (early, late).prop_map(|(early, late)| living(early, late, finish, &[attributes]));
    trial.cases(192).forall(script, same)
}

fn event() -> impl Strategy<Value = Step> {
    prop_oneof![
        one_of(&["paid", "sent", ""]).prop_map(|event| add_event(S, event)),
        (one_of(&["paid", "sent", ""]), some_attributes())
            .prop_map(|(event, attributes)| add_event_with(S, event, attributes)),
    ]
}

/// R6: events are kept in order, each with its attributes.
pub fn events_are_kept_in_order(trial: &mut Trial<Script>) -> Verdict {
    let script = vec(event(), 0..7).prop_map(|late| living(Vec::new(), late, finish, &[events]));
    trial.cases(192).forall(script, same)
}

/// R6: the status is what was said last, and `Unset` if nothing was. Errors only, then `Ok` at most once: whether anything
/// can be said after `Ok`, or taken back, is open.
pub fn the_last_status_counts(trial: &mut Trial<Script>) -> Verdict {
    let failing = one_of(&["no", "never", ""]);
    let failure = (failing, any::<bool>()).prop_map(|(message, short)| {
        if short {
            set_error(S, message)
        } else {
            set_status(S, Status::Error(message))
        }
    });
    let script = (vec(failure, 0..4), option::of(Just(set_status(S, Status::Ok)))).prop_map(|(mut late, well)| {
        late.extend(well);
        living(Vec::new(), late, finish, &[status])
    });
    trial.cases(96).forall(script, same)
}

/// R6: a span has the kind that was said, and is `Internal` if none was.
pub fn kinds_are_kept(trial: &mut Trial<Script>) -> Verdict {
    let all = vec![
        Kind::Internal,
        Kind::Server,
        Kind::Client,
        Kind::Producer,
        Kind::Consumer,
    ];
    let script = option::of(select(all)).prop_map(|said| {
        let early = said.map(|kind| with_kind(S, kind)).into_iter().collect();
        living(early, Vec::new(), finish, &[kind])
    });
    trial.cases(48).forall(script, same)
}

/// R6: links are kept in order.
pub fn links_are_kept_in_order(trial: &mut Trial<Script>) -> Verdict {
    let contexts = vec((trace(), span(), any::<bool>()), 0..5);
    let script = contexts.prop_map(|contexts| {
        let mut early = Vec::new();
        for (c, ((high, low), span, sampled)) in (1..).zip(contexts) {
            early.extend([context(c, high, low, span, sampled), with_link(S, c)]);
        }
        living(early, Vec::new(), finish, &[links])
    });
    trial.cases(96).forall(script, same)
}

/// Attributes and events of a span.
fn happenings() -> impl Strategy<Value = (Vec<Step>, Vec<Step>)> {
    let early = vec(
        (key(), value()).prop_map(|(key, value)| with_attribute(S, key, value)),
        0..3,
    );
    let change = (key(), value()).prop_map(|(key, value)| set_attribute(S, key, value));
    (early, vec(prop_oneof![event(), change], 0..5))
}

/// R6, R10: `end` returns the span with all that was recorded.
pub fn end_returns_what_was_recorded(trial: &mut Trial<Script>) -> Verdict {
    let script = happenings().prop_map(|(early, late)| living(early, late, end, &[attributes, events, kind, status]));
    trial.cases(128).forall(script, same)
}

/// R6: a span of `SpanBuilder::new` works like any other, is returned by `end`, and is exported nowhere.
pub fn a_span_of_no_tracer_is_recorded(trial: &mut Trial<Script>) -> Verdict {
    let script = happenings().prop_map(|(early, late)| {
        let mut script = living(early, late, end, &[attributes, events]);
        script[0] = build_alone(S);
        script.extend([build_alone(1), start(1), finish(1), flush()]);
        script
    });
    trial.cases(96).forall(script, nothing_is_exported_of_no_tracer)
}

/// As the reference, but for spans that some cut of the script leaves to the tracer: whether `end` exports is open.
fn nothing_is_exported_of_no_tracer(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut alone = BTreeMap::new();
    let mut owned = Vec::new();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::build_alone { s }, _) => {
                alone.insert(*s, true);
            }
            (Step::build { s }, _) => {
                alone.insert(*s, false);
            }
            (Step::start { s }, _) if !alone.remove(s).unwrap_or_default() => owned.push(ex07_protocol::name(*s)),
            (Step::flush {}, Seen::flush(names)) if names.iter().any(|name| !owned.contains(name)) => {
                return Err(Objection::at(at, "a span that belongs to no tracer was exported"));
            }
            (Step::attributes { .. } | Step::events { .. }, seen)
                if owned.is_empty() && *seen != case.expected()[at] =>
            {
                return Err(Objection::at(
                    at,
                    "the answer differs from what the contract determines",
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// R6, R10: start, events and end are moments at which they happened, and the end is as far behind the start as the span
/// lasted: a millisecond at least.
pub fn times_are_those_of_the_span(trial: &mut Trial<Script>) -> Verdict {
    let right = Times {
        ended: true,
        present: true,
        lasting: true,
    };
    trial.once(vec![times(true), times(false)], |case: &Case<'_, Script>| {
        for (at, _, seen) in case.steps() {
            if let Seen::times(times) = seen
                && *times != right
            {
                return Err(Objection::at(
                    at,
                    "of a span that lasted a millisecond all of these are true",
                ));
            }
        }
        Ok(())
    })
}
