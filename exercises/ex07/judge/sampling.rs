//! Samplers: who is asked when, what is done about the answer, and which share of all traces a ratio is.

use std::collections::BTreeMap;

use ex07_protocol::{Decider, Script, Seen, Slot, Step, name, ratio, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{kin::Kin, one_of, script, slot, span};

/// Roots that come and go, and flushes.
fn roots_among(other: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => slot().prop_map(start),
        2 => slot().prop_map(finish),
        1 => Just(flush()),
        3 => other,
    ];
    vec(step, 1..16)
}

/// R8: spans that the sampler refuses are not exported, the others are.
pub fn unsampled_spans_are_not_exported(trial: &mut Trial<Script>) -> Verdict {
    let decider = select(vec![Decider::On, Decider::Off, Decider::Ratio(0), Decider::Ratio(1000)]);
    let script = (decider, roots_among(slot().prop_map(finish))).prop_map(|(decider, steps)| {
        [
            vec![trace_with(decider)],
            steps,
            vec![finish(0), finish(1), finish(2), flush()],
        ]
        .concat()
    });
    trial.cases(128).forall(script, same)
}

/// R8: the decision is the sampler's at the start; what it would say later changes nothing.
pub fn the_decision_is_made_at_the_start(trial: &mut Trial<Script>) -> Verdict {
    let script = roots_among(any::<bool>().prop_map(tell)).prop_map(|steps| {
        let ending = vec![finish(0), finish(1), finish(2), flush()];
        [vec![trace_with(Decider::Told)], steps, ending].concat()
    });
    trial.forall(script, same)
}

/// R8: at the start of a root the sampler is asked once, about the trace and the name of the span.
pub fn the_sampler_is_asked_once_about_the_span(trial: &mut Trial<Script>) -> Verdict {
    let script = (vec(any::<bool>(), 1..5), any::<bool>()).prop_map(|(answers, drops)| {
        let mut script = vec![trace_with(Decider::Told)];
        for (s, answer) in (0..).zip(answers) {
            script.extend([tell(answer), build(s), asked(), start(s), note(s, s), ids(s), asked()]);
            script.extend([set_attribute(s, "user".to_owned(), ex07_protocol::Value::Int(1))]);
            script.extend([if drops { finish(s) } else { end(s) }, asked()]);
        }
        script
    });
    trial.cases(64).forall(script, asked_at_the_start)
}

/// A root that was started: the number of its step, its name, and its trace as far as known.
type Started = (usize, String, Option<String>);

fn asked_at_the_start(case: &Case<'_, Script>) -> Result<(), Objection> {
    // Those since the sampler was last looked at; the step that started the span of a slot, and that of a context.
    let mut started: Vec<Started> = Vec::new();
    let mut active = BTreeMap::<Slot, usize>::new();
    let mut noted = BTreeMap::<Slot, usize>::new();
    let mut is_told = false;
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::trace_with { decider }, _) => is_told = *decider == Decider::Told,
            (Step::start { s }, _) if is_told => {
                active.insert(*s, at);
                started.push((at, name(*s), None));
            }
            (Step::note { c, s }, _) => {
                noted.extend(active.get(s).map(|start| (*c, *start)));
            }
            (Step::ids { c }, Seen::ids(ids)) => {
                if let Some((_, _, trace)) = started.iter_mut().find(|(start, ..)| noted.get(c) == Some(start)) {
                    *trace = Some(ids.trace.clone());
                }
            }
            (Step::finish { s } | Step::end { s }, _) => {
                active.remove(s);
            }
            (Step::asked {}, Seen::asked(questions)) => {
                let agree = |((trace, name), (_, started, its_trace)): (&(String, String), &Started)| {
                    name == started && its_trace.as_ref().is_none_or(|its_trace| its_trace == trace)
                };
                if questions.len() != started.len() || !questions.iter().zip(&started).all(agree) {
                    let roots: Vec<_> = started.iter().map(|(_, name, trace)| (name, trace)).collect();
                    let text = format!("it is to be asked once about each of {roots:?}: name and trace");
                    return Err(Objection::at(at, text));
                }
                started.clear();
            }
            _ => {}
        }
    }
    Ok(())
}

/// R8: `is_sampled` of a root's context is what the sampler said.
pub fn the_context_tells_the_decision(trial: &mut Trial<Script>) -> Verdict {
    let decider = select(vec![Decider::On, Decider::Off, Decider::Told]);
    let script = (decider, vec(any::<bool>(), 1..5)).prop_map(|(decider, answers)| {
        let mut script = vec![trace_with(decider)];
        for (s, answer) in (0..).zip(answers) {
            script.extend([tell(answer), start(s), note(s, s), tell(!answer), sampled(s)]);
        }
        script
    });
    trial.cases(64).forall(script, same)
}

/// Traces at the ends of what a sampler may compare: all zeros or ones in either half.
fn extreme_trace() -> impl Strategy<Value = (u64, u64)> {
    let half =
        || prop_oneof![3 => select(vec![0, 1, u64::MAX, u64::MAX - 1, 1 << 63, u64::MAX >> 1]), 1 => any::<u64>()];
    (half(), half())
}

