//! Scenarios, faults and invariants.

use crate::{named, node};
use ex10_protocol::{Event, Fault, Kind, Plan, Report, Script, Seen, Step, Tale, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, option, prelude::*, sample::select};

fn act() -> impl Strategy<Value = Plan> {
    named(&["act1", "act2", "act3"]).prop_map(Plan::Act)
}

fn plan_of(leaf: impl Strategy<Value = Plan> + 'static) -> impl Strategy<Value = Vec<Plan>> {
    let step = leaf.prop_recursive(3, 12, 4, |inner| {
        (0..4_u8, vec(inner, 0..4)).prop_map(|(count, steps)| Plan::Loop(count, steps))
    });
    vec(step, 0..6)
}

fn quiet() -> impl Strategy<Value = Plan> {
    prop_oneof![2 => act(), 1 => (0..50_000_u32).prop_map(Plan::Wait)]
}

fn running(plan: impl Strategy<Value = Vec<Plan>>) -> impl Strategy<Value = Step> {
    plan.prop_map(|plan| run("scenario".to_owned(), plan))
}

/// R9, R10: steps run in order, loops as often as they say, and waiting moves the clock.
pub fn steps_run_in_order(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![3 => running(plan_of(quiet())), 1 => Just(now())];
    trial.cases(96).forall(vec(steps, 1..4), same)
}

fn reports<'a>(case: &Case<'a, Script>) -> impl Iterator<Item = (usize, &'a [Plan], &'a Option<Report>)> {
    case.steps().filter_map(|(at, step, seen)| match (step, seen) {
        (Step::run { plan, .. }, Seen::run(report)) => Some((at, plan.as_slice(), report)),
        _ => None,
    })
}

fn acted(events: &[Event]) -> Vec<&str> {
    let acts = events.iter().filter(|(tale, ..)| *tale == Tale::Acted);
    acts.map(|(_, name, _)| name.as_str()).collect()
}

/// R9: all branches are carried out, each in its order, before what follows them.
pub fn branches_all_run(trial: &mut Trial<Script>) -> Verdict {
    // Each branch has actions of its own: act0, act1, .. belong to the first.
    let branches = (2..4_u8, 1..4_u8).prop_map(|(branches, length)| {
        let branch = |branch| {
            (0..length)
                .map(|at| Plan::Act(format!("act{}", branch * 3 + at % 3)))
                .collect()
        };
        let parallel = Plan::Parallel((0..branches).map(branch).collect());
        vec![Plan::Act("acta".to_owned()), parallel, Plan::Act("actz".to_owned())]
    });
    trial
        .cases(48)
        .forall(running(branches).prop_map(|step| vec![step]), |case| {
            for (at, plan, report) in reports(case) {
                let Some(report) = report else {
                    return Err(Objection::at(at, "the run is refused"));
                };
                let mut left = acted(&report.events).into_iter();
                for step in plan {
                    match step {
                        Plan::Act(name) if left.next() != Some(name) => {
                            return Err(Objection::at(at, "an action is missing, or not where it belongs"));
                        }
                        Plan::Parallel(branches) => {
                            let all: usize = branches.iter().map(Vec::len).sum();
                            let seen: Vec<&str> = left.by_ref().take(all).collect();
                            for branch in branches {
                                let own: Vec<&str> = branch.iter().filter_map(name_of).collect();
                                let told: Vec<&str> = seen.iter().copied().filter(|name| own.contains(name)).collect();
                                if own != told {
                                    return Err(Objection::at(at, "a branch is not carried out in its order"));
                                }
                            }
                        }
                        _ => {}
                    }
                }
            }
            Ok(())
        })
}

fn name_of(plan: &Plan) -> Option<&str> {
    match plan {
        Plan::Act(name) => Some(name),
        _ => None,
    }
}

