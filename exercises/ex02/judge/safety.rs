//! What no fault may break: the properties of figure 3 of the paper, on clusters under random schedules.
//!
//! Each check is one property, and objects at the first step that breaks it. All are laws about what nodes show, and hold
//! for every correct design.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use ex02_protocol::{Entry, Place, Role, Script, Size, Step};
use judge::{Case, Objection, Trial, Verdict};
use proptest::prelude::*;

use crate::cluster::{Node, any_size, follow, name, schedule};

/// Schedules that a property is tried on.
const SCHEDULES: u32 = 128;
/// The same for what rarely shows.
const MANY_SCHEDULES: u32 = 256;

/// Runs schedules on clusters of any size.
fn always(
    trial: &mut Trial<Script>,
    schedules: u32,
    law: impl Fn(&Case<'_, Script>) -> Result<(), Objection>,
) -> Verdict {
    trial.cases(schedules).forall(schedule(any_size()), law)
}

/// R4, R9: no two nodes lead the same term.
pub fn a_term_has_one_leader(trial: &mut Trial<Script>) -> Verdict {
    always(trial, SCHEDULES, |case| {
        let mut leaders = BTreeMap::new();
        follow(case, |moment| {
            for (node, _, now) in moment.changed().filter(|(_, _, now)| now.role == Role::Leader) {
                let leader = *leaders.entry(now.term).or_insert(node);
                if leader != node {
                    return Err(format!(
                        "{} and {} both lead term {}",
                        name(leader),
                        name(node),
                        now.term
                    ));
                }
            }
            Ok(())
        })
    })
}

/// R3, R9: no node votes for two candidates in the same term, itself included.
pub fn a_node_votes_once_a_term(trial: &mut Trial<Script>) -> Verdict {
    always(trial, SCHEDULES, |case| {
        let mut given = BTreeMap::<(Place, u64), Place>::new();
        follow(case, |moment| {
            let own = match moment.step {
                Step::campaign { node, .. } if moment.before(*node).role != Role::Leader => {
                    Some((*node, moment.before(*node).term.saturating_add(1), *node))
                }
                _ => None,
            };
            let votes = moment.votes.iter().map(|vote| (vote.voter, vote.term, vote.candidate));
            for (voter, term, candidate) in own.into_iter().chain(votes) {
                let before = *given.entry((voter, term)).or_insert(candidate);
                if before != candidate {
                    return Err(format!(
                        "{} votes for {} and for {} in term {term}",
                        name(voter),
                        name(before),
                        name(candidate)
                    ));
                }
            }
            Ok(())
        })
    })
}

/// R1, R9: no node goes back to an older term or a lower commit index.
pub fn terms_and_commits_never_decrease(trial: &mut Trial<Script>) -> Verdict {
    always(trial, SCHEDULES, |case| {
        follow(case, |moment| {
            for (node, was, now) in moment.changed() {
                if now.term < was.term {
                    return Err(format!(
                        "{} goes back from term {} to {}",
                        name(node),
                        was.term,
                        now.term
                    ));
                }
                if now.commit < was.commit {
                    return Err(format!(
                        "{} goes back from commit index {} to {}",
                        name(node),
                        was.commit,
                        now.commit
                    ));
                }
            }
            Ok(())
        })
    })
}

/// The length of what two logs have in common.
fn alike(left: &[Entry], right: &[Entry]) -> usize {
    left.iter().zip(right).take_while(|(left, right)| left == right).count()
}

/// R7, R9: as long as a node leads, its log only grows.
pub fn a_leader_only_appends(trial: &mut Trial<Script>) -> Verdict {
    always(trial, SCHEDULES, |case| {
        follow(case, |moment| {
            for (node, was, now) in moment.changed() {
                let led = was.role == Role::Leader && now.role == Role::Leader && was.term == now.term;
                if led && alike(&was.log, &now.log) < was.log.len() {
                    return Err(format!("{} leads and loses {:?}", name(node), lost(&was, &now)));
                }
            }
            Ok(())
        })
    })
}

/// What is in a log no more.
fn lost<'a>(was: &'a Node, now: &Node) -> &'a [Entry] {
    was.log.get(alike(&was.log, &now.log)..).unwrap_or_default()
}

/// R5, R9: nothing is removed from a log that is committed, nor within one term without a conflict in its place.
pub fn an_append_takes_nothing_back(trial: &mut Trial<Script>) -> Verdict {
    always(trial, MANY_SCHEDULES, |case| {
        follow(case, |moment| {
            for (node, was, now) in moment.changed() {
                let Some(gone) = lost(&was, &now).first() else { continue };
                if gone.index <= was.commit {
                    return Err(format!("{} removes {gone:?}, which it had committed", name(node)));
                }
                let instead = now.log.get(alike(&was.log, &now.log));
                if was.term == now.term && instead.is_none_or(|entry| entry.term == gone.term) {
                    return Err(format!(
                        "{} removes {:?}, and there was no conflict",
                        name(node),
                        lost(&was, &now)
                    ));
                }
            }
            Ok(())
        })
    })
}

