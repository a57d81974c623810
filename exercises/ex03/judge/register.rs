//! The register: the last write wins, and all agree on which one that is.

use std::collections::BTreeMap;
use std::ops::Range;

use ex03_protocol::{Script, Seen, Slot, Step, replica, steps::*};
use judge::replicas::traffic::{MESSAGES, REPLICAS, plays_by_the_rules, some, some_meetings};
use judge::replicas::{self, Replicas, Writes};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::prelude::*;

const REGISTER: Replicas<Script> = Replicas {
    copy: register_copy,
    merge: register_merge,
    look: |c| vec![register_get(c)],
};

fn write(registers: Range<Slot>) -> impl Strategy<Value = Step> {
    registers.prop_map(|c| register_set(c, 0))
}

/// Gives each write a value of its own.
fn numbered(mut script: Vec<Step>) -> Vec<Step> {
    for (step, number) in script.iter_mut().zip(1..) {
        if let Step::register_set { value, .. } = step {
            *value = number;
        }
    }
    script
}

fn growth(registers: Range<Slot>) -> impl Strategy<Value = Vec<Step>> {
    some(REGISTER.among(registers.clone(), write(registers))).prop_map(numbered)
}

/// R5: a register holds what was written last; a new one holds nothing.
pub fn the_last_set_is_read(trial: &mut Trial<Script>) -> Verdict {
    let script = some(prop_oneof![write(0..2), (0..2_u8).prop_map(register_get)]).prop_map(numbered);
    trial.cases(128).forall(script, same)
}

/// R5: each write has a larger timestamp than the one before, with the name of its register.
pub fn timestamps_grow_with_each_set(trial: &mut Trial<Script>) -> Verdict {
    let script = some(prop_oneof![2 => write(0..2), 1 => (0..2_u8).prop_map(register_timestamp)]);
    trial.cases(128).forall(script, timestamps)
}

/// R6: a merge keeps the larger timestamp; a write after it has one above both, with the name of its own register.
pub fn the_largest_timestamp_wins(trial: &mut Trial<Script>) -> Verdict {
    // What is written is stamped, or its timestamp cannot be known.
    let script = some(REGISTER.among(REPLICAS, write(REPLICAS))).prop_map(|script| {
        let looked_at = script.into_iter().flat_map(|step| {
            let look = match step {
                Step::register_set { c, .. } | Step::register_merge { c, .. } => Some(register_timestamp(c)),
                _ => None,
            };
            [step].into_iter().chain(look)
        });
        looked_at.collect::<Vec<Step>>()
    });
    trial.forall(script, timestamps)
}

type Stamp = (u64, String);

/// What is known of the timestamp of a register.
#[derive(Debug, Clone, Default)]
struct Stamped {
    /// The timestamps that it has seen and that were looked at. None of them is larger than its own.
    largest: Option<Stamp>,
    /// Whether its own is the largest of these.
    is_known: bool,
    /// Whether it wrote after it last merged or was looked at.
    is_fresh: bool,
    /// Whether it has heard of any write: before, its timestamp says nothing.
    is_written: bool,
}

/// Compares each timestamp that is looked at with those that came into it.
fn timestamps(case: &Case<'_, Script>) -> Result<(), Objection> {
    if !follows_the_rules(case) {
        return Ok(());
    }
    let mut registers = BTreeMap::<Slot, Stamped>::new();
    let of = |registers: &BTreeMap<Slot, Stamped>, c: &Slot| {
        let new = Stamped {
            is_known: true,
            ..Stamped::default()
        };
        registers.get(c).cloned().unwrap_or(new)
    };
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::register_set { c, .. }, _) => {
                let mut register = of(&registers, c);
                (register.is_fresh, register.is_written, register.is_known) = (true, true, false);
                registers.insert(*c, register);
            }
            (Step::register_merge { c, other }, _) => {
                let (mut mine, theirs) = (of(&registers, c), of(&registers, other));
                mine.largest = mine.largest.max(theirs.largest);
                mine.is_known &= theirs.is_known;
                mine.is_written |= theirs.is_written;
                mine.is_fresh = false;
                registers.insert(*c, mine);
            }
            (Step::register_copy { c, copy }, _) => {
                let mut register = of(&registers, c);
                register.is_fresh = false;
                registers.insert(*copy, register);
            }
            (Step::register_timestamp { c }, Seen::register_timestamp(stamp)) => {
                let mut register = of(&registers, c);
                if !register.is_written {
                    continue;
                }
                stamped_as_it_must_be(at, *c, &register, stamp)?;
                register.largest = Some(stamp.clone());
                (register.is_known, register.is_fresh) = (true, false);
                registers.insert(*c, register);
            }
            _ => {}
        }
    }
    Ok(())
}

