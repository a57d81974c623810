//! The list. Alone it is a vector; merged, it shows what was inserted and not deleted, in one order of all elements that explains
//! every answer (the strong list specification of Attiya et al. 2016, "Specification and Complexity of Collaborative Text
//! Editing").

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ex17_protocol::{Script, Seen, Slot, Step, steps::*};
use judge::replicas::traffic::{MESSAGES, REPLICAS, pairs, plays_by_the_rules, some};
use judge::replicas::{self, Knowledge, Replicas};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

const LIST: Replicas<Script> = Replicas {
    copy: list_copy,
    merge: list_merge,
    look: |c| vec![list_values(c)],
};

fn inserting(lists: Range<Slot>) -> impl Strategy<Value = Step> {
    (lists, 0..5_u8, 0..2_u8).prop_map(|(c, index, name)| list_insert(c, index, 0, name))
}

fn deleting(lists: Range<Slot>) -> impl Strategy<Value = Step> {
    (lists, 0..4_u8).prop_map(|(c, index)| list_delete(c, index))
}

fn writing(lists: Range<Slot>) -> impl Strategy<Value = Step> {
    prop_oneof![3 => inserting(lists.clone()), 1 => deleting(lists)]
}

/// Gives each insertion a value of its own.
fn numbered(mut script: Vec<Step>) -> Vec<Step> {
    for (step, number) in script.iter_mut().zip(1..) {
        if let Step::list_insert { value, .. } = step {
            *value = number;
        }
    }
    script
}

/// Brings all indices within what can be seen, where nothing is merged.
fn within(mut script: Vec<Step>) -> Vec<Step> {
    let mut lengths = BTreeMap::<Slot, u8>::new();
    for step in &mut script {
        match step {
            Step::list_insert { c, index, .. } => {
                let length = lengths.entry(*c).or_default();
                *index %= *length + 1;
                *length += 1;
            }
            Step::list_delete { c, index } => {
                let length = lengths.entry(*c).or_default();
                *index = index.checked_rem(*length).unwrap_or(0);
                *length = length.saturating_sub(1);
            }
            _ => {}
        }
    }
    script
}

/// Several insertions for each deletion, so that there is something to delete, and one to look at.
fn alone(question: fn(Slot) -> Step) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![2 => inserting(0..2), 1 => deleting(0..2), 1 => (0..2_u8).prop_map(question)];
    some(step).prop_map(numbered)
}

/// R12: `insert` and `delete` take the index of what can be seen: deleted values have none.
pub fn indices_count_what_can_be_seen(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(192).forall(alone(list_values).prop_map(within), same)
}

/// R12: beyond the end, `insert` appends, and `delete` does nothing.
pub fn indices_may_be_beyond_the_end(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(128).forall(alone(list_values), same)
}

/// R12: `len` is the number of values that can be seen.
pub fn deleted_values_are_not_counted(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(96).forall(alone(list_len).prop_map(within), same)
}

/// Writes and merges, and a look wherever the history alone does not say what can be seen.
fn edited() -> impl Strategy<Value = Vec<Step>> {
    let writing = prop_oneof![
        3 => inserting(REPLICAS).prop_map(|step| vec![step]),
        1 => (REPLICAS, 0..4_u8).prop_map(|(c, index)| vec![list_values(c), list_delete(c, index)]),
    ];
    let merging = pairs(REPLICAS).prop_map(|(c, other)| vec![list_merge(c, other), list_values(c)]);
    let message = (REPLICAS, MESSAGES, any::<bool>()).prop_map(|(c, message, is_sent)| {
        if is_sent {
            vec![list_copy(c, message)]
        } else {
            vec![list_merge(c, message), list_values(c)]
        }
    });
    let meeting = LIST.meeting(REPLICAS, list_values);
    vec(
        prop_oneof![6 => writing, 3 => merging, 2 => message, 1 => meeting],
        1..20,
    )
    .prop_map(|steps| numbered(steps.concat()))
}

/// R13: a merged list has, once each, the values of which an insertion was heard of, and no deletion.
pub fn lists_hold_what_was_inserted_and_not_deleted(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(192)
        .forall(edited(), |case| History::default().replay(case, Extent::Values))
}

/// R13: one order of all elements, the same for all replicas, explains every list that is seen: each was inserted where the
/// index says, and two elements never change places.
pub fn one_order_of_elements_explains_every_list(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(384)
        .forall(edited(), |case| History::default().replay(case, Extent::Order))
}

/// How much is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Which values there are.
    Values,
    /// In which order they are, too.
    Order,
}

/// What is known of the lists of a script. An element is known by its value, which no other one has.
#[derive(Default)]
struct History {
    knowledge: Knowledge,
    inserted: BTreeMap<usize, u32>,
    deleted: BTreeMap<usize, u32>,
    /// What can be seen in a list: unknown after a merge, until somebody looks.
    visible: BTreeMap<Slot, Option<Vec<u32>>>,
    /// For each element, some that come right behind it in some list.
    behind: BTreeMap<u32, BTreeSet<u32>>,
}

