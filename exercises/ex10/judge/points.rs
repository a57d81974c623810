//! Failpoints.

use crate::{believable, named};
use ex10_protocol::{Action, Condition, Script, Seen, Step, Window, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, option, prelude::*, sample::select};

fn point() -> impl Strategy<Value = String> {
    named(&["disk::write", "net::send"])
}

fn simple() -> impl Strategy<Value = Action> {
    prop_oneof![
        1 => Just(Action::Off),
        3 => named(&["e1", "e2"]).prop_map(Action::Return),
        1 => named(&["p1", "p2"]).prop_map(Action::Panic),
        1 => (0..3_u8).prop_map(Action::Callback),
    ]
}

/// Actions made of actions, none of them random.
fn composed() -> impl Strategy<Value = Action> {
    simple().prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            (select(vec![0, 100_u8]), inner.clone())
                .prop_map(|(percent, one)| Action::Probability(percent, Box::new(one))),
            (0..4_u8, inner.clone()).prop_map(|(times, one)| Action::Counted(times, Box::new(one))),
            vec(inner, 0..4).prop_map(Action::Sequence),
        ]
    })
}

fn hit() -> impl Strategy<Value = Step> {
    prop_oneof![point().prop_map(check), point().prop_map(maybe_fail)]
}

/// R1: what is registered or set happens, and nothing once it is disabled.
pub fn a_failpoint_does_what_it_is_told(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => (point(), simple()).prop_map(|(name, action)| register(name, action, None, None)),
        1 => (point(), simple()).prop_map(|(name, action)| set(name, action)),
        1 => point().prop_map(disable),
        6 => hit(),
        1 => Just(calls()),
    ];
    trial.cases(96).forall(vec(steps, 1..16), same)
}

/// R2: certain and impossible actions, counted ones and sequences, also within each other.
pub fn actions_compose(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        1 => (point(), composed()).prop_map(|(name, action)| register(name, action, None, None)),
        5 => hit(),
        1 => Just(calls()),
    ];
    trial.cases(128).forall(vec(steps, 1..16), same)
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        Just(Condition::Always),
        any::<bool>().prop_map(Condition::Thread),
        select(vec![0, 100_u8]).prop_map(Condition::Probability),
        (0..5_u8).prop_map(Condition::After),
        (0..5_u8).prop_map(Condition::Before),
        select(vec![Window::Past, Window::Present, Window::Future]).prop_map(Condition::Window),
    ]
}

/// R3: a failpoint acts when its condition holds.
pub fn conditions_decide(trial: &mut Trial<Script>) -> Verdict {
    let error = || Action::Return("e".to_owned());
    let steps = prop_oneof![
        1 => (point(), condition()).prop_map(move |(name, when)| register(name, error(), Some(when), None)),
        6 => hit(),
    ];
    // One registration a name: whether another one starts the hits anew is open.
    let script = vec(steps, 1..14).prop_map(|steps| {
        let mut registered = Vec::new();
        let once = |step: &Step| match step {
            Step::register { name, .. } if registered.contains(name) => false,
            Step::register { name, .. } => {
                registered.push(name.clone());
                true
            }
            _ => true,
        };
        steps.into_iter().filter(once).collect::<Vec<_>>()
    });
    let known = (condition(), condition()).prop_map(move |(one, other)| {
        vec![
            register(
                "disk::write".to_owned(),
                Action::Return("e".to_owned()),
                Some(one),
                None,
            ),
            register(
                "net::send".to_owned(),
                Action::Return("e".to_owned()),
                Some(other),
                None,
            ),
        ]
    });
    let script = (known, script).prop_map(|(mut known, steps)| {
        known.extend(steps.into_iter().filter(|step| !matches!(step, Step::register { .. })));
        known
    });
    trial.cases(160).forall(script, same)
}

