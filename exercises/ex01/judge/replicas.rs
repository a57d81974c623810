//! Replication: how many nodes hold a key, and which.

use std::collections::BTreeSet;

use ex01_protocol::{Script, Seen, Step, node, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*};

use crate::{
    RING, lookup::one_way_round, model::Rings, nodes, points::introductions, position, ring, some_key, virtual_nodes,
};

/// A ring with a replication factor below, at or above its number of nodes; then questions.
fn asking(question: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    let questions = vec(question, 1..8);
    (virtual_nodes(), 1..=6_u8, nodes(), questions).prop_map(|(virtual_nodes, replication, nodes, questions)| {
        [ring(RING, virtual_nodes, replication, &nodes), questions].concat()
    })
}

/// R5: a key is held by as many different nodes as the factor says, or by all if there are fewer.
pub fn holders_are_distinct_and_as_many_as_asked(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(
        asking(position().prop_map(|hash| holders_of_hash(RING, hash))),
        |case: &Case<'_, Script>| {
            let mut rings = Rings::default();
            for (at, step, seen) in case.steps() {
                if let (Step::holders_of_hash { r, .. }, Seen::holders_of_hash(Some(holders))) = (step, seen) {
                    let ring = rings.get(*r);
                    let expected = ring.replication.min(ring.members.len());
                    let distinct = holders.iter().collect::<BTreeSet<_>>().len();
                    if distinct != holders.len() {
                        return Err(Objection::at(at, "one node holds the key twice"));
                    }
                    if distinct != expected {
                        let text = format!("{expected} nodes are to hold the key, not {distinct}");
                        return Err(Objection::at(at, text));
                    }
                }
                rings.apply(step);
            }
            Ok(())
        },
    )
}

/// R5: the replicas are the next distinct nodes on the walk that finds the primary.
pub fn holders_are_the_next_nodes(trial: &mut Trial<Script>) -> Verdict {
    let questions = vec(position().prop_map(|hash| holders_of_hash(RING, hash)), 1..12);
    let script =
        (virtual_nodes(), 2..=4_u8, nodes(), questions).prop_map(|(virtual_nodes, replication, nodes, questions)| {
            let introduced = introductions(virtual_nodes, &nodes);
            [introduced, ring(RING, virtual_nodes, replication, &nodes), questions].concat()
        });
    trial.forall(script, one_way_round)
}

/// R5: the primary and the replicas have the address and the weight that they joined with.
pub fn holders_are_given_as_they_were_added(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(
        asking(some_key().prop_map(|key| holders(RING, key))),
        |case: &Case<'_, Script>| {
            let mut rings = Rings::default();
            for (at, step, seen) in case.steps() {
                if let (Step::holders { r, .. }, Seen::holders(Some(holders))) = (step, seen) {
                    let members: Vec<_> = rings.get(*r).members.into_iter().map(node).collect();
                    if let Some(stranger) = holders.iter().find(|holder| !members.contains(holder)) {
                        return Err(Objection::at(at, format!("no such node was added: {stranger:?}")));
                    }
                }
                rings.apply(step);
            }
            Ok(())
        },
    )
}
