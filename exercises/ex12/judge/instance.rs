//! An instance of Paxos: one decision, with acceptors that stop.

use std::collections::{BTreeMap, BTreeSet};

use ex12_protocol::{Decision, Script, Seen, Slot, Step, Word, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::subsequence};

use crate::{is_majority, slot};

/// R11: as long as a majority of the acceptors runs, a value is chosen: the one that is proposed first.
pub fn a_majority_decides(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 0..4_u8, 1..=7_u8, any::<Word>()).prop_flat_map(|(i, proposer, acceptors, word)| {
        stopped(i, acceptors, 0, (acceptors - 1) / 2)
            .prop_map(move |stopped| [vec![instance(i, proposer, acceptors)], stopped, vec![decide(i, word)]].concat())
    });
    trial.cases(96).forall(script, decides)
}

/// R11: an instance decides once: who proposes again gets the first value, while a majority runs.
pub fn the_first_value_stays(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 3..=5_u8).prop_flat_map(|(i, acceptors)| {
        let stopped = stopped(i, acceptors, 0, (acceptors - 1) / 2);
        (stopped, vec(1..9_u64, 2..5)).prop_map(move |(stopped, words)| {
            let mut stopping = stopped.into_iter();
            let proposals = words
                .into_iter()
                .flat_map(|word| [Some(decide(i, word)), stopping.next()]);
            let proposals: Vec<Step> = proposals.flatten().collect();
            [vec![instance(i, 0, acceptors)], proposals].concat()
        })
    });
    trial.cases(96).forall(script, decides)
}

/// R11: without a majority nothing is chosen; half of an even number is none.
pub fn no_majority_no_decision(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=7_u8).prop_flat_map(|(i, acceptors)| {
        stopped(i, acceptors, acceptors.div_ceil(2), acceptors).prop_map(move |stopped| {
            let proposals = vec![decide(i, 1), decide(i, 2)];
            [vec![instance(i, 0, acceptors)], stopped, proposals].concat()
        })
    });
    trial.cases(96).forall(script, decides)
}

/// R11: to stop an acceptor again, or one that does not exist, changes nothing.
pub fn a_failure_counts_once(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=5_u8).prop_flat_map(|(i, acceptors)| {
        let strangers = vec(
            (acceptors..acceptors + 3).prop_map(move |stranger| fail(i, stranger)),
            0..4,
        );
        let again = (stopped(i, acceptors, 0, acceptors), 1..4_usize);
        let again = again.prop_map(|(stopped, times)| vec![stopped; times].concat());
        (strangers, again).prop_map(move |(strangers, again)| {
            let proposals = vec![decide(i, 3)];
            [vec![instance(i, 0, acceptors)], strangers, again, proposals].concat()
        })
    });
    trial.cases(96).forall(script, decides)
}

/// Some acceptors stop, from so many to so many.
fn stopped(i: Slot, acceptors: u8, least: u8, most: u8) -> impl Strategy<Value = Vec<Step>> {
    let all: Vec<u8> = (0..acceptors).collect();
    let some = subsequence(all, usize::from(least)..=usize::from(most)).prop_shuffle();
    some.prop_map(move |some| some.into_iter().map(|acceptor| fail(i, acceptor)).collect())
}

/// What is known of an instance.
struct Known {
    acceptors: u8,
    stopped: BTreeSet<u8>,
    chosen: Option<Word>,
}

impl Known {
    fn new(acceptors: u8) -> Self {
        Self {
            acceptors,
            stopped: BTreeSet::new(),
            chosen: None,
        }
    }

    /// Whether an answer is one that the contract permits.
    fn permits(&mut self, word: Word, decision: Decision) -> bool {
        let running = usize::from(self.acceptors) - self.stopped.len();
        let has_majority = is_majority(running, usize::from(self.acceptors));
        match (has_majority, self.chosen, decision) {
            (true, first, Decision::Chosen(chosen)) => {
                self.chosen = Some(chosen);
                chosen == first.unwrap_or(word)
            }
            // Whether a decision is still known then is open.
            (false, Some(first), Decision::Chosen(chosen)) => chosen == first,
            (false, _, Decision::NoQuorum) => true,
            _ => false,
        }
    }
}

fn decides(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut instances = BTreeMap::<Slot, Known>::new();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::instance { i, acceptors, .. }, _) => {
                instances.insert(*i, Known::new(*acceptors));
            }
            (Step::fail { i, acceptor }, _) => {
                let known = instances.entry(*i).or_insert_with(|| Known::new(5));
                if *acceptor < known.acceptors {
                    known.stopped.insert(*acceptor);
                }
            }
            (Step::decide { i, word }, Seen::decide(decision)) => {
                let known = instances.entry(*i).or_insert_with(|| Known::new(5));
                if !known.permits(*word, *decision) {
                    let (running, chosen) = (usize::from(known.acceptors) - known.stopped.len(), known.chosen);
                    let before = chosen.map_or("nothing chosen".to_owned(), |chosen| format!("{chosen} chosen"));
                    let text = format!("{running} of {} acceptors run, {before}: {decision:?}", known.acceptors);
                    return Err(Objection::at(at, text));
                }
            }
            _ => {}
        }
    }
    Ok(())
}
