//! Concurrent operations, judged by what their callers recorded.
//!
//! Programs are short and many: a race shows in the few microseconds in which tasks overlap, and a short history can be
//! searched for an explanation. A history that was explained says nothing of the next run, so a script that failed is
//! told as it was recorded; candidates that are simpler are taken only if they fail again.

use ex09_protocol::{Act, Answered, Reply, Script, Seen, Step, steps::*};
use judge::history::{LONGEST, Recorded, Sequential, linearizable};
use judge::{Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::select};

/// What the keys hold: `x` and `y` always something, `z` from time to time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Keys {
    x: u16,
    y: u16,
    z: Option<u16>,
}

impl Keys {
    fn value(&self, key: &str) -> Option<u16> {
        match key {
            "x" => Some(self.x),
            "y" => Some(self.y),
            _ => self.z,
        }
    }

    fn with(&self, key: &str, value: u16) -> Self {
        let mut keys = self.clone();
        match key {
            "x" => keys.x = value,
            "y" => keys.y = value,
            _ => keys.z = Some(value),
        }
        keys
    }
}

impl Sequential for Keys {
    type Operation = Act;
    type Returned = Reply;

    fn step(&self, act: &Act, reply: &Reply) -> Option<Self> {
        let (after, right) = match act {
            Act::Put(key, value) => (self.with(key, *value), Reply::Written),
            Act::Get(key) => (self.clone(), Reply::Values(vec![self.value(key)])),
            Act::GetBoth => (self.clone(), Reply::Values(vec![Some(self.x), Some(self.y)])),
            Act::Swap(key, from, to) if self.value(key) == Some(*from) => (self.with(key, *to), Reply::Held(true)),
            Act::SwapBoth(from, to) if self.x == *from => (self.with("x", *to).with("y", *to), Reply::Held(true)),
            Act::Create(to) if self.z.is_none() => (self.with("z", *to), Reply::Held(true)),
            Act::Swap(..) | Act::SwapBoth(..) | Act::Create(_) => (self.clone(), Reply::Held(false)),
            Act::Remove => (
                Self {
                    z: None,
                    ..self.clone()
                },
                Reply::Removed(self.z.is_some()),
            ),
        };
        (*reply == right).then_some(after)
    }
}

fn act() -> impl Strategy<Value = Act> {
    let key = || select(vec!["x", "y"]).prop_map(str::to_owned);
    let any_key = select(vec!["x", "y", "z"]).prop_map(str::to_owned);
    // Few values: most comparisons have a chance to hold.
    let value = || 0..3_u16;
    prop_oneof![
        1 => (key(), value()).prop_map(|(key, value)| Act::Put(key, value)),
        2 => any_key.prop_map(Act::Get),
        3 => (key(), value(), value()).prop_map(|(key, from, to)| Act::Swap(key, from, to)),
        3 => (value(), value()).prop_map(|(from, to)| Act::SwapBoth(from, to)),
        2 => Just(Act::GetBoth),
        2 => value().prop_map(Act::Create),
        2 => Just(Act::Remove),
    ]
}

/// R12: every history has an order of its operations that explains all answers and that no call after a return breaks.
pub fn concurrent_operations_are_linearizable(trial: &mut Trial<Script>) -> Verdict {
    let programs = (2..5_usize).prop_flat_map(|tasks| vec(vec(act(), 4..11), tasks));
    trial
        .cases(160)
        .forall(programs.prop_map(|programs| vec![together(programs)]), |case| {
            for (at, _, seen) in case.steps() {
                let Seen::together(calls) = seen else { continue };
                let recorded = calls.iter().map(|call| {
                    let Answered { act, reply } = call.value.clone();
                    Recorded {
                        operation: act,
                        returned: reply,
                        called_at: call.called,
                        returned_at: call.returned,
                    }
                });
                let history: Vec<Recorded<Act, Reply>> = recorded.collect();
                if history.len() > LONGEST {
                    continue;
                }
                if let Err(explained) = linearizable(Keys::default(), &history) {
                    let all = history.len();
                    let text = format!(
                        "no order explains these answers: at most {} of {all} operations",
                        explained.len()
                    );
                    return Err(Objection::at(at, text));
                }
            }
            Ok(())
        })
}

/// R12: of increments that each are a read and a transaction, none is lost.
pub fn no_increment_is_lost(trial: &mut Trial<Script>) -> Verdict {
    let script = (3..6_u8, 100..250_u8).prop_map(|(tasks, times)| vec![count_up(tasks, times)]);
    // A window of a few instructions is met once in some thousand increments.
    trial.cases(70).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            if let (Step::count_up { tasks, times }, Seen::count_up(count)) = (step, seen) {
                let right = u64::from(*tasks) * u64::from(*times);
                if *count != right {
                    return Err(Objection::at(at, format!("{right} increments make {count}")));
                }
            }
        }
        Ok(())
    })
}

/// R8, R12: a watch delivers the commits of concurrent writers once each, in the order of revisions.
pub fn concurrent_commits_are_delivered_in_order(trial: &mut Trial<Script>) -> Verdict {
    let script = (3..6_u8, 100..250_u8).prop_map(|(tasks, times)| vec![storm(tasks, times)]);
    trial.cases(80).forall(script, |case| {
        for (at, _, seen) in case.steps() {
            let Seen::storm((written, delivered)) = seen else {
                continue;
            };
            if let Some(pair) = written.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(Objection::at(at, format!("two writes have revision {}", pair[0])));
            }
            if let Some(pair) = delivered.windows(2).find(|pair| pair[0] >= pair[1]) {
                let text = format!("revision {} is delivered after revision {}", pair[1], pair[0]);
                return Err(Objection::at(at, text));
            }
            if written != delivered {
                let text = format!("{} writes were made and {} delivered", written.len(), delivered.len());
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}
