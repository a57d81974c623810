//! What nodes say of themselves.

use ex13_protocol::{Look, Role, Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*};

use crate::{operation, script};

/// The looks of a case and where they were taken.
fn looks<'c>(case: &'c Case<'_, Script>) -> impl Iterator<Item = (usize, &'c Vec<Look>)> {
    case.steps().filter_map(|(at, _, seen)| match seen {
        Seen::look(looks) => Some((at, looks)),
        _ => None,
    })
}

/// What is wrong with what the nodes of a quiet cluster say.
fn contradiction(looks: &[Look], voters: &[u64]) -> Option<&'static str> {
    let Some(first) = looks.first() else {
        return Some("there is no node");
    };
    let leaders = looks.iter().filter(|look| look.role == Role::Leader).count();
    let named = |look: &Look| look.leader == first.leader && look.current_leader == first.leader;
    let itself =
        |look: &Look| look.is_leader == (look.role == Role::Leader) && look.is_leader == (look.leader == Some(look.id));
    if leaders != 1 || !looks.iter().all(named) {
        Some("the nodes do not agree on one leader")
    } else if !looks.iter().all(itself) {
        Some("a node's role, `is_leader` and the leader it names do not fit together")
    } else if looks.iter().any(|look| look.term != first.term || look.term == 0) {
        Some("the nodes are not in one term")
    } else if looks.iter().any(|look| look.voters != voters) {
        Some("the nodes do not tell the members of the cluster")
    } else if looks
        .iter()
        .any(|look| look.last_applied != look.last_log || look.last_log != first.last_log)
    {
        Some("nothing happens, and the nodes have not all applied the same log")
    } else {
        None
    }
}

/// R12: in a quiet cluster all nodes agree on leader, term, members and log, and each tells its own part.
pub fn all_nodes_tell_the_same_story(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => operation(),
        1 => vec(0..5_u8, 1..5).prop_map(change),
        2 => Just(look()),
    ];
    trial.cases(8).forall(script(vec![], steps, 8, vec![look()]), |case| {
        let mut voters = vec![1, 2, 3];
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::change { named }, _) => voters = ex13_protocol::voters(named),
                (_, Seen::look(looks)) => {
                    let ids: Vec<u64> = looks.iter().map(|look| look.id).collect();
                    if ids != voters {
                        return Err(Objection::at(at, "a node does not tell its own id"));
                    }
                    if let Some(text) = contradiction(looks, &voters) {
                        return Err(Objection::at(at, text));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R12: another leader is one of a later term, and the nodes say so.
pub fn terms_rise_with_each_election(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (1..4_usize).prop_map(|times| {
        let rounds = (0..times).flat_map(|_| [look(), stop(0)]);
        rounds.chain([look()]).collect::<Vec<_>>()
    });
    trial.cases(6).forall(scripts, |case| {
        let mut before: Option<(u64, Option<u64>)> = None;
        for (at, looks) in looks(case) {
            let now = looks.first().map(|look| (look.term, look.leader));
            if let (Some((old, led)), Some((term, leads))) = (before, now)
                && (term < old || (term == old && leads != led))
            {
                let text = format!("the leader of term {old} was {led:?}; now term {term} is led by {leads:?}");
                return Err(Objection::at(at, text));
            }
            before = now;
        }
        Ok(())
    })
}

/// R12: each write makes the log longer, and is applied.
pub fn writes_are_counted(trial: &mut Trial<Script>) -> Verdict {
    let scripts = vec(1..20_u8, 1..4).prop_map(|counts| {
        let rounds = counts.into_iter().flat_map(|count| [fill(count), look()]);
        [look()].into_iter().chain(rounds).collect::<Vec<_>>()
    });
    trial.cases(6).forall(scripts, |case| {
        let (mut least, mut written) = (None, 0);
        for (at, _, seen) in case.steps() {
            match seen {
                Seen::fill(count) => written += u64::from(*count),
                Seen::look(looks) => {
                    let end = looks.iter().map(|look| look.last_log.min(look.last_applied)).min();
                    if let (Some(least), Some(end)) = (least, end)
                        && end < least + written
                    {
                        let text = format!("{written} writes brought the log from index {least} to {end}");
                        return Err(Objection::at(at, text));
                    }
                    (least, written) = (end, 0);
                }
                _ => {}
            }
        }
        Ok(())
    })
}
