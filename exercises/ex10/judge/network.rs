//! The network.

use crate::believable;
use ex10_protocol::{Delay, Kind, Life, Node, Script, Seen, Sent, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// Draws of one case: enough to tell a rate from another that is off by a tenth.
const DRAWS: u16 = 2000;

fn kind() -> impl Strategy<Value = Kind> {
    select(vec![Kind::Both, Kind::AtoB, Kind::BtoA])
}

fn cut(life: impl Strategy<Value = Life>) -> impl Strategy<Value = Step> {
    // Two groups without common nodes, often not all nodes.
    let groups = vec(0..3_u8, 5).prop_map(|sides| {
        let group = |side| {
            (0..5)
                .filter(|node| sides[usize::from(*node)] == side)
                .collect::<Vec<Node>>()
        };
        (group(0), group(1))
    });
    (groups, kind(), life).prop_map(|((a, b), kind, life)| partition(a, b, kind, life))
}

/// R4: partitions cut the directions of their type between their groups, until they are healed.
pub fn partitions_cut_what_they_say(trial: &mut Trial<Script>) -> Verdict {
    let life = select(vec![Life::Forever, Life::Long]);
    let steps = prop_oneof![3 => cut(life), 3 => Just(reach()), 1 => Just(heal_all()), 1 => Just(heal_expired())];
    trial.cases(96).forall(vec(steps, 1..10), same)
}

/// R4: a partition that has expired cuts nothing, and healing the expired ones leaves the others.
pub fn expired_partitions_cut_nothing(trial: &mut Trial<Script>) -> Verdict {
    let life = select(vec![Life::Forever, Life::Long, Life::Over]);
    let steps = prop_oneof![3 => cut(life), 3 => Just(reach()), 1 => Just(heal_expired())];
    trial.cases(96).forall(vec(steps, 1..10), same)
}

/// R4, R6: a message over a partition is refused with its two nodes, others arrive unchanged.
pub fn messages_stop_at_partitions(trial: &mut Trial<Script>) -> Verdict {
    let life = select(vec![Life::Forever, Life::Over]);
    let steps = prop_oneof![
        2 => cut(life),
        1 => Just(heal_all()),
        4 => (0..5_u8, 1..5_u8).prop_map(|(from, off)| traffic(from, (from + off) % 5, 3)),
    ];
    trial.cases(96).forall(vec(steps, 1..12), same)
}

fn end() -> impl Strategy<Value = Option<Node>> {
    option::of(0..3_u8)
}

/// R5: the latencies of the rules that concern a message are added to the base.
pub fn latency_rules_add_up(trial: &mut Trial<Script>) -> Verdict {
    let rule = (end(), end(), 0..100_000_u32, select(vec![0, 100_u8]));
    let steps = prop_oneof![
        1 => rule.prop_map(|(from, to, time, percent)| delay(from, to, Delay::Fixed(time), percent)),
        2 => (0..3_u8, 0..3_u8).prop_map(|(from, to)| latencies(from, to, 1)),
    ];
    let script = (0..5000_u32, vec(steps, 1..10)).prop_map(|(base, steps)| {
        let mut script = vec![network(1, 0, base, 0)];
        script.extend(steps);
        script
    });
    trial.cases(96).forall(script, same)
}

/// R5: without rules, a latency is off the base by no more than the jitter, and varies.
pub fn jitter_stays_in_bounds(trial: &mut Trial<Script>) -> Verdict {
    let script = (any::<u32>(), 1000..5000_u32, 100..900_u32)
        .prop_map(|(seed, base, jitter)| vec![network(seed, 0, base, jitter), latencies(0, 1, 200)]);
    trial.cases(16).forall(script, |case: &Case<'_, Script>| {
        let (mut low, mut high, mut varies) = (0, 0, false);
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::network { latency, jitter, .. }, _) => {
                    // Microseconds are cut off.
                    (low, high, varies) = (
                        u64::from(latency.saturating_sub(*jitter)).saturating_sub(1),
                        u64::from(*latency) + u64::from(*jitter),
                        *jitter >= 100,
                    );
                }
                (Step::latencies { times, .. }, Seen::latencies(all)) => {
                    if all.iter().any(|one| *one < low || *one > high) {
                        return Err(Objection::at(at, "a latency is farther from the base than the jitter"));
                    }
                    if varies && *times >= 100 && all.iter().all(|one| *one == all[0]) {
                        return Err(Objection::at(at, "there is jitter, and all latencies are the same"));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// The probability that a latency is at most a bound, for some bounds of a distribution.
fn quantiles(delay: Delay) -> Vec<(f64, f64)> {
    match delay {
        Delay::Fixed(_) => Vec::new(),
        Delay::Uniform(min, max) => [0.25, 0.5, 0.75]
            .map(|share| (f64::from(min) + share * f64::from(max - min), share))
            .to_vec(),
        Delay::Normal(mean, deviation) => [(-1.0, 0.158_655), (0.0, 0.5), (1.0, 0.841_345), (2.0, 0.977_250)]
            .map(|(off, share)| (f64::from(mean) + off * f64::from(deviation), share))
            .to_vec(),
        Delay::Exponential(mean) => [0.25, 1.0, 2.0]
            .map(|times: f64| (times * f64::from(mean), 1.0 - (-times).exp()))
            .to_vec(),
    }
}

/// R5: latencies have the distribution of their rule, in as many cases as it says.
pub fn latencies_follow_their_distribution(trial: &mut Trial<Script>) -> Verdict {
    let delays = prop_oneof![
        (0..50_000_u32, 50_000..100_000_u32).prop_map(|(min, width)| Delay::Uniform(min, min + width)),
        (80_000..100_000_u32, 8000..15_000_u32).prop_map(|(mean, deviation)| Delay::Normal(mean, deviation)),
        (50_000..100_000_u32).prop_map(Delay::Exponential),
    ];
    let script = (any::<u32>(), delays, select(vec![40, 100, 100_u8])).prop_map(|(seed, one, percent)| {
        vec![
            network(seed, 0, 0, 0),
            delay(None, None, one, percent),
            latencies(0, 1, DRAWS),
        ]
    });
    trial.cases(12).forall(script, |case: &Case<'_, Script>| {
        let mut rules = Vec::new();
        let mut plain = false;
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::network { latency, jitter, .. }, _) => {
                    rules.clear();
                    plain = *latency == 0 && *jitter == 0;
                }
                (Step::delay { delay, percent, .. }, _) => rules.push((*delay, *percent)),
                (Step::latencies { .. }, Seen::latencies(all)) => {
                    let [(delay, percent)] = rules[..] else { continue };
                    if !plain || all.is_empty() {
                        continue;
                    }
                    let applied = f64::from(percent) / 100.0;
                    for (bound, share) in quantiles(delay) {
                        // Those that the rule does not concern have no latency at all.
                        let expected = applied * share + (1.0 - applied);
                        // The nearest microsecond: the distributions are wide.
                        let count = all.iter().filter(|one| (**one as f64) < bound).count();
                        if !believable(count, all.len(), expected) {
                            let text = format!("{count} of {} latencies are below {bound} µs", all.len());
                            return Err(Objection::at(at, text));
                        }
                    }
                    if let Delay::Uniform(min, max) = delay {
                        let low = |one: u64| one + 1 < u64::from(min) && (percent == 100 || one > 0);
                        if all.iter().any(|one| *one > u64::from(max) || low(*one)) {
                            return Err(Objection::at(at, "a uniform latency is out of its bounds"));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R6: losses are independent draws: first the base, then for each rule the loss, then the corruption.
pub fn losses_follow_their_rates(trial: &mut Trial<Script>) -> Verdict {
    let rate = || select(vec![0, 15, 40, 100_u8]);
    let script =
        (any::<u32>(), select(vec![0, 20, 50_u8]), vec((rate(), rate()), 0..3)).prop_map(|(seed, base, rules)| {
            let mut script = vec![network(seed, base, 0, 0)];
            script.extend(
                rules
                    .into_iter()
                    .map(|(dropped, corrupted)| lose(None, None, dropped, corrupted)),
            );
            script.push(traffic(0, 1, DRAWS));
            script
        });
    trial.cases(14).forall(script, |case: &Case<'_, Script>| {
        let mut arrives = 1.0;
        let mut one_rule = Vec::new();
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::network { loss, .. }, _) => {
                    arrives = 1.0 - f64::from(*loss) / 100.0;
                    one_rule.clear();
                    one_rule.push((*loss, 0));
                }
                (Step::lose { dropped, corrupted, .. }, _) => {
                    arrives *= (1.0 - f64::from(*dropped) / 100.0) * (1.0 - f64::from(*corrupted) / 100.0);
                    one_rule.push((*dropped, *corrupted));
                }
                (_, Seen::traffic(all)) => {
                    let count = |kind| all.iter().filter(|sent| **sent == kind).count();
                    let arrived = count(Sent::Arrived);
                    if !believable(arrived, all.len(), arrives) || (arrives == 0.0 && arrived > 0) {
                        return Err(Objection::at(
                            at,
                            format!("{arrived} of {} messages arrived", all.len()),
                        ));
                    }
                    // With one rule, what is not lost may be corrupted.
                    if let [(0, _), (dropped, corrupted)] = one_rule[..] {
                        let lost = f64::from(dropped) / 100.0;
                        let spoilt = (1.0 - lost) * f64::from(corrupted) / 100.0;
                        if !believable(count(Sent::Dropped), all.len(), lost)
                            || !believable(count(Sent::Corrupted), all.len(), spoilt)
                        {
                            return Err(Objection::at(at, "losses and corruptions are not as the rule says"));
                        }
                    }
                    let losses = count(Sent::Dropped) + count(Sent::Corrupted);
                    if losses + arrived != all.len() {
                        return Err(Objection::at(
                            at,
                            "a message is neither lost nor corrupted nor as it was sent",
                        ));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R6: a rule concerns the messages of its sender to its receiver.
pub fn rules_concern_their_messages(trial: &mut Trial<Script>) -> Verdict {
    let certain = select(vec![(100, 0), (0, 100), (0, 0_u8)]);
    let steps = prop_oneof![
        1 => (end(), end(), certain).prop_map(|(from, to, (dropped, corrupted))| lose(from, to, dropped, corrupted)),
        3 => (0..3_u8, 0..3_u8).prop_map(|(from, to)| traffic(from, to, 2)),
    ];
    // A message that two rules lose in different ways may be told either way.
    let arrived = |seen: &Seen| match seen {
        Seen::traffic(all) => all.iter().map(|sent| *sent == Sent::Arrived).collect(),
        _ => Vec::new(),
    };
    trial
        .cases(96)
        .forall(vec(steps, 1..10), move |case: &Case<'_, Script>| {
            for ((at, _, seen), expected) in case.steps().zip(case.expected()) {
                if arrived(seen) != arrived(expected) {
                    return Err(Objection::at(
                        at,
                        "a rule is applied to others' messages, or not to those it concerns",
                    ));
                }
            }
            Ok(())
        })
}

/// R7: the same seed gives the same losses and latencies, another seed others.
pub fn the_seed_decides(trial: &mut Trial<Script>) -> Verdict {
    let once = |seed: u32| {
        vec![
            network(seed, 50, 5000, 4000),
            delay(None, None, Delay::Uniform(0, 100_000), 50),
            traffic(0, 1, 120),
            latencies(0, 1, 40),
        ]
    };
    let script = any::<u32>().prop_map(move |seed| [once(seed), once(seed), once(seed ^ 1)].concat());
    trial.cases(12).forall(script, |case: &Case<'_, Script>| {
        // What was asked of each network, and what it answered.
        let mut runs: Vec<(Vec<&Step>, Vec<&Seen>)> = Vec::new();
        for (at, step, seen) in case.steps() {
            if matches!(step, Step::network { .. }) {
                runs.push((Vec::new(), Vec::new()));
            }
            let Some((mut last, before)) = runs.pop().map(|last| (last, &runs)) else { continue };
            last.0.push(step);
            last.1.push(seen);
            if before.iter().any(|run| run.0 == last.0 && run.1 != last.1) {
                return Err(Objection::at(at, "the same seed and the same calls gave another answer before"));
            }
            let other = |run: &(Vec<&Step>, Vec<&Seen>)| {
                matches!((run.0[0], last.0[0]), (Step::network { seed: one, .. }, Step::network { seed: other, .. }) if one != other)
                    && run.0.len() == 4
                    && run.0[1..] == last.0[1..]
                    && run.1 == last.1
            };
            if let Step::latencies { times: 40, .. } = step
                && matches!(last.0[0], Step::network { loss: 50, jitter: 4000, .. })
                && before.iter().any(other)
            {
                return Err(Objection::at(at, "another seed gave the same answers"));
            }
            runs.push(last);
        }
        Ok(())
    })
}
