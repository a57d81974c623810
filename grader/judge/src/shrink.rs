//! Cuts a failing script down: behind the objection, then chunks of steps, then simpler arguments.
//!
//! Any part of a script is a script, so steps can be taken out without asking the strategy that made them. Effort is counted in runs, not in
//! time: the same input gives the same story.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;
use witness::Language;

use crate::subject::Ending;
use crate::trial::{Fault, Found, Law, Trial};

/// Runs spent on one story.
const RUNS: u32 = 400;
/// Runs spent when every failing run costs a process.
const COSTLY_RUNS: u32 = 60;
/// Runs spent when every failing run costs a wait.
const WAITING_RUNS: u32 = 4;

/// The shortest script found that still fails in the same way. The `ending` of the script stays.
pub(crate) fn shrink<L: Language>(
    trial: &mut Trial<'_, L>,
    found: Found<L>,
    ending: &[L::Step],
    law: Law<'_, L>,
) -> Found<L> {
    let runs = match found.fault {
        Fault::Ended {
            ending: Ending::Hung, ..
        } => WAITING_RUNS,
        Fault::Ended { .. } => COSTLY_RUNS,
        _ if found.transcript.gave_up => WAITING_RUNS,
        _ => RUNS,
    };
    let mut shrinking = Shrinking {
        trial,
        best: found,
        ending,
        law,
        runs,
        tried: HashSet::new(),
    };
    shrinking.cut_behind_the_fault();
    shrinking.keep_the_fault_alone();
    shrinking.remove_chunks();
    shrinking.simplify_arguments();
    shrinking.remove_chunks();
    shrinking.rename_numbers();
    shrinking.best
}

struct Shrinking<'s, 't, L: Language> {
    trial: &'s mut Trial<'t, L>,
    best: Found<L>,
    ending: &'s [L::Step],
    law: Law<'s, L>,
    runs: u32,
    /// Scripts that were tried, as bytes.
    tried: HashSet<Vec<u8>>,
}

impl<L: Language> Shrinking<'_, '_, L> {
    /// Takes a candidate if it still fails in the same way.
    fn accept(&mut self, candidate: &[L::Step]) -> bool {
        let is_new = postcard::to_stdvec(candidate).is_ok_and(|bytes| self.tried.insert(bytes));
        if self.runs == 0 || !is_new {
            return false;
        }
        self.runs -= 1;
        match self.trial.attempt(candidate, self.law) {
            Some(found) if is_alike(&found.fault, &self.best.fault) => {
                self.best = found;
                self.cut_quietly();
                true
            }
            _ => false,
        }
    }

    fn step_of_fault(&self) -> usize {
        match &self.best.fault {
            Fault::Objection(objection) => objection.step,
            Fault::Panicked { step, .. } | Fault::Ended { step, .. } => *step,
            Fault::Missing(_) | Fault::Ours(_) => self.best.script.len(),
        }
    }

    /// The part that may change: all but the ending.
    fn body(&self) -> usize {
        self.best.script.len().saturating_sub(self.ending.len())
    }

    /// Steps behind the fault prove nothing. The cut script is run: a law that looks at the whole may need them after all.
    fn cut_behind_the_fault(&mut self) {
        self.cut_quietly();
        let keep = self.step_of_fault() + 1;
        if self.ending.is_empty() && keep < self.best.script.len() {
            let candidate = self.best.script[..keep].to_vec();
            self.accept(&candidate);
        }
    }

    /// As above without a run, when a step ended the script: those behind it were never reached.
    fn cut_quietly(&mut self) {
        if self.ending.is_empty() && matches!(self.best.fault, Fault::Panicked { .. } | Fault::Ended { .. }) {
            let keep = self.step_of_fault() + 1;
            self.best.script.truncate(keep);
        }
    }

    /// Many steps go wrong whatever came before.
    fn keep_the_fault_alone(&mut self) {
        let at = self.step_of_fault();
        if at < self.body() && self.body() > 1 {
            let candidate = [&self.best.script[at..=at], self.ending].concat();
            self.accept(&candidate);
        }
    }

    fn remove_chunks(&mut self) {
        let mut size = self.body().div_ceil(2);
        while size > 0 && self.runs > 0 {
            let mut at = self.body();
            let mut removed = false;
            while at > 0 && self.runs > 0 {
                let start = at.saturating_sub(size);
                let end = at.min(self.body());
                let mut candidate = self.best.script.clone();
                candidate.drain(start.min(end)..end);
                removed |= start < end && !candidate.is_empty() && self.accept(&candidate);
                at = start.min(self.body());
            }
            size = if size == 1 && removed { 1 } else { size / 2 };
        }
    }

