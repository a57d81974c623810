//! Simulated clusters: whoever starts, whoever crashes, and in whatever order messages arrive, the highest node leads.

use std::collections::BTreeSet;

use ex15_protocol::{Algorithm, Outcome, Script, Seen, Step, Word, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*, sample::select, sample::subsequence};

/// What may happen before an election.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    None,
    Noticed,
    Silent,
}

/// Clusters that elect once, or several times if there is trouble in between.
fn scripts(way: Algorithm, trouble: Trouble) -> impl Strategy<Value = Vec<Step>> {
    let ids = subsequence((1..9_u64).collect::<Vec<_>>(), 2..7);
    ids.prop_flat_map(move |ids| {
        let one = select(ids.clone());
        let event = match trouble {
            Trouble::None => Just(Vec::new()).boxed(),
            Trouble::Noticed => {
                let event = prop_oneof![3 => one.clone().prop_map(|id| crash(id, true)), 1 => one.prop_map(revive)];
                vec(event, 1..3).boxed()
            }
            Trouble::Silent => vec(one.prop_map(|id| crash(id, false)), 1..3).boxed(),
        };
        let starters = subsequence(ids.clone(), 1..=ids.len()).prop_shuffle();
        let round = (event, starters, any::<u16>()).prop_map(move |(mut events, starters, order)| {
            events.push(elect(starters, order));
            events.extend(matches!(trouble, Trouble::Silent).then(|| expire(order)));
            events
        });
        let first = (select(ids.clone()), any::<u16>()).prop_map(|(id, order)| elect(vec![id], order));
        (Just(ids), first, vec(round, 1..4)).prop_map(move |(ids, first, rounds)| {
            let mut script = vec![cluster(way, ids), first];
            script.extend(rounds.into_iter().flatten());
            script
        })
    })
}

/// An election, or the end of the time that was allowed for it.
pub struct Vote {
    /// The step.
    pub at: usize,
    /// The nodes that run.
    pub live: BTreeSet<u64>,
    /// Those that stood.
    pub starters: Vec<u64>,
    /// Whether the nodes know which of them run, or time is over.
    pub is_final: bool,
    /// What came of it.
    pub outcome: Outcome,
}

/// The elections of a script.
pub fn elections(case: &Case<'_, Script>) -> Vec<Vote> {
    let mut live = BTreeSet::from([1, 2, 3, 4, 5]);
    let mut all = Vec::new();
    let (mut is_known, mut standing) = (true, Vec::new());
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::cluster { ids, .. }, _) => {
                (live, is_known) = (ids.iter().copied().collect(), true);
                standing.clear();
            }
            (Step::crash { id, is_noticed }, _) => {
                let ran = live.remove(id);
                is_known = *is_noticed || (is_known && !ran);
                standing.clear();
            }
            (Step::revive { id }, _) => {
                live.insert(*id);
                is_known = true;
                standing.clear();
            }
            (Step::elect { starters, .. }, _) => {
                standing = starters.iter().copied().filter(|id| live.contains(id)).collect();
            }
            _ => {}
        }
        if let Seen::elect(outcome) | Seen::expire(outcome) = seen {
            all.push(Vote {
                at,
                live: live.clone(),
                starters: standing.clone(),
                is_final: is_known || matches!(step, Step::expire { .. }),
                outcome: outcome.clone(),
            });
        }
    }
    all
}

/// The highest leads, by its own account and that of all others, and nobody else ever did.
fn highest(case: &Case<'_, Script>) -> Result<(), Objection> {
    for vote in elections(case) {
        let Some(highest) = vote.live.last().copied().filter(|_| !vote.starters.is_empty()) else {
            continue;
        };
        let object = |text: String| Err(Objection::at(vote.at, text));
        if !vote.outcome.is_quiet {
            return object("the nodes never stop sending messages".to_owned());
        }
        if let Some(other) = vote.outcome.winners.iter().find(|winner| **winner != highest) {
            return object(format!(
                "node {other} took itself for the leader, though {highest} runs"
            ));
        }
        let mut leaders = vote.outcome.leaders.iter().filter(|_| vote.is_final);
        if let Some((id, leader)) = leaders.find(|(_, leader)| *leader != Some(highest)) {
            let leader = leader.map_or("nobody".to_owned(), |leader| leader.to_string());
            return object(format!(
                "{highest} is the highest node that runs, and node {id} takes {leader} for the leader"
            ));
        }
    }
    Ok(())
}

fn check(trial: &mut Trial<Script>, way: Algorithm, trouble: Trouble) -> Verdict {
    trial.cases(96).forall(scripts(way, trouble), highest)
}

/// R4: bullies elect the highest, however many of them start at once.
pub fn the_highest_bully_leads(trial: &mut Trial<Script>) -> Verdict {
    check(trial, Algorithm::Bully, Trouble::None)
}

/// R4: bullies elect the highest again after nodes crashed and came back.
pub fn crashed_bullies_are_replaced(trial: &mut Trial<Script>) -> Verdict {
    check(trial, Algorithm::Bully, Trouble::Noticed)
}

/// R4: bullies replace nodes that crashed unnoticed, when time is over.
pub fn silent_bullies_are_replaced(trial: &mut Trial<Script>) -> Verdict {
    check(trial, Algorithm::Bully, Trouble::Silent)
}

/// R5: a ring elects the highest, however many tokens go round, and comes to rest.
pub fn the_highest_on_the_ring_leads(trial: &mut Trial<Script>) -> Verdict {
    check(trial, Algorithm::Ring, Trouble::None)
}

/// R5: a ring elects the highest again after nodes crashed and came back.
pub fn crashed_ring_leaders_are_replaced(trial: &mut Trial<Script>) -> Verdict {
    check(trial, Algorithm::Ring, Trouble::Noticed)
}

/// R5: a token begins with its starter, goes to the next higher node or round to the lowest, and each node adds itself.
pub fn a_token_collects_and_goes_on(trial: &mut Trial<Script>) -> Verdict {
    let ids = subsequence((1..30_u64).collect::<Vec<_>>(), 3..7);
    let scripts = (ids, any::<proptest::sample::Index>(), any::<bool>()).prop_map(|(ids, index, starts)| {
        let at = index.index(ids.len());
        let (id, before) = (ids[at], ids[(at + ids.len() - 1) % ids.len()]);
        let peers = ids.iter().copied().filter(|peer| *peer != id).rev().collect();
        let step = if starts {
            start(0)
        } else {
            hear(0, before, Word::Token(vec![before]))
        };
        vec![node(0, id, Algorithm::Ring, peers), step, is_leader(0)]
    });
    trial.cases(64).forall(scripts, same)
}
