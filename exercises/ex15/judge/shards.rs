//! Shards: loads, and what moves. Who gets which shard is the submission's choice.

use std::collections::{BTreeMap, BTreeSet};

use ex15_protocol::{Move, Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::subsequence};

type Owners = Vec<Option<u64>>;

fn some_nodes() -> impl Strategy<Value = Vec<u64>> {
    subsequence((1..12_u64).collect::<Vec<_>>(), 1..8).prop_shuffle()
}

/// Shards that are assigned, and balanced again and again as nodes come and go.
fn changes() -> impl Strategy<Value = Vec<Step>> {
    (1..50_u8, some_nodes(), vec(some_nodes(), 1..4)).prop_map(|(count, first, then)| {
        let mut script = vec![shards(0, count), assign(0, first), owners(0)];
        for nodes in then {
            script.extend([rebalance(0, nodes), owners(0)]);
        }
        script
    })
}

/// Who holds how many of the shards there are.
fn loads(owners: &Owners) -> BTreeMap<u64, usize> {
    let mut loads = BTreeMap::new();
    for owner in owners.iter().flatten() {
        *loads.entry(*owner).or_default() += 1;
    }
    loads
}

/// Says what is wrong with how shards are spread.
fn unbalanced(owners: &Owners, nodes: &[u64]) -> Option<String> {
    let (beyond, shards) = owners.split_last()?;
    if beyond.is_some() {
        return Some(format!("there are {} shards, and shard {0} has an owner", shards.len()));
    }
    if nodes.is_empty() {
        let held = shards.iter().any(Option::is_some);
        return held.then(|| "a shard has an owner, and there are no nodes".to_owned());
    }
    if let Some(free) = shards.iter().position(Option::is_none) {
        return Some(format!("shard {free} has no owner"));
    }
    let loads = loads(owners);
    if let Some(stranger) = loads.keys().find(|owner| !nodes.contains(owner)) {
        return Some(format!("node {stranger} holds shards, and is not one of the nodes"));
    }
    let of = |node: &u64| loads.get(node).copied().unwrap_or(0);
    let (least, most) = (nodes.iter().map(of).min()?, nodes.iter().map(of).max()?);
    (most > least + 1).then(|| format!("a node holds {most} shards, and another {least}"))
}

