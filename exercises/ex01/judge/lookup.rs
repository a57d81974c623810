//! Lookups: who holds a key, wherever the submission has put its points.

use std::collections::BTreeMap;

use ex01_protocol::{Script, Seen, Step, node, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*};

use crate::{
    RING, asking, coming_and_going,
    model::{Circle, Direction, Ring, Rings},
    nodes,
    points::{KnownPoints, introductions},
    position, ring, some_key, virtual_nodes,
};

/// R3: a ring without nodes holds nothing; any other has a member as primary of every key.
pub fn an_empty_ring_holds_nothing(trial: &mut Trial<Script>) -> Verdict {
    let script = coming_and_going(RING..RING + 1, |r| owner(r, "key".to_owned()));
    trial.forall(script, |case: &Case<'_, Script>| {
        let mut rings = Rings::default();
        for (at, step, seen) in case.steps() {
            if let (Step::owner { r, .. }, Seen::owner(owner)) = (step, seen) {
                let ring = rings.get(*r);
                match owner {
                    None if !ring.members.is_empty() => {
                        return Err(Objection::at(at, "the ring has nodes, so one of them holds the key"));
                    }
                    Some(id) if ring.member(id).is_none() => {
                        return Err(Objection::at(at, format!("{id} is not on the ring")));
                    }
                    _ => {}
                }
            }
            rings.apply(step);
        }
        Ok(())
    })
}

/// R3: the primary of a position is the node of the first point met from there, always walking the same way round.
pub fn a_key_belongs_to_the_next_point(trial: &mut Trial<Script>) -> Verdict {
    let questions = vec(position().prop_map(|hash| owner_of_hash(RING, hash)), 1..12);
    let script = (virtual_nodes(), nodes(), questions).prop_map(|(virtual_nodes, nodes, questions)| {
        let introduced = introductions(virtual_nodes, &nodes);
        [introduced, ring(RING, virtual_nodes, 1, &nodes), questions].concat()
    });
    trial.forall(script, one_way_round)
}

/// Walks both ways until the answers exclude both.
pub fn one_way_round(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut rings = Rings::default();
    let mut known = KnownPoints::default();
    let mut ways = vec![Direction::Up, Direction::Down];
    for (at, step, seen) in case.steps() {
        known.learn(&rings, step, seen);
        let answered = match (step, seen) {
            (Step::owner_of_hash { r, hash }, Seen::owner_of_hash(owner)) => {
                let owner = owner.as_slice().to_vec();
                Some((rings.get(*r).of_primaries(), *hash, owner))
            }
            (Step::holders_of_hash { r, hash }, Seen::holders_of_hash(holders)) => {
                Some((rings.get(*r), *hash, holders.clone().unwrap_or_default()))
            }
            _ => None,
        };
        if let Some((ring, hash, answer)) = answered
            && let Some(circle) = Circle::of(&ring, &known.0)
            && !circle.has_point_at(hash)
        {
            let met = |way: Direction| holders_met(&circle, &ring, hash, way);
            ways.retain(|way| met(*way) == answer);
            if ways.is_empty() {
                let (up, down) = (met(Direction::Up), met(Direction::Down));
                let text = format!("walking up, {up:?} is met first; walking down, {down:?}; and always the same way");
                return Err(Objection::at(at, text));
            }
        }
        rings.apply(step);
    }
    Ok(())
}

/// Whom a walk meets, in the form of the driver's answers: the primary, then the replicas by name.
fn holders_met(circle: &Circle, ring: &Ring, hash: u64, way: Direction) -> Vec<String> {
    let met = circle.walk(hash, way, ring.replication);
    let mut holders: Vec<String> = met.into_iter().map(|n| node(n).id).collect();
    if let Some((_, replicas)) = holders.split_first_mut() {
        replicas.sort();
    }
    holders
}

/// R3: `lookup` finds what `lookup_hash` finds at the position of the key.
pub fn a_lookup_hashes_its_key(trial: &mut Trial<Script>) -> Verdict {
    let key = vec(some_key(), 1..6);
    let script = (virtual_nodes(), nodes(), key).prop_map(|(virtual_nodes, nodes, keys)| {
        let both = |key: String| [owner(RING, key.clone()), owner_of_hashed_key(RING, key)];
        let questions: Vec<Step> = keys.into_iter().flat_map(both).collect();
        [ring(RING, virtual_nodes, 1, &nodes), questions].concat()
    });
    trial.forall(script, same_ring_same_owner)
}

/// R4: rings of the same nodes answer alike, whatever came first and whatever has left.
pub fn the_order_of_arrival_leaves_no_trace(trial: &mut Trial<Script>) -> Verdict {
    let script = coming_and_going(0..2, |r| owners(r, 16));
    trial.forall(script, same_ring_same_owner)
}

/// Answers about equal rings are equal, on whichever ring, at whichever time, and by whichever way of asking.
pub fn same_ring_same_owner(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut rings = Rings::default();
    let mut first = BTreeMap::<(Ring, String), Option<String>>::new();
    for (at, step, seen) in case.steps() {
        for (ring, key, owner) in owners_of(&rings, step, seen) {
            let about = format!("{key:?}");
            let before = first.entry((ring, key)).or_insert_with(|| owner.clone());
            if *before != owner {
                let text = format!("on a ring of the same nodes, the primary of {about} was {before:?}, not {owner:?}");
                return Err(Objection::at(at, text));
            }
        }
        rings.apply(step);
    }
    Ok(())
}

/// What an answer says of the primaries of keys.
fn owners_of(rings: &Rings, step: &Step, seen: &Seen) -> Vec<(Ring, String, Option<String>)> {
    let about = |r: &u8, key: String, owner: &Option<String>| (rings.get(*r).of_primaries(), key, owner.clone());
    match (step, seen) {
        (Step::owner { r, key }, Seen::owner(owner))
        | (Step::owner_of_hashed_key { r, key }, Seen::owner_of_hashed_key(owner)) => {
            vec![about(r, key.clone(), owner)]
        }
        (Step::owners { r, .. }, Seen::owners(owners)) => (0..)
            .zip(owners)
            .map(|(i, owner)| about(r, ex01_protocol::key(i), owner))
            .collect(),
        _ => Vec::new(),
    }
}

/// R3: `ring_position` is a number from 0 to 1.
pub fn a_position_is_a_fraction_of_the_circle(trial: &mut Trial<Script>) -> Verdict {
    let script = asking(position().prop_map(|hash| ring_position(RING, hash)));
    trial.forall(script, |case: &Case<'_, Script>| {
        for (at, _, seen) in case.steps() {
            if let Seen::ring_position(Some(fraction)) = seen
                && !(0.0..=1.0).contains(fraction)
            {
                return Err(Objection::at(at, "a position on the circle is between 0.0 and 1.0"));
            }
        }
        Ok(())
    })
}
