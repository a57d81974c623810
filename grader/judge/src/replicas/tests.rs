//! The laws over a small language of sets, whose states merge rightly and wrongly.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::in_process::InProcess;

witness::language! {
    /// Sets of numbers.
    pub trait Sets {
        /// Writes.
        fn put(c: u8, number: u8) => "c{c}.put({number});";
        /// Copies.
        fn copy(c: u8, copy: u8) => "let mut c{copy} = c{c}.clone();";
        /// Merges.
        fn merge(c: u8, other: u8) => "c{c}.merge(&c{other});";
        /// Looks.
        fn numbers(c: u8) -> Vec<u8> => "c{c}.numbers()";
    }
}

/// How a state takes in another one.
type Join = fn(&mut Vec<u8>, &[u8]);

struct World {
    slots: BTreeMap<u8, Vec<u8>>,
    join: Join,
}

impl Sets for World {
    fn put(&mut self, c: u8, number: u8) {
        let numbers = self.slots.entry(c).or_default();
        union(numbers, &[number]);
    }
    fn copy(&mut self, c: u8, copy: u8) {
        let numbers = self.numbers(c);
        self.slots.insert(copy, numbers);
    }
    fn merge(&mut self, c: u8, other: u8) {
        let numbers = self.numbers(other);
        (self.join)(self.slots.entry(c).or_default(), &numbers);
    }
    fn numbers(&mut self, c: u8) -> Vec<u8> {
        self.slots.get(&c).cloned().unwrap_or_default()
    }
}

fn union(numbers: &mut Vec<u8>, others: &[u8]) {
    numbers.extend(others);
    numbers.sort_unstable();
    numbers.dedup();
}

fn add_up(numbers: &mut Vec<u8>, others: &[u8]) {
    let sum = numbers
        .iter()
        .chain(others)
        .fold(0, |sum: u8, number| sum.wrapping_add(*number));
    *numbers = vec![sum];
}

/// Keeps its own of two that are equally large.
fn keep_the_larger(numbers: &mut Vec<u8>, others: &[u8]) {
    if numbers.len() < others.len() {
        *numbers = others.to_vec();
    }
}

/// Something new pushes out something old, where there is much of it.
fn forget_one(numbers: &mut Vec<u8>, others: &[u8]) {
    let before = numbers.clone();
    union(numbers, others);
    if numbers.len() > 2 && before != *numbers && others != *numbers {
        numbers.remove(0);
    }
}

fn world(join: Join) -> Box<dyn Sets> {
    let slots = BTreeMap::new();
    Box::new(World { slots, join })
}

const REPLICAS: Replicas<Script> = Replicas {
    copy: steps::copy,
    merge: steps::merge,
    look: |slot| vec![steps::numbers(slot)],
};

fn writes(slots: u8) -> impl Strategy<Value = Vec<Step>> {
    vec((0..slots, 0..5_u8).prop_map(|(c, number)| steps::put(c, number)), 0..8)
}

/// What the two checks say of a way to merge: nothing, or what is wrong.
fn judged(make: witness::World<Script>) -> [Option<String>; 2] {
    let said = |check: fn(&mut Trial<'_, Script>) -> Verdict| {
        let (mut subject, mut reference) = (InProcess::new(make), InProcess::new(make));
        let mut trial = Trial::new(&mut subject, &mut reference, 7, "replicas");
        match check(&mut trial) {
            Verdict::Passed => None,
            Verdict::Failed(story) => Some(story.objection),
            other => panic!("{other:?}"),
        }
    };
    [
        said(|trial| laws(trial, &REPLICAS, writes(3))),
        said(|trial| converges(trial, &REPLICAS, writes)),
    ]
}

#[test]
fn a_union_obeys_all_laws() {
    assert_eq!(judged(|| world(union)), [None, None]);
}

#[test]
fn the_last_state_that_arrives_is_no_merge() {
    let [law, converged] = judged(|| world(|numbers, others| *numbers = others.to_vec()));
    assert!(law.is_some_and(|says| says.contains("commutative")));
    assert!(converged.is_some());
}

#[test]
fn adding_up_counts_twice() {
    let [law, _] = judged(|| world(add_up));
    assert!(law.is_some_and(|says| says.contains("idempotent")));
}

#[test]
fn subtler_ways_to_merge_are_seen_through() {
    assert!(judged(|| world(keep_the_larger))[0].is_some());
    assert!(judged(|| world(forget_one))[0].is_some());
}

#[test]
fn every_state_reaches_every_replica_once() {
    for count in [2, 3, 6] {
        let mut pairs = BTreeSet::new();
        for step in deliveries(count) {
            if let Merge(into, from) = step {
                assert!(pairs.insert((into, from - COPIES)), "{into} hears twice of {from}");
            }
        }
        assert_eq!(pairs.len(), usize::from(count) * usize::from(count - 1));
    }
}

#[test]
fn knowledge_tells_what_was_concurrent() {
    let mut knowledge = Knowledge::default();
    knowledge.write(0, 10);
    knowledge.merge(1, 0);
    knowledge.write(1, 11);
    knowledge.write(0, 12);
    knowledge.copy(0, 9);
    knowledge.write(0, 13);
    knowledge.merge(1, 9);
    assert_eq!(knowledge.heard_by(1), [10, 11, 12].into());
    assert!(knowledge.precedes(10, 11) && knowledge.precedes(10, 12));
    assert!(!knowledge.precedes(11, 12) && !knowledge.precedes(12, 11));
    assert_eq!(knowledge.latest(&knowledge.heard_by(1)), [11, 12].into());
    assert!(knowledge.latest(&BTreeSet::new()).is_empty());
}
