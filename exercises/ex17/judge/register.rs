//! The multi-value register: of the writes that were heard of, it shows those that no other one has seen, by their clocks.

use std::collections::{BTreeMap, BTreeSet};

use ex17_protocol::{Script, Seen, Slot, Step, actor, counts_of, steps::*, written};
use judge::replicas::traffic::{MESSAGES, REPLICAS, pairs};
use judge::replicas::{self, Replicas};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::Index};

const REGISTER: Replicas<Script> = Replicas {
    copy: mvreg_copy,
    merge: mvreg_merge,
    look: |c| vec![mvreg_read(c)],
};

/// The clock of a write.
type Counts = BTreeMap<u64, u64>;

/// The clocks of writes in the order in which they were made, by three authors. Each has seen its own earlier ones, and those of
/// others that chance says.
fn history() -> impl Strategy<Value = Vec<Vec<(u64, u64)>>> {
    vec((0..3_u8, any::<u8>()), 2..9).prop_map(|authors| {
        let mut writes = Vec::<Counts>::new();
        let mut own = BTreeMap::<u64, Counts>::new();
        for (author, seen) in authors {
            let clock = own.entry(actor(author, 0)).or_default();
            for (at, write) in writes.iter().enumerate() {
                // Of the last few, seldom of all.
                let distance = writes.len() - at;
                if distance <= 3 && (seen >> (2 * distance)) & 1 == 1 {
                    raise(clock, write);
                }
            }
            *clock.entry(actor(author, 0)).or_default() += 1;
            writes.push(clock.clone());
        }
        writes.into_iter().map(|clock| clock.into_iter().collect()).collect()
    })
}

fn raise(clock: &mut Counts, other: &Counts) {
    for (actor, count) in other {
        let mine = clock.entry(*actor).or_default();
        *mine = (*mine).max(*count);
    }
}

/// Whether nothing of one clock is missing in the other.
fn is_seen_by(one: &Counts, other: &Counts) -> bool {
    one.iter()
        .all(|(actor, count)| other.get(actor).is_some_and(|theirs| count <= theirs))
}

/// Whether these can be the clocks of writes: each has an author whose count tells that it was seen, and then all that it had
/// seen was seen too.
fn is_history(writes: &BTreeSet<Counts>) -> bool {
    let tells = |write: &Counts, actor: &u64, count: &u64| {
        let mut later = writes
            .iter()
            .filter(|other| other.get(actor).is_some_and(|theirs| theirs >= count));
        later.all(|other| is_seen_by(write, other))
    };
    writes
        .iter()
        .all(|write| write.iter().any(|(actor, count)| tells(write, actor, count)))
}

/// Replays the script on sets of writes: a register shows those that it has heard of, and that no other one of them has seen.
fn latest(case: &Case<'_, Script>) -> Result<(), Objection> {
    let writes = case.steps().filter_map(|(_, step, _)| match step {
        Step::mvreg_set { counts, .. } => Some(counts_of(counts)),
        _ => None,
    });
    if !is_history(&writes.collect()) {
        return Ok(());
    }
    let mut heard = BTreeMap::<Slot, BTreeSet<Counts>>::new();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::mvreg_set { c, counts }, _) => {
                heard.entry(*c).or_default().insert(counts_of(counts));
            }
            (Step::mvreg_merge { c, other }, _) => {
                let news = heard.get(other).cloned().unwrap_or_default();
                heard.entry(*c).or_default().extend(news);
            }
            (Step::mvreg_copy { c, copy }, _) => {
                let state = heard.get(c).cloned().unwrap_or_default();
                heard.insert(*copy, state);
            }
            (Step::mvreg_read { c }, Seen::mvreg_read(shown)) => {
                shows_the_latest(at, heard.get(c).unwrap_or(&BTreeSet::new()), shown)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn shows_the_latest(at: usize, heard: &BTreeSet<Counts>, shown: &[String]) -> Result<(), Objection> {
    let is_latest = |write: &&Counts| !heard.iter().any(|other| other != *write && is_seen_by(write, other));
    let latest = heard.iter().filter(is_latest);
    let mut values: Vec<String> = latest
        .map(|clock| written(&clock.iter().map(|(actor, count)| (*actor, *count)).collect::<Vec<_>>()))
        .collect();
    values.sort();
    if values == shown {
        return Ok(());
    }
    let text = format!("of the writes that this register has heard of, no other one has seen these: {values:?}");
    Err(Objection::at(at, text))
}

/// R9: a write takes the place of those that it has seen, entries of other actors included, and of no others.
pub fn a_register_shows_the_latest_writes(trial: &mut Trial<Script>) -> Verdict {
    let script = history().prop_map(|writes| {
        let looks = writes.into_iter().map(|counts| [mvreg_set(0, counts), mvreg_read(0)]);
        looks.flatten().collect::<Vec<Step>>()
    });
    trial.cases(192).forall(script, latest)
}

/// R9: a write that comes late, or twice, changes nothing.
pub fn late_writes_change_nothing(trial: &mut Trial<Script>) -> Verdict {
    let script = (history(), vec(any::<Index>(), 2..12)).prop_map(|(writes, deliveries)| {
        let looks = deliveries
            .iter()
            .map(|at| [mvreg_set(0, at.get(&writes).clone()), mvreg_read(0)]);
        looks.flatten().collect::<Vec<Step>>()
    });
    trial.cases(192).forall(script, latest)
}

/// What happens between two writes: merges, and messages that are written or arrive.
fn traffic(replicas: Slot) -> impl Strategy<Value = Vec<Step>> {
    vec(
        prop_oneof![REGISTER.merging(0..replicas), REGISTER.messages(0..replicas)],
        0..4,
    )
}

/// Each write reaches one replica, in the order in which they were made: none is late.
fn growth(replicas: Slot) -> impl Strategy<Value = Vec<Step>> {
    (history(), vec((0..replicas, traffic(replicas)), 8)).prop_map(|(writes, deliveries)| {
        let mut script = Vec::new();
        for (counts, (c, traffic)) in writes.into_iter().zip(deliveries) {
            script.push(mvreg_set(c, counts));
            script.extend(traffic);
        }
        script
    })
}

/// R10: after merges a register shows the latest of the writes that both have heard of, each once.
pub fn merged_registers_show_the_latest_writes(trial: &mut Trial<Script>) -> Verdict {
    let meeting = pairs(REPLICAS).prop_map(|(c, other)| vec![mvreg_merge(c, other), mvreg_read(c), mvreg_read(other)]);
    let message = MESSAGES.prop_map(|c| vec![mvreg_read(c)]);
    let script = (growth(REPLICAS.end), vec(prop_oneof![4 => meeting, 1 => message], 1..6))
        .prop_map(|(growth, meetings)| [growth, meetings.concat()].concat());
    trial.cases(256).forall(script, latest)
}

/// R18: the merge of two `MVReg` is commutative, associative and idempotent.
pub fn register_merge_obeys_the_laws(trial: &mut Trial<Script>) -> Verdict {
    replicas::laws(trial.cases(40), &REGISTER, growth(REPLICAS.end))
}

/// R18: `MVReg` replicas that have heard of the same writes show the same values.
pub fn registers_converge(trial: &mut Trial<Script>) -> Verdict {
    replicas::converges(trial.cases(40), &REGISTER, growth)
}
