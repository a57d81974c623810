//! Lookups and joining.

use ex14_protocol::{Found, Id, Message, Refusal, Script, Seen, Step, distance, node_id, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeSet;

use crate::{K, is_near, ranked, size, some_id};

/// A network, then lookups in it.
fn looking(size: u16) -> impl Strategy<Value = Vec<Step>> {
    let finds = vec((0..size, some_id()), 2..6);
    finds.prop_map(move |finds| {
        let finds = finds.into_iter().map(|(n, target)| find(n, target));
        [network(size)].into_iter().chain(finds).collect()
    })
}

/// Every lookup in the network that the script begins with.
fn each(case: &Case<'_, Script>, law: impl Fn(u16, u16, &Id, &Found) -> Result<(), String>) -> Result<(), Objection> {
    let Some(size) = size(case) else { return Ok(()) };
    for (at, step, seen) in case.steps() {
        if let (Step::find { n, target }, Seen::find(found)) = (step, seen)
            && *n < size
        {
            law(size, *n, target, found).map_err(|text| Objection::at(at, text))?;
        }
    }
    Ok(())
}

/// R7: a lookup gives the 20 nodes of the network that are closest to the target, closest first.
pub fn a_lookup_finds_the_true_closest(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(12).forall(
        prop_oneof![looking(64), looking(128), looking(15)],
        |case: &Case<'_, Script>| {
            each(case, |size, n, target, found| {
                if found.nodes.contains(&node_id(n)) {
                    return Err("it names the node that asks".to_owned());
                }
                let expected = ranked(size, n, target);
                let exact = usize::from(size) <= K || !is_near(size, n, target);
                if !found.nodes.is_sorted_by_key(|id| distance(id, target)) {
                    return Err("they are not sorted by distance".to_owned());
                }
                if exact && found.nodes != expected[..expected.len().min(K)] {
                    let missed = expected.iter().take(K).filter(|id| !found.nodes.contains(id)).count();
                    return Err(format!(
                        "{} nodes, and {missed} of the {K} closest are not among them",
                        found.nodes.len()
                    ));
                }
                Ok(())
            })
        },
    )
}

/// R8: a lookup asks at most 60 nodes of a network of 128 or 256.
pub fn a_lookup_is_short(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(4)
        .forall(prop_oneof![looking(128), looking(256)], |case: &Case<'_, Script>| {
            each(case, |size, _, _, found| {
                if found.asked.len() > 60 {
                    return Err(format!("{} requests in a network of {size} nodes", found.asked.len()));
                }
                if usize::from(size) > K && found.asked.len() < K {
                    return Err(format!(
                        "only {} nodes were asked, so the {K} closest were not",
                        found.asked.len()
                    ));
                }
                Ok(())
            })
        })
}

/// R8: a lookup asks each node at most once, and never the node itself.
pub fn a_lookup_asks_nobody_twice(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(8).forall(looking(64), |case: &Case<'_, Script>| {
        each(case, |_, n, _, found| {
            let mut asked = BTreeSet::from([node_id(n)]);
            match found.asked.iter().find(|id| !asked.insert(**id)) {
                Some(id) => Err(format!("{id:?} is asked again")),
                None => Ok(()),
            }
        })
    })
}

/// R8: a lookup has two or three requests under way at a time, never more.
pub fn a_lookup_keeps_up_to_three_requests_under_way(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(8).forall(looking(64), |case: &Case<'_, Script>| {
        each(case, |size, _, _, found| match found.at_once {
            2 | 3 => Ok(()),
            _ if usize::from(size) <= K => Ok(()),
            number => Err(format!("{number} requests at most were under way at a time")),
        })
    })
}

