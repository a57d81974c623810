//! Contexts and spans as families: who belongs to which trace, and whose child everyone is.

use ex07_protocol::{Script, Seen, Slot, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::{GOOD_STATES, kin::Kin, one_of, script, slot, span, trace};

/// Judges all identifiers that a script shows.
fn families(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut kin = Kin::default();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::ids { c }, Seen::ids(ids)) => kin.learn_context(at, *c, ids)?,
            (Step::span_ids { s }, Seen::span_ids(Some(ids))) => kin.learn_span(at, *s, ids)?,
            (Step::span_ids { s }, Seen::span_ids(None)) if kin.was_dropped(*s) => {
                return Err(Objection::at(
                    at,
                    "a span that was dropped before the flush was not exported",
                ));
            }
            _ => {}
        }
        kin.apply(step);
    }
    Ok(())
}

/// A tree of contexts or spans, as many as there are numbers: each slot's parent is one before it, or it is a root.
fn tree() -> impl Strategy<Value = Vec<Option<Slot>>> {
    vec(any::<(bool, Index)>(), 1..8).prop_map(|draws| {
        let parent = |(number, (is_root, index)): (usize, &(bool, Index))| {
            (number > 0 && !(*is_root && number % 3 == 0)).then(|| index.index(number) as Slot)
        };
        draws.iter().enumerate().map(parent).collect()
    })
}

/// R2: `new_root` begins a trace of its own; `child` stays in it, names its parent, and is a span of its own.
pub fn children_belong_to_their_parent(trial: &mut Trial<Script>) -> Verdict {
    let script = tree().prop_map(|parents| {
        let mut script = Vec::new();
        for (c, parent) in (0..).zip(parents) {
            script.push(parent.map_or_else(|| new_root(c), |of| child(c, of)));
            script.push(ids(c));
        }
        script
    });
    trial.cases(128).forall(script, families)
}

/// R2: a child keeps the flags and the `tracestate` of its parent.
pub fn children_keep_flags_and_state(trial: &mut Trial<Script>) -> Verdict {
    let step = prop_oneof![
        2 => (slot(), any::<bool>()).prop_map(|(c, sampled)| context(c, 1, 2, 3, sampled)),
        2 => (slot(), one_of(&GOOD_STATES)).prop_map(|(c, list)| set_state(c, list)),
        4 => (slot(), slot()).prop_map(|(c, of)| child(c, of)),
        3 => slot().prop_map(sampled),
        3 => slot().prop_map(state),
    ];
    trial.cases(128).forall(script(step, 16), same)
}

/// R3: `from_traceparent` reads from `to_traceparent` the same trace, span and decision.
pub fn a_context_survives_its_header(trial: &mut Trial<Script>) -> Verdict {
    let made = (trace(), span(), any::<bool>())
        .prop_map(|((high, low), span, sampled)| vec![context(0, high, low, span, sampled), reread(0)]);
    trial.cases(128).forall(made, same)
}

/// Starts spans as a tree, each under the context of its parent.
fn growing(parents: &[Option<Slot>]) -> Vec<Step> {
    let mut script = Vec::new();
    for (s, parent) in (0..).zip(parents) {
        match parent {
            None => script.push(build(s)),
            // Both ways to name a parent, by turns.
            Some(of) if s % 2 == 0 => script.extend([build(s), with_parent(s, *of)]),
            Some(of) => script.push(build_under(s, *of)),
        }
        script.extend([start(s), note(s, s)]);
    }
    script
}

/// R7: a span with a parent is in its trace, names it, and is a span of its own; one without is the root of a new trace.
pub fn spans_form_a_tree(trial: &mut Trial<Script>) -> Verdict {
    let script = tree().prop_map(|parents| {
        let mut script = growing(&parents);
        script.extend((0..parents.len() as Slot).map(ids));
        script
    });
    trial.cases(96).forall(script, families)
}

/// R7: what is exported has the identifiers that `context` told.
pub fn exported_spans_keep_their_place(trial: &mut Trial<Script>) -> Verdict {
    let script = tree().prop_map(|parents| {
        let count = parents.len() as Slot;
        let mut script = growing(&parents);
        script.extend((0..count).map(ids));
        script.extend((0..count).map(finish));
        script.extend((0..count).map(span_ids));
        script
    });
    trial.cases(96).forall(script, families)
}

/// R5, R7: a trace goes on in the next service: inject, send, extract, start.
pub fn a_trace_crosses_services(trial: &mut Trial<Script>) -> Verdict {
    let script = (2..8_u8).prop_map(|services| {
        let mut script = vec![build(0), start(0), note(0, 0), ids(0)];
        for s in 1..services {
            // What the last service sent, arrives in a slot of its own.
            script.extend([inject(s, s - 1), receive(100 + s, s), build_under(s, 100 + s), start(s)]);
            script.extend([note(s, s), ids(s)]);
        }
        script
    });
    trial.cases(24).forall(script, families)
}

/// R7: a span has the `tracestate` of its parent, so that the next service gets it too.
pub fn a_span_keeps_the_state_of_its_parent(trial: &mut Trial<Script>) -> Verdict {
    let script = (any::<bool>(), one_of(&GOOD_STATES)).prop_map(|(either, list)| {
        let mut script = vec![set_state(0, list)];
        script.extend(if either {
            vec![build(1), with_parent(1, 0)]
        } else {
            vec![build_under(1, 0)]
        });
        script.extend([start(1), note(2, 1), state(2)]);
        script
    });
    trial.cases(64).forall(script, same)
}
