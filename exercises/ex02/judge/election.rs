//! One node in elections: terms, votes, and what makes a leader.

use std::collections::{BTreeMap, BTreeSet};

use ex02_protocol::{AppendSent, Script, Seen, Slot, Step, TERMS, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::{last_append, only_terms, peer, provided, same_but, size, slot, winning};

/// R1: a request or an answer of a higher term, in an election, makes a follower of that term.
pub fn a_higher_term_is_adopted(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(
        in_any_role(election_message),
        provided(asks_apart, same_but(only_terms, ADOPTED)),
    )
}

/// R1: so does an append of a higher term, or the answer to one.
pub fn appends_bring_a_higher_term(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(
        in_any_role(append_message),
        provided(leads_at_most_term_one, same_but(only_terms, ADOPTED)),
    )
}

const ADOPTED: &str = "a higher term makes a follower of that term, and answers carry it";

/// A follower, candidate or leader of term 1 that gets messages; after each it is asked for its role or its term.
fn in_any_role<S: Strategy<Value = Step>>(message: fn(Slot) -> S) -> impl Strategy<Value = Vec<Step>> {
    (slot(), size(), 0..3_u8).prop_flat_map(move |(n, size, role)| {
        let role = match role {
            0 => vec![start(n, size)],
            1 => vec![start(n, size), time_out(n)],
            _ => winning(n, size, 0),
        };
        let asked = vec((message(n), prop_oneof![Just(state(n)), Just(term(n))]), 1..10);
        asked.prop_map(move |asked| [role.clone(), flat(asked)].concat())
    })
}

fn election_message(n: Slot) -> impl Strategy<Value = Step> {
    prop_oneof![
        (peer(), TERMS + 1..12).prop_map(move |(from, term)| request_vote(n, from, term, 0, 0)),
        (peer(), 1..12_u64).prop_map(move |(from, term)| voted(n, from, term, false)),
    ]
}

fn append_message(n: Slot) -> impl Strategy<Value = Step> {
    prop_oneof![
        (peer(), 1..12_u64).prop_map(move |(from, term)| appended(n, from, term, false)),
        (2..=TERMS, 0..4_u64).prop_map(move |(term, prev)| append(n, term, prev, 2, 0)),
    ]
}

/// Appends of term 1 would come from a second leader, if this node leads it.
fn leads_at_most_term_one(steps: &[&Step]) -> bool {
    let timeouts = steps
        .iter()
        .filter(|step| matches!(step, Step::time_out { .. }))
        .count();
    timeouts <= 1
        && !steps
            .iter()
            .any(|step| matches!(step, Step::append { term: 0..=1, .. }))
}

fn flat(pairs: Vec<(Step, Step)>) -> Vec<Step> {
    pairs.into_iter().flat_map(|(first, second)| [first, second]).collect()
}

/// R2: a timeout makes a candidate of the next term, which asks every other node once.
pub fn a_timeout_starts_an_election(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), size()).prop_flat_map(|(n, size)| {
        let question = prop_oneof![Just(state(n)), Just(term(n)), Just(votes_sent(n))];
        let asked = vec(question, 1..4).prop_map(move |questions| [vec![time_out(n)], questions].concat());
        vec(asked, 1..4).prop_map(move |asked| [vec![start(n, size)], asked.concat()].concat())
    });
    trial.cases(64).forall(script, same)
}

/// R2: a candidate shows the index and the term of its last entry.
pub fn a_candidate_shows_the_end_of_its_log(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), size(), 1..=TERMS, 1..9_u64).prop_map(|(n, size, term, count)| {
        vec![start(n, size), append(n, term, 0, count, 0), time_out(n), votes_sent(n)]
    });
    trial.cases(64).forall(script, same)
}

/// R3: one vote a term, its own candidacy included; the same candidate may ask again, and an old term is refused.
pub fn a_vote_is_given_once_a_term(trial: &mut Trial<Script>) -> Verdict {
    let asks = |n: Slot| (peer(), 1..5_u64).prop_map(move |(from, term)| request_vote(n, from, term, 0, 0));
    let script = slot().prop_flat_map(move |n| vec(prop_oneof![6 => asks(n), 1 => Just(time_out(n))], 1..16));
    trial.forall(script, same)
}

