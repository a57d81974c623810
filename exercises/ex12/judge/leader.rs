//! Multi-Paxos: a log under leaders that come and go, with acceptors that stop and go on.

use std::collections::{BTreeMap, BTreeSet};

use ex12_protocol::{Decision, Script, Seen, Slot, Step, Word, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::subsequence};

use crate::{is_majority, slot};

/// R12: what a leader appends is chosen, and is the end of the log.
pub fn a_log_takes_what_is_appended(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=7_u8, 0..4_u8).prop_flat_map(|(m, acceptors, leader)| {
        let event = prop_oneof![3 => Just(append(m, leader)), 1 => Just(log(m))];
        vec(event, 1..10).prop_map(move |events| [vec![new_log(m, acceptors)], events, vec![log(m)]].concat())
    });
    trial
        .cases(96)
        .forall(script, |case| keep(case, &[Topic::Decisions, Topic::Entries]))
}

/// R9, R12: no entry is changed, moved or lost, whoever leads and whatever stops; none is there twice or unasked.
pub fn entries_never_change(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(192)
        .forall(troubled(|m| vec![log(m)]), |case| keep(case, &[Topic::Entries]))
}

/// R12: without a majority nothing is appended, and the answer says so.
pub fn no_majority_no_entry(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=6_u8, 0..3_usize).prop_flat_map(|(m, acceptors, before)| {
        let all: Vec<u8> = (0..acceptors).collect();
        let stopped = subsequence(all, usize::from(acceptors.div_ceil(2))..=usize::from(acceptors)).prop_shuffle();
        stopped.prop_map(move |stopped| {
            let stopped = stopped.into_iter().map(|acceptor| stop(m, acceptor)).collect();
            let begin = [vec![new_log(m, acceptors)], vec![append(m, 1); before]].concat();
            [begin, stopped, vec![append(m, 1), log(m), append(m, 1), log(m)]].concat()
        })
    });
    trial
        .cases(96)
        .forall(script, |case| keep(case, &[Topic::Decisions, Topic::Entries]))
}

/// R10, R12: when a majority runs, appending succeeds again: at once for who does not think that it leads.
pub fn a_log_goes_on_after_recovery(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(192)
        .forall(troubled(|_| Vec::new()), |case| keep(case, &[Topic::Decisions]))
}

/// R13: a leader runs phase 1 for its first entry, and not for those that follow.
pub fn a_leader_prepares_once(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=5_u8, 0..3_u8, vec(1..4_usize, 1..4)).prop_flat_map(|(m, acceptors, leader, runs)| {
        let stopped = subsequence(
            (0..acceptors).collect::<Vec<u8>>(),
            0..=usize::from((acceptors - 1) / 2),
        );
        stopped.prop_map(move |stopped| {
            let mut stopping = stopped.into_iter();
            let mut steps = vec![new_log(m, acceptors)];
            for appended in &runs {
                for _ in 0..*appended {
                    steps.extend([append(m, leader), prepares(m)]);
                }
                steps.extend(stopping.next().map(|acceptor| stop(m, acceptor)));
            }
            steps
        })
    });
    trial.cases(96).forall(script, |case| keep(case, &[Topic::Prepares]))
}

/// R13: who takes over runs phase 1.
pub fn a_new_leader_prepares(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=5_u8, vec(0..4_u8, 1..7)).prop_map(|(m, acceptors, leaders)| {
        let appended = leaders.into_iter().flat_map(|leader| [append(m, leader), prepares(m)]);
        [vec![new_log(m, acceptors), prepares(m)], appended.collect()].concat()
    });
    trial.cases(96).forall(script, |case| keep(case, &[Topic::Prepares]))
}

/// R13: a leader that was replaced is told of its rival, and appends nothing; it takes over again the next time.
pub fn a_deposed_leader_is_told(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=5_u8, vec(0..3_u8, 2..12)).prop_map(|(m, acceptors, leaders)| {
        let appended = leaders.into_iter().map(|leader| append(m, leader));
        [vec![new_log(m, acceptors)], appended.collect(), vec![log(m)]].concat()
    });
    trial.forall(script, |case| keep(case, &[Topic::Decisions, Topic::Entries]))
}

