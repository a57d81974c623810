//! Moves: which keys change hands when nodes come and go, and what the simulations say beforehand.

use std::collections::BTreeMap;

use ex01_protocol::{Script, Seen, Slot, Step, node, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::prelude::*;

use crate::{
    RING,
    model::{Ring, Rings},
    nodes, ring, virtual_nodes,
};

/// How many keys are watched.
const KEYS: u16 = 40;

/// R6: when a node joins, each key stays where it is or moves to that node.
pub fn adding_moves_keys_to_the_new_node_only(trial: &mut Trial<Script>) -> Verdict {
    let script = (virtual_nodes(), 1..=3_u8, nodes()).prop_map(|(virtual_nodes, replication, nodes)| {
        let joining = nodes.iter().flat_map(|n| [add_node(RING, *n), owners(RING, KEYS)]);
        let created = create(RING, virtual_nodes, replication);
        [created].into_iter().chain(joining).collect::<Vec<Step>>()
    });
    trial.forall(script, moves_are_explained)
}

/// R6: when a node leaves, only its keys move.
pub fn removing_moves_only_the_keys_of_the_node(trial: &mut Trial<Script>) -> Verdict {
    let script = (virtual_nodes(), 1..=3_u8, nodes()).prop_map(|(virtual_nodes, replication, nodes)| {
        let leaving = nodes[1..]
            .iter()
            .flat_map(|n| [remove_node(RING, *n), owners(RING, KEYS)]);
        let mut script = ring(RING, virtual_nodes, replication, &nodes);
        script.push(owners(RING, KEYS));
        script.extend(leaving);
        script
    });
    trial.forall(script, moves_are_explained)
}

/// A key moves only away from a node that has left, or to a node that has joined, since it was last seen.
fn moves_are_explained(case: &Case<'_, Script>) -> Result<(), Objection> {
    // By ring: who joined and who left, in order; where each key was, and how much of that had happened then.
    let mut joined = BTreeMap::<Slot, Vec<(usize, u8)>>::new();
    let mut left = BTreeMap::<Slot, Vec<(usize, u8)>>::new();
    let mut last = BTreeMap::<(Slot, usize), (usize, String)>::new();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::create { r, .. }, _) => last.retain(|(slot, _), _| slot != r),
            (Step::add_node { r, n }, _) => joined.entry(*r).or_default().push((at, *n)),
            (Step::remove_node { r, n }, _) => left.entry(*r).or_default().push((at, *n)),
            (Step::owners { r, .. }, Seen::owners(owners)) => {
                let since = |changes: &BTreeMap<Slot, Vec<(usize, u8)>>, before: usize, id: &str| {
                    let mut changes = changes.get(r).into_iter().flatten();
                    changes.any(|(when, n)| before < *when && node(*n).id == id)
                };
                for (i, owner) in owners.iter().enumerate() {
                    let Some(owner) = owner else { continue };
                    if let Some((before, old)) = last.get(&(*r, i))
                        && old != owner
                        && !since(&left, *before, old)
                        && !since(&joined, *before, owner)
                    {
                        let text =
                            format!("key_{i} moved from {old}, which has not left, to {owner}, which is not new");
                        return Err(Objection::at(at, text));
                    }
                    last.insert((*r, i), (at, owner.clone()));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// R7: `simulate_add` is the fraction of the keys that move when the node then joins.
pub fn simulate_add_foretells_what_happens(trial: &mut Trial<Script>) -> Verdict {
    let script = (virtual_nodes(), nodes(), 1..=KEYS).prop_map(|(virtual_nodes, nodes, keys)| {
        let joining = nodes[1..].iter().flat_map(|n| {
            let before = [simulate_add(RING, *n, keys), owners(RING, keys)];
            before.into_iter().chain([add_node(RING, *n), owners(RING, keys)])
        });
        let start = ring(RING, virtual_nodes, 1, &nodes[..1]);
        start.into_iter().chain(joining).collect::<Vec<Step>>()
    });
    trial.forall(script, foretold)
}

/// R7: `simulate_remove` is the fraction of the keys that move when the node then leaves; none if it is not there.
pub fn simulate_remove_foretells_what_happens(trial: &mut Trial<Script>) -> Verdict {
    let script =
        (virtual_nodes(), nodes(), 1..=KEYS, any::<bool>()).prop_map(|(virtual_nodes, nodes, keys, absent)| {
            let mut script = ring(RING, virtual_nodes, 1, &nodes);
            script.push(owners(RING, keys));
            if absent {
                script.push(simulate_remove(RING, crate::NODES.end, keys));
            }
            for n in &nodes[1..] {
                script.extend([
                    simulate_remove(RING, *n, keys),
                    remove_node(RING, *n),
                    owners(RING, keys),
                ]);
            }
            script
        });
    trial.forall(script, foretold)
}

/// What a simulation claimed: at which step, of which change, and the fraction of how many keys.
struct Claim {
    at: usize,
    before: Ring,
    after: Ring,
    keys: u16,
    fraction: f64,
}

/// Compares what was foretold with the primaries seen before and after, wherever the script has both.
fn foretold(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut rings = Rings::default();
    let mut seen_owners = BTreeMap::new();
    let mut claims = Vec::new();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::owners { r, keys }, Seen::owners(owners)) => {
                seen_owners.entry((rings.get(*r), *keys)).or_insert((at, owners));
            }
            (Step::simulate_add { r, n, keys }, Seen::simulate_add(fraction)) => {
                let before = rings.get(*r);
                let after = before.clone().with(*n);
                claims.push(Claim {
                    at,
                    before,
                    after,
                    keys: *keys,
                    fraction: *fraction,
                });
            }
            (Step::simulate_remove { r, n, keys }, Seen::simulate_remove(fraction)) => {
                let before = rings.get(*r);
                let after = before.clone().without(*n);
                claims.push(Claim {
                    at,
                    before,
                    after,
                    keys: *keys,
                    fraction: *fraction,
                });
            }
            _ => {}
        }
        rings.apply(step);
    }
    for claim in claims {
        // Left open: what becomes of keys that nobody holds, and whether moves of replicas count.
        if claim.keys == 0
            || claim.before.members.is_empty()
            || claim.after.members.is_empty()
            || claim.before.replication > 1
        {
            continue;
        }
        let find = |ring: Ring| seen_owners.get(&(ring, claim.keys));
        if let (Some((first, before)), Some((last, after))) = (find(claim.before), find(claim.after)) {
            let moved = before
                .iter()
                .zip(after.iter())
                .filter(|(before, after)| before != after)
                .count();
            let truth = moved as f64 / f64::from(claim.keys);
            // Written so that a fraction that is not a number is wrong too.
            let right = (claim.fraction - truth).abs() <= 1e-9;
            if !right {
                let (fraction, keys) = (claim.fraction, claim.keys);
                let text = format!("{moved} of {keys} keys change their primary, but {fraction} was foretold");
                return Err(Objection::at(claim.at.max(*first).max(*last), text));
            }
        }
    }
    Ok(())
}

/// R7: of no keys, none move: the fraction is 0, not a division by zero.
pub fn simulating_without_keys_is_zero(trial: &mut Trial<Script>) -> Verdict {
    let script = (virtual_nodes(), nodes()).prop_map(|(virtual_nodes, nodes)| {
        let mut script = ring(RING, virtual_nodes, 1, &nodes);
        script.push(simulate_add(RING, crate::NODES.end, 0));
        script.push(simulate_remove(RING, nodes[0], 0));
        script
    });
    trial.forall(script, |case: &Case<'_, Script>| {
        for (at, step, seen) in case.steps() {
            if let (
                Step::simulate_add { keys: 0, .. } | Step::simulate_remove { keys: 0, .. },
                Seen::simulate_add(fraction) | Seen::simulate_remove(fraction),
            ) = (step, seen)
                && *fraction != 0.0
            {
                return Err(Objection::at(at, format!("{fraction} of no keys would move")));
            }
        }
        Ok(())
    })
}
