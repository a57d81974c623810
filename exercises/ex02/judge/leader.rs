//! One node as leader: commands, appends, and what is committed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use ex02_protocol::{AppendSent, Entry, Peer, Role, Script, Seen, Size, Slot, Step, TERMS, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::{last_append, peer, provided, size, slot, winning};

/// A node of any role, with any log: only its first steps, and the slot.
fn in_any_role() -> impl Strategy<Value = (Slot, Vec<Step>)> {
    (slot(), size(), 0..=TERMS, 0..5_u8).prop_map(|(n, size, term, role)| {
        let log = (term > 0).then(|| append(n, term, 0, u64::MAX, 0));
        let follower: Vec<Step> = [start(n, size)].into_iter().chain(log).collect();
        let steps = match role {
            0 => follower,
            1 => [follower, vec![time_out(n)]].concat(),
            2 | 3 => winning(n, size, term),
            _ => [winning(n, size, term), vec![voted(n, Peer::Three, term + 2, false)]].concat(),
        };
        (n, steps)
    })
}

/// A leader, with its slot.
fn leading(terms: RangeInclusive<u64>) -> impl Strategy<Value = (Slot, Vec<Step>)> {
    (slot(), size(), terms).prop_map(|(n, size, term)| (n, winning(n, size, term)))
}

fn offering(n: Slot) -> impl Strategy<Value = Step> {
    (1..1000_u32).prop_map(move |value| offer(n, value))
}

/// R7: a leader appends a command behind its log, in its term; nobody else takes any.
pub fn only_a_leader_takes_commands(trial: &mut Trial<Script>) -> Verdict {
    let script = in_any_role().prop_flat_map(|(n, role)| {
        let asked = vec(prop_oneof![3 => offering(n), 1 => Just(log(n))], 1..6);
        asked.prop_map(move |asked| [role.clone(), asked].concat())
    });
    trial.forall(script, provided(votes_of_the_election, same))
}

/// There is one election, after all appends, and its votes are of its term; answers of a later one are refusals.
fn votes_of_the_election(steps: &[&Step]) -> bool {
    let elected = last_append(steps) + 1;
    let mut timeouts = 0;
    steps.iter().all(|step| match step {
        Step::time_out { .. } => {
            timeouts += 1;
            timeouts == 1
        }
        Step::append { .. } => timeouts == 0,
        Step::voted { term, granted, .. } => {
            if *granted {
                *term == elected && timeouts == 1
            } else {
                *term > elected
            }
        }
        _ => true,
    })
}

/// R7: a heartbeat of a leader is an append to every other node, and that of another node is none.
pub fn only_a_leader_sends_heartbeats(trial: &mut Trial<Script>) -> Verdict {
    let script = in_any_role().prop_map(|(n, role)| [role, vec![beat(n), appends_sent(n)]].concat());
    trial.forall(script, provided(votes_of_the_election, to_the_same_nodes))
}

fn targets(sent: &[AppendSent]) -> BTreeSet<u64> {
    sent.iter().map(|append| append.target).collect()
}

fn to_the_same_nodes(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut beaten = false;
    for ((at, step, seen), expected) in case.steps().zip(case.expected()) {
        if let (true, Seen::appends_sent(sent), Seen::appends_sent(right)) = (beaten, seen, expected)
            && targets(sent) != targets(right)
        {
            let text = if right.is_empty() {
                "only a leader sends appends"
            } else {
                "a leader sends an append to every other node"
            };
            return Err(Objection::at(at, text));
        }
        beaten = matches!(step, Step::beat { .. });
    }
    Ok(())
}

/// R7: an append is the whole rest of the leader's log from some entry on, with the term before it, and claims no commit
/// that the leader does not have.
pub fn appends_carry_the_rest_of_the_log(trial: &mut Trial<Script>) -> Verdict {
    let script = leading(0..=TERMS).prop_flat_map(|(n, begin)| {
        let shown = vec![log(n), commit(n), term(n), beat(n), appends_sent(n)];
        let acknowledging = peer().prop_map(move |from| vec![acknowledged(n, from)]);
        let event = prop_oneof![2 => offering(n).prop_map(|step| vec![step]), 1 => acknowledging, 2 => Just(shown)];
        vec(event, 1..10).prop_map(move |events| [begin.clone(), events.concat()].concat())
    });
    trial.forall(script, provided(votes_of_the_election, carries_the_rest))
}

fn carries_the_rest(case: &Case<'_, Script>) -> Result<(), Objection> {
    let seen: Vec<(usize, &Step, &Seen)> = case.steps().collect();
    for window in seen.windows(5) {
        let [
            (_, _, Seen::log(log)),
            (_, _, Seen::commit(commit)),
            (_, _, Seen::term(term)),
            (_, Step::beat { .. }, _),
            (at, _, Seen::appends_sent(sent)),
        ] = window
        else {
            continue;
        };
        for append in sent {
            rest(append, log, *commit, *term)
                .map_err(|text| Objection::at(*at, format!("to node {}: {text}", append.target)))?;
        }
    }
    Ok(())
}

