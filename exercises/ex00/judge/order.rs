//! The order of clocks: component by component, and the laws that every partial order obeys.

use std::collections::BTreeMap;

use ex00_protocol::{Order, Script, Seen, Slot, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::{CLOCKS, among_nested_ticks, clock, introductions, nested_tick};

/// A question about two clocks, possibly the same, among nested ticks.
fn asking(question: fn(Slot, Slot) -> Step) -> impl Strategy<Value = Vec<Step>> {
    among_nested_ticks((clock(), clock()).prop_map(move |(c, other)| question(c, other)))
}

/// R3: among clocks that know the same nodes, `compare` looks at every counter.
pub fn compare_is_componentwise(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(
        asking(compare).prop_map(|script| [introductions(), script].concat()),
        same,
    )
}

/// R3: a node that one of the clocks does not know counts zero there.
pub fn an_absent_node_counts_zero(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(asking(compare), same)
}

/// R3: `happened_before` is true exactly when no counter is larger and one is smaller.
pub fn happened_before_agrees_with_the_counters(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(asking(happened_before), same)
}

/// R3: `is_concurrent_with` is true exactly when one counter is larger and one is smaller.
pub fn concurrency_agrees_with_the_counters(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(asking(is_concurrent_with), same)
}

/// R7: `==` is true exactly when all counters are equal.
pub fn equality_agrees_with_the_counters(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(asking(equals), same)
}

/// R3: `compare` is a partial order: a clock equals itself, swapping mirrors the answer, and the order is transitive.
pub fn compare_is_a_partial_order(trial: &mut Trial<Script>) -> Verdict {
    let growth = vec(nested_tick(), 0..8).prop_map(|ticks| ticks.concat());
    let every_pair: Vec<Step> = CLOCKS
        .flat_map(|c| CLOCKS.map(move |other| compare(c, other)))
        .collect();
    trial.forall_then(growth, &every_pair, partial_order)
}

/// Judges the answers by each other alone; no reference is asked.
fn partial_order(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut answers = BTreeMap::new();
    for (at, step, seen) in case.steps() {
        if let (Step::compare { c, other }, Seen::compare(order)) = (step, seen) {
            answers.insert((*c, *other), (at, *order));
        }
    }
    for (&(a, b), &(at, order)) in &answers {
        if a == b && order != Order::Equal {
            return Err(Objection::at(at, "a clock is equal to itself"));
        }
        if let Some(&(back_at, back)) = answers.get(&(b, a))
            && back != mirrored(order)
        {
            let text = format!("c{a} is {order:?} c{b}, so c{b} cannot be {back:?} c{a}");
            return Err(Objection::at(at.max(back_at), text));
        }
        for (&(_, c), &(next_at, next)) in answers.range((b, Slot::MIN)..=(b, Slot::MAX)) {
            if let (Some(expected), Some(&(far_at, far))) = (composed(order, next), answers.get(&(a, c)))
                && far != expected
            {
                let text = format!("c{a} is {order:?} c{b} and c{b} is {next:?} c{c}, so c{a} cannot be {far:?} c{c}");
                return Err(Objection::at(at.max(next_at).max(far_at), text));
            }
        }
    }
    Ok(())
}

/// The answer with the two clocks swapped.
fn mirrored(order: Order) -> Order {
    match order {
        Order::Before => Order::After,
        Order::After => Order::Before,
        Order::Concurrent | Order::Equal => order,
    }
}

/// How the first clock relates to the third, where two answers settle it.
fn composed(first: Order, second: Order) -> Option<Order> {
    match (first, second) {
        (Order::Equal, order) | (order, Order::Equal) => Some(order),
        (Order::Before, Order::Before) => Some(Order::Before),
        (Order::After, Order::After) => Some(Order::After),
        _ => None,
    }
}