/// R9: two logs with an entry of the same index and term are the same up to there; entries know their index.
pub fn logs_agree_up_to_a_shared_entry(trial: &mut Trial<Script>) -> Verdict {
    always(trial, SCHEDULES, |case| {
        follow(case, |moment| {
            let grown = moment.views.iter().filter(|view| view.log.is_some());
            for (node, now) in grown.filter_map(|view| Some((view.node, moment.now.get(&view.node)?))) {
                if let Some((_, entry)) = (1..).zip(&now.log).find(|(index, entry)| *index != entry.index) {
                    return Err(format!("{} has {entry:?} at another index", name(node)));
                }
                for (other, their) in moment.now.iter().filter(|(other, _)| **other != node) {
                    let pairs = now.log.iter().zip(&their.log);
                    let shared = pairs.enumerate().rfind(|(_, (mine, theirs))| mine.term == theirs.term);
                    if let Some((last, (mine, theirs))) = shared
                        && alike(&now.log, &their.log) <= last
                    {
                        let (left, right) = (name(node), name(*other));
                        return Err(format!(
                            "{left} has {mine:?} and {right} {theirs:?}, but their logs differ at or before"
                        ));
                    }
                }
            }
            Ok(())
        })
    })
}

/// R9: what is committed in a term is in the log of whoever leads a later one.
pub fn a_leader_holds_what_was_committed(trial: &mut Trial<Script>) -> Verdict {
    always(trial, MANY_SCHEDULES, |case| {
        // Each committed entry, and the term of the first node that was seen to have committed it.
        let mut committed = Vec::<(Entry, u64)>::new();
        follow(case, |moment| {
            for (node, _, now) in moment.changed() {
                let length = usize::try_from(now.commit).unwrap_or(usize::MAX);
                let Some(prefix) = now.log.get(..length) else {
                    return Err(format!(
                        "{} has committed {} of {} entries",
                        name(node),
                        now.commit,
                        now.log.len()
                    ));
                };
                committed.extend(prefix.iter().skip(committed.len()).map(|entry| (*entry, now.term)));
            }
            for (node, _, now) in moment.changed().filter(|(_, _, now)| now.role == Role::Leader) {
                let lacks = |(entry, index): &(&(Entry, u64), usize)| {
                    entry.1 < now.term && now.log.get(*index) != Some(&entry.0)
                };
                if let Some(((entry, term), _)) = committed.iter().zip(0..).find(lacks) {
                    let name = name(node);
                    return Err(format!(
                        "{name} leads term {} without {entry:?}, which was committed in term {term}",
                        now.term
                    ));
                }
            }
            Ok(())
        })
    })
}

/// R6, R9: every node applies the same commands, from index 1 on, without gap or repetition.
pub fn all_apply_the_same_commands(trial: &mut Trial<Script>) -> Verdict {
    always(trial, MANY_SCHEDULES, |case| {
        let mut applied = BTreeMap::<u64, (Place, Entry)>::new();
        follow(case, |moment| {
            for (node, was, now) in moment.changed() {
                for (index, entry) in (1..).zip(&now.applied).skip(was.applied.len()) {
                    if entry.index != index {
                        return Err(format!(
                            "{} applies {entry:?} where index {index} comes next",
                            name(node)
                        ));
                    }
                    match applied.entry(index) {
                        Slot::Vacant(slot) => {
                            slot.insert((node, *entry));
                        }
                        Slot::Occupied(slot) if slot.get().1 != *entry => {
                            let (first, before) = slot.get();
                            return Err(format!(
                                "{} applies {entry:?}, but {} applied {before:?}",
                                name(node),
                                name(*first)
                            ));
                        }
                        Slot::Occupied(_) => {}
                    }
                }
            }
            Ok(())
        })
    })
}

/// R6: a node hands out what it commits in the call that commits it.
pub fn what_is_committed_is_applied(trial: &mut Trial<Script>) -> Verdict {
    // A node alone may commit in `propose`, which has no outputs.
    let size = prop_oneof![Just(Size::Three), Just(Size::Five)];
    trial.cases(SCHEDULES).forall(schedule(size), |case| {
        follow(case, |moment| {
            for (node, _, now) in moment.changed() {
                if now.applied.len() as u64 != now.commit {
                    let (name, applied) = (name(node), now.applied.len());
                    return Err(format!(
                        "{name} has committed {} entries and handed out {applied}",
                        now.commit
                    ));
                }
            }
            Ok(())
        })
    })
}

/// R8, R9: the last entry that a leader commits is of its own term (figure 8).
pub fn old_entries_commit_with_a_new_one(trial: &mut Trial<Script>) -> Verdict {
    always(trial, MANY_SCHEDULES, |case| {
        follow(case, |moment| {
            for (node, _, now) in moment.changed().filter(|(_, was, now)| is_committing(was, now)) {
                let last = now
                    .commit
                    .checked_sub(1)
                    .and_then(|last| now.log.get(usize::try_from(last).ok()?));
                if let Some(entry) = last.filter(|entry| entry.term != now.term) {
                    let name = name(node);
                    return Err(format!(
                        "{name} leads term {} and commits {entry:?} of an older term: it may still be lost",
                        now.term
                    ));
                }
            }
            Ok(())
        })
    })
}

fn is_committing(was: &Node, now: &Node) -> bool {
    now.role == Role::Leader && was.commit < now.commit
}
