//! Values in the network.

use ex14_protocol::{Id, Refusal, Script, Seen, Step, node_id, spread, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

use crate::{K, is_near, ranked, size, some_id};

/// R11: `put` stores the value on the 20 nodes closest to the key.
pub fn the_closest_nodes_keep_a_value(trial: &mut Trial<Script>) -> Verdict {
    let script = (0..64_u16, some_id()).prop_map(|(n, key)| vec![network(64), put(n, key, vec![1, 2, 3])]);
    trial.cases(12).forall(script, |case: &Case<'_, Script>| {
        let Some(size) = size(case) else { return Ok(()) };
        for (at, step, seen) in case.steps() {
            if let (Step::put { n, key, .. }, Seen::put(stored)) = (step, seen)
                && *n < size
            {
                let Ok(stored) = stored else {
                    return Err(Objection::at(at, "it is refused"));
                };
                let closest = ranked(size, *n, key);
                // The node itself may be one of the twenty.
                let sure = if is_near(size, *n, key) { K - 1 } else { K };
                let missed = closest.iter().take(sure).filter(|id| !stored.contains(id)).count();
                if missed > 0 && !is_near(size, *n, key) {
                    return Err(Objection::at(
                        at,
                        format!("{missed} of the {K} closest nodes were not asked to store it"),
                    ));
                }
                if stored.len() > K || stored.len() < sure.min(closest.len()) {
                    return Err(Objection::at(
                        at,
                        format!("{} nodes were asked to store it", stored.len()),
                    ));
                }
            }
        }
        Ok(())
    })
}

