//! Timers, and that equal histories give equal outputs.

use std::collections::BTreeSet;

use ex02_protocol::{HISTORIES, Script, Seen, Slot, Step, TERMS, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{appending, peer, size, slot, winning};

/// Two nodes with the same history.
const TWINS: (Slot, Slot) = (0, HISTORIES);

/// R11: every election timeout is in the configured range, both ends included, and a candidate has one.
pub fn election_timeouts_stay_in_range(trial: &mut Trial<Script>) -> Verdict {
    let script =
        (slot(), 1..=5_u8, 0..1000_u16, prop_oneof![0..4_u16, Just(150)]).prop_flat_map(|(n, id, min, width)| {
            let event = prop_oneof![
                Just(time_out(n)),
                (peer(), TERMS + 1..9_u64).prop_map(move |(from, term)| request_vote(n, from, term, 0, 0)),
            ];
            let asked = vec(event.prop_map(move |event| vec![event, election_timers(n)]), 1..6);
            asked.prop_map(move |asked| [vec![start_timed(n, id, min, width)], asked.concat()].concat())
        });
    trial.forall(script, in_range)
}

fn in_range(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut range = 150..=300_u64;
    let mut asked = false;
    for (at, step, seen) in case.steps() {
        if let Step::start_timed { min, width, .. } = step {
            range = u64::from(*min)..=u64::from(*min) + u64::from(*width);
        }
        if let Seen::election_timers(timers) = seen {
            if let Some(timer) = timers.iter().find(|timer| !range.contains(timer)) {
                return Err(Objection::at(at, format!("{timer} ms is not within {range:?}")));
            }
            if asked && timers.is_empty() {
                return Err(Objection::at(at, "a candidate starts its election timer anew"));
            }
        }
        asked = matches!(step, Step::time_out { .. });
    }
    Ok(())
}

/// R11: election timeouts are not all the same.
pub fn election_timeouts_vary(trial: &mut Trial<Script>) -> Verdict {
    let elections = |n: u8| {
        [
            vec![start_timed(n, n, 150, 150)],
            vec![[time_out(n), election_timers(n)]; 3].concat(),
        ]
        .concat()
    };
    let script: Vec<Step> = (1..=3).flat_map(elections).collect();
    trial.cases(1).forall(Just(script), not_all_the_same)
}

fn not_all_the_same(case: &Case<'_, Script>) -> Result<(), Objection> {
    let timers = case.steps().filter_map(|(at, _, seen)| match seen {
        Seen::election_timers(timers) => Some((at, timers)),
        _ => None,
    });
    let timers: Vec<_> = timers.collect();
    let drawn: BTreeSet<u64> = timers.iter().flat_map(|(_, timers)| timers.iter().copied()).collect();
    match timers.last() {
        Some((at, _)) if timers.len() > 3 && drawn.len() == 1 => Err(Objection::at(
            *at,
            "nodes and terms all have the same election timeout: their votes will split",
        )),
        _ => Ok(()),
    }
}

/// R11: who grants a vote or hears of the leader starts the election timer anew.
pub fn a_vote_or_an_append_restarts_the_timer(trial: &mut Trial<Script>) -> Verdict {
    let script = slot().prop_flat_map(|n| {
        let asks = (peer(), TERMS + 1..12_u64).prop_map(move |(from, term)| request_vote(n, from, term, 9, TERMS));
        vec(
            prop_oneof![appending(n, 0), asks].prop_map(move |event| vec![event, election_timers(n)]),
            1..8,
        )
    });
    trial.forall(script.prop_map(|steps| steps.concat()), restarts)
}

fn restarts(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut reason = None;
    let mut voted = BTreeSet::new();
    for (at, step, seen) in case.steps() {
        if let (Some(reason), Seen::election_timers(timers)) = (reason, seen)
            && timers.is_empty()
        {
            return Err(Objection::at(at, reason));
        }
        reason = match (step, seen) {
            (Step::append { term, .. }, Seen::append(stored)) if stored.term == (*term).clamp(1, TERMS) => {
                Some("who hears of the leader starts its election timer anew")
            }
            (Step::request_vote { term, .. }, Seen::request_vote(ballot)) if ballot.granted && voted.insert(*term) => {
                Some("who grants its vote starts its election timer anew")
            }
            _ => None,
        };
    }
    Ok(())
}

/// R11: a leader schedules its next heartbeat when it wins and at every heartbeat.
pub fn a_leader_schedules_heartbeats(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), size(), 0..=TERMS, 0..3_usize).prop_map(|(n, size, term, beats)| {
        let begin = [winning(n, size, term), vec![heartbeat_timers(n)]].concat();
        [begin, vec![[beat(n), heartbeat_timers(n)]; beats].concat()].concat()
    });
    trial.cases(64).forall(script, schedules)
}

