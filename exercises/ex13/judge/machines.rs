//! The state machine and its snapshots, as the library uses them.

use ex13_protocol::{Op, Reply, Script, Seen, Slot, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeMap;

use crate::{key, script, value};

const CASES: u32 = 64;

fn machine() -> impl Strategy<Value = Slot> {
    0..2_u8
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (key(), value()).prop_map(|(key, value)| Op::Set(key, value)),
        2 => key().prop_map(Op::Delete),
    ]
}

fn any_op() -> impl Strategy<Value = Op> {
    let voters = vec(1..6_u64, 1..4).prop_map(|mut voters| {
        voters.sort_unstable();
        voters.dedup();
        Op::Voters(voters)
    });
    prop_oneof![3 => op(), 1 => Just(Op::Blank), 1 => voters]
}

fn applying(machine: impl Strategy<Value = Slot>) -> impl Strategy<Value = Step> {
    (machine, vec(op(), 0..5)).prop_map(|(m, ops)| apply(m, ops))
}

fn applying_any() -> impl Strategy<Value = Step> {
    (machine(), vec(any_op(), 0..5)).prop_map(|(m, ops)| apply(m, ops))
}

fn looking() -> impl Strategy<Value = Step> {
    (machine(), key()).prop_map(|(m, key)| value_of(m, key))
}

fn value_of(m: Slot, key: String) -> Step {
    ex13_protocol::steps::value(m, key)
}

/// All values of both machines.
fn look_everywhere() -> Vec<Step> {
    let keys = ["a", "b", "c"];
    (0..2)
        .flat_map(|m| keys.map(|key| value_of(m, key.to_owned())))
        .collect()
}

/// R6: `Set` and `Delete` take effect in the order of the log, on the machine that applies them.
pub fn entries_take_effect_in_order(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![1 => applying(machine()), 2 => looking()];
    trial.cases(CASES).forall(script(vec![], steps, 16, vec![]), |case| {
        let expected = case.expected();
        let wrong = |at: &usize, seen: &Seen| matches!(seen, Seen::value(_)) && *seen != expected[*at];
        match case.steps().find(|(at, _, seen)| wrong(at, seen)) {
            Some((at, _, _)) => Err(Objection::at(at, "the value is not what the entries made it")),
            None => Ok(()),
        }
    })
}

/// What each request is answered, as the statement says; what other entries are answered is open.
fn responses(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut states: BTreeMap<Slot, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for (at, step, seen) in case.steps() {
        let (Step::apply { m, ops }, Seen::apply(replies)) = (step, seen) else {
            continue;
        };
        if replies.len() != ops.len() {
            let text = format!("{} entries get {} responses", ops.len(), replies.len());
            return Err(Objection::at(at, text));
        }
        let state = states.entry(*m).or_default();
        for (op, reply) in ops.iter().zip(replies) {
            let right = match op {
                Op::Set(key, value) => {
                    state.insert(key.clone(), value.clone());
                    *reply == Reply::Done
                }
                Op::Delete(key) => *reply == Reply::Value(state.remove(key)),
                Op::Blank | Op::Voters(_) => true,
            };
            if !right {
                return Err(Objection::at(at, format!("{op:?} is not answered by {reply:?}")));
            }
        }
    }
    Ok(())
}

/// R6: there is one response for each entry, in order: `Ok` for `Set`, and for `Delete` the value that it removed.
pub fn each_entry_has_its_response(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(CASES)
        .forall(script(vec![], applying_any(), 12, vec![]), responses)
}

/// Each step but `apply` returns what the reference returns.
fn same_but_responses(case: &Case<'_, Script>) -> Result<(), Objection> {
    let expected = case.expected();
    let wrong = |at: &usize, seen: &Seen| !matches!(seen, Seen::apply(_)) && *seen != expected[*at];
    match case.steps().find(|(at, _, seen)| wrong(at, seen)) {
        Some((at, _, _)) => Err(Objection::at(
            at,
            "the answer differs from what the contract determines",
        )),
        None => Ok(()),
    }
}

/// R6: the machine tells the last entry that it applied, of whatever kind, and the voters that it has heard of.
pub fn progress_is_told(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![1 => applying_any(), 1 => machine().prop_map(applied_state)];
    trial
        .cases(CASES)
        .forall(script(vec![], steps, 12, vec![]), same_but_responses)
}

/// R7: a snapshot carries the whole map, the last entry and the voters to an empty machine.
pub fn a_snapshot_carries_everything(trial: &mut Trial<Script>) -> Verdict {
    let growth = vec(any_op(), 1..12);
    let scripts = growth.prop_map(|ops| {
        let carried = [
            apply(0, ops),
            build_snapshot(0, 0),
            install_snapshot(1, 0),
            applied_state(1),
        ];
        [carried.to_vec(), look_everywhere()].concat()
    });
    trial.cases(CASES).forall(scripts, same_but_responses)
}

/// Machines that apply entries, build snapshots and install each other's, with looks of some kind between.
fn exchanges(looking: impl Strategy<Value = Step>, ending: Vec<Step>) -> impl Strategy<Value = Vec<Step>> {
    let carried = (machine(), vec(any_op(), 1..6)).prop_map(|(m, ops)| {
        // Machine `m` has applied more than the other before it hands over, or the other would not need it.
        vec![
            apply(m, ops.clone()),
            apply(m, ops),
            build_snapshot(m, m),
            install_snapshot(1 - m, m),
        ]
    });
    let round = prop_oneof![
        2 => applying_any().prop_map(|step| vec![step]),
        1 => machine().prop_map(|m| vec![build_snapshot(m, m)]),
        2 => carried,
        3 => looking.prop_map(|step| vec![step]),
    ];
    vec(round, 1..10).prop_map(move |rounds| [rounds.concat(), ending.clone()].concat())
}

/// R7: an installed snapshot leaves nothing of what was there, and the machine goes on from it.
pub fn an_installed_snapshot_replaces_everything(trial: &mut Trial<Script>) -> Verdict {
    let scripts = exchanges(machine().prop_map(applied_state), look_everywhere());
    trial.cases(CASES).forall(scripts, same_but_responses)
}

/// R7: the snapshot that was built or installed last is the current one.
pub fn the_last_snapshot_is_found(trial: &mut Trial<Script>) -> Verdict {
    let scripts = exchanges(machine().prop_map(current_snapshot), vec![]);
    trial.cases(CASES).forall(scripts, same_but_responses)
}

/// R7, R8: a machine that is opened on its storage begins with its last snapshot, so the log before it is not needed.
pub fn a_machine_is_opened_at_its_snapshot(trial: &mut Trial<Script>) -> Verdict {
    let scripts = exchanges(machine().prop_map(reopen), look_everywhere());
    trial.cases(CASES).forall(scripts, same_but_responses)
}