fn stamped_as_it_must_be(at: usize, c: Slot, register: &Stamped, stamp: &Stamp) -> Result<(), Objection> {
    let largest = register.largest.as_ref();
    if register.is_fresh && stamp.1 != replica(c) {
        let text = format!(
            "r{c} wrote this value: the timestamp must have its name, {:?}",
            replica(c)
        );
        return Err(Objection::at(at, text));
    }
    if register.is_fresh && largest.is_some_and(|largest| stamp <= largest) {
        let text =
            format!("a write must have a larger timestamp than all that its register has seen, {largest:?} among them");
        return Err(Objection::at(at, text));
    }
    if register.is_known && largest.is_some_and(|largest| stamp != largest) {
        let text = format!("the largest timestamp that this register has seen is {largest:?}, and that write wins");
        return Err(Objection::at(at, text));
    }
    Ok(())
}

/// Whether copies are messages, which nobody writes to.
fn follows_the_rules(case: &Case<'_, Script>) -> bool {
    plays_by_the_rules(
        |step| match step {
            Step::register_set { c, .. } => Some((*c, false)),
            Step::register_copy { copy, .. } => Some((*copy, true)),
            _ => None,
        },
        case.steps().map(|(_, step, _)| step),
    )
}

/// R6: some order of the writes, the same for all replicas, explains every value that is read: a write comes after those
/// that its register had heard of, and a register that was never written wins over none.
pub fn one_order_of_writes_explains_every_register(trial: &mut Trial<Script>) -> Verdict {
    let register = prop_oneof![3 => REPLICAS, 1 => MESSAGES];
    let step = prop_oneof![
        3 => REGISTER.among(REPLICAS, write(REPLICAS)),
        1 => register.prop_map(register_get),
    ];
    let script = some_meetings(step, REGISTER.meeting(REPLICAS, register_get));
    trial
        .cases(512)
        .forall(script.prop_map(numbered), explained_by_one_order)
}

fn explained_by_one_order(case: &Case<'_, Script>) -> Result<(), Objection> {
    if !follows_the_rules(case) {
        return Ok(());
    }
    let mut writes = Writes::default();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::register_set { c, value }, _) => {
                let can_be_told_apart = writes.value(at, *c, "", *value);
                if !can_be_told_apart {
                    return Ok(());
                }
            }
            (Step::register_merge { c, other }, _) => writes.merge(*c, *other),
            (Step::register_copy { c, copy }, _) => writes.copy(*c, *copy),
            (Step::register_get { c }, Seen::register_get(shown)) => writes.read(at, *c, "", *shown)?,
            _ => {}
        }
    }
    Ok(())
}

/// R6: a register that was made after a write, and never written, does not win over it, whichever merges the other.
pub fn an_unwritten_register_wins_nothing(trial: &mut Trial<Script>) -> Verdict {
    let script = (REPLICAS, 1..3_u8, any::<bool>()).prop_map(|(c, further, is_heard)| {
        let new = (c + further) % REPLICAS.end;
        let hearing = if is_heard {
            register_merge(new, c)
        } else {
            register_merge(c, new)
        };
        vec![register_set(c, 1), pause(), hearing, register_get(c), register_get(new)]
    });
    trial.cases(16).forall(script, explained_by_one_order)
}

/// R5, R6: writes that follow each other faster than a clock ticks stay in order, of one register or of two in turn.
pub fn quick_writes_stay_in_order(trial: &mut Trial<Script>) -> Verdict {
    let rounds = || 1..400_u16;
    let script = prop_oneof![rounds().prop_map(register_follow), rounds().prop_map(register_relay)];
    trial.cases(24).forall(script.prop_map(|step| vec![step]), |case| {
        for (at, step, seen) in case.steps() {
            if let (Step::register_follow { rounds }, Seen::register_follow(seen))
            | (Step::register_relay { rounds }, Seen::register_relay(seen)) = (step, seen)
                && seen < rounds
            {
                let text = format!(
                    "in {} of {rounds} rounds the register that merged did not get what was written last",
                    rounds - seen
                );
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R11: the merge of two `LWWRegister` is commutative, associative and idempotent.
pub fn register_merge_obeys_the_laws(trial: &mut Trial<Script>) -> Verdict {
    replicas::laws(trial.cases(96), &REGISTER, growth(REPLICAS))
}

/// R11: `LWWRegister` replicas that have heard of each other's writes hold the same value.
pub fn registers_converge(trial: &mut Trial<Script>) -> Verdict {
    replicas::converges(trial.cases(96), &REGISTER, |count| growth(0..count))
}