/// R9: a condition is an invariant: `then` if it is registered and holds, `else_` otherwise.
pub fn conditions_choose_the_way(trial: &mut Trial<Script>) -> Verdict {
    let way = || vec(act(), 0..3);
    let plan = (named(&["holds", "fails", "nobody"]), way(), way())
        .prop_map(|(name, then, other)| Plan::If(name, then, other));
    let script = plan_of(prop_oneof![2 => plan, 1 => act()]).prop_map(|plan| {
        vec![
            invariant("holds".to_owned(), vec![true]),
            invariant("fails".to_owned(), vec![false]),
            run("scenario".to_owned(), plan),
        ]
    });
    // What the log says of the looks at a condition is open, and so is the message of a later look.
    trial.cases(64).forall(script, |case: &Case<'_, Script>| {
        for ((at, _, seen), expected) in case.steps().zip(case.expected()) {
            let acts = |seen: &Seen| match seen {
                Seen::run(Some(report)) => Some(acted(&report.events).join(" ")),
                _ => None,
            };
            if acts(seen) != acts(expected) {
                return Err(Objection::at(at, "the other way is taken"));
            }
        }
        Ok(())
    })
}

fn answers() -> impl Strategy<Value = Vec<bool>> {
    vec(any::<bool>(), 1..4)
}

/// R11: each look at an invariant is told, each violation is reported, and then the run is no success.
pub fn violations_are_reported(trial: &mut Trial<Script>) -> Verdict {
    let looks = prop_oneof![2 => named(&["one", "two"]).prop_map(Plan::Check), 1 => act()];
    let script = (answers(), answers(), plan_of(looks)).prop_map(|(one, two, plan)| {
        vec![
            invariant("one".to_owned(), one),
            invariant("two".to_owned(), two),
            run("scenario".to_owned(), plan),
        ]
    });
    trial.cases(96).forall(script, same_but_for_strangers)
}

/// Compares as long as only registered invariants are looked at: a look at another one is open.
fn same_but_for_strangers(case: &Case<'_, Script>) -> Result<(), Objection> {
    let count = case
        .steps()
        .filter(|(_, step, _)| matches!(step, Step::invariant { .. }))
        .count();
    if count < 2 { Ok(()) } else { same(case) }
}

/// R11: `check_all_invariants` tells of one that does not hold, if there is one.
pub fn all_invariants_can_be_checked(trial: &mut Trial<Script>) -> Verdict {
    let names = named(&["a", "b", "c"]);
    let steps = prop_oneof![
        2 => (names, any::<bool>()).prop_map(|(name, holds)| blocking_invariant(name, holds)),
        2 => Just(check_all()),
    ];
    trial.cases(48).forall(vec(steps, 1..8), |case: &Case<'_, Script>| {
        let mut holding = std::collections::BTreeMap::new();
        for (at, step, seen) in case.steps() {
            if let Step::blocking_invariant { name, holds } = step {
                holding.insert(name.clone(), *holds);
            }
            let Seen::check_all(violated) = seen else { continue };
            let well = match violated {
                None => holding.values().all(|holds| *holds),
                Some((name, message)) => holding.get(name) == Some(&false) && message == "blocked",
            };
            if !well {
                return Err(Objection::at(
                    at,
                    "this is not an invariant that does not hold, or there is one",
                ));
            }
        }
        Ok(())
    })
}

/// R11: an invariant may block its thread.
pub fn invariants_may_block(trial: &mut Trial<Script>) -> Verdict {
    let script = (any::<bool>(), 0..3_u8).prop_map(|(holds, times)| {
        vec![
            blocking_invariant("locked".to_owned(), holds),
            run(
                "scenario".to_owned(),
                vec![Plan::Loop(times, vec![Plan::Check("locked".to_owned())])],
            ),
            check_all(),
        ]
    });
    let law = |case: &Case<'_, Script>| {
        let known = case
            .steps()
            .any(|(_, step, _)| matches!(step, Step::blocking_invariant { .. }));
        if known { same(case) } else { Ok(()) }
    };
    trial.cases(12).forall(script, law)
}

fn kind() -> impl Strategy<Value = Kind> {
    select(vec![Kind::Both, Kind::AtoB, Kind::BtoA])
}

