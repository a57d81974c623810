//! The hidden checks of EX14: the metric, buckets, tables, messages, and lookups in small networks.
//!
//! Which contacts a full bucket keeps is open, so whole tables are compared with the reference only where no bucket
//! overflows. In the networks every bucket holds as many contacts as it can; whichever they are, a lookup that follows the
//! statement then finds the true closest nodes: a node of the answer that shares the longest prefix with a missed one
//! would know a contact that shares a longer one. Other networks are judged by what must be found, never by a path.

#[path = "judge/buckets.rs"]
mod buckets;
mod driver;
#[path = "judge/identifiers.rs"]
mod identifiers;
#[path = "judge/lookups.rs"]
mod lookups;
#[path = "judge/messages.rs"]
mod messages;
#[path = "judge/tables.rs"]
mod tables;
#[path = "judge/values.rs"]
mod values;
#[cfg(test)]
mod workload;

use ex14_protocol::{Id, Script, Step, distance, node_id, spread};
use judge::Case;
use proptest::prelude::*;

judge::checks! {
    driver::World;
    identifiers::distances_are_bitwise_differences,
    identifiers::prefixes_count_the_common_bits,
    identifiers::bits_are_counted_from_the_most_significant,
    identifiers::random_identifiers_fill_all_bits,
    identifiers::a_public_key_has_one_identifier,
    identifiers::keys_are_sha256,
    buckets::a_bucket_holds_at_most_k,
    buckets::a_contact_seen_again_has_one_entry_and_its_last_addresses,
    buckets::only_the_contact_seen_longest_ago_gives_way,
    tables::the_closest_contacts_come_in_order,
    tables::the_local_node_is_no_contact,
    tables::each_prefix_length_has_a_bucket,
    tables::a_full_bucket_leaves_the_others_alone,
    tables::a_table_keeps_the_last_addresses,
    messages::requests_are_answered,
    messages::answers_are_not_answered,
    messages::the_closest_contacts_are_named,
    messages::a_missing_value_names_closer_nodes,
    messages::a_stored_value_is_handed_out,
    lookups::a_lookup_finds_the_true_closest,
    lookups::a_lookup_is_short,
    lookups::a_lookup_asks_nobody_twice,
    lookups::a_lookup_keeps_up_to_three_requests_under_way,
    lookups::the_dead_are_passed_over,
    lookups::newcomers_know_and_are_known,
    lookups::a_dead_friend_is_no_way_in,
    values::the_closest_nodes_keep_a_value,
    values::a_node_among_the_closest_keeps_the_value,
    values::a_value_is_found_from_any_node,
    values::a_value_survives_the_loss_of_all_but_one,
    values::newcomers_share_values,
    values::nobody_has_what_was_not_put,
    values::data_are_stored_under_their_hash,
}

/// The constant of Kademlia that the statement fixes.
const K: usize = 20;

/// Any identifier.
fn some_id() -> impl Strategy<Value = Id> {
    any::<u64>().prop_map(spread)
}

/// An identifier that shares exactly so many leading bits with another.
fn branching(id: Id, bits: usize, seed: u64) -> Id {
    let noise = spread(seed);
    let mut other = id;
    for pos in bits..256 {
        let mask = 1 << (7 - pos % 8);
        let differs = pos == bits || noise[pos / 8] & mask != 0;
        if differs {
            other[pos / 8] ^= mask;
        }
    }
    other
}

/// The nodes of a network without one, closest to a target first.
fn ranked(size: u16, without: u16, target: &Id) -> Vec<Id> {
    let mut ids: Vec<Id> = (0..size).filter(|n| *n != without).map(node_id).collect();
    ids.sort_by_key(|id| distance(id, target));
    ids
}

/// The size of the network that the script begins with, if it does.
fn size(case: &Case<'_, Script>) -> Option<u16> {
    case.steps().next().and_then(|(_, step, _)| match step {
        Step::network { size } => Some(*size),
        _ => None,
    })
}

/// Whether one of the nodes is so near to the target that answers may name it in place of another.
fn is_near(size: u16, n: u16, target: &Id) -> bool {
    let own = distance(&node_id(n), target);
    let nearer = (0..size).filter(|other| distance(&node_id(*other), target) < own);
    nearer.count() <= K
}
