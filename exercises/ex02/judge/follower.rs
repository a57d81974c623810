//! One node as follower: which entries it keeps, which of them are committed, whom it follows.
//!
//! The appends of a script are parts of the logs of successive leaders, in any order: old terms, lost messages and late
//! ones. By figure 2 they determine the log, the commit index and every answer.

use ex02_protocol::{Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::{appending, only_terms, same_but, slot};

/// Appends, each followed by a question; `commit` is the highest commit index they tell.
fn among_appends(commit: u64, question: impl Fn(u8) -> BoxedStrategy<Step>) -> impl Strategy<Value = Vec<Step>> {
    slot().prop_flat_map(move |n| {
        let asked = (appending(n, commit), question(n)).prop_map(|(append, question)| vec![append, question]);
        vec(asked, 1..12).prop_map(|asked| asked.concat())
    })
}

/// R5: an append is refused if its term is old or the entry before it is missing; what is there stays, a conflict goes.
pub fn a_follower_keeps_what_matches(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(among_appends(0, |n| Just(log(n)).boxed()), same)
}

const COMMITS: &str =
    "a follower commits up to `leader_commit`, but not behind the last entry that the append compared";

/// R6: a follower commits what its leader has committed, up to the last entry that the append compared.
pub fn a_follower_commits_what_was_compared(trial: &mut Trial<Script>) -> Verdict {
    let asked = |n| prop_oneof![Just(commit(n)), (1..9_u64).prop_map(move |index| committed(n, index))].boxed();
    trial.forall(among_appends(9, asked), same_but(only_terms, COMMITS))
}

/// R6: what is newly committed is handed out by the call that commits it, in order, once.
pub fn a_follower_hands_out_each_entry_once(trial: &mut Trial<Script>) -> Verdict {
    let law = same_but(
        only_terms,
        "a follower hands out what it commits, when it does, in order and once",
    );
    trial.forall(among_appends(9, |n| Just(handed_out(n)).boxed()), law)
}

/// R5: an append that is not old comes from the leader, and makes a follower also of a candidate.
pub fn an_append_makes_its_sender_the_leader(trial: &mut Trial<Script>) -> Verdict {
    let script = slot().prop_flat_map(|n| {
        let told = (
            appending(n, 0),
            prop_oneof![Just(leader(n)), Just(state(n)), Just(term(n))],
        );
        vec(
            prop_oneof![3 => told.prop_map(|(append, question)| vec![append, question]), 1 => Just(vec![time_out(n)])],
            1..12,
        )
    });
    trial.forall(script.prop_map(|steps| steps.concat()), follows)
}

/// As the reference; the leader only right after an append that was not old.
fn follows(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut is_leader = false;
    for ((at, step, seen), expected) in case.steps().zip(case.expected()) {
        let asked = is_leader || !matches!(step, Step::leader { .. });
        is_leader = matches!((step, expected), (Step::append { term, .. }, Seen::append(stored)) if stored.term == (*term).max(1));
        let (mut seen, mut expected) = (seen.clone(), expected.clone());
        only_terms(&mut seen);
        only_terms(&mut expected);
        if asked && seen != expected {
            return Err(Objection::at(
                at,
                "an append that is not old comes from the leader, whom the node follows",
            ));
        }
    }
    Ok(())
}

/// R5: after a mismatch a hint is absent, or at most the index of the entry that was missing.
pub fn a_hint_never_leads_forward(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(among_appends(0, |n| Just(hint(n)).boxed()), leads_back)
}

fn leads_back(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut refused = None;
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            // The history may have cut `prev`: then it is even less.
            (Step::append { term, prev, .. }, Seen::append(stored)) => {
                refused = (!stored.success && stored.term == (*term).max(1)).then_some(*prev);
            }
            (Step::hint { .. }, Seen::hint(Some(hint))) => {
                if let (Some(prev), Some(index)) = (refused, hint.index)
                    && index > prev
                {
                    return Err(Objection::at(
                        at,
                        format!("prev_log_index was at most {prev}: a leader that follows this hint goes forward"),
                    ));
                }
            }
            _ => {}
        }
    }
    Ok(())
}