/// R9: nodes that do not answer are not in the result, and those behind them are found.
pub fn the_dead_are_passed_over(trial: &mut Trial<Script>) -> Verdict {
    let script = (vec(0..64_u16, 1..9), vec((0..64_u16, some_id()), 2..6)).prop_map(|(dead, finds)| {
        let finds: Vec<_> = finds.into_iter().filter(|(n, _)| !dead.contains(n)).collect();
        let kills = dead.into_iter().map(kill);
        let finds = finds.into_iter().map(|(n, target)| find(n, target));
        [network(64)]
            .into_iter()
            .chain(kills)
            .chain(finds)
            .collect::<Vec<Step>>()
    });
    trial.cases(12).forall(script, |case: &Case<'_, Script>| {
        let kills = case.steps().filter_map(|(_, step, _)| match step {
            Step::kill { n } => Some(node_id(*n)),
            _ => None,
        });
        let dead: BTreeSet<Id> = kills.collect();
        each(case, |size, n, target, found| {
            if dead.contains(&node_id(n)) {
                return Ok(());
            }
            if found.nodes.iter().any(|id| dead.contains(id)) {
                return Err("a dead node is in the result".to_owned());
            }
            let expected = ranked(size, n, target);
            let mut near = expected.iter().take(K).filter(|id| !dead.contains(*id));
            let missed = near.find(|id| !found.nodes.contains(id));
            match missed {
                Some(id) if !is_near(size, n, target) => Err(format!("{id:?} is alive and close, and was missed")),
                _ => Ok(()),
            }
        })
    })
}

/// R10: after `bootstrap`, a node knows the others and they know it.
pub fn newcomers_know_and_are_known(trial: &mut Trial<Script>) -> Verdict {
    let script = (vec(any::<u16>(), 2..16), some_id()).prop_map(|(friends, target)| {
        let members = friends.len() as u16;
        let joins = friends
            .into_iter()
            .zip(1..)
            .map(|(friend, n): (u16, u16)| join(n, friend % n));
        let asks = (0..=members).map(|n| handle(n, node_id(200), Message::FindNode(target)));
        let finds = (0..=members).map(|n| find(n, target));
        joins.chain(asks).chain(finds).collect::<Vec<Step>>()
    });
    trial.cases(12).forall(script, |case: &Case<'_, Script>| {
        let mut members = BTreeSet::from([0]);
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::join { n, through }, Seen::join(done)) => {
                    if !members.contains(through) || !members.insert(*n) || members.len() >= K {
                        return Ok(());
                    }
                    if let Err(error) = done {
                        return Err(Objection::at(at, format!("{error:?}, but that node is alive")));
                    }
                }
                (Step::handle { n, .. }, Seen::handle(Some(Message::NodesFound(known)))) if members.contains(n) => {
                    let mut others = members.iter().filter(|other| *other != n);
                    if let Some(other) = others.find(|other| !known.contains(&node_id(**other))) {
                        return Err(Objection::at(at, format!("it does not know n{other}")));
                    }
                }
                (Step::find { n, .. }, Seen::find(found)) if members.contains(n) => {
                    let others = members.iter().filter(|other| *other != n).map(|other| node_id(*other));
                    let missed = others.filter(|id| !found.nodes.contains(id)).count();
                    if missed > 0 {
                        return Err(Objection::at(
                            at,
                            format!("{missed} of the {} others are missed", members.len() - 1),
                        ));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R10: `bootstrap` through a node that does not answer is `BootstrapFailed`.
pub fn a_dead_friend_is_no_way_in(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..9_u16).prop_map(|n| vec![kill(0), join(n, 0)]);
    trial.cases(8).forall(script, |case: &Case<'_, Script>| {
        let mut dead = BTreeSet::new();
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::kill { n }, _) => {
                    dead.insert(*n);
                }
                (Step::join { n, through }, Seen::join(done))
                    if dead.contains(through) && !dead.contains(n) && *done != Err(Refusal::BootstrapFailed) =>
                {
                    return Err(Objection::at(at, format!("expected BootstrapFailed, got {done:?}")));
                }
                _ => {}
            }
        }
        Ok(())
    })
}
