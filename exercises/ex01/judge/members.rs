//! The membership: who is on the ring, and changes that change nothing.

use ex01_protocol::{Script, Seen, Step, steps, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::{RING, coming_and_going, lookup::same_ring_same_owner, model::Rings, nodes, ring};

/// R10: `nodes` lists every node that joined and has not left, once, as it joined.
pub fn nodes_are_the_members(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(coming_and_going(RING..RING + 1, steps::nodes), same)
}

/// R10: `node_count` is their number, also when a node is added twice or an unknown one removed.
pub fn node_count_counts_the_members(trial: &mut Trial<Script>) -> Verdict {
    // Unlike elsewhere, members join again and strangers leave.
    let step = prop_oneof![
        (0..4_u8).prop_map(|n| add_node(RING, n)),
        (0..4_u8).prop_map(|n| remove_node(RING, n)),
        Just(node_count(RING)),
    ];
    let script = vec(step, 1..24).prop_map(|steps| [ring(RING, 4, 1, &[]), steps].concat());
    trial.forall(script, same)
}

/// R10: adding a member again, as it is, and removing a stranger leave every key where it was.
pub fn repeated_and_unknown_changes_do_nothing(trial: &mut Trial<Script>) -> Verdict {
    let change = prop_oneof![
        any::<prop::sample::Index>().prop_map(Some),
        Just(None), // a stranger leaves
    ];
    let script = (1..=8_u16, nodes(), vec(change, 1..4)).prop_map(|(virtual_nodes, nodes, changes)| {
        let mut script = ring(RING, virtual_nodes, 1, &nodes);
        script.push(owners(RING, 24));
        for change in changes {
            script.push(match change {
                Some(index) => keys_claimed(RING, *index.get(&nodes)),
                None => remove_node(RING, crate::NODES.end),
            });
            script.push(owners(RING, 24));
        }
        // A node that was added twice leaves once.
        script.extend([remove_node(RING, nodes[0]), owners(RING, 24)]);
        script.extend(ring(RING + 1, virtual_nodes, 1, &nodes[1..]));
        script.push(owners(RING + 1, 24));
        script
    });
    trial.forall(script, same_ring_same_owner)
}

/// R10: removing a node that is not there gives the empty set.
pub fn an_unknown_node_releases_nothing(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..=8_u16, nodes(), vec(0..=crate::NODES.end, 1..4)).prop_map(|(virtual_nodes, nodes, leaving)| {
        let leaving = leaving.into_iter().map(|n| keys_released(RING, n));
        ring(RING, virtual_nodes, 1, &nodes)
            .into_iter()
            .chain(leaving)
            .collect::<Vec<Step>>()
    });
    trial.forall(script, |case: &Case<'_, Script>| {
        let mut rings = Rings::default();
        for (at, step, seen) in case.steps() {
            if let (Step::keys_released { r, n }, Seen::keys_released(count)) = (step, seen)
                && !rings.get(*r).members.contains(n)
                && *count > 0
            {
                return Err(Objection::at(
                    at,
                    "this node is not on the ring, so no key is to be redistributed",
                ));
            }
            rings.apply(step);
        }
        Ok(())
    })
}
