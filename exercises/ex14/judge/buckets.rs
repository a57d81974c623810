//! One bucket.

use ex14_protocol::{Contact, Id, Script, Seen, Step, address, node_id, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

/// R3: a bucket holds everything until it is full, and never more than `k`.
pub fn a_bucket_holds_at_most_k(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..8_u8, 0..12_u16).prop_map(|(k, count)| {
        let mut script = vec![bucket(k), bucket_full()];
        for n in 0..count {
            script.extend([bucket_add(node_id(n), 1), bucket_full()]);
        }
        script.push(bucket_nodes());
        script
    });
    trial.cases(96).forall(script, |case: &Case<'_, Script>| {
        let (mut k, mut added) = (20, std::collections::BTreeSet::new());
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::bucket { k: size }, _) => (k, added) = (usize::from(*size), std::collections::BTreeSet::new()),
                (Step::bucket_add { id, .. }, _) => {
                    added.insert(*id);
                }
                (_, Seen::bucket_full(full)) if *full != (added.len() >= k) => {
                    return Err(Objection::at(
                        at,
                        format!("{} of {k} places were filled", added.len().min(k)),
                    ));
                }
                (_, Seen::bucket_nodes(nodes)) if nodes.len() != added.len().min(k) => {
                    return Err(Objection::at(
                        at,
                        format!("{} contacts are expected", added.len().min(k)),
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R3: adding a contact again leaves one entry, with the addresses told last.
pub fn a_contact_seen_again_has_one_entry_and_its_last_addresses(trial: &mut Trial<Script>) -> Verdict {
    let adding = (0..5_u16, 1..9_u8).prop_map(|(n, version)| bucket_add(node_id(n), version));
    let script =
        vec(adding, 1..16).prop_map(|steps| [vec![bucket(5)], steps, vec![bucket_nodes(), bucket_full()]].concat());
    // Cut scripts may begin without a bucket: the one of the driver holds 20.
    trial.cases(128).forall(script, same)
}

/// R3: a newcomer to a full bucket is left out, or takes the place of the contact that was seen longest ago.
pub fn only_the_contact_seen_longest_ago_gives_way(trial: &mut Trial<Script>) -> Verdict {
    let script = (2..6_u8, vec((0..10_u16, 1..9_u8), 1..24)).prop_map(|(k, adding)| {
        let adding = adding.into_iter();
        let steps = adding.flat_map(|(n, version)| [bucket_add(node_id(n), version), bucket_nodes()]);
        [bucket(k)].into_iter().chain(steps).collect::<Vec<Step>>()
    });
    trial.cases(128).forall(script, |case: &Case<'_, Script>| {
        // Longest ago first; what the bucket may hold if newcomers since the last look were left out or let in.
        let mut possible: Vec<Vec<Contact>> = vec![Vec::new()];
        let mut k = 20;
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::bucket { k: size }, _) => (k, possible) = (usize::from(*size), vec![Vec::new()]),
                (Step::bucket_add { id, version }, _) => {
                    possible = possible
                        .into_iter()
                        .flat_map(|held| after(held, *id, *version, k))
                        .collect();
                    possible.sort();
                    possible.dedup();
                }
                (_, Seen::bucket_nodes(nodes)) => {
                    possible.retain(|held| {
                        let mut held = held.clone();
                        held.sort();
                        held == *nodes
                    });
                    if possible.is_empty() {
                        return Err(Objection::at(
                            at,
                            "another contact gave way than the one seen longest ago",
                        ));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

fn after(mut held: Vec<Contact>, id: Id, version: u8, k: usize) -> Vec<Vec<Contact>> {
    let seen = (id, vec![address(version)]);
    let before = held.len();
    held.retain(|(known, _)| *known != id);
    if held.len() < before || before < k {
        held.push(seen);
        return vec![held];
    }
    let kept = held.clone();
    held.remove(0);
    held.push(seen);
    vec![kept, held]
}