fn wide() -> impl Strategy<Value = Fault> {
    let nodes = Just((0..5_u8).collect::<Vec<_>>())
        .prop_shuffle()
        .prop_flat_map(|nodes| (2..5_usize).prop_map(move |count| nodes[..count].to_vec()));
    prop_oneof![
        2 => (kind(), nodes).prop_map(|(kind, nodes)| Fault::Cut(kind, nodes)),
        1 => (1..50_000_u32, node()).prop_map(|(time, node)| Fault::Slow(time, node)),
        1 => node().prop_map(Fault::Lose),
    ]
}

/// Injections and removals of a few ids, no id twice in force.
fn breaking(
    fault: impl Strategy<Value = Fault>,
    life: impl Strategy<Value = Option<u32>>,
) -> impl Strategy<Value = Vec<Plan>> {
    let ids = named(&["f0", "f1", "f2"]);
    (vec((any::<bool>(), ids, fault, life, 0..8000_u32), 1..7)).prop_map(|drawn| {
        let mut injected = Vec::new();
        let mut plan = Vec::new();
        for (removes, id, fault, life, wait) in drawn {
            if removes {
                plan.push(Plan::Remove(id));
            } else if !injected.contains(&id) {
                injected.push(id.clone());
                plan.push(Plan::Inject(id, fault, life, 100));
            }
            if wait > 3000 {
                plan.push(Plan::Wait(wait));
            }
        }
        plan
    })
}

/// What can be seen of the network, one clock and the failpoints.
fn looks() -> Vec<Step> {
    let mut looks = vec![reach()];
    for node in 0..3 {
        looks.extend([latencies(node, node + 1, 1), traffic(node, node + 1, 2), now_of(node)]);
    }
    looks.extend(["f0", "f1", "f2"].map(|id| failures(id.to_owned(), 1)));
    looks
}

fn broken(plan: impl Strategy<Value = Vec<Plan>>) -> impl Strategy<Value = Vec<Step>> {
    vec(plan, 1..3).prop_map(|plans| {
        let runs = plans.into_iter().enumerate().flat_map(|(at, plan)| {
            // The second run does not inject again what the first did.
            let fresh = |step: &Plan| at == 0 || !matches!(step, Plan::Inject(..));
            let plan = plan.into_iter().filter(fresh).collect();
            [vec![run("breaks".to_owned(), plan)], looks()].concat()
        });
        runs.collect()
    })
}

/// R12: partitions, latencies, losses and skews hold from their injection to their removal, also after the run.
pub fn network_faults_take_effect(trial: &mut Trial<Script>) -> Verdict {
    let skew = (-9000..90_000_i32, node()).prop_map(|(time, node)| Fault::Skew(time, node));
    // Two skews of one node at a time are left open: only one id skews.
    let plan = (breaking(wide(), Just(None)), option::of(skew), any::<bool>()).prop_map(|(mut plan, skew, removed)| {
        plan.extend(skew.map(|skew| Plan::Inject("skew".to_owned(), skew, None, 100)));
        if removed {
            plan.push(Plan::Remove("skew".to_owned()));
        }
        plan
    });
    trial.cases(64).forall(broken(plan), same)
}

/// R12: the faults of one machine arm the failpoint of their id.
pub fn local_faults_take_effect(trial: &mut Trial<Script>) -> Verdict {
    let local = select(vec![Fault::Crash, Fault::Pause, Fault::DiskFull, Fault::Memory]);
    let slow = (1..50_u32).prop_map(|tens| {
        let inject = Plan::Inject("slow".to_owned(), Fault::DiskSlow(tens * 10), None, 100);
        vec![
            run("slows".to_owned(), vec![inject]),
            time_check("slow".to_owned(), 10_000),
        ]
    });
    let script = (broken(breaking(local, Just(None))), slow).prop_map(|(script, slow)| [script, slow].concat());
    trial.cases(48).forall(script, |case: &Case<'_, Script>| {
        for ((at, _, seen), expected) in case.steps().zip(case.expected()) {
            let well = match (seen, expected) {
                (Seen::time_check(Some(seen)), Seen::time_check(Some(expected))) => seen.abs_diff(*expected) <= 5,
                _ => seen == expected,
            };
            if !well {
                return Err(Objection::at(at, "this differs from what the contract determines"));
            }
        }
        Ok(())
    })
}