/// R11: a node that is itself among the closest to the key keeps the value: it has it when all others are gone.
pub fn a_node_among_the_closest_keeps_the_value(trial: &mut Trial<Script>) -> Verdict {
    let script = (0..32_u16).prop_map(|n| {
        let others = (0..32_u16).filter(move |other| *other != n).map(kill);
        let key = node_id(n);
        [
            vec![network(32), put(n, key, vec![7])],
            others.collect(),
            vec![get(n, key)],
        ]
        .concat()
    });
    trial.cases(12).forall(script, |case| {
        let puts = case.steps().find_map(|(_, step, seen)| match (step, seen) {
            (Step::put { n, key, value }, Seen::put(Ok(_))) if *key == node_id(*n) => Some((*n, *key, value)),
            _ => None,
        });
        let Some((writer, point, value)) = puts else {
            return Ok(());
        };
        for (at, step, seen) in case.steps() {
            if let (Step::get { n, key }, Seen::get(got)) = (step, seen)
                && (*n, *key) == (writer, point)
                && *got != Ok(Some(value.clone()))
            {
                let text = format!("the key is its own point, so it keeps the value itself, and it gets {got:?}");
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// Whoever is alive finds what was put; nobody finds anything else.
fn found_by_the_living(case: &Case<'_, Script>) -> Result<(), Objection> {
    let Some(size) = size(case) else { return Ok(()) };
    let (mut kept, mut dead) = (BTreeMap::new(), BTreeSet::new());
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::kill { n }, _) => {
                dead.insert(*n);
            }
            (Step::put { n, key, value }, Seen::put(done)) if *n < size && !dead.contains(n) => {
                if done.is_err() {
                    return Err(Objection::at(at, "it is refused"));
                }
                kept.insert(*key, value);
            }
            (Step::get { n, key }, Seen::get(got)) if *n < size && !dead.contains(n) && dead.len() < K => {
                let expected = kept.get(key).map(|value| (*value).clone());
                if *got != Ok(expected.clone()) {
                    return Err(Objection::at(at, format!("expected {expected:?}, got {got:?}")));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// R11: a value is found from any node of the network, not only from those that keep it.
pub fn a_value_is_found_from_any_node(trial: &mut Trial<Script>) -> Verdict {
    let script = (0..64_u16, some_id(), prop::collection::vec(0..64_u16, 2..8)).prop_map(|(n, key, readers)| {
        let reads = readers.into_iter().map(|reader| get(reader, key));
        [network(64), put(n, key, vec![1, 2, 3])]
            .into_iter()
            .chain(reads)
            .collect::<Vec<Step>>()
    });
    trial.cases(12).forall(script, found_by_the_living)
}

/// R9, R11: a value is still found when all but one of the 20 nodes that keep it are gone.
pub fn a_value_survives_the_loss_of_all_but_one(trial: &mut Trial<Script>) -> Verdict {
    let script = (0..64_u16, 0..64_u16, some_id(), 0..K).prop_map(|(writer, reader, key, spared)| {
        let holders = ranked(64, 64, &key).into_iter().take(K).enumerate();
        let lost = holders.filter(|(rank, id)| *rank != spared && *id != node_id(writer) && *id != node_id(reader));
        let lost: BTreeSet<Id> = lost.map(|(_, id)| id).collect();
        let kills = (0..64).filter(|n| lost.contains(&node_id(*n))).map(kill);
        let start = [network(64), put(writer, key, vec![7])];
        let reads = [get(reader, key)];
        start.into_iter().chain(kills).chain(reads).collect::<Vec<Step>>()
    });
    trial.cases(16).forall(script, found_by_the_living)
}

/// R10, R11: in a network that grew node by node, everybody finds what anybody put.
pub fn newcomers_share_values(trial: &mut Trial<Script>) -> Verdict {
    let script = (
        prop::collection::vec(any::<u16>(), 40),
        some_id(),
        any::<u16>(),
        any::<u16>(),
    )
        .prop_map(|(friends, key, writer, reader)| {
            let members = friends.len() as u16 + 1;
            let joins = friends
                .into_iter()
                .zip(1..)
                .map(|(friend, n): (u16, u16)| join(n, friend % n));
            let value = vec![4, 2];
            joins
                .chain([put(writer % members, key, value), get(reader % members, key)])
                .collect::<Vec<Step>>()
        });
    trial.cases(3).forall(script, |case: &Case<'_, Script>| {
        let (mut members, mut kept) = (BTreeSet::from([0]), BTreeMap::new());
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::join { n, through }, _) if !members.contains(through) || !members.insert(*n) => return Ok(()),
                (Step::put { n, key, value }, _) if members.contains(n) => {
                    kept.insert(*key, value);
                }
                (Step::get { n, key }, Seen::get(got)) if members.contains(n) => {
                    if let Some(value) = kept.get(key)
                        && *got != Ok(Some((*value).clone()))
                    {
                        return Err(Objection::at(at, format!("expected {value:?}, got {got:?}")));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R11: a key that nobody put is `None`.
pub fn nobody_has_what_was_not_put(trial: &mut Trial<Script>) -> Verdict {
    let script = (0..64_u16, some_id(), some_id())
        .prop_map(|(n, key, other)| vec![network(64), put(n, key, vec![9]), get(63 - n, other), get(n, other)]);
    trial.cases(8).forall(script, found_by_the_living)
}

/// R12: a `Dht` stores data under their SHA-256 and gives `NotFound` for the rest; alone, it has no peers.
pub fn data_are_stored_under_their_hash(trial: &mut Trial<Script>) -> Verdict {
    let data = prop::collection::vec(any::<u8>(), 0..40);
    let script = (data, 0..9_u64)
        .prop_map(|(data, other)| vec![dht(data.clone()), key(data), dht_missing(spread(other)), dht_peers()]);
    trial.cases(24).forall(script, |case: &Case<'_, Script>| {
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::dht { data }, Seen::dht((_, got))) if *got != Ok(data.clone()) => {
                    return Err(Objection::at(at, format!("fetched {got:?}")));
                }
                (Step::dht { .. }, Seen::dht(_)) if case.expected()[at] != *seen => {
                    return Err(Objection::at(at, "the key is not the SHA-256 of the data"));
                }
                (_, Seen::dht_missing(got)) if *got != Err(Refusal::NotFound) => {
                    return Err(Objection::at(at, format!("expected NotFound, got {got:?}")));
                }
                (_, Seen::dht_peers(count)) if *count != 0 => {
                    return Err(Objection::at(at, format!("it knows {count} peers")));
                }
                _ => {}
            }
        }
        Ok(())
    })
}
