//! Retention: what expires, what stays, and what offsets are then.

use std::collections::BTreeMap;

use ex06_protocol::{Aged, Refusal, Script, Seen, Slot, Step, steps::*, topic};
use judge::{Objection, Trial, Verdict};
use proptest::{prelude::*, sample::select};

use crate::{Case, after, joining};

/// A day.
const LONG: u32 = 86_400_000;

/// A topic that forgets at once, one that does not, and one that does as the broker does.
fn beginning() -> Vec<Step> {
    vec![
        create_with(0, 1, Some(1), None),
        create_with(1, 1, Some(LONG), None),
        create_with(2, 1, None, None),
    ]
}

fn aging(questions: Vec<Step>) -> impl Strategy<Value = Vec<Step>> {
    let steps = prop_oneof![
        6 => (0..3_u8).prop_map(|t| publish(t, None)),
        1 => Just(cleanup()),
        2 => select(questions),
    ];
    (any::<bool>(), after(beginning(), steps, 14)).prop_map(|(quickly, script)| {
        let broker = if quickly { vec![forget_quickly()] } else { Vec::new() };
        [broker, script].concat()
    })
}

/// What the topics of a script keep.
#[derive(Default)]
struct Kept {
    quickly: bool,
    /// Whether a topic forgets at once.
    brief: BTreeMap<Slot, bool>,
    /// How many messages were published, and how many of them are removed.
    counts: BTreeMap<Slot, (u64, u64)>,
}

impl Kept {
    fn left(&self) -> impl Iterator<Item = (Slot, u64)> {
        self.counts
            .iter()
            .map(|(t, (published, removed))| (*t, published - removed))
    }

    /// Takes note of a step, and objects to a wrong number.
    fn enter(&mut self, step: &Step, seen: &Seen) -> Result<(), String> {
        match (step, seen) {
            (Step::forget_quickly {}, _) => {
                *self = Self {
                    quickly: true,
                    ..Self::default()
                }
            }
            (Step::create_with { t, retention_ms, .. }, Seen::create_with(Ok(()))) => {
                self.brief
                    .insert(*t, retention_ms.map_or(self.quickly, |retention| retention <= 1));
            }
            (Step::publish { t, .. }, Seen::publish(Ok(record))) => {
                let (published, _) = self.counts.entry(*t).or_default();
                if record.offset != *published {
                    return Err(format!("offset {published} comes next, whatever was removed"));
                }
                *published += 1;
            }
            (Step::cleanup {}, Seen::cleanup(count)) => {
                let mut expired = 0;
                for (t, (published, removed)) in &mut self.counts {
                    if self.brief.get(t) == Some(&true) {
                        expired += *published - *removed;
                        *removed = *published;
                    }
                }
                if *count as u64 != expired {
                    return Err(format!("{expired} messages have expired since the last cleanup"));
                }
            }
            (Step::total_messages {}, Seen::total_messages(total)) => {
                let left: u64 = self.left().map(|(_, left)| left).sum();
                if *total != left {
                    return Err(format!("{left} messages are there"));
                }
            }
            (Step::messages_per_topic {}, Seen::messages_per_topic(counts)) => {
                let left: Vec<_> = self.left().filter(|(_, left)| *left > 0).collect();
                let left: Vec<_> = left.into_iter().map(|(t, left)| (topic(t), left)).collect();
                if *counts != left {
                    return Err(format!("{left:?} are there"));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// R13: `cleanup_expired` removes the messages that are older than their topic, or else the broker, keeps them, counts them, and leaves
/// the others.
pub fn expired_messages_are_removed_and_counted(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(20).forall(aging(vec![cleanup()]), numbers_agree)
}

/// R13, R14: removed messages are counted no more.
pub fn totals_shrink_with_a_cleanup(trial: &mut Trial<Script>) -> Verdict {
    let totals = vec![total_messages(), messages_per_topic()];
    trial.cases(20).forall(aging(totals), numbers_agree)
}

fn numbers_agree(case: &Case<'_>) -> Result<(), Objection> {
    let mut kept = Kept::default();
    for (at, step, seen) in case.steps() {
        kept.enter(step, seen).map_err(|text| Objection::at(at, text))?;
    }
    Ok(())
}

/// R13: a consumer gets what is left after a cleanup, and at the right offsets.
pub fn what_is_left_can_be_read(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![6 => (0..3_u8).prop_map(|t| publish(t, None)), 1 => Just(cleanup())];
    let ending = [cleanup(), joining(0, 0, &[0, 1, 2]), poll(0, 0, u8::MAX)];
    trial
        .cases(16)
        .forall_then(after(beginning(), steps, 14), &ending, left_over)
}

fn left_over(case: &Case<'_>) -> Result<(), Objection> {
    let mut left = BTreeMap::<Slot, Vec<(u64, String)>>::new();
    let mut published = BTreeMap::<Slot, u64>::new();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::publish { t, .. }, Seen::publish(Ok(record))) => {
                let offset = published.entry(*t).or_default();
                left.entry(*t).or_default().push((*offset, record.message.clone()));
                *offset += 1;
            }
            (Step::cleanup {}, _) => drop(left.remove(&0)),
            (Step::poll { .. }, Seen::poll(Ok(records))) => {
                let expected = left.iter().flat_map(|(t, messages)| {
                    messages
                        .iter()
                        .map(|(offset, message)| (topic(*t), *offset, message.clone()))
                });
                let expected: Vec<_> = expected.collect();
                let came: Vec<_> = records
                    .iter()
                    .map(|record| (record.topic.clone(), record.offset, record.message.clone()))
                    .collect();
                if came != expected {
                    return Err(Objection::at(at, format!("{expected:?} is left")));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// R12, R13: a partition whose first messages expired begins at the first that is left, for `seek_to_beginning` and `seek`.
pub fn a_shortened_partition_keeps_its_offsets(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..4_u8, 1..4_u8).prop_map(|(old, young)| vec![age(old, young)]);
    trial.cases(2).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::age { old, young }, Seen::age(Some(aged))) = (step, seen) else {
                continue;
            };
            let (first, end) = (u64::from(*old), u64::from(*old) + u64::from(*young));
            // Where nothing is missing or nothing is left, offset 0 may be a place.
            let sought = if *old > 0 && *young > 0 {
                Err(Refusal::InvalidOffset(0, first, end))
            } else {
                aged.sought.clone()
            };
            let expected = Aged {
                removed: usize::from(*old),
                offsets: (first..end).collect(),
                sought,
            };
            if *aged != expected {
                return Err(Objection::at(at, format!("{expected:?} was expected")));
            }
        }
        Ok(())
    })
}
