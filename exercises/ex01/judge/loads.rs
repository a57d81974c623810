//! Loads: how keys are spread over the nodes, and what the statistics make of it.

use std::collections::{BTreeMap, BTreeSet};

use ex01_protocol::{Script, Seen, Slot, Step, node, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::prelude::*;

use crate::{
    RING,
    model::{Ring, Rings},
    nodes, ring,
};

/// Rings whose loads are looked at: one heavy node, three different weights, and four equal ones.
const LOADED: [&[u8]; 3] = [&[0, 2], &[0, 1, 2], &[0, 3, 6, 9]];

/// R8: with 512 virtual nodes a unit of weight, a node's share of 8000 keys is about its share of the weights.
pub fn loads_are_proportional_to_weights(trial: &mut Trial<Script>) -> Verdict {
    let loaded = |(r, nodes): (Slot, &&[u8])| [ring(r, 512, 1, nodes), vec![count_owners(r, 8000)]].concat();
    let script: Vec<Step> = (RING..).zip(&LOADED).flat_map(loaded).collect();
    trial.cases(1).forall(Just(script), |case: &Case<'_, Script>| {
        let mut rings = Rings::default();
        for (at, step, seen) in case.steps() {
            if let (Step::count_owners { r, keys }, Seen::count_owners(counts)) = (step, seen) {
                let ring = rings.get(*r);
                shares_are_fair(&ring, *keys, counts).map_err(|text| Objection::at(at, text))?;
            }
            rings.apply(step);
        }
        Ok(())
    })
}

fn shares_are_fair(ring: &Ring, keys: u16, counts: &BTreeMap<String, u64>) -> Result<(), String> {
    let weights: u32 = ring.members.iter().map(|n| node(*n).weight).sum();
    let tolerance = tolerance(ring.point_count(), keys);
    for member in ring.members.iter().map(|n| node(*n)) {
        let held = counts.get(&member.id).copied().unwrap_or_default();
        let share = held as f64 / f64::from(keys);
        let due = f64::from(member.weight) / f64::from(weights);
        if (share - due).abs() > tolerance {
            return Err(format!(
                "{} of weight {} of {weights} holds {held} of {keys} keys, where {due:.3} of them, give or take {tolerance:.3}, are due",
                member.id, member.weight
            ));
        }
    }
    Ok(())
}

/// How far a share may lie from what is due, for whatever labels the submission has chosen.
///
/// Digests of distinct labels are as good as independent uniform positions. `M` of them cut the circle into arcs whose
/// lengths are a flat Dirichlet, so the arcs of a node with `m` points sum up to a Beta(m, M - m), which is sub-Gaussian
/// with variance proxy `1 / (4 (M + 1))` (Marchal and Arbel 2017): it strays by `t` from its mean `m / M` with a
/// probability below `2 exp(-2 (M + 1) t^2)`. Of `K` keys, the part that falls onto these arcs strays by `u` from their
/// length with one below `2 exp(-2 K u^2)` (Hoeffding). The nine shares of the check are eighteen such events; allowing
/// each a probability of `5e-11`, that is `2 exp(-24.4)`, makes a false alarm rarer than one labelling in 1e9.
fn tolerance(points: usize, keys: u16) -> f64 {
    let stray = |draws: f64| (24.4 / (2.0 * draws)).sqrt();
    stray(points as f64 + 1.0) + stray(f64::from(keys))
}

/// Questions about a ring whose nodes mostly all hold some of the keys. Replicas do not count, so there are some.
fn asking(questions: fn(u16) -> [Step; 2]) -> impl Strategy<Value = Vec<Step>> {
    (4..=20_u16, 1..=3_u8, nodes(), 1..=120_u16).prop_map(move |(virtual_nodes, replication, nodes, keys)| {
        let mut script = ring(RING, virtual_nodes, replication, &nodes);
        script.extend(questions(keys));
        script
    })
}

/// Lets `law` judge each answer by the ring and by how many keys its nodes hold, as lookups have it.
fn judged_by_lookups(
    case: &Case<'_, Script>,
    law: impl Fn(&Ring, u16, &BTreeMap<String, u64>, &Seen) -> Result<(), String>,
) -> Result<(), Objection> {
    let mut rings = Rings::default();
    let mut held = BTreeMap::<(Ring, u16), &BTreeMap<String, u64>>::new();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::count_owners { r, keys }, Seen::count_owners(counts)) => {
                held.insert((rings.get(*r), *keys), counts);
            }
            (
                Step::keys_per_node { r, keys }
                | Step::standard_deviation { r, keys }
                | Step::coefficient_of_variation { r, keys },
                seen,
            ) => {
                let ring = rings.get(*r);
                if let Some(counts) = held.get(&(ring.clone(), *keys)) {
                    law(&ring, *keys, counts, seen).map_err(|text| Objection::at(at, text))?;
                }
            }
            _ => {}
        }
        rings.apply(step);
    }
    Ok(())
}

