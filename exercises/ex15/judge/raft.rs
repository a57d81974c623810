//! Elections by majority, of nodes that have voted for nobody yet.

use ex15_protocol::{Algorithm, Script, Step, Word, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{prelude::*, sample::select, sample::subsequence};

use crate::clusters::{Vote, elections};

fn voter(total: u64) -> Step {
    node(0, 1, Algorithm::RaftBased, (2..=total).collect())
}

/// R6: a node says `Ok` to the first candidate, and to no other, until time is over; a candidate to none.
pub fn a_voice_is_given_once(trial: &mut Trial<Script>) -> Verdict {
    let candidate = || 2..6_u64;
    let scripts = (candidate(), candidate(), any::<bool>()).prop_map(|(one, other, stands)| {
        let other = if other == one { 6 } else { other };
        let first = if stands {
            start(0)
        } else {
            hear(0, one, Word::Election(one))
        };
        let mut script = vec![voter(6), first, hear(0, other, Word::Election(other))];
        if !stands {
            script.extend([timeout(0), hear(0, other, Word::Election(other))]);
        }
        script
    });
    trial.cases(48).forall(scripts, same)
}

/// R6: a candidate leads with the voices of more than half of all nodes, its own included, and not before.
pub fn a_majority_is_needed(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (1..8_u64).prop_map(|total| {
        let mut script = vec![voter(total), start(0), is_leader(0)];
        // As many voices as it takes, and none after that.
        for from in 2..=total / 2 + 1 {
            script.extend([hear(0, from, Word::Ok(from)), is_leader(0), leader(0)]);
        }
        script
    });
    trial.cases(32).forall(scripts, same)
}

/// R6: a voice that comes twice counts once.
pub fn voices_are_counted_by_node(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (5..9_u64, 2..5_u64).prop_map(|(total, from)| {
        let again = || hear(0, from, Word::Ok(from));
        vec![voter(total), start(0), again(), again(), again(), again(), is_leader(0)]
    });
    trial.cases(24).forall(scripts, same)
}

/// R6: a voice that comes when somebody else has won counts for nothing.
pub fn a_late_voice_counts_for_nothing(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (5..9_u64, 2..5_u64).prop_map(|(total, winner)| {
        let mut script = vec![voter(total), start(0), hear(0, winner, Word::Coordinator(winner))];
        script.extend(
            (2..=total)
                .filter(|from| *from != winner)
                .map(|from| hear(0, from, Word::Ok(from))),
        );
        script.extend([leader(0), is_leader(0)]);
        script
    });
    trial.cases(24).forall(scripts, same)
}

/// R6: of candidates that stand at once one wins at most; one that stands alone wins if more than half of the nodes run.
pub fn at_most_one_candidate_wins(trial: &mut Trial<Script>) -> Verdict {
    let ids = subsequence((1..9_u64).collect::<Vec<_>>(), 2..8);
    let scripts = ids.prop_flat_map(|ids| {
        let starters = prop_oneof![
            subsequence(ids.clone(), 2..=ids.len()),
            select(ids.clone()).prop_map(|one| vec![one]),
        ];
        let stopped = subsequence(ids.clone(), 0..ids.len());
        (Just(ids), stopped, starters, any::<u16>()).prop_map(|(ids, stopped, starters, order)| {
            let mut script = vec![cluster(Algorithm::RaftBased, ids)];
            script.extend(stopped.into_iter().map(|id| crash(id, false)));
            script.push(elect(starters, order));
            script
        })
    });
    trial.cases(128).forall(scripts, one_winner)
}

fn one_winner(case: &Case<'_, Script>) -> Result<(), Objection> {
    let total = case.steps().find_map(|(_, step, _)| match step {
        Step::cluster {
            way: Algorithm::RaftBased,
            ids,
        } => Some(ids.len()),
        _ => None,
    });
    let Some(total) = total else { return Ok(()) };
    for Vote {
        at,
        live,
        starters,
        outcome,
        ..
    } in elections(case)
    {
        let object = |text: String| Err(Objection::at(at, text));
        if !outcome.is_quiet {
            return object("the nodes never stop sending messages".to_owned());
        }
        let winner = match outcome.winners[..] {
            [] => None,
            [one] => Some(one),
            _ => return object(format!("several nodes won: {:?}", outcome.winners)),
        };
        let is_possible = 2 * live.len() > total;
        match (winner, &starters[..]) {
            (Some(one), _) if !is_possible => {
                return object(format!("node {one} won without a majority of {total} nodes"));
            }
            (None, [alone]) if is_possible => return object(format!("node {alone} stood alone, and did not win")),
            _ => {}
        }
        if let Some((id, leader)) = outcome.leaders.iter().find(|(_, leader)| *leader != winner) {
            return object(format!("{winner:?} won, and node {id} takes {leader:?} for the leader"));
        }
    }
    Ok(())
}