/// Up to three leaders append, and acceptors stop and go on; some questions after each.
fn troubled(questions: fn(Slot) -> Vec<Step>) -> impl Strategy<Value = Vec<Step>> {
    (slot(), 3..=5_u8).prop_flat_map(move |(m, acceptors)| {
        let event = prop_oneof![
            5 => (0..3_u8).prop_map(move |leader| append(m, leader)),
            3 => (0..acceptors).prop_map(move |acceptor| stop(m, acceptor)),
            3 => (0..acceptors).prop_map(move |acceptor| recover(m, acceptor)),
        ];
        let asked = event.prop_map(move |event| [vec![event], questions(m)].concat());
        vec(asked, 4..28).prop_map(move |steps| [vec![new_log(m, acceptors)], steps.concat()].concat())
    })
}

/// What a law looks at.
#[derive(Clone, Copy, PartialEq)]
enum Topic {
    Decisions,
    Entries,
    Prepares,
}

/// What became of a leader's last attempt, as far as the next one depends on it.
#[derive(Clone, Copy, PartialEq)]
enum Standing {
    /// It appended, nobody else tried since, and nobody else was ever elected by too few.
    Leads,
    /// It failed for want of a majority, and nobody else tried since: whether it goes on or prepares again is open.
    Stuck,
    /// Somebody else appended since it did.
    Replaced,
    /// Somebody else tried, and did not succeed: whether it still leads is open.
    Contested,
    /// It never tried, or was told of a rival: it has to prepare.
    Out,
}

/// What is known of a log.
struct Known {
    acceptors: u8,
    stopped: BTreeSet<u8>,
    standings: BTreeMap<u8, Standing>,
    appended: Word,
    /// The log as it was last shown.
    entries: Vec<Word>,
    /// What was chosen since, in order.
    since: Vec<Word>,
    /// Whether there is one that may still turn up: it met some acceptors.
    pending: bool,
    /// What was appended last, if it was not chosen: it is not there as long as nobody tries again.
    failed: Option<Word>,
    /// Those that ever found no majority.
    frustrated: BTreeSet<u8>,
    /// The count of prepares when it was last asked.
    prepares: u64,
    /// What those needed that appended since.
    needs: BTreeSet<Need>,
}

/// Whether an append needs phase 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// It does not.
    Nothing,
    /// It does.
    Prepare,
    /// That is open.
    Open,
}

impl Known {
    fn new(acceptors: u8) -> Self {
        Self {
            acceptors,
            stopped: BTreeSet::new(),
            standings: BTreeMap::new(),
            appended: 0,
            entries: Vec::new(),
            since: Vec::new(),
            pending: false,
            failed: None,
            frustrated: BTreeSet::new(),
            prepares: 0,
            needs: BTreeSet::new(),
        }
    }

    fn has_majority(&self) -> bool {
        let total = usize::from(self.acceptors);
        is_majority(total.saturating_sub(self.stopped.len()), total)
    }

    /// Whether the answer to an append is one that the contract permits.
    fn permits(&self, leader: u8, decision: Decision) -> Result<(), String> {
        let standing = self.standings.get(&leader).copied().unwrap_or(Standing::Out);
        let is_alone = self.standings.keys().all(|other| *other == leader);
        let own = Decision::Chosen(self.appended);
        let is_right = match (self.has_majority(), standing) {
            (false, _) => match decision {
                Decision::Chosen(_) => false,
                Decision::NoQuorum => true,
                Decision::Conflict(_) => !is_alone,
            },
            (true, Standing::Leads | Standing::Out | Standing::Stuck) => decision == own,
            (true, Standing::Replaced) => is_rival(decision, leader),
            (true, Standing::Contested) => decision == own || is_rival(decision, leader),
        };
        let running = usize::from(self.acceptors).saturating_sub(self.stopped.len());
        is_right.then_some(()).ok_or_else(|| {
            let state = match standing {
                Standing::Leads => "leads",
                Standing::Stuck => "found no majority the last time",
                Standing::Replaced => "led until another did",
                Standing::Contested => "may lead, or not",
                Standing::Out => "does not think that it leads",
            };
            format!(
                "{running} of {} acceptors run, and the proposer {state}: {decision:?}",
                self.acceptors
            )
        })
    }

