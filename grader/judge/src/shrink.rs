//! Cuts a failing script down: behind the objection, then chunks of steps, then simpler arguments.
//!
//! Any part of a script is a script, so steps can be taken out without asking the strategy that made them. Effort is counted in runs, not in
//! time: the same input gives the same story.

use serde_json::Value;
use witness::Language;

use crate::case::{Case, Objection};
use crate::subject::Ending;
use crate::trial::{Fault, Found, Trial};

/// Runs spent on one story.
const RUNS: u32 = 400;
/// Runs spent when every failing run costs a process, or a wait.
const COSTLY_RUNS: u32 = 60;
const WAITING_RUNS: u32 = 8;

type Law<'l, L> = &'l dyn Fn(&Case<'_, L>) -> Result<(), Objection>;

/// The shortest script found that still fails. The `ending` of the script stays.
pub(crate) fn shrink<L: Language>(trial: &mut Trial<'_, L>, found: Found<L>, ending: &[L::Step], law: Law<'_, L>) -> Found<L> {
    let runs = match found.fault {
        Fault::Ended { ending: Ending::Hung, .. } => WAITING_RUNS,
        Fault::Ended { .. } => COSTLY_RUNS,
        _ => RUNS,
    };
    let mut shrinking = Shrinking { trial, best: found, ending, law, runs };
    shrinking.cut_behind_the_fault();
    shrinking.remove_chunks();
    shrinking.simplify_arguments();
    shrinking.remove_chunks();
    shrinking.best
}

struct Shrinking<'s, 't, L: Language> {
    trial: &'s mut Trial<'t, L>,
    best: Found<L>,
    ending: &'s [L::Step],
    law: Law<'s, L>,
    runs: u32,
}

impl<L: Language> Shrinking<'_, '_, L> {
    /// Takes a candidate if it still fails, in any way but by lacking a step.
    fn accept(&mut self, candidate: Vec<L::Step>) -> bool {
        if self.runs == 0 {
            return false;
        }
        self.runs -= 1;
        match self.trial.attempt(candidate, self.law) {
            Some(found) if !matches!(found.fault, Fault::Missing(_)) => {
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
            Fault::Ended { step, .. } => *step,
            Fault::Missing(_) => self.best.script.len(),
        }
    }

    /// The part that may change: all but the ending.
    fn body(&self) -> usize {
        self.best.script.len().saturating_sub(self.ending.len())
    }

    /// Steps behind the fault prove nothing. The cut script is run: a law that looks at the whole may need them after all.
    fn cut_behind_the_fault(&mut self) {
        let keep = self.step_of_fault() + 1;
        if self.ending.is_empty() && keep < self.best.script.len() {
            let candidate = self.best.script[..keep].to_vec();
            self.accept(candidate);
        }
    }

    /// As above without a run, when the process or the step itself ended the script.
    fn cut_quietly(&mut self) {
        let answered = self.best.transcript.answers.len() + usize::from(self.best.transcript.ending.is_some());
        if self.ending.is_empty() && answered < self.best.script.len() {
            self.best.script.truncate(answered.max(1));
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
                candidate.drain(start..end);
                removed |= start < end && !candidate.is_empty() && self.accept(candidate);
                at = start.min(self.body());
            }
            size = if size == 1 && removed { 1 } else { size / 2 };
        }
    }

    fn simplify_arguments(&mut self) {
        let mut at = 0;
        while at < self.body() {
            let Ok(value) = serde_json::to_value(&self.best.script[at]) else { return };
            let mut improved = false;
            for simpler in simpler(&value) {
                let Ok(step) = serde_json::from_value::<L::Step>(simpler) else { continue };
                if step == self.best.script[at] {
                    continue;
                }
                let mut candidate = self.best.script.clone();
                candidate[at] = step;
                if self.accept(candidate) {
                    improved = true;
                    break;
                }
            }
            if self.runs == 0 {
                return;
            }
            if !improved {
                at += 1;
            }
        }
    }
}

/// Values that say less than this one, simplest first.
fn simpler(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(number) => {
            let Some(number) = number.as_u64() else { return Vec::new() };
            [0, 1, number / 2, number.saturating_sub(1)].into_iter().filter(|other| *other < number).map(Value::from).collect()
        }
        Value::String(text) => {
            let half: String = text.chars().take(text.chars().count() / 2).collect();
            let short: String = text.chars().take(1).collect();
            ["".to_owned(), "A".to_owned(), short, half].into_iter().filter(|other| other.len() < text.len()).map(Value::from).collect()
        }
        Value::Array(items) => {
            let mut all = Vec::new();
            if !items.is_empty() {
                all.push(Value::Array(Vec::new()));
                all.push(Value::Array(items[..items.len() / 2].to_vec()));
            }
            for at in 0..items.len() {
                let mut fewer = items.clone();
                fewer.remove(at);
                all.push(Value::Array(fewer));
            }
            for (at, item) in items.iter().enumerate() {
                all.extend(simpler(item).into_iter().map(|simpler| {
                    let mut changed = items.clone();
                    changed[at] = simpler;
                    Value::Array(changed)
                }));
            }
            all
        }
        Value::Object(fields) => {
            let mut all = Vec::new();
            for (name, field) in fields {
                all.extend(simpler(field).into_iter().map(|simpler| {
                    let mut changed = fields.clone();
                    changed.insert(name.clone(), simpler);
                    Value::Object(changed)
                }));
            }
            all
        }
        Value::Bool(true) => vec![Value::Bool(false)],
        Value::Bool(false) | Value::Null => Vec::new(),
    }
}
