//! Three-phase commit: nobody commits before all know that all agree, so that survivors never wait.

use ex25_protocol::{Habit, Message, Outcome, Phase, Progress, Run, Script, Seen, Step, TIMEOUT, steps::*};
use judge::{Case, Objection, Trial, Verdict};

use crate::recovery::survivors;
use crate::{groups, heard, of_the_transaction, one_decision, scripts};

const HABITS: [Habit; 5] = [Habit::Yes, Habit::No, Habit::Silent, Habit::HangsUp, Habit::Deaf];

/// R9: each participant hears `CanCommit`, `PreCommit` and `Commit`, in this order, and nobody hears of a phase before all have
/// been asked in the one before.
pub fn three_phases_come_in_order(trial: &mut Trial<Script>) -> Verdict {
    let habits = [Habit::Yes, Habit::Slow, Habit::Waits];
    trial.every(scripts(groups(&habits, 3), three_phases), |case| {
        each(case, |habits, run, at| {
            let phases = [Message::CanCommit, Message::PreCommit, Message::Commit];
            for place in 0..habits.len() {
                let mine = run.heard.iter().filter(|heard| usize::from(heard.place) == place);
                let mine: Vec<Message> = mine.map(|heard| heard.message).collect();
                if mine != phases {
                    return Err(Objection::at(
                        at,
                        format!("p{place} hears {mine:?} instead of {phases:?}"),
                    ));
                }
            }
            let all: Vec<Message> = run.heard.iter().map(|heard| heard.message).collect();
            let rank = |message: &Message| phases.iter().position(|phase| phase == message);
            if !all.is_sorted_by_key(rank) {
                return Err(Objection::at(
                    at,
                    "a phase begins before the one before has reached everybody",
                ));
            }
            of_the_transaction(run, at)
        })
    })
}

/// R10: if one participant cannot commit, does not say or fails, nobody hears of the second phase, and all that voted to commit are
/// told to abort.
pub fn a_refusal_stops_before_the_second_phase(trial: &mut Trial<Script>) -> Verdict {
    let habits = [Habit::Yes, Habit::No, Habit::Silent, Habit::HangsUp, Habit::Late];
    trial.every(scripts(groups(&habits, 3), three_phases), |case| {
        each(case, |habits, run, at| {
            if habits.iter().all(|habit| habit.agrees()) {
                return Ok(());
            }
            let further = |message| matches!(message, Message::PreCommit | Message::Commit);
            if let Some(far) = run.heard.iter().find(|heard| further(heard.message)) {
                let text = format!("not all voted to commit, and p{} hears {:?}", far.place, far.message);
                return Err(Objection::at(at, text));
            }
            let promised = |habit: Habit| habit.agrees() || matches!(habit, Habit::Silent | Habit::Late);
            for (place, habit) in habits.iter().enumerate().filter(|(_, habit)| promised(**habit)) {
                if heard(run, place, Message::CanCommit) && !heard(run, place, Message::Abort) {
                    let text = format!("p{place} ({habit:?}) may have promised to commit, and is never told to abort");
                    return Err(Objection::at(at, text));
                }
            }
            Ok(())
        })
    })
}

/// R10: `execute` returns an error if the transaction is not committed, and says why.
pub fn a_refusal_is_an_error(trial: &mut Trial<Script>) -> Verdict {
    trial.every(scripts(groups(&HABITS, 3), three_phases), |case| {
        each(case, |habits, run, at| {
            let has = |habit| habits.contains(&habit);
            // If there are several causes, any may be told.
            let right = match run.outcome {
                Outcome::Committed => habits.iter().all(|habit| habit.agrees()),
                Outcome::Aborted => has(Habit::No),
                Outcome::TimedOut => has(Habit::Silent),
                Outcome::ParticipantFailed => has(Habit::HangsUp),
            };
            if right {
                return Ok(());
            }
            Err(Objection::at(
                at,
                format!("the votes are {habits:?}, and the result is {:?}", run.outcome),
            ))
        })
    })
}

/// R11: once all have voted to commit, everybody is told to commit, also if some do not acknowledge the second phase or are gone.
pub fn after_the_second_phase_all_commit(trial: &mut Trial<Script>) -> Verdict {
    let habits = [Habit::Yes, Habit::Deaf, Habit::Leaves, Habit::Slow];
    trial.every(scripts(groups(&habits, 4), three_phases), |case| {
        each(case, |habits, run, at| {
            if run.outcome != Outcome::Committed {
                let text = format!("all voted to commit, and the result is {:?}", run.outcome);
                return Err(Objection::at(at, text));
            }
            let listens = |place: &usize| habits[*place].listens();
            for message in [Message::PreCommit, Message::Commit] {
                if let Some(place) = (0..habits.len())
                    .filter(listens)
                    .find(|place| !heard(run, *place, message))
                {
                    return Err(Objection::at(at, format!("p{place} never hears {message:?}")));
                }
            }
            Ok(())
        })
    })
}

/// R9: no participant hears another decision than the others.
pub fn nobody_hears_two_decisions_in_three_phases(trial: &mut Trial<Script>) -> Verdict {
    trial.every(scripts(groups(&HABITS, 4), three_phases), |case| {
        each(case, |_, run, at| one_decision(run, at))
    })
}

/// R5: all participants are asked before any answer is waited for.
pub fn all_are_asked_at_once_in_three_phases(trial: &mut Trial<Script>) -> Verdict {
    let habits = [Habit::Waits, Habit::Slow, Habit::Yes];
    trial.every(scripts(groups(&habits, 3), three_phases), |case| {
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
pub fn three_phases_wait_three_times_at_most(trial: &mut Trial<Script>) -> Verdict {
    let habits = [Habit::Silent, Habit::Deaf, Habit::Slow];
    trial.every(scripts(groups(&habits, 4), three_phases), |case| {
        each(case, |_, run, at| {
            if run.took <= 3 * TIMEOUT + TIMEOUT / 4 {
                return Ok(());
            }
            let text = format!("three phases of at most {TIMEOUT} ms take {} ms", run.took);
            Err(Objection::at(at, text))
        })
    })
}

/// R11: survivors of three phases commit if one of them knows that all agree, and abort otherwise; they never wait.
pub fn survivors_of_three_phases_decide(trial: &mut Trial<Script>) -> Verdict {
    use Progress::{Aborted, Committed, Initial, PreCommitted, Ready};
    let possible = |states: &[Progress]| {
        let has = |state| states.contains(&state);
        // Nobody knows that all agree while somebody has not voted, or against a vote; nobody commits while somebody does not know.
        let knows = has(PreCommitted) || has(Committed);
        !(knows && (has(Initial) || has(Aborted)) || has(Committed) && has(Ready))
    };
    let all = survivors(&[Initial, Ready, PreCommitted, Committed, Aborted], possible);
    trial.every(
        all.into_iter().map(|states| vec![terminate_three(states)]).collect(),
        |case| {
            for (at, step, seen) in case.steps() {
                let (Step::terminate_three { states }, Seen::terminate_three(decision)) = (step, seen) else {
                    continue;
                };
                let knows = states.contains(&PreCommitted) || states.contains(&Committed);
                let right = Some(if knows { Phase::Commit } else { Phase::Abort });
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

/// Looks at each transaction in three phases.
fn each(
    case: &Case<'_, Script>,
    look: impl Fn(&[Habit], &Run, usize) -> Result<(), Objection>,
) -> Result<(), Objection> {
    for (at, step, seen) in case.steps() {
        if let (Step::three_phases { habits }, Seen::three_phases(run)) = (step, seen) {
            look(habits, run, at)?;
        }
    }
    Ok(())
}
