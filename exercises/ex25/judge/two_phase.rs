//! Two-phase commit: one decision, everywhere, in bounded time.

use ex25_protocol::{Habit, Message, Outcome, Run, Script, Seen, Step, TIMEOUT, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*};

use crate::{groups, heard, of_the_transaction, one_decision, scripts};

/// The habits of groups that are enumerated.
const HABITS: [Habit; 5] = [Habit::Yes, Habit::No, Habit::Silent, Habit::HangsUp, Habit::Deaf];

/// R2: `execute` returns `Ok` if and only if the transaction is committed.
pub fn the_result_is_the_decision(trial: &mut Trial<Script>) -> Verdict {
    trial.every(scripts(groups(&HABITS, 3), two_phases), |case| {
        each(case, |habits, run, at| {
            let commits = habits.iter().all(|habit| habit.agrees());
            match (commits, run.outcome) {
                (true, Outcome::Committed) => Ok(()),
                (true, other) => Err(Objection::at(
                    at,
                    format!("all voted to commit, and the result is {other:?}"),
                )),
                (false, Outcome::Committed) => Err(Objection::at(
                    at,
                    "the transaction cannot be committed, and the result is Ok",
                )),
                (false, _) => Ok(()),
            }
        })
    })
}

/// R2: the transaction is committed only if every participant voted for it.
pub fn a_commit_needs_every_vote(trial: &mut Trial<Script>) -> Verdict {
    let odd = [Habit::Late, Habit::OutOfTime, Habit::Leaves];
    let all = [groups(&HABITS, 4), groups(&odd, 2)].concat();
    trial.every(scripts(all, two_phases), |case| {
        each(case, |habits, run, at| {
            let missing = habits.iter().position(|habit| !habit.agrees());
            let told = run.heard.iter().find(|heard| heard.message == Message::Commit);
            match (missing, told) {
                (Some(missing), Some(told)) => {
                    let text = format!("p{missing} did not vote to commit, and p{} is told to", told.place);
                    Err(Objection::at(at, text))
                }
                _ => of_the_transaction(run, at),
            }
        })
    })
}

/// R3: if one participant does not vote to commit, all that may have promised to are told to abort.
pub fn an_abort_reaches_whoever_promised(trial: &mut Trial<Script>) -> Verdict {
    let habits = [
        Habit::Yes,
        Habit::No,
        Habit::Silent,
        Habit::HangsUp,
        Habit::Deaf,
        Habit::Late,
    ];
    trial.every(scripts(groups(&habits, 3), two_phases), |case| {
        each(case, |habits, run, at| {
            if habits.iter().all(|habit| habit.agrees()) {
                return Ok(());
            }
            // Who voted against it has aborted already; who failed is asked for nothing.
            let promised = |habit: Habit| !matches!(habit, Habit::No | Habit::HangsUp);
            for (place, habit) in habits.iter().enumerate().filter(|(_, habit)| promised(**habit)) {
                if heard(run, place, Message::Prepare) && !heard(run, place, Message::Abort) {
                    let text = format!("p{place} ({habit:?}) may have promised to commit, and is never told to abort");
                    return Err(Objection::at(at, text));
                }
            }
            Ok(())
        })
    })
}

/// R4: once all have voted to commit, everybody is told so, also if some do not acknowledge it or are gone.
pub fn a_commit_reaches_everyone(trial: &mut Trial<Script>) -> Verdict {
    let habits = [Habit::Yes, Habit::Deaf, Habit::Leaves, Habit::Slow];
    trial.every(scripts(groups(&habits, 4), two_phases), |case| {
        each(case, |habits, run, at| {
            let listens = |place: &usize| habits[*place].listens();
            let forgotten = (0..habits.len())
                .filter(listens)
                .find(|place| !heard(run, *place, Message::Commit));
            match forgotten {
                Some(place) => Err(Objection::at(
                    at,
                    format!("all voted to commit, and p{place} is never told to commit"),
                )),
                None => Ok(()),
            }
        })
    })
}