/// R9: a ratio of 0 or less samples nothing and one of 1 or more everything, whatever the trace.
pub fn ratios_are_exact_at_both_ends(trial: &mut Trial<Script>) -> Verdict {
    let per_mille = select(vec![0, 0, 1000, 1000, -1, -1000, 1001, 2000]);
    let question = (per_mille, extreme_trace(), span()).prop_map(|(per_mille, (high, low), span)| {
        should_sample(Decider::Ratio(per_mille), high, low, span, "any".to_owned())
    });
    let fixed = (select(vec![Decider::On, Decider::Off]), extreme_trace(), span())
        .prop_map(|(decider, (high, low), span)| should_sample(decider, high, low, span, "any".to_owned()));
    trial.forall(script(prop_oneof![5 => question, 1 => fixed], 8), same)
}

/// R9: for the same ratio and the same trace the answer is always the same, whatever the span and its name.
pub fn a_ratio_decides_by_the_trace_alone(trial: &mut Trial<Script>) -> Verdict {
    let trace = select(vec![
        (1, 2),
        (u64::MAX, 7),
        (0x1234_5678_9abc_def0, 0x0fed_cba9_8765_4321),
        (3, 1 << 62),
    ]);
    let question = (
        select(vec![300, 500, 700]),
        trace,
        span(),
        one_of(&["a", "b", "GET /orders"]),
    )
        .prop_map(|(per_mille, (high, low), span, called)| {
            should_sample(Decider::Ratio(per_mille), high, low, span, called)
        });
    trial
        .cases(128)
        .forall(script(question, 24), |case: &Case<'_, Script>| {
            let mut answers = BTreeMap::new();
            for (at, step, seen) in case.steps() {
                if let (
                    Step::should_sample {
                        decider: Decider::Ratio(ratio),
                        high,
                        low,
                        ..
                    },
                    Seen::should_sample(answer),
                ) = (step, seen)
                    && *answers.entry((*ratio, *high, *low)).or_insert(*answer) != *answer
                {
                    return Err(Objection::at(at, "the same trace got another answer before"));
                }
            }
            Ok(())
        })
}

/// Ratios whose share is looked at.
const RATIOS: [i16; 5] = [50, 250, 500, 750, 950];
/// Draws for each.
const DRAWS: u16 = 4096;

/// How far the share of `DRAWS` independent draws may lie from the ratio.
///
/// By Hoeffding's bound it strays by `t` with a probability below `2 exp(-2 * 4096 * t^2)`. For `t = 0.055` that is
/// `2 exp(-24.78)`, below 3.5e-11; the two checks look at ten shares in all, so one of them is a false alarm with a
/// probability below 3.5e-10. That the traces are drawn independently is true of uniform identifiers for every way to
/// compare them or a hash of them with a threshold.
const STRAY: f64 = 0.055;

fn shares_are_right(case: &Case<'_, Script>) -> Result<(), Objection> {
    for (at, step, seen) in case.steps() {
        if let (
            Step::count_sampled {
                per_mille,
                count: DRAWS,
                ..
            }
            | Step::count_recorded {
                per_mille,
                count: DRAWS,
            },
            Seen::count_sampled(sampled) | Seen::count_recorded(sampled),
        ) = (step, seen)
        {
            let share = f64::from(*sampled) / f64::from(DRAWS);
            let due = ratio(*per_mille);
            if (share - due).abs() > STRAY {
                let text = format!(
                    "{share:.3} of {DRAWS} random traces is sampled, where {due:.3} is due, give or take {STRAY}"
                );
                return Err(Objection::at(at, text));
            }
        }
    }
    Ok(())
}

/// R9: of random traces, the share that is sampled is the ratio, up to chance.
pub fn a_ratio_is_the_share_of_traces(trial: &mut Trial<Script>) -> Verdict {
    let script = any::<u64>().prop_map(|seed| RATIOS.map(|per_mille| count_sampled(per_mille, seed, DRAWS)).to_vec());
    trial.cases(1).forall(script, shares_are_right)
}

/// R8, R9: of the roots that a tracer starts, it exports that share.
pub fn a_tracer_records_the_share(trial: &mut Trial<Script>) -> Verdict {
    trial.once(
        RATIOS.map(|per_mille| count_recorded(per_mille, DRAWS)).to_vec(),
        shares_are_right,
    )
}

/// R9: with a ratio, a trace is exported with all its spans or with none.
pub fn a_trace_is_sampled_whole(trial: &mut Trial<Script>) -> Verdict {
    let parents = vec((0..4_u8, any::<bool>()), 2..10);
    let script = (select(vec![300, 500, 700]), parents).prop_map(|(per_mille, parents)| {
        let mut script = vec![trace_with(Decider::Ratio(per_mille))];
        for (s, (distance, is_root)) in (0..).zip(parents) {
            let is_root = s == 0 || (is_root && distance == 0);
            script.push(if is_root {
                build(s)
            } else {
                build_under(s, (s - 1).saturating_sub(distance))
            });
            script.extend([start(s), note(s, s), finish(s)]);
        }
        script.push(flush());
        script
    });
    trial.cases(96).forall(script, all_or_none)
}

fn all_or_none(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut kin = Kin::default();
    let mut dropped = Vec::new();
    for (at, step, seen) in case.steps() {
        kin.apply(step);
        match (step, seen) {
            (Step::finish { s }, _) => dropped.push(*s),
            (Step::flush {}, Seen::flush(names)) => {
                for mut tree in kin.trees().into_iter().filter(|tree| tree.len() > 1) {
                    tree.retain(|s| dropped.contains(s));
                    let exported = tree.iter().filter(|s| names.contains(&name(**s))).count();
                    if exported != 0 && exported != tree.len() {
                        let text = format!(
                            "of the trace of {:?}, some spans are exported and others are not",
                            name(tree[0])
                        );
                        return Err(Objection::at(at, text));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}