/// R12: a fault with a duration ends by itself on the simulated clock.
pub fn faults_expire(trial: &mut Trial<Script>) -> Verdict {
    let life = option::of((1..6_u32).prop_map(|seconds| seconds * 1000 + 1));
    // Half of the plans end while faults last; the last step makes sure that what is over has been removed.
    let ended = (breaking(wide(), life), any::<bool>()).prop_map(|(mut plan, all)| {
        plan.extend(all.then_some(Plan::Wait(10_000)));
        plan.push(Plan::Act("last".to_owned()));
        plan
    });
    // When exactly the end is told is open, and with it the order of what ends and what happens at the same time.
    trial.cases(64).forall(broken(ended), |case: &Case<'_, Script>| {
        for ((at, _, seen), expected) in case.steps().zip(case.expected()) {
            let sorted = |seen: &Seen| match seen {
                Seen::run(Some(report)) => {
                    let faults = report
                        .events
                        .iter()
                        .filter(|(tale, ..)| matches!(tale, Tale::Injected | Tale::Removed));
                    let mut events: Vec<_> = faults.map(|(tale, id, _)| format!("{tale:?} {id}")).collect();
                    events.sort();
                    Some(events)
                }
                _ => None,
            };
            let well = match seen {
                Seen::run(_) => sorted(seen) == sorted(expected),
                _ => seen == expected,
            };
            if !well {
                return Err(Objection::at(
                    at,
                    "a fault ends too early, too late, or its end is not told once",
                ));
            }
        }
        Ok(())
    })
}

/// R12: what is impossible is never injected, and the rest as often as its probability says.
pub fn injection_follows_its_probability(trial: &mut Trial<Script>) -> Verdict {
    let script = (any::<u32>(), select(vec![0, 30, 70, 100_u8])).prop_map(|(seed, percent)| {
        let inject = Plan::Inject("f0".to_owned(), Fault::Crash, None, percent);
        vec![run_seeded(
            seed,
            vec![Plan::Loop(200, vec![inject, Plan::Remove("f0".to_owned())])],
        )]
    });
    trial.cases(8).forall(script, |case: &Case<'_, Script>| {
        for (at, step, seen) in case.steps() {
            let (Step::run_seeded { plan, .. }, Seen::run_seeded(Some(report))) = (step, seen) else {
                continue;
            };
            let [Plan::Loop(times, inner)] = plan.as_slice() else {
                continue;
            };
            let [Plan::Inject(_, _, _, percent), Plan::Remove(_)] = inner.as_slice() else {
                continue;
            };
            let count = |wanted| report.events.iter().filter(|(tale, ..)| *tale == wanted).count();
            let share = f64::from(*percent) / 100.0;
            let certain = share == 0.0 || share == 1.0;
            let injected = count(Tale::Injected);
            let exact = injected == (f64::from(*times) * share) as usize;
            if !crate::believable(injected, usize::from(*times), share) || (certain && !exact) {
                return Err(Objection::at(
                    at,
                    format!("injected {injected} times of {times}, at {percent} %"),
                ));
            }
            if count(Tale::Removed) != injected {
                return Err(Objection::at(at, "not as many faults are removed as were injected"));
            }
        }
        Ok(())
    })
}

/// R9: a simulated wait moves the clock and holds up nobody.
pub fn simulated_waits_take_no_time(trial: &mut Trial<Script>) -> Verdict {
    let waits = vec((1_000..100_000_u32).prop_map(Plan::Wait), 1..4);
    trial
        .cases(16)
        .forall(waits.prop_map(|plan| vec![time_run(plan)]), |case| {
            for (at, _, seen) in case.steps() {
                if let Seen::time_run(Some(waited)) = seen
                    && *waited > 0
                {
                    return Err(Objection::at(
                        at,
                        format!("the runner is simulated, and waits {waited} ms"),
                    ));
                }
            }
            Ok(())
        })
}

