//! The hidden checks of EX01: the contract of a consistent hash ring, over random scripts.
//!
//! Which node holds a key depends on labels that every submission chooses for itself. So only memberships are compared
//! with the reference (`same`); all else is judged by laws: answers about equal rings are equal, the holders of a key
//! follow from the points that the submission itself reports, and keys move only where a change explains it.
//!
//! A check's scripts use the calls it is about and the least that builds a ring. Rings with few virtual nodes are the
//! best ones: arcs are wide, replicas far, and the end of the circle is near.
//!
//! # Other designs considered
//! Every check must accept all of these; the sample `perfect` joins the first two.
//! - A sorted `Vec` of points with binary search, walked *downwards*, with labels `vnode/7/n1` and other bytes of the
//!   digest. Hence hashes are matched against every window of the digest in either byte order, the circle is walked both
//!   ways until one of the ways is excluded, and positions that are points themselves are not asked about.
//! - Statistics with the deviation of a sample, idle nodes left out of the map; simulations that count from the new
//!   node's own points and never copy the ring; empty sets from `add_node`, since no keys are stored.
//! - A ring per weight unit, or a table of `(u64, index)` with tombstones: only the number of points, their order and
//!   which node they come with are looked at, never the text beside them.
//! - Replicas in a `HashSet` before they are returned: the driver sorts them, the primary apart.

mod driver;
#[path = "judge/hashing.rs"]
mod hashing;
#[path = "judge/loads.rs"]
mod loads;
#[path = "judge/lookup.rs"]
mod lookup;
#[path = "judge/members.rs"]
mod members;
#[path = "judge/model.rs"]
mod model;
#[path = "judge/moves.rs"]
mod moves;
#[path = "judge/points.rs"]
mod points;
#[path = "judge/replicas.rs"]
mod replicas;
#[path = "judge/sharing.rs"]
mod sharing;
#[cfg(test)]
mod workload;

use std::collections::BTreeSet;

use ex01_protocol::{Script, Slot, Step, key, steps::*};
use proptest::{prelude::*, sample::subsequence};

judge::checks! {
    driver::World;
    hashing::a_key_hashes_to_its_sha256,
    hashing::virtual_nodes_have_positions_of_their_own,
    hashing::positions_fill_all_bits,
    points::points_are_virtual_nodes_times_weight,
    points::points_are_sorted,
    points::points_depend_on_their_node_alone,
    lookup::an_empty_ring_holds_nothing,
    lookup::a_key_belongs_to_the_next_point,
    lookup::a_lookup_hashes_its_key,
    lookup::a_position_is_a_fraction_of_the_circle,
    lookup::the_order_of_arrival_leaves_no_trace,
    replicas::holders_are_distinct_and_as_many_as_asked,
    replicas::holders_are_the_next_nodes,
    replicas::holders_are_given_as_they_were_added,
    moves::adding_moves_keys_to_the_new_node_only,
    moves::removing_moves_only_the_keys_of_the_node,
    moves::simulate_add_foretells_what_happens,
    moves::simulate_remove_foretells_what_happens,
    moves::simulating_without_keys_is_zero,
    loads::loads_are_proportional_to_weights,
    loads::statistics_count_every_key,
    loads::the_deviation_is_that_of_the_counts,
    loads::the_variation_is_relative_to_the_mean,
    loads::statistics_of_nothing_are_zero,
    members::nodes_are_the_members,
    members::node_count_counts_the_members,
    members::repeated_and_unknown_changes_do_nothing,
    members::an_unknown_node_releases_nothing,
    sharing::threads_find_the_same_nodes,
    sharing::readers_see_the_ring_before_or_after_a_change,
}

/// The ring that most scripts are about.
const RING: Slot = 0;
/// The nodes of most scripts; the first number behind them is a stranger. No name with an index runs into another: that
/// is a mistake with a check of its own.
const NODES: std::ops::Range<u8> = 0..10;

/// One to five nodes, each once, in any order.
fn nodes() -> impl Strategy<Value = Vec<u8>> {
    some_of(NODES.collect())
}

/// One to five of these.
fn some_of(nodes: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    subsequence(nodes, 1..=5).prop_shuffle()
}

/// Few virtual nodes, so that arcs are wide.
fn virtual_nodes() -> impl Strategy<Value = u16> {
    1..=8_u16
}

fn some_key() -> impl Strategy<Value = String> {
    prop_oneof![(0..200_u16).prop_map(key), any::<String>()]
}

/// Any position. The two ends of the circle are asked for on purpose.
fn position() -> impl Strategy<Value = u64> {
    prop_oneof![8 => any::<u64>(), 1 => Just(0), 1 => Just(u64::MAX)]
}

/// A ring of these nodes.
fn ring(r: Slot, virtual_nodes: u16, replication: u8, nodes: &[u8]) -> Vec<Step> {
    let joining = nodes.iter().map(|n| add_node(r, *n));
    [create(r, virtual_nodes, replication)]
        .into_iter()
        .chain(joining)
        .collect()
}

/// Some ring, with a replication factor of 1.
fn some_ring() -> impl Strategy<Value = Vec<Step>> {
    (virtual_nodes(), nodes()).prop_map(|(virtual_nodes, nodes)| ring(RING, virtual_nodes, 1, &nodes))
}

/// Some ring, then questions about it.
fn asking(question: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    (some_ring(), prop::collection::vec(question, 1..12)).prop_map(|(ring, questions)| [ring, questions].concat())
}

/// A few nodes that come and go and come again, among questions. None joins twice, none leaves that is not there.
fn coming_and_going(
    rings: std::ops::Range<Slot>,
    question: impl Fn(Slot) -> Step + Copy,
) -> impl Strategy<Value = Vec<Step>> {
    let change = (rings.clone(), 0..4_u8, prop::bool::weighted(0.3));
    (virtual_nodes(), prop::collection::vec(change, 1..24)).prop_map(move |(virtual_nodes, changes)| {
        let mut script: Vec<Step> = rings.clone().map(|r| create(r, virtual_nodes, 1)).collect();
        let mut present = BTreeSet::new();
        for (r, n, asks) in changes {
            script.push(if asks {
                question(r)
            } else if present.insert((r, n)) {
                add_node(r, n)
            } else {
                present.remove(&(r, n));
                remove_node(r, n)
            });
        }
        script.extend(rings.clone().map(question));
        script
    })
}