/// R9: `keys_per_node` counts each key for the primary that `lookup` finds, and none is lost.
pub fn statistics_count_every_key(trial: &mut Trial<Script>) -> Verdict {
    let script = asking(|keys| [count_owners(RING, keys), keys_per_node(RING, keys)]);
    trial.forall(script, |case: &Case<'_, Script>| {
        judged_by_lookups(case, |ring, keys, held, seen| match seen {
            Seen::keys_per_node(counts) if counts != held => {
                Err(format!("by lookups, the nodes hold {held:?} of the keys"))
            }
            Seen::keys_per_node(counts)
                if !ring.members.is_empty() && counts.values().sum::<u64>() != u64::from(keys) =>
            {
                Err(format!("these are not {keys} keys"))
            }
            _ => Ok(()),
        })
    })
}

/// R9: `standard_deviation` is that of the numbers of keys, of the population or of a sample.
pub fn the_deviation_is_that_of_the_counts(trial: &mut Trial<Script>) -> Verdict {
    let script = asking(|keys| [count_owners(RING, keys), standard_deviation(RING, keys)]);
    trial.forall(script, |case: &Case<'_, Script>| {
        judged_by_lookups(case, |ring, _, held, seen| match seen {
            Seen::standard_deviation(deviation) => {
                one_of(*deviation, readings(ring, held).map(|(deviation, _)| deviation), held)
            }
            _ => Ok(()),
        })
    })
}

/// R9: `coefficient_of_variation` is the deviation divided by the mean.
pub fn the_variation_is_relative_to_the_mean(trial: &mut Trial<Script>) -> Verdict {
    let script = asking(|keys| [count_owners(RING, keys), coefficient_of_variation(RING, keys)]);
    trial.forall(script, |case: &Case<'_, Script>| {
        judged_by_lookups(case, |ring, _, held, seen| match seen {
            Seen::coefficient_of_variation(variation) => {
                let variations = readings(ring, held).map(|(deviation, mean)| deviation / mean);
                one_of(*variation, variations, held)
            }
            _ => Ok(()),
        })
    })
}

/// The deviations and means that the contract allows: of the population or of a sample, over all nodes or over those
/// that hold a key. None where there is nothing to compare, which has a check of its own.
fn readings(ring: &Ring, held: &BTreeMap<String, u64>) -> impl Iterator<Item = (f64, f64)> {
    let sizes = BTreeSet::from([ring.members.len(), held.len()]);
    let counts: Vec<f64> = held.values().map(|&count| count as f64).collect();
    let comparable = ring.members.len() > 1 && !held.is_empty();
    sizes.into_iter().filter(move |_| comparable).flat_map(move |size| {
        let mean = counts.iter().sum::<f64>() / size as f64;
        let busy: f64 = counts.iter().map(|count| (count - mean).powi(2)).sum();
        let idle = (size - counts.len()) as f64 * mean.powi(2);
        // Of a single busy node there is no sample deviation; a careful student says 0, as the population does.
        let divisors = BTreeSet::from([size, (size - 1).max(1)]);
        divisors
            .into_iter()
            .map(move |divisor| (((busy + idle) / divisor as f64).sqrt(), mean))
    })
}

/// Objects unless the number is one of the readings, up to rounding; anything goes if there are none.
fn one_of(number: f64, readings: impl Iterator<Item = f64>, held: &BTreeMap<String, u64>) -> Result<(), String> {
    let readings: Vec<f64> = readings.collect();
    let close = |reading: &f64| (number - reading).abs() <= 1e-6 * reading.max(1.0);
    if readings.is_empty() || readings.iter().any(close) {
        return Ok(());
    }
    Err(format!("of {held:?} it is one of {readings:?}"))
}

/// R9: over no nodes, one node or no keys, deviation and variation are 0, not a division by zero.
pub fn statistics_of_nothing_are_zero(trial: &mut Trial<Script>) -> Verdict {
    let barren = prop_oneof![
        (1..60_u16).prop_map(|keys| (Vec::new(), keys)),
        (nodes(), 1..60_u16).prop_map(|(nodes, keys)| (nodes[..1].to_vec(), keys)),
        nodes().prop_map(|nodes| (nodes, 0)),
    ];
    let script = (1..=8_u16, barren).prop_map(|(virtual_nodes, (nodes, keys))| {
        let mut script = ring(RING, virtual_nodes, 1, &nodes);
        script.extend([standard_deviation(RING, keys), coefficient_of_variation(RING, keys)]);
        script
    });
    trial.forall(script, |case: &Case<'_, Script>| {
        let mut rings = Rings::default();
        for (at, step, seen) in case.steps() {
            if let (
                Step::standard_deviation { r, keys } | Step::coefficient_of_variation { r, keys },
                Seen::standard_deviation(number) | Seen::coefficient_of_variation(number),
            ) = (step, seen)
            {
                let nothing = rings.get(*r).members.len() < 2 || *keys == 0;
                if nothing && !(-1e-9..=1e-9).contains(number) {
                    return Err(Objection::at(
                        at,
                        format!("there is nothing to compare, so it is 0, not {number}"),
                    ));
                }
            }
            rings.apply(step);
        }
        Ok(())
    })
}