/// The law that after each assignment, or each rebalance, shards are balanced.
fn balance(wants_rebalance: bool) -> impl Fn(&Case<'_, Script>) -> Result<(), Objection> {
    move |case| {
        let mut nodes: Option<&Vec<u64>> = None;
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::assign { ids, .. }, _) => {
                    nodes = Some(ids).filter(|ids| !wants_rebalance && (ids.is_empty() || is_settled(ids)));
                }
                (Step::rebalance { ids, .. }, _) => nodes = Some(ids).filter(|ids| wants_rebalance && is_settled(ids)),
                (Step::shards { .. }, _) => nodes = None,
                (_, Seen::owners(owners)) => {
                    if let Some(text) = nodes.and_then(|nodes| unbalanced(owners, nodes)) {
                        return Err(Objection::at(at, text));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// R7: each shard is held by one of the nodes, and loads differ by one at most.
pub fn assigned_shards_are_balanced(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (0..60_u8, vec(some_nodes(), 1..3)).prop_map(|(count, all)| {
        let rounds = all.into_iter().flat_map(|nodes| [assign(0, nodes), owners(0)]);
        std::iter::once(shards(0, count)).chain(rounds).collect()
    });
    trial.cases(96).forall(scripts, balance(false))
}

/// R7: without nodes, and before anything was assigned, no shard is held.
pub fn no_node_no_owner(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (1..20_u8, some_nodes()).prop_map(|(count, nodes)| {
        vec![
            shards(0, count),
            owners(0),
            assign(0, nodes),
            assign(0, Vec::new()),
            owners(0),
        ]
    });
    trial.cases(24).forall(scripts, |case| {
        let mut is_empty = false;
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::shards { .. }, _) => is_empty = true,
                (Step::assign { ids, .. }, _) => is_empty = ids.is_empty(),
                (_, Seen::owners(owners)) if is_empty && owners.iter().any(Option::is_some) => {
                    return Err(Objection::at(at, "no node was given any shard, and one has an owner"));
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R8: after a rebalance each shard is held by one of the nodes, and loads differ by one at most.
pub fn a_rebalance_balances(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(96).forall(changes(), balance(true))
}

/// A rebalance, with who held what before and after.
struct Change<'a> {
    at: usize,
    before: &'a Owners,
    nodes: &'a [u64],
    moves: &'a [Move],
    after: &'a Owners,
}

/// Whether the statement says what a rebalance over these nodes does: a script that was cut down may name one twice, or none.
fn is_settled(nodes: &[u64]) -> bool {
    !nodes.is_empty() && nodes.iter().collect::<BTreeSet<_>>().len() == nodes.len()
}

fn each_change(case: &Case<'_, Script>, fine: impl Fn(&Change<'_>) -> Result<(), String>) -> Result<(), Objection> {
    let steps: Vec<_> = case.steps().collect();
    for three in steps.windows(3) {
        let [
            (_, _, Seen::owners(before)),
            (at, Step::rebalance { ids, .. }, Seen::rebalance(moves)),
            (_, _, Seen::owners(after)),
        ] = three
        else {
            continue;
        };
        let change = Change {
            at: *at,
            before,
            nodes: ids,
            moves,
            after,
        };
        if is_settled(change.nodes) {
            fine(&change).map_err(|text| Objection::at(change.at, text))?;
        }
    }
    Ok(())
}

/// How many of the shards that are held must move, to be balanced over these nodes.
fn least(owners: &Owners, nodes: &[u64]) -> usize {
    let nodes: BTreeSet<u64> = nodes.iter().copied().collect();
    let shards = owners.len().saturating_sub(1);
    let Some((each, more)) = shards.checked_div(nodes.len()).map(|each| (each, shards % nodes.len())) else {
        return 0;
    };
    let loads = loads(owners);
    let mut held: Vec<usize> = nodes.iter().map(|node| loads.get(node).copied().unwrap_or(0)).collect();
    held.sort_unstable_by(|a, b| b.cmp(a));
    let ranked = held.iter().enumerate();
    let stay: usize = ranked
        .map(|(rank, load)| (*load).min(each + usize::from(rank < more)))
        .sum();
    loads.values().sum::<usize>() - stay
}

/// R8: no fewer shards could have moved.
pub fn a_rebalance_moves_the_least(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(128).forall(changes(), |case| {
        each_change(case, |change| {
            let pairs = change.before.iter().zip(change.after);
            let moved = pairs
                .filter(|(before, after)| before.is_some() && before != after)
                .count();
            let least = least(change.before, change.nodes);
            match moved > least {
                true => Err(format!("{moved} shards moved, and {least} were enough")),
                false => Ok(()),
            }
        })
    })
}

/// R8: the moves say which shards changed hands, from whom and to whom; who had no owner did not move.
pub fn moves_tell_what_moved(trial: &mut Trial<Script>) -> Verdict {
    let fresh = (1..20_u8, some_nodes())
        .prop_map(|(count, nodes)| vec![shards(0, count), owners(0), rebalance(0, nodes), owners(0)]);
    trial.cases(96).forall(prop_oneof![4 => changes(), 1 => fresh], |case| {
        each_change(case, |change| {
            let pairs = (0..).zip(change.before.iter().zip(change.after));
            let moved: Vec<Move> = pairs
                .filter_map(|(shard, (before, after))| match (before, after) {
                    (Some(from), Some(to)) if from != to => Some(Move {
                        shard,
                        from: *from,
                        to: *to,
                    }),
                    _ => None,
                })
                .collect();
            match moved == change.moves {
                true => Ok(()),
                false => Err("the moves are not those by which the owners before and after differ".to_owned()),
            }
        })
    })
}

/// R8: with the same nodes, in whatever order, nothing moves.
pub fn nothing_moves_without_a_change(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (1..50_u8, some_nodes(), some_nodes(), any::<bool>()).prop_map(|(count, first, next, is_later)| {
        let mut script = vec![shards(0, count), assign(0, first.clone())];
        let nodes = if is_later { next } else { first };
        let again: Vec<u64> = nodes.iter().rev().copied().collect();
        if is_later {
            script.push(rebalance(0, nodes));
        }
        script.extend([owners(0), rebalance(0, again), owners(0)]);
        script
    });
    trial.cases(64).forall(scripts, |case| {
        each_change(case, |change| {
            let is_balanced = unbalanced(change.before, change.nodes).is_none();
            match is_balanced && (!change.moves.is_empty() || change.before != change.after) {
                true => Err("shards moved, though they were balanced over these very nodes".to_owned()),
                false => Ok(()),
            }
        })
    })
}