/// R3: with a count, a failpoint acts so many times.
pub fn a_count_runs_out(trial: &mut Trial<Script>) -> Verdict {
    let script = (option::of(0..6_u8), vec(hit(), 1..12)).prop_map(|(count, hits)| {
        let mut script = vec![register(
            "disk::write".to_owned(),
            Action::Return("e".to_owned()),
            None,
            count,
        )];
        script.extend(hits);
        script
    });
    trial.cases(64).forall(script, same)
}

/// R3: every call on a registered failpoint is a hit, whether it acts or not, until the counts are reset.
pub fn every_call_is_a_hit(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![4 => hit(), 2 => point().prop_map(hits), 1 => Just(reset())];
    let script = (condition(), vec(steps, 1..16)).prop_map(|(when, steps)| {
        let mut script = vec![
            register(
                "disk::write".to_owned(),
                Action::Return("e".to_owned()),
                Some(when),
                None,
            ),
            register("net::send".to_owned(), Action::Return("e".to_owned()), None, Some(2)),
        ];
        script.extend(steps);
        script
    });
    trial.cases(96).forall(script, same)
}

/// R2, R3: probabilities are kept.
pub fn probabilities_are_kept(trial: &mut Trial<Script>) -> Verdict {
    let script = (any::<bool>(), select(vec![20, 50, 80_u8])).prop_map(|(of_action, percent)| {
        let error = Action::Return("e".to_owned());
        let registered = if of_action {
            register(
                "p".to_owned(),
                Action::Probability(percent, Box::new(error)),
                None,
                None,
            )
        } else {
            register("p".to_owned(), error, Some(Condition::Probability(percent)), None)
        };
        vec![registered, failures("p".to_owned(), 1500)]
    });
    trial.cases(8).forall(script, |case: &Case<'_, Script>| {
        let mut percent = 0;
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::register { action, condition, .. }, _) => {
                    percent = match (action, condition) {
                        (Action::Probability(percent, inner), _) if **inner != Action::Off => *percent,
                        (Action::Return(_), Some(Condition::Probability(percent))) => *percent,
                        (Action::Return(_), None | Some(Condition::Always)) => 100,
                        _ => return Ok(()),
                    }
                }
                (Step::failures { times, .. }, Seen::failures(count))
                    if !believable(*count as usize, usize::from(*times), f64::from(percent) / 100.0) =>
                {
                    return Err(Objection::at(at, format!("{count} errors of {times}, at {percent} %")));
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R1, R13: a failpoint that sleeps delays its caller so long, and nobody else.
pub fn a_sleeper_delays_only_its_caller(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..100_u32).prop_map(|tens| {
        vec![
            register("sleeper".to_owned(), Action::Sleep(tens * 10), None, None),
            time_check("sleeper".to_owned(), 60_000),
            set("sleeper".to_owned(), Action::Sleep(3_600_000)),
            register("other".to_owned(), Action::Return("e".to_owned()), None, None),
            check_beside("sleeper".to_owned(), "other".to_owned()),
        ]
    });
    trial.cases(8).forall(script, |case: &Case<'_, Script>| {
        let close = |seen: u64, expected: u64| seen >= expected && seen <= expected + 5;
        for ((at, _, seen), expected) in case.steps().zip(case.expected()) {
            let well = match (seen, expected) {
                (Seen::time_check(Some(seen)), Seen::time_check(Some(expected))) => close(*seen, *expected),
                _ => seen == expected,
            };
            if !well {
                return Err(Objection::at(
                    at,
                    "the delay is not the caller's, or not as long as ordered",
                ));
            }
        }
        Ok(())
    })
}

/// R13: concurrent hits are all counted, and a count allows exactly so many actions.
pub fn concurrent_hits_are_all_counted(trial: &mut Trial<Script>) -> Verdict {
    let script = (2..5_u8, 20..60_u8, 1..80_u8).prop_map(|(tasks, times, allowed)| vec![storm(tasks, times, allowed)]);
    trial.cases(24).forall(script, same)
}
