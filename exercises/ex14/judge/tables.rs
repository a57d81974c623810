//! The routing table alone.

use ex14_protocol::{Id, Script, Seen, Step, prefix, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};
use std::collections::{BTreeMap, BTreeSet};

use crate::{branching, some_id};

const LOCAL: Id = [0x5A; 32];

/// Contacts that share few or many bits with the local node.
fn contact() -> impl Strategy<Value = Id> {
    let bits = prop_oneof![0..4_usize, 0..256_usize];
    (bits, 0..1000_u64).prop_map(|(bits, seed)| branching(LOCAL, bits, seed))
}

/// R4: `closest` gives the nearest of all contacts, nearest first, and all if there are fewer.
pub fn the_closest_contacts_come_in_order(trial: &mut Trial<Script>) -> Verdict {
    // 20 contacts at most: no bucket overflows.
    let targets = vec((prop_oneof![some_id(), contact()], 0..24_u8), 1..4);
    let script = (vec(contact(), 0..20), targets).prop_map(|(contacts, targets)| {
        let adding = contacts.into_iter().map(|id| table_add(id, 1));
        let asking = targets.into_iter().map(|(target, count)| table_closest(target, count));
        [table(LOCAL, 20)]
            .into_iter()
            .chain(adding)
            .chain(asking)
            .collect::<Vec<Step>>()
    });
    trial.cases(160).forall(script, same)
}

/// R4: the local node is never a contact, even if it is added.
pub fn the_local_node_is_no_contact(trial: &mut Trial<Script>) -> Verdict {
    let script = vec(contact(), 0..4).prop_map(|contacts| {
        let adding = contacts.into_iter().map(|id| table_add(id, 1));
        let own = [table_add(LOCAL, 1), table_all(), table_closest(LOCAL, 20)];
        [table(LOCAL, 20)]
            .into_iter()
            .chain(adding)
            .chain(own)
            .collect::<Vec<Step>>()
    });
    trial.cases(64).forall(script, same)
}

/// R4: identifiers have the same bucket if and only if they share equally many bits with the local one.
pub fn each_prefix_length_has_a_bucket(trial: &mut Trial<Script>) -> Verdict {
    let script = vec(contact(), 2..12).prop_map(|ids| {
        let asking = ids.into_iter().map(table_bucket);
        [table(LOCAL, 20)].into_iter().chain(asking).collect::<Vec<Step>>()
    });
    trial.cases(96).forall(script, |case: &Case<'_, Script>| {
        let (mut local, mut known) = ([0; 32], BTreeMap::new());
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::table { local: id, .. }, _) => (local, known) = (*id, BTreeMap::new()),
                (Step::table_bucket { id }, Seen::table_bucket(bucket)) if *id != local => {
                    if *bucket > 255 {
                        return Err(Objection::at(at, "there are 256 buckets"));
                    }
                    let bits = prefix(&local, id);
                    let clash = known
                        .iter()
                        .find(|(other, number)| (**other == bits) != (**number == *bucket));
                    if let Some((other, number)) = clash {
                        let text = format!("{bits} common bits; bucket {number} is that of {other} common bits");
                        return Err(Objection::at(at, text));
                    }
                    known.insert(bits, *bucket);
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R3, R4: each bucket holds up to `k` of the contacts of its prefix length, whatever happens to the others.
pub fn a_full_bucket_leaves_the_others_alone(trial: &mut Trial<Script>) -> Verdict {
    let contact = (0..4_usize, 0..1000_u64).prop_map(|(bits, seed)| branching(LOCAL, bits, seed));
    let script = (1..6_u8, vec(contact, 1..40)).prop_map(|(k, contacts)| {
        let adding = contacts.into_iter().map(|id| table_add(id, 1));
        [table(LOCAL, k)]
            .into_iter()
            .chain(adding)
            .chain([table_all()])
            .collect::<Vec<Step>>()
    });
    trial.cases(96).forall(script, |case: &Case<'_, Script>| {
        let (mut local, mut k, mut added) = ([0; 32], 20, BTreeSet::new());
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::table { local: id, k: size }, _) => {
                    (local, k, added) = (*id, usize::from(*size), BTreeSet::new())
                }
                (Step::table_add { id, .. }, _) if *id != local => {
                    added.insert(*id);
                }
                (_, Seen::table_all(nodes)) => {
                    let held: BTreeSet<Id> = nodes.iter().map(|(id, _)| *id).collect();
                    if held.len() < nodes.len() || !held.is_subset(&added) {
                        return Err(Objection::at(at, "a contact is there twice, or was never added"));
                    }
                    for bits in 0..256 {
                        let of = |ids: &BTreeSet<Id>| ids.iter().filter(|id| prefix(&local, id) == bits).count();
                        let expected = of(&added).min(k);
                        if of(&held) != expected {
                            let text = format!("{} contacts share {bits} bits, {expected} are expected", of(&held));
                            return Err(Objection::at(at, text));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R3, R4: adding a contact again replaces its addresses.
pub fn a_table_keeps_the_last_addresses(trial: &mut Trial<Script>) -> Verdict {
    let adding = vec(((0..4_usize, 0..3_u64), 1..9_u8), 1..20);
    let script = adding.prop_map(|adding| {
        let adding = adding.into_iter();
        let adding = adding.map(|((bits, seed), version)| table_add(branching(LOCAL, bits, seed), version));
        [table(LOCAL, 20)]
            .into_iter()
            .chain(adding)
            .chain([table_all()])
            .collect::<Vec<Step>>()
    });
    trial.cases(96).forall(script, same)
}
