//! What outlives a coordinator: its log, and what participants can decide among themselves.

use ex25_protocol::{Habit, Heard, Message, Phase, Progress, Recovery, Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{groups, scripts};

/// R6: the log has the beginning of a transaction, then one decision, the one that its votes demand.
pub fn the_log_has_one_decision(trial: &mut Trial<Script>) -> Verdict {
    let habits = [Habit::Yes, Habit::No, Habit::Silent, Habit::HangsUp, Habit::Deaf];
    trial.every(scripts(groups(&habits, 3), log_of), |case| {
        for (at, step, seen) in case.steps() {
            let (Step::log_of { habits }, Seen::log_of(log)) = (step, seen) else {
                continue;
            };
            let decision = if habits.iter().all(|habit| habit.agrees()) {
                Phase::Commit
            } else {
                Phase::Abort
            };
            if *log != [Phase::Prepare, decision] {
                let text = format!("the log has {log:?}, it must have Prepare and then {decision:?}");
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R6: when a participant hears of a decision, the log has it.
pub fn decisions_are_logged_before_they_are_told(trial: &mut Trial<Script>) -> Verdict {
    trial.every(crashes(), |case| {
        each(case, |recovery, at| {
            let all = recovery.before.iter().chain(&recovery.after);
            let early = |heard: &&Heard| heard.message.decides() && !heard.logged;
            match { all }.find(early) {
                Some(early) => Err(Objection::at(
                    at,
                    format!("p{} hears of a decision that the log does not have", early.place),
                )),
                None => Ok(()),
            }
        })
    })
}

/// R7: a decision in the log is told again to all participants, and is what `recover` says.
pub fn recovery_tells_what_was_decided(trial: &mut Trial<Script>) -> Verdict {
    trial.every(crashes(), |case| {
        each(case, |recovery, at| match recovery.log.last() {
            Some(Phase::Commit) => is_told(recovery, Phase::Commit, at),
            Some(Phase::Abort) => is_told(recovery, Phase::Abort, at),
            Some(Phase::Prepare) | None => Ok(()),
        })
    })
}

/// R7: a transaction of which the log has only the beginning is aborted; one that it does not have does not exist.
pub fn what_was_not_decided_is_aborted(trial: &mut Trial<Script>) -> Verdict {
    trial.every(crashes(), |case| {
        each(case, |recovery, at| match recovery.log.last() {
            Some(Phase::Prepare) => is_told(recovery, Phase::Abort, at),
            None if recovery.decision.is_some() => {
                Err(Objection::at(at, "the log is empty, and a decision is found in it"))
            }
            _ => Ok(()),
        })
    })
}

/// R2, R7: wherever the coordinator stopped, nobody hears another decision than the others, before or after.
pub fn no_crash_makes_two_decisions(trial: &mut Trial<Script>) -> Verdict {
    trial.every(crashes(), |case| {
        each(case, |recovery, at| {
            let has = |message| {
                let mut all = recovery.before.iter().chain(&recovery.after);
                all.any(|heard| heard.message == message)
            };
            if has(Message::Commit) && has(Message::Abort) {
                return Err(Objection::at(
                    at,
                    "some hear that the transaction commits, some that it aborts",
                ));
            }
            Ok(())
        })
    })
}

/// R7: `recover` finishes every transaction of the log, in the order in which they began.
pub fn recovery_finishes_every_transaction(trial: &mut Trial<Script>) -> Verdict {
    let phase = select(vec![Phase::Prepare, Phase::Commit, Phase::Abort]);
    let script = (vec(phase, 0..6), 1..4_u8).prop_map(|(log, participants)| vec![recover_all(log, participants)]);
    trial.cases(96).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::recover_all { transactions, .. }, Seen::recover_all(told)) = (step, seen) else {
                continue;
            };
            let right = (0..).zip(transactions).map(|(txn, phase)| match phase {
                Phase::Commit => (Some(txn), Phase::Commit),
                Phase::Prepare | Phase::Abort => (Some(txn), Phase::Abort),
            });
            let right: Vec<(Option<u8>, Phase)> = right.collect();
            if *told != right {
                return Err(Objection::at(at, format!("it finishes {told:?} instead of {right:?}")));
            }
        }
        Ok(())
    })
}

/// R8: survivors of two phases commit if one has committed, abort if one has not voted for it, and wait otherwise.
pub fn survivors_of_two_phases_may_have_to_wait(trial: &mut Trial<Script>) -> Verdict {
    use Progress::{Aborted, Committed, Initial, Ready};
    let possible = |states: &[Progress]| {
        // Nobody commits while somebody has not voted, or against a vote.
        !(states.contains(&Committed) && (states.contains(&Initial) || states.contains(&Aborted)))
    };
    let all = survivors(&[Initial, Ready, Committed, Aborted], possible);
    trial.every(
        all.into_iter().map(|states| vec![terminate_two(states)]).collect(),
        |case| {
            for (at, step, seen) in case.steps() {
                let (Step::terminate_two { states }, Seen::terminate_two(decision)) = (step, seen) else {
                    continue;
                };
                let right = if states.contains(&Committed) {
                    Some(Phase::Commit)
                } else if states.iter().all(|state| *state == Ready) {
                    None
                } else {
                    Some(Phase::Abort)
                };
                if *decision != right {
                    return Err(Objection::at(
                        at,
                        format!("the decision is {decision:?} instead of {right:?}"),
                    ));
                }
            }
            Ok(())
        },
    )
}

/// All groups of one to four survivors in such states, if they can come about.
pub(crate) fn survivors(states: &[Progress], possible: impl Fn(&[Progress]) -> bool) -> Vec<Vec<Progress>> {
    let mut all: Vec<Vec<Progress>> = Vec::new();
    let mut last = vec![Vec::new()];
    for _ in 0..4 {
        last = last
            .iter()
            .flat_map(|group: &Vec<Progress>| states.iter().map(|state| [group.as_slice(), &[*state]].concat()))
            .collect();
        all.extend(last.iter().filter(|group| possible(group)).cloned());
    }
    all
}

/// Coordinators that stop at each possible moment, and at their end.
fn crashes() -> Vec<Vec<Step>> {
    let habits = [Habit::Yes, Habit::Slow, Habit::No];
    groups(&habits, 3)
        .into_iter()
        .map(|habits| {
            // Each participant hears two messages at most before the coordinator is done.
            let moments = (0..=2 * habits.len() as u8).chain([u8::MAX]);
            moments.map(|messages| recover(habits.clone(), messages)).collect()
        })
        .collect()
}

/// Whether a decision is what the recovery says, and reaches everybody who may have promised to commit.
fn is_told(recovery: &Recovery, decision: Phase, at: usize) -> Result<(), Objection> {
    if recovery.decision != Some(decision) {
        let text = format!(
            "the log had {:?}, so the decision is {decision:?}, and recovery says {:?}",
            recovery.log, recovery.decision
        );
        return Err(Objection::at(at, text));
    }
    let message = match decision {
        Phase::Commit => Message::Commit,
        Phase::Prepare | Phase::Abort => Message::Abort,
    };
    let asked = recovery.before.iter().filter(|heard| heard.message == Message::Prepare);
    for place in asked.map(|heard| heard.place) {
        if !recovery
            .after
            .iter()
            .any(|heard| (heard.place, heard.message) == (place, message))
        {
            return Err(Objection::at(
                at,
                format!("recovery does not tell p{place} to {message:?}"),
            ));
        }
    }
    Ok(())
}

fn each(case: &Case<'_, Script>, look: impl Fn(&Recovery, usize) -> Result<(), Objection>) -> Result<(), Objection> {
    for (at, _, seen) in case.steps() {
        if let Seen::recover(recovery) = seen {
            look(recovery, at)?;
        }
    }
    Ok(())
}