/// What is wrong with an append of a leader with this log.
fn rest(append: &AppendSent, log: &[Entry], commit: u64, term: u64) -> Result<(), String> {
    let (prev, prev_term) = append.prev;
    let kept = usize::try_from(prev).unwrap_or(usize::MAX);
    let before = kept.checked_sub(1).map(|last| log.get(last).map(|entry| entry.term));
    if (append.term, append.leader) != (term, 1) {
        return Err(format!("node 1 leads term {term}"));
    }
    if before.unwrap_or(Some(0)) != Some(prev_term) {
        return Err(format!(
            "the leader's log has no entry of term {prev_term} at index {prev}"
        ));
    }
    if log.get(kept..) != Some(&append.entries[..]) {
        return Err(format!("the entries are not all those that follow index {prev}"));
    }
    if append.commit > commit {
        return Err(format!("the leader has committed {commit} entries"));
    }
    Ok(())
}

/// R7: after a refusal without a hint, the next append to that node begins at least one entry earlier.
pub fn a_refused_append_is_sent_from_earlier(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), size(), 1..=TERMS).prop_flat_map(|(n, size, term)| {
        let begin = [winning(n, size, term), vec![state(n), appends_sent(n)]].concat();
        let refused = peer().prop_map(move |from| {
            vec![
                appended(n, from, term + 1, false),
                appends_sent(n),
                beat(n),
                appends_sent(n),
            ]
        });
        vec(refused, 1..5).prop_map(move |refused| [begin.clone(), refused.concat()].concat())
    });
    trial.forall(script, provided(refused_in_its_term, goes_back))
}

fn refused_in_its_term(steps: &[&Step]) -> bool {
    let elected = last_append(steps) + 1;
    let current = |step: &&Step| !matches!(step, Step::appended { term, .. } if *term != elected);
    votes_of_the_election(steps) && steps.iter().all(current)
}

fn goes_back(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut begins = BTreeMap::<u64, u64>::new();
    let mut refused = BTreeSet::new();
    let mut leads = false;
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (_, Seen::state(role)) => leads = *role == Role::Leader,
            (Step::appended { from, .. }, _) => {
                refused.insert(from.id());
            }
            (_, Seen::appends_sent(sent)) => {
                for append in sent {
                    let before = begins.insert(append.target, append.prev.0);
                    if let (true, true, Some(before)) = (leads, refused.remove(&append.target), before)
                        && append.prev.0 >= before.max(1)
                    {
                        let text = format!(
                            "node {} refused prev_log_index {before}: this one is not earlier",
                            append.target
                        );
                        return Err(Objection::at(at, text));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Commands and successes, and questions about what is committed.
fn committing(n: Slot) -> impl Strategy<Value = Vec<Step>> {
    let question = prop_oneof![
        Just(commit(n)),
        Just(handed_out(n)),
        (1..9_u64).prop_map(move |index| committed(n, index))
    ];
    let acknowledging = (peer(), question).prop_map(move |(from, question)| vec![acknowledged(n, from), question]);
    let event = prop_oneof![1 => offering(n).prop_map(|step| vec![step]), 2 => acknowledging];
    vec(event, 1..12).prop_map(|events| events.concat())
}

/// R8: a success counts for the whole log, and what a majority holds is committed and handed out at once.
pub fn a_leader_commits_what_a_majority_holds(trial: &mut Trial<Script>) -> Verdict {
    let script = leading(0..=0)
        .prop_flat_map(|(n, begin)| committing(n).prop_map(move |events| [begin.clone(), events].concat()));
    trial.forall(script, provided(votes_of_the_election, same))
}

/// R8: what a majority holds of older terms is committed only with an entry of this one (figure 8).
pub fn older_entries_wait_for_a_newer_one(trial: &mut Trial<Script>) -> Verdict {
    let script = leading(1..=TERMS)
        .prop_flat_map(|(n, begin)| committing(n).prop_map(move |events| [begin.clone(), events].concat()));
    trial.forall(script, provided(votes_of_the_election, same))
}

/// R8: successes and votes of an older term, or given to who does not lead, change nothing.
pub fn late_answers_mean_nothing(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=TERMS, any::<bool>()).prop_flat_map(|(n, last, leads)| {
        let begin = if leads {
            winning(n, Size::Three, last)
        } else {
            vec![append(n, last, 0, u64::MAX, 0), time_out(n)]
        };
        let late = (peer(), 1..=last).prop_map(move |(from, term)| appended(n, from, term, true));
        let event = prop_oneof![1 => offering(n), 2 => late, 1 => Just(state(n)), 1 => Just(commit(n))];
        vec(event, 1..12).prop_map(move |events| [begin.clone(), events].concat())
    });
    trial.forall(script, provided(answered_earlier, same))
}

fn answered_earlier(steps: &[&Step]) -> bool {
    let last = last_append(steps);
    let late = |step: &&Step| !matches!(step, Step::appended { term, .. } if !(1..=last).contains(term));
    votes_of_the_election(steps) && steps.iter().all(late)
}
