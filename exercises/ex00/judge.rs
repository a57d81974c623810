//! The hidden checks of EX00: the contract of vector clocks, over random scripts.
//!
//! The contract determines nearly every answer, so most checks compare with the reference (`same`). Two kinds do not
//! need it: the laws of a partial order, and histories of messages, whose causal order is known without any clock.
//!
//! A check's scripts use the calls it is about and the least that builds a state: `tick` alone builds any clock.
//!
//! # Other designs considered
//! Every check must accept all of these; the samples `perfect` and `dense-vectors` are two of them.
//! - A `HashMap`: no order of nodes, hence `known_nodes` is sorted by the driver, and equal clocks may have different
//!   bytes, hence bytes are only ever read back by the submission that wrote them.
//! - A sorted vector with a binary format of its own. Garbage is bytes `0xff`, then bytes above `0x7f`: no JSON, no
//!   UTF-8, no length that fits, whatever the width and the order of the bytes. Truncation is checked on what the
//!   submission itself wrote. Trailing bytes and zero counters inside bytes are left alone.
//! - Dense vectors over a shared table of names: unknown nodes are stored zeros and `==` is written by hand. Nothing
//!   here looks at a representation, and no check says which clock is the larger in memory.
//! - A persistent map behind `Arc`, where `clone` copies nothing: a clone is only ever told apart by later ticks.

#[path = "judge/bytes.rs"]
mod bytes;
mod driver;
#[path = "judge/events.rs"]
mod events;
#[path = "judge/history.rs"]
mod history;
#[path = "judge/order.rs"]
mod order;
#[cfg(test)]
mod workload;

use std::ops::Range;

use ex00_protocol::{Script, Slot, Step, steps::*};
use judge::{Trial, Verdict, same};
use proptest::{collection::vec, prelude::*, sample::select};

judge::checks! {
    driver::World;
    ticks_count_each_node_alone,
    merge_takes_the_maximum_then_ticks,
    merge_learns_what_only_the_message_knows,
    order::compare_is_componentwise,
    order::an_absent_node_counts_zero,
    order::compare_is_a_partial_order,
    order::happened_before_agrees_with_the_counters,
    order::concurrency_agrees_with_the_counters,
    nodes_are_those_that_ticked,
    merging_makes_nodes_known,
    bytes::a_clock_survives_transport,
    bytes::a_large_clock_survives_transport,
    bytes::truncated_bytes_are_refused,
    bytes::garbage_is_refused,
    events::an_event_ticks_its_origin,
    events::an_event_keeps_its_origin_and_payload,
    events::caused_agrees_with_the_stamps,
    events::an_event_survives_json,
    a_default_clock_is_a_new_one,
    a_clone_is_independent,
    order::equality_agrees_with_the_counters,
    a_clock_crosses_threads,
    history::happened_before_is_reachability,
    history::conflicts_are_unreachable,
}

/// The clocks of most scripts. Few, so that they meet.
const CLOCKS: Range<Slot> = 0..3;
/// Their nodes. Few, so that clocks share some and lack others.
const NODES: [&str; 4] = ["A", "B", "C", "D"];

fn clock() -> impl Strategy<Value = Slot> {
    CLOCKS
}

fn two_clocks() -> impl Strategy<Value = (Slot, Slot)> {
    (clock(), clock())
}

fn node() -> impl Strategy<Value = String> {
    select(NODES.to_vec()).prop_map(str::to_owned)
}

/// Names that a careless format confuses, splits or cannot hold. Any string is a node.
fn awkward_node() -> impl Strategy<Value = String> {
    let long = "x".repeat(300);
    let names = [
        "",
        "a",
        "a:1",
        "a=1,b=2;",
        "\"a\\",
        "a\n\t\0",
        "été",
        "é",
        "{}",
        "0",
        long.as_str(),
    ];
    select(names.map(str::to_owned).to_vec())
}

/// Questions among steps that make clocks grow, two steps to one question.
fn among(
    growth: impl Strategy<Value = Step>,
    question: impl Strategy<Value = Step>,
) -> impl Strategy<Value = Vec<Step>> {
    vec(prop_oneof![2 => growth, 1 => question], 1..24)
}

/// Questions among ticks.
fn asking(question: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    among((clock(), node()).prop_map(|(c, node)| tick(c, node)), question)
}

/// A tick, most often on a clock and all that follow it: such clocks often are equal, or one before the other.
fn nested_tick() -> impl Strategy<Value = Vec<Step>> {
    (clock(), prop::bool::weighted(0.25), node()).prop_map(|(first, alone, node)| {
        let end = if alone { first + 1 } else { CLOCKS.end };
        (first..end).map(|c| tick(c, node.clone())).collect()
    })
}

/// As many questions as nested ticks.
fn among_nested_ticks(question: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    vec(prop_oneof![nested_tick(), question.prop_map(|step| vec![step])], 1..24).prop_map(|steps| steps.concat())
}

fn asking_for_a_count() -> impl Strategy<Value = Step> {
    (clock(), node()).prop_map(|(c, node)| get(c, node))
}

/// Ticks that make every clock know every node: what follows is about counters, not about absent nodes.
fn introductions() -> Vec<Step> {
    CLOCKS
        .flat_map(|c| NODES.map(|node| tick(c, node.to_owned())))
        .collect()
}

/// The receptions of messages, from one clock to another.
fn merging() -> impl Strategy<Value = Step> {
    (clock(), 1..CLOCKS.end, node()).prop_map(|(c, further, node)| merge(c, (c + further) % CLOCKS.end, node))
}

/// R1: a tick adds one to its node and to no other, and a node of which nothing is known counts zero.
fn ticks_count_each_node_alone(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(asking(asking_for_a_count()), same)
}

/// R2: among clocks that know the same nodes, `merge` takes the larger counters, then ticks the local node.
fn merge_takes_the_maximum_then_ticks(trial: &mut Trial<Script>) -> Verdict {
    let script = asking(prop_oneof![merging(), asking_for_a_count()]);
    trial.forall(script.prop_map(|script| [introductions(), script].concat()), same)
}

/// R2: `merge` works the same from and into an empty clock, and for nodes that one side only knows.
fn merge_learns_what_only_the_message_knows(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(asking(prop_oneof![merging(), asking_for_a_count()]), same)
}

/// R4: the known nodes are exactly those that ticked, each once.
fn nodes_are_those_that_ticked(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(asking(clock().prop_map(known_nodes)), same)
}

/// R4: the nodes of a received message are known, and so is the receiver.
fn merging_makes_nodes_known(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(asking(prop_oneof![merging(), clock().prop_map(known_nodes)]), same)
}

/// R7: `VectorClock::default()` has heard of nothing.
fn a_default_clock_is_a_new_one(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(
        asking(prop_oneof![clock().prop_map(default_to), asking_for_a_count()]),
        same,
    )
}

/// R7: a clone has the counters of its original, and neither follows the other.
fn a_clone_is_independent(trial: &mut Trial<Script>) -> Verdict {
    let copying = two_clocks().prop_map(|(c, copy)| clone_to(c, copy));
    trial.forall(asking(prop_oneof![copying, asking_for_a_count()]), same)
}

/// R7: a clock is `Send` and `Sync`; without them the step does not compile.
fn a_clock_crosses_threads(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(
        asking((clock(), node()).prop_map(|(c, node)| get_across_threads(c, node))),
        same,
    )
}