/// R3: a vote goes only to a log whose last term is higher, or is the same with at least the same length.
pub fn a_vote_needs_an_up_to_date_log(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=TERMS).prop_flat_map(|(n, term)| {
        let end = prop_oneof![1 => Just((0, 0)), 9 => (1..9_u64, 1..=TERMS)];
        let asks = (peer(), TERMS + 1..TERMS + 9, end);
        let asks = asks.prop_map(move |(from, term, (index, last))| request_vote(n, from, term, index, last));
        vec(asks, 1..8).prop_map(move |asks| [vec![append(n, term, 0, u64::MAX, 0)], asks].concat())
    });
    trial.forall(script, provided(asks_apart, same))
}

/// Votes are asked for in terms of which no leader is known, and a candidate shows one log in a term.
fn asks_apart(steps: &[&Step]) -> bool {
    let mut ends = BTreeMap::new();
    steps.iter().all(|step| match step {
        Step::request_vote {
            from,
            term,
            last_index,
            last_term,
            ..
        } => {
            let end = (*last_index, *last_term);
            *term > TERMS
                && (*last_index == 0) == (*last_term == 0)
                && *ends.entry((*from, *term)).or_insert(end) == end
        }
        _ => true,
    })
}

/// R4: more than half of the nodes, counted once each and with their votes of this term, make a leader, and no fewer.
pub fn a_majority_of_voters_elects(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), size(), 1..4_u64, 0..4_u64).prop_flat_map(|(n, size, timeouts, salt)| {
        let begin = [vec![start(n, size)], vec![time_out(n); timeouts as usize]].concat();
        // Most answers are of the current term; a node's answer in a term is always the same.
        let answer = (peer(), prop_oneof![1 => 1..=timeouts, 3 => Just(timeouts)]);
        let answer = answer.prop_map(move |(from, term)| voted(n, from, term, (from.id() + term + salt) % 4 > 0));
        let asked = vec((answer, prop_oneof![3 => Just(state(n)), 1 => Just(term(n))]), 1..8);
        asked.prop_map(move |asked| [begin.clone(), flat(asked)].concat())
    });
    trial.forall(script, provided(answers_its_elections, same))
}

/// All timeouts come first, votes are of those elections, and a node answers one way in each.
fn answers_its_elections(steps: &[&Step]) -> bool {
    let mut elections = 0;
    let mut answers = BTreeMap::new();
    steps.iter().all(|step| match step {
        Step::time_out { .. } => {
            elections += 1;
            answers.is_empty()
        }
        Step::voted {
            from, term, granted, ..
        } => (1..=elections).contains(term) && *answers.entry((*from, *term)).or_insert(*granted) == *granted,
        _ => true,
    })
}

/// R4: a winner says so to every other node at once, and knows that it leads.
pub fn a_new_leader_speaks_at_once(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), size(), 0..=TERMS)
        .prop_map(|(n, size, term)| [winning(n, size, term), vec![state(n), leader(n), appends_sent(n)]].concat());
    trial.cases(64).forall(script, provided(wins_the_next_term, speaks))
}

/// The votes are those of the only election.
fn wins_the_next_term(steps: &[&Step]) -> bool {
    let term = last_append(steps) + 1;
    let timeouts = steps
        .iter()
        .filter(|step| matches!(step, Step::time_out { .. }))
        .count();
    timeouts <= 1
        && steps
            .iter()
            .all(|step| !matches!(step, Step::voted { term: voted, .. } if *voted != term))
}

/// As the reference in its role; as leader, with appends to the same nodes and itself as leader.
fn speaks(case: &Case<'_, Script>) -> Result<(), Objection> {
    for ((at, _, seen), expected) in case.steps().zip(case.expected()) {
        let wrong = match (seen, expected) {
            (Seen::state(role), Seen::state(right)) => role != right,
            (Seen::leader(leader), Seen::leader(Some(1))) => *leader != Some(1),
            (Seen::appends_sent(sent), Seen::appends_sent(right)) => {
                let targets =
                    |sent: &[AppendSent]| -> BTreeSet<u64> { sent.iter().map(|append| append.target).collect() };
                targets(sent) != targets(right)
            }
            _ => false,
        };
        if wrong {
            return Err(Objection::at(
                at,
                "a new leader knows that it leads, and sends an append to every other node at once",
            ));
        }
    }
    Ok(())
}