/// R7: the same seed gives the same run, and the report tells the seed.
pub fn runs_can_be_repeated(trial: &mut Trial<Script>) -> Verdict {
    let script = any::<u32>().prop_map(|seed| {
        let inject = |id: &str| Plan::Inject(id.to_owned(), Fault::Crash, None, 50);
        let plan = vec![Plan::Loop(
            20,
            vec![
                inject("f0"),
                inject("f1"),
                Plan::Remove("f0".to_owned()),
                Plan::Remove("f1".to_owned()),
            ],
        )];
        vec![run_seeded(seed, plan.clone()), run_seeded(seed, plan)]
    });
    trial.cases(16).forall(script, |case: &Case<'_, Script>| {
        let mut before = Vec::new();
        for (at, step, seen) in case.steps() {
            let (Step::run_seeded { seed, plan }, Seen::run_seeded(Some(report))) = (step, seen) else {
                continue;
            };
            if report.seed != u64::from(*seed) {
                return Err(Objection::at(at, format!("the report tells of seed {}", report.seed)));
            }
            let told: Vec<_> = report
                .events
                .iter()
                .map(|(tale, details, _)| (*tale, details.clone()))
                .collect();
            let other = |run: &(&u32, &Vec<Plan>, Vec<_>)| run.0 == seed && run.1 == plan && run.2 != told;
            if before.iter().any(other) {
                return Err(Objection::at(
                    at,
                    "the same scenario with the same seed ran another way before",
                ));
            }
            before.push((seed, plan, told));
        }
        Ok(())
    })
}

/// R10: the log has the events of all runs in order, and time never steps back in it.
pub fn the_log_has_it_all(trial: &mut Trial<Script>) -> Verdict {
    let plan = plan_of(prop_oneof![
        2 => quiet(),
        1 => Just(Plan::Inject("f0".to_owned(), Fault::DiskFull, None, 100)),
    ]);
    // Injected again, a fault may be told in more than one way.
    let once = plan.prop_map(|plan| {
        let mut plan: Vec<Plan> = plan
            .into_iter()
            .filter(|step| !matches!(step, Plan::Inject(..)))
            .collect();
        plan.push(Plan::Inject("f0".to_owned(), Fault::DiskFull, None, 100));
        plan.push(Plan::Remove("f0".to_owned()));
        plan
    });
    let steps = prop_oneof![2 => running(once), 1 => Just(log()), 1 => (0..5000_u32).prop_map(advance)];
    trial.cases(64).forall(vec(steps, 1..6), |case: &Case<'_, Script>| {
        let mut all: Vec<Event> = Vec::new();
        for (at, _, seen) in case.steps() {
            match seen {
                Seen::run(Some(report)) => all.extend(report.events.iter().cloned()),
                Seen::log(log) if *log != all => {
                    return Err(Objection::at(at, "the log is not the events of the reports"));
                }
                Seen::log(log) if !log.is_sorted_by_key(|(_, _, time)| *time) => {
                    return Err(Objection::at(at, "time steps back"));
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R9: the builder makes the steps it was told, in order.
pub fn the_builder_writes_it_down(trial: &mut Trial<Script>) -> Verdict {
    let leaf = prop_oneof![
        quiet(),
        named(&["one", "two"]).prop_map(Plan::Check),
        named(&["f0", "f1"]).prop_map(Plan::Remove),
        (wide(), option::of(0..5000_u32)).prop_map(|(fault, life)| Plan::Inject("f0".to_owned(), fault, life, 100)),
        vec(vec(act(), 1..3), 1..3).prop_map(Plan::Parallel),
    ];
    trial
        .cases(96)
        .forall(plan_of(leaf).prop_map(|plan| vec![build(plan)]), same)
}
