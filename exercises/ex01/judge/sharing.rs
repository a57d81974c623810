//! One ring for several threads, behind an `Arc<RwLock<_>>`.

use std::collections::BTreeMap;

use ex01_protocol::{Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::prelude::*;

use crate::{
    RING,
    model::{Ring, Rings},
    nodes, ring, virtual_nodes,
};

/// Threads cost more than lookups, so there are fewer scripts than elsewhere.
const CASES: u32 = 64;
const KEYS: u16 = 8;

/// R11: threads that look keys up at once find what one alone finds.
pub fn threads_find_the_same_nodes(trial: &mut Trial<Script>) -> Verdict {
    let script = (virtual_nodes(), nodes(), 2..=4_u8).prop_map(|(virtual_nodes, nodes, threads)| {
        let mut script = ring(RING, virtual_nodes, 1, &nodes);
        script.extend([read_together(RING, threads, KEYS), owners(RING, KEYS)]);
        script
    });
    trial.cases(CASES).forall(script, before_or_after)
}

/// R11: while a node joins, who holds the read lock sees the ring without it or the ring with it, and not backwards.
pub fn readers_see_the_ring_before_or_after_a_change(trial: &mut Trial<Script>) -> Verdict {
    let script = (virtual_nodes(), nodes(), 2..=4_u8).prop_map(|(virtual_nodes, nodes, threads)| {
        let mut script = ring(RING, virtual_nodes, 1, &nodes);
        script.push(owners(RING, KEYS));
        script.push(join_while_reading(RING, crate::NODES.end, threads, KEYS));
        script.push(owners(RING, KEYS));
        script
    });
    trial.cases(CASES).forall(script, before_or_after)
}

type Owners = Vec<Option<String>>;

/// Threads must see what one thread alone sees before or after the change, where the script asked it.
fn before_or_after(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut rings = Rings::default();
    let mut alone = BTreeMap::<(Ring, usize), (usize, &Owners)>::new();
    let mut shared = Vec::new();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::owners { r, .. }, Seen::owners(owners)) => {
                alone.entry((rings.get(*r), owners.len())).or_insert((at, owners));
            }
            (Step::read_together { r, keys, .. }, Seen::read_together(threads)) => {
                let rounds = threads.iter().map(std::slice::from_ref).collect();
                shared.push((at, rings.get(*r), rings.get(*r), *keys, rounds));
            }
            (Step::join_while_reading { r, n, keys, .. }, Seen::join_while_reading(threads)) => {
                let rounds: Vec<&[Owners]> = threads.iter().map(Vec::as_slice).collect();
                shared.push((at, rings.get(*r), rings.get(*r).with(*n), *keys, rounds));
            }
            _ => {}
        }
        rings.apply(step);
    }
    for (at, before, after, keys, threads) in shared {
        let find = |ring: Ring| alone.get(&(ring, usize::from(keys)));
        if let (Some((first, before)), Some((last, after))) = (find(before), find(after)) {
            for rounds in threads {
                let old = rounds.iter().take_while(|seen| seen == before).count();
                if let Some(odd) = rounds[old..].iter().find(|seen| seen != after) {
                    let text =
                        format!("a thread saw {odd:?}: neither the ring before nor the one after, or out of order");
                    return Err(Objection::at(at.max(*first).max(*last), text));
                }
            }
        }
    }
    Ok(())
}
