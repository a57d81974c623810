//! The points of a ring: how many, in which order, and whose.

use std::collections::BTreeMap;

use ex01_protocol::{Script, Seen, Slot, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::prelude::*;

use crate::{
    RING,
    model::{Circle, Rings},
    nodes, ring, some_of, virtual_nodes,
};

/// Where rings of a single node are made, one slot a node.
const ALONE: Slot = 100;

/// R2: a node has `virtual_nodes` times its weight of points, and takes them along when it leaves.
pub fn points_are_virtual_nodes_times_weight(trial: &mut Trial<Script>) -> Verdict {
    // A point of `n1` with a careless label is one of `n11`.
    let nodes = some_of(vec![0, 1, 2, 10, 11]);
    let script = (1..=40_u16, nodes, any::<bool>()).prop_map(|(virtual_nodes, nodes, leaves)| {
        let mut script = ring(RING, virtual_nodes, 1, &nodes);
        if leaves {
            script.push(remove_node(RING, nodes[0]));
        }
        script.push(points(RING));
        script
    });
    trial.forall(script, |case: &Case<'_, Script>| {
        let mut rings = Rings::default();
        for (at, step, seen) in case.steps() {
            if let (Step::points { r }, Seen::points(positions)) = (step, seen) {
                let (expected, got) = (rings.get(*r).point_count(), positions.len());
                if got != expected {
                    let text = format!("virtual_nodes times the weights is {expected}, not {got} positions");
                    return Err(Objection::at(at, text));
                }
            }
            rings.apply(step);
        }
        Ok(())
    })
}

/// R2: `ring_debug` lists positions in ascending order, each once.
pub fn points_are_sorted(trial: &mut Trial<Script>) -> Verdict {
    let script = (virtual_nodes(), nodes())
        .prop_map(|(virtual_nodes, nodes)| [ring(RING, virtual_nodes, 1, &nodes), vec![points(RING)]].concat());
    trial.forall(script, |case: &Case<'_, Script>| {
        for (at, _, seen) in case.steps() {
            if let Seen::points(positions) = seen
                && let Some(pair) = positions.windows(2).find(|pair| pair[0] >= pair[1])
            {
                let text = format!("{} comes before {}", pair[0], pair[1]);
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R2: a ring has the points that its nodes have when each is alone.
pub fn points_depend_on_their_node_alone(trial: &mut Trial<Script>) -> Verdict {
    let script = (virtual_nodes(), nodes()).prop_map(|(virtual_nodes, nodes)| {
        let together = [ring(RING, virtual_nodes, 1, &nodes), vec![points(RING)]].concat();
        [introductions(virtual_nodes, &nodes), together].concat()
    });
    trial.forall(script, |case: &Case<'_, Script>| {
        let mut rings = Rings::default();
        let mut known = KnownPoints::default();
        for (at, step, seen) in case.steps() {
            known.learn(&rings, step, seen);
            if let (Step::points { r }, Seen::points(positions)) = (step, seen)
                && let Some(circle) = Circle::of(&rings.get(*r), &known.0)
            {
                let mut positions = positions.clone();
                positions.sort_unstable();
                if positions != circle.positions() {
                    let text = "these are not the points that the nodes have when each is alone";
                    return Err(Objection::at(at, text));
                }
            }
            rings.apply(step);
        }
        Ok(())
    })
}

/// Asks for the points of each of these nodes, alone on a ring: then the circle of any ring of them is known.
pub fn introductions(virtual_nodes: u16, nodes: &[u8]) -> Vec<Step> {
    let introduction = |(r, n): (Slot, &u8)| [ring(r, virtual_nodes, 1, &[*n]), vec![points(r)]].concat();
    (ALONE..).zip(nodes).flat_map(introduction).collect()
}

/// What the submission said of the points of single nodes, by virtual nodes and number of the node.
#[derive(Default)]
pub struct KnownPoints(pub BTreeMap<(usize, u8), Vec<u64>>);

impl KnownPoints {
    /// Notes the answer if it is about a ring of one node.
    pub fn learn(&mut self, rings: &Rings, step: &Step, seen: &Seen) {
        if let (Step::points { r }, Seen::points(positions)) = (step, seen) {
            let ring = rings.get(*r);
            if ring.members.len() == 1 {
                let only = ring.members.iter().map(|n| (ring.virtual_nodes, *n));
                self.0.extend(only.map(|key| (key, positions.clone())));
            }
        }
    }
}