/// R2: no participant hears another decision than the others.
pub fn nobody_hears_two_decisions(trial: &mut Trial<Script>) -> Verdict {
    trial.every(scripts(groups(&HABITS, 4), two_phases), |case| {
        each(case, |_, run, at| one_decision(run, at))
    })
}

/// R5: all participants are asked before any vote is waited for.
pub fn all_are_asked_at_once(trial: &mut Trial<Script>) -> Verdict {
    let habits = [Habit::Waits, Habit::Slow, Habit::Yes];
    trial.every(scripts(groups(&habits, 3), two_phases), |case| {
        each(case, |_, run, at| match run.outcome {
            Outcome::Committed => Ok(()),
            other => Err(Objection::at(
                at,
                format!("the votes come if all are asked together, and the result is {other:?}"),
            )),
        })
    })
}

/// R5: however many participants are silent, a phase lasts as long as `timeout` at most.
pub fn two_phases_wait_twice_at_most(trial: &mut Trial<Script>) -> Verdict {
    let habits = [Habit::Silent, Habit::Deaf, Habit::Slow];
    trial.every(scripts(groups(&habits, 4), two_phases), |case| {
        each(case, |_, run, at| {
            if run.took <= 2 * TIMEOUT + TIMEOUT / 4 {
                return Ok(());
            }
            let text = format!("two phases of at most {TIMEOUT} ms take {} ms", run.took);
            Err(Objection::at(at, text))
        })
    })
}

/// R3: the error says why: a vote against it, a vote that did not come in time, a participant that failed.
pub fn an_error_tells_its_cause(trial: &mut Trial<Script>) -> Verdict {
    let causes = [
        (Habit::No, Outcome::Aborted),
        (Habit::Silent, Outcome::TimedOut),
        (Habit::Late, Outcome::TimedOut),
        (Habit::HangsUp, Outcome::ParticipantFailed),
    ];
    // One cause at a time: which of two is told is free.
    let all = (1..=3_usize).flat_map(|size| {
        let with = move |(habit, _): &(Habit, Outcome)| {
            let habit = *habit;
            (0..size).map(move |at| {
                let mut group = vec![Habit::Yes; size];
                group[at] = habit;
                group
            })
        };
        causes.iter().flat_map(with).collect::<Vec<_>>()
    });
    trial.every(scripts(all.collect(), two_phases), |case| {
        each(case, |habits, run, at| {
            let cause = causes.iter().find(|(habit, _)| habits.contains(habit));
            match cause {
                Some((_, right)) if run.outcome != *right => Err(Objection::at(
                    at,
                    format!("the result is {:?}, and the cause is {right:?}", run.outcome),
                )),
                _ => Ok(()),
            }
        })
    })
}

/// R2: each transaction is decided by its own votes, whatever became of those before.
pub fn transactions_are_decided_one_by_one(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..4_usize).prop_flat_map(|participants| {
        let votes = vec(vec(prop::bool::weighted(0.75), participants), 2..6);
        votes.prop_map(|votes| vec![in_a_row(votes)])
    });
    trial.cases(64).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::in_a_row { votes }, Seen::in_a_row(outcomes)) = (step, seen) else {
                continue;
            };
            for (txn, (votes, outcome)) in votes.iter().zip(outcomes).enumerate() {
                let commits = votes.iter().all(|vote| *vote);
                if commits != (*outcome == Outcome::Committed) {
                    return Err(Objection::at(
                        at,
                        format!("transaction {txn} with votes {votes:?} is {outcome:?}"),
                    ));
                }
            }
        }
        Ok(())
    })
}

/// Looks at each transaction in two phases.
fn each(
    case: &Case<'_, Script>,
    look: impl Fn(&[Habit], &Run, usize) -> Result<(), Objection>,
) -> Result<(), Objection> {
    for (at, step, seen) in case.steps() {
        if let (Step::two_phases { habits }, Seen::two_phases(run)) = (step, seen) {
            look(habits, run, at)?;
        }
    }
    Ok(())
}