    fn simplify_arguments(&mut self) {
        let mut at = 0;
        while at < self.body() && self.runs > 0 {
            let Ok(value) = serde_json::to_value(&self.best.script[at]) else {
                return;
            };
            let steps = simpler(&value)
                .into_iter()
                .filter_map(|value| serde_json::from_value::<L::Step>(value).ok());
            let improved = steps.into_iter().any(|step| {
                let mut candidate = self.best.script.clone();
                candidate[at] = step;
                self.accept(&candidate)
            });
            if !improved {
                at += 1;
            }
        }
    }

    /// Slots count from 0 and leave no gap, if the script fails with such numbers too.
    fn rename_numbers(&mut self) {
        let Ok(mut values) = serde_json::to_value(&self.best.script) else {
            return;
        };
        let mut used = BTreeSet::new();
        collect(&values, &mut used);
        for (small, number) in (0..).zip(used) {
            if small == number || self.runs == 0 {
                continue;
            }
            let mut renamed = values.clone();
            replace(&mut renamed, number, small);
            let Ok(candidate) = serde_json::from_value::<Vec<L::Step>>(renamed.clone()) else {
                continue;
            };
            if candidate.ends_with(self.ending) && self.accept(&candidate) {
                values = renamed;
            }
        }
    }
}

/// Whether two faults are of one kind. A shorter script that fails in another way tells of another mistake.
fn is_alike(one: &Fault, other: &Fault) -> bool {
    match (one, other) {
        (Fault::Objection(_), Fault::Objection(_)) | (Fault::Panicked { .. }, Fault::Panicked { .. }) => true,
        (Fault::Ended { ending: one, .. }, Fault::Ended { ending: other, .. }) => one == other,
        _ => false,
    }
}

/// Values that say less than this one, simplest first. Whether they make sense is for the step's type to say.
fn simpler(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(number), _) => {
                let smaller = [0, 1, number / 2, number.saturating_sub(1)];
                smaller
                    .into_iter()
                    .filter(|other| *other < number)
                    .map(Value::from)
                    .collect()
            }
            (None, Some(number)) => {
                let plainer = [0.0, number.trunc(), number.abs()];
                plainer
                    .into_iter()
                    .filter(|other| *other != number)
                    .map(Value::from)
                    .collect()
            }
            (None, None) => Vec::new(),
        },
        Value::String(text) => {
            let part = |count: usize| text.chars().take(count).collect::<String>();
            let length = text.chars().count();
            let shorter = [1, length / 2, length.saturating_sub(1)];
            shorter
                .into_iter()
                .filter(|count| (1..length).contains(count))
                .map(part)
                .map(Value::from)
                .collect()
        }
        Value::Array(items) => simpler_lists(items),
        Value::Object(fields) => {
            let simpler_field = |(name, field): (&String, &Value)| {
                let changed = |value| {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), value);
                    Value::Object(fields)
                };
                simpler(field).into_iter().map(changed).collect::<Vec<_>>()
            };
            fields.iter().flat_map(simpler_field).collect()
        }
        Value::Bool(true) => vec![Value::Bool(false)],
        Value::Bool(false) | Value::Null => Vec::new(),
    }
}

fn simpler_lists(items: &[Value]) -> Vec<Value> {
    let mut lists = Vec::new();
    if items.len() > 1 {
        lists.push(Vec::new());
        lists.push(items[..items.len() / 2].to_vec());
        lists.push(items[items.len() / 2..].to_vec());
    }
    for at in 0..items.len() {
        lists.push([&items[..at], &items[at + 1..]].concat());
    }
    for (at, item) in items.iter().enumerate() {
        lists.extend(simpler(item).into_iter().map(|item| {
            let mut changed = items.to_vec();
            changed[at] = item;
            changed
        }));
    }
    lists.into_iter().map(Value::Array).collect()
}

/// The natural numbers in a value.
fn collect(value: &Value, numbers: &mut BTreeSet<u64>) {
    match value {
        Value::Number(number) => numbers.extend(number.as_u64()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, numbers)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, numbers)),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn replace(value: &mut Value, number: u64, by: u64) {
    match value {
        Value::Number(_) if value.as_u64() == Some(number) => *value = by.into(),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, number, by)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, number, by)),
        _ => {}
    }
}