impl History {
    /// Gives up, without an objection, where the script is no history of the contract or hides what it deletes.
    fn replay(&mut self, case: &Case<'_, Script>, extent: Extent) -> Result<(), Objection> {
        let written = |step: &Step| match step {
            Step::list_insert { c, .. } | Step::list_delete { c, .. } => Some((*c, false)),
            Step::list_copy { copy, .. } => Some((*copy, true)),
            _ => None,
        };
        if !plays_by_the_rules(written, case.steps().map(|(_, step, _)| step)) {
            return Ok(());
        }
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::list_insert { c, index, value, .. }, _) => {
                    if self.inserted.values().any(|other| other == value) {
                        return Ok(());
                    }
                    self.insert(at, *c, usize::from(*index), *value, extent)?;
                }
                (Step::list_delete { c, index }, _) => {
                    let Some(list) = self.visible(*c) else {
                        return Ok(());
                    };
                    if usize::from(*index) < list.len() {
                        let value = list.remove(usize::from(*index));
                        self.knowledge.write(*c, at);
                        self.deleted.insert(at, value);
                    }
                }
                (Step::list_merge { c, other }, _) => {
                    self.knowledge.merge(*c, *other);
                    self.visible.insert(*c, None);
                }
                (Step::list_copy { c, copy }, _) => {
                    self.knowledge.copy(*c, *copy);
                    let list = self.visible(*c).clone();
                    self.visible.insert(*copy, list);
                }
                (Step::list_values { c }, Seen::list_values(list)) => self.look(at, *c, list, extent)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn visible(&mut self, c: Slot) -> &mut Option<Vec<u32>> {
        self.visible.entry(c).or_insert_with(|| Some(Vec::new()))
    }

    fn insert(&mut self, at: usize, c: Slot, index: usize, value: u32, extent: Extent) -> Result<(), Objection> {
        self.knowledge.write(c, at);
        self.inserted.insert(at, value);
        if extent == Extent::Values {
            // Where it went is not judged, so it is not known what a deletion would delete.
            self.visible.insert(c, None);
        }
        let Some(list) = self.visible(c) else {
            return Ok(());
        };
        list.insert(index.min(list.len()), value);
        let list = list.clone();
        self.follows(at, &list)
    }

    fn look(&mut self, at: usize, c: Slot, list: &[u32], extent: Extent) -> Result<(), Objection> {
        let heard = self.knowledge.heard_by(c);
        let of = |writes: &BTreeMap<usize, u32>| -> BTreeSet<u32> {
            heard.iter().filter_map(|write| writes.get(write).copied()).collect()
        };
        let (inserted, deleted) = (of(&self.inserted), of(&self.deleted));
        let mut sorted = list.to_vec();
        sorted.sort_unstable();
        if !sorted.iter().eq(inserted.difference(&deleted)) {
            let there: Vec<&u32> = inserted.difference(&deleted).collect();
            let text = format!(
                "by the insertions and deletions that this list has heard of, its values are {there:?}, in some order"
            );
            return Err(Objection::at(at, text));
        }
        if extent == Extent::Order {
            if let Some(known) = self.visible(c)
                && known != list
            {
                let text = format!("nothing was merged since, and these values are seen: {known:?}");
                return Err(Objection::at(at, text));
            }
            self.follows(at, list)?;
        }
        self.visible.insert(c, Some(list.to_vec()));
        Ok(())
    }

    /// Notes the order of a list, if it agrees with what is known of the order.
    fn follows(&mut self, at: usize, list: &[u32]) -> Result<(), Objection> {
        for pair in list.windows(2) {
            let [first, second] = [pair[0], pair[1]];
            if self.is_behind(first, second) {
                let text = format!(
                    "by where values were inserted and in which order they were seen before, {second} comes before {first}"
                );
                return Err(Objection::at(at, text));
            }
            self.behind.entry(first).or_default().insert(second);
        }
        Ok(())
    }

    /// Whether an element is known to come behind another.
    fn is_behind(&self, later: u32, earlier: u32) -> bool {
        let mut open = vec![earlier];
        let mut visited = BTreeSet::new();
        while let Some(element) = open.pop() {
            if element == later {
                return true;
            }
            if visited.insert(element) {
                open.extend(self.behind.get(&element).into_iter().flatten());
            }
        }
        false
    }
}

fn growth(lists: Range<Slot>) -> impl Strategy<Value = Vec<Step>> {
    some(LIST.among(lists.clone(), writing(lists))).prop_map(numbered)
}

/// R18: the merge of two `CrdtList` is commutative, associative and idempotent.
pub fn list_merge_obeys_the_laws(trial: &mut Trial<Script>) -> Verdict {
    replicas::laws(trial.cases(40), &LIST, growth(REPLICAS))
}

/// R18: `CrdtList` replicas that have heard of each other's changes show the same values in the same order.
pub fn lists_converge(trial: &mut Trial<Script>) -> Verdict {
    replicas::converges(trial.cases(40), &LIST, |count| growth(0..count))
}