    fn append(&mut self, leader: u8, decision: Decision) {
        let is_chosen = matches!(decision, Decision::Chosen(_));
        let before = self.standings.get(&leader).copied().unwrap_or(Standing::Out);
        self.needs.insert(match before {
            Standing::Leads if is_chosen => Need::Nothing,
            Standing::Out if is_chosen => Need::Prepare,
            _ => Need::Open,
        });
        // An election that found no majority may have raised the promises of a few.
        let is_contested = self.frustrated.iter().any(|other| *other != leader);
        let standing = match (decision, before) {
            (Decision::Chosen(_), Standing::Contested) => Standing::Contested,
            (Decision::Chosen(_), _) if is_contested => Standing::Contested,
            (Decision::Chosen(_), _) => Standing::Leads,
            (Decision::NoQuorum, Standing::Replaced | Standing::Contested) => Standing::Contested,
            (Decision::NoQuorum, _) => Standing::Stuck,
            (Decision::Conflict(_), _) => Standing::Out,
        };
        for (_, other) in self.standings.iter_mut().filter(|(other, _)| **other != leader) {
            *other = match *other {
                Standing::Leads if is_chosen => Standing::Replaced,
                Standing::Leads | Standing::Stuck => Standing::Contested,
                Standing::Contested | Standing::Replaced | Standing::Out => *other,
            };
        }
        self.standings.insert(leader, standing);
        self.frustrated
            .extend((decision == Decision::NoQuorum).then_some(leader));
        self.since.extend(is_chosen.then_some(self.appended));
        self.pending |= !is_chosen;
        self.failed = (!is_chosen).then_some(self.appended);
    }

    /// Whether the log goes on as it has to. What was not chosen may turn up, once; what was chosen is there, in order.
    fn shows(&mut self, log: &[Word]) -> Result<(), String> {
        let Some(new) = log.strip_prefix(self.entries.as_slice()) else {
            return Err(format!("the log was {:?}, and is {log:?} now", self.entries));
        };
        let mut seen = BTreeSet::new();
        if let Some(word) = log.iter().find(|word| !seen.insert(**word) || **word > self.appended) {
            return Err(format!("{word} was not appended, or is in the log twice: {log:?}"));
        }
        if let Some(failed) = self.failed.filter(|failed| new.contains(failed)) {
            return Err(format!("{failed} was not chosen, and is in the log"));
        }
        let chosen: Vec<Word> = new.iter().copied().filter(|word| self.since.contains(word)).collect();
        if chosen != self.since || (!self.pending && new.len() > chosen.len()) {
            return Err(format!("{:?} was chosen, and the log has {new:?} for it", self.since));
        }
        self.entries = log.to_vec();
        self.since.clear();
        Ok(())
    }

    /// Whether phase 1 was run as often as it has to.
    fn prepared(&mut self, count: u64) -> Result<(), String> {
        let before = std::mem::replace(&mut self.prepares, count);
        let needs = std::mem::take(&mut self.needs);
        let is_right = match (needs.contains(&Need::Prepare), needs.contains(&Need::Open)) {
            (true, _) => count > before,
            (false, true) => count >= before,
            (false, false) => count == before,
        };
        is_right.then_some(()).ok_or_else(|| {
            let why = match needs.contains(&Need::Prepare) {
                true => "a new leader has to run it",
                false => "nobody had to run it again",
            };
            format!("phase 1 was run {before} times before, and {count} times now: {why}")
        })
    }
}

/// Whether it is a conflict with another.
fn is_rival(decision: Decision, leader: u8) -> bool {
    matches!(decision, Decision::Conflict(number) if number.proposer != u64::from(leader))
}

/// Walks through what was done with logs, and compares what the law is about with what the contract permits.
fn keep(case: &Case<'_, Script>, topics: &[Topic]) -> Result<(), Objection> {
    let mut logs = BTreeMap::<Slot, Known>::new();
    for (at, step, seen) in case.steps() {
        let m = match step {
            Step::new_log { m, acceptors } => {
                logs.insert(*m, Known::new(*acceptors));
                continue;
            }
            Step::append { m, .. }
            | Step::log { m }
            | Step::prepares { m }
            | Step::stop { m, .. }
            | Step::recover { m, .. } => m,
            _ => continue,
        };
        let known = logs.entry(*m).or_insert_with(|| Known::new(5));
        let (topic, said) = match (step, seen) {
            (Step::append { leader, .. }, Seen::append(decision)) => {
                known.appended += 1;
                let said = known.permits(*leader, *decision);
                known.append(*leader, *decision);
                (Topic::Decisions, said)
            }
            (_, Seen::log(log)) => (Topic::Entries, known.shows(log)),
            (_, Seen::prepares(count)) => (Topic::Prepares, known.prepared(*count)),
            (Step::stop { acceptor, .. }, _) => {
                if *acceptor < known.acceptors {
                    known.stopped.insert(*acceptor);
                }
                continue;
            }
            (Step::recover { acceptor, .. }, _) => {
                known.stopped.remove(acceptor);
                continue;
            }
            _ => continue,
        };
        if topics.contains(&topic) {
            said.map_err(|text| Objection::at(at, text))?;
        }
    }
    Ok(())
}