fn schedules(case: &Case<'_, Script>) -> Result<(), Objection> {
    for ((at, _, seen), expected) in case.steps().zip(case.expected()) {
        if let (Seen::heartbeat_timers(timers), Seen::heartbeat_timers(right)) = (seen, expected)
            && !right.is_empty()
            && !timers.contains(&50)
        {
            return Err(Objection::at(
                at,
                "a leader schedules its next heartbeat, after 50 ms here",
            ));
        }
    }
    Ok(())
}

/// R12: two nodes that are configured and called alike answer alike.
pub fn equal_calls_get_equal_answers(trial: &mut Trial<Script>) -> Verdict {
    let n = TWINS.0;
    let event = prop_oneof![
        2 => Just(time_out(n)),
        2 => appending(n, 9),
        1 => (peer(), TERMS + 1..12_u64).prop_map(move |(from, term)| request_vote(n, from, term, 9, TERMS)),
        1 => (peer(), 1..3_u64).prop_map(move |(from, term)| voted(n, from, term, true)),
    ];
    let questions = vec![
        votes_sent(n),
        appends_sent(n),
        handed_out(n),
        election_timers(n),
        heartbeat_timers(n),
        hint(n),
        log(n),
    ];
    let asked = vec(
        (event, select(questions)).prop_map(|(event, question)| [event, question]),
        1..10,
    );
    let twice = asked.prop_map(|asked| {
        asked
            .into_iter()
            .flatten()
            .flat_map(|step| [on(&step, TWINS.1), step])
            .collect()
    });
    trial.forall(twice, alike)
}

/// The same step on another node.
fn on(step: &Step, n: Slot) -> Step {
    match step.clone() {
        Step::time_out { .. } => time_out(n),
        Step::append {
            term,
            prev,
            count,
            commit,
            ..
        } => append(n, term, prev, count, commit),
        Step::request_vote {
            from,
            term,
            last_index,
            last_term,
            ..
        } => request_vote(n, from, term, last_index, last_term),
        Step::voted {
            from, term, granted, ..
        } => voted(n, from, term, granted),
        Step::votes_sent { .. } => votes_sent(n),
        Step::appends_sent { .. } => appends_sent(n),
        Step::handed_out { .. } => handed_out(n),
        Step::election_timers { .. } => election_timers(n),
        Step::heartbeat_timers { .. } => heartbeat_timers(n),
        Step::hint { .. } => hint(n),
        Step::log { .. } => log(n),
        other => other,
    }
}

/// As long as both nodes did the same, they answered the same.
fn alike(case: &Case<'_, Script>) -> Result<(), Objection> {
    let of = |n: Slot| case.steps().filter(move |(_, step, _)| on(step, n) == **step);
    for ((at, step, seen), (twin_at, twin_step, twin_seen)) in of(TWINS.0).zip(of(TWINS.1)) {
        if on(twin_step, TWINS.0) != *step {
            return Ok(());
        }
        if seen != twin_seen {
            let text = "two nodes of the same configuration were called alike, and answer differently";
            return Err(Objection::at(at.max(twin_at), text));
        }
    }
    Ok(())
}
