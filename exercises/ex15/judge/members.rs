//! The manager: its members, what is announced of them, and the shards they hold. `model.rs` says what is certain.

use std::collections::BTreeSet;

use ex15_protocol::{Algorithm, Script, Seen, State, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::select, sample::subsequence};

use crate::model::Model;

/// The manager's node; others are lower and higher.
const LOCAL: u64 = 5;

fn others(least: usize) -> impl Strategy<Value = Vec<u64>> {
    subsequence(vec![1, 2, 3, 4, 6, 7, 8, 9], least..5).prop_shuffle()
}

fn bullies() -> Step {
    manager(LOCAL, 16, Algorithm::Bully)
}

type Fault = Result<(), String>;

/// Follows a script with the model, as long as something is certain; `fine` gets each step, and whom a check must find.
fn certain(
    fine: impl Fn(&mut Model, &Step, &Seen, Option<Vec<u64>>) -> Fault,
) -> impl Fn(&Case<'_, Script>) -> Result<(), Objection> {
    move |case| {
        let mut model = Model::new(LOCAL, 16, Algorithm::Bully);
        for (at, step, seen) in case.steps() {
            let silent = model.follow(step);
            if model.is_lost {
                return Ok(());
            }
            fine(&mut model, step, seen, silent).map_err(|text| Objection::at(at, text))?;
        }
        Ok(())
    }
}

fn demand(is_fine: bool, text: impl FnOnce() -> String) -> Fault {
    if is_fine { Ok(()) } else { Err(text()) }
}

/// What `members` must tell of the others, and of the manager's own node.
fn states(model: &mut Model, _: &Step, seen: &Seen, silent: Option<Vec<u64>>) -> Fault {
    match (seen, silent) {
        (Seen::check(found) | Seen::check_now(found), Some(silent)) => {
            demand(*found == silent, || format!("the silent members are {silent:?}"))
        }
        (Seen::members(members), _) => {
            let (own, others): (Vec<_>, Vec<_>) = members.iter().partition(|(id, _)| *id == model.id);
            let expected: Vec<(u64, State)> = model.others.iter().map(|(id, heard)| (*id, heard.state)).collect();
            demand(others == expected, || {
                format!("the members besides {} are {expected:?}", model.id)
            })?;
            let own: Vec<State> = own.into_iter().map(|(_, state)| state).collect();
            match model.is_in {
                Some(true) => demand(own == [State::Healthy], || {
                    format!("{} has joined, and is Healthy", model.id)
                }),
                Some(false) => {
                    let is_gone = own.is_empty() || own == [State::Left];
                    demand(is_gone, || format!("{} has left: it is Left, or no member", model.id))
                }
                None => Ok(()),
            }
        }
        (Seen::join(false), _) => Err("the seed takes connections: the node can join".to_owned()),
        _ => Ok(()),
    }
}

/// R9: a node that is heard is a healthy member from then on, last heard at that time.
pub fn who_is_heard_is_a_member(trial: &mut Trial<Script>) -> Verdict {
    let step = prop_oneof![
        3 => (6..10_u64).prop_map(beat),
        1 => (1..5_u64).prop_map(beat),
        2 => (1..5000_u32).prop_map(pass),
        2 => (6..10_u64).prop_map(heard),
        1 => Just(members()),
    ];
    let scripts = vec(step, 2..10).prop_map(|mut script| {
        script.push(members());
        script
    });
    trial.cases(64).forall(
        scripts,
        certain(|model, step, seen, silent| match (step, seen) {
            (Step::heard { id }, Seen::heard(last)) => {
                let expected = model.others.get(id).map(|heard| heard.last);
                demand(last.map(u64::from) == expected, || match expected {
                    Some(millis) => format!("{id} was heard {millis} ms after the clock began"),
                    None => format!("{id} was never heard"),
                })
            }
            _ => states(model, step, seen, silent),
        }),
    )
}

/// R9: a node that joined is a healthy member, one that left is not, and may come back.
pub fn join_and_leave(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (others(0), 1..3_usize).prop_map(|(ids, times)| {
        let mut script = vec![bullies()];
        script.extend(ids.into_iter().map(beat));
        for _ in 0..times {
            script.extend([join(), members(), look(0), leave(), members(), look(0)]);
        }
        script.extend([join(), members(), look(0)]);
        script
    });
    trial.cases(24).forall(
        scripts,
        certain(|model, step, seen, silent| match (seen, model.is_in) {
            (Seen::look(look), Some(is_in)) => demand(look.members.contains(&model.id) == is_in, || match is_in {
                true => format!("{} has joined: subscribers see it", model.id),
                false => format!("{} has left: subscribers do not see it", model.id),
            }),
            _ => states(model, step, seen, silent),
        }),
    )
}

/// Members that are heard every second, of which only some are heard after a long time.
fn silences() -> impl Strategy<Value = Vec<Step>> {
    let checks = prop_oneof![Just(vec![check()]), Just(vec![check(), members(), check()])];
    (others(1), any::<u8>(), checks, any::<bool>()).prop_map(|(ids, mask, checks, joins)| {
        let awake = ids.iter().filter(|id| (mask >> (**id % 8)) & 1 == 1).copied().collect();
        let mut script = vec![bullies()];
        script.extend(joins.then(join));
        script.extend([
            beat_regularly(ids, 6),
            check(),
            pass(1_000_000),
            beat_regularly(awake, 1),
        ]);
        script.extend(checks);
        script.push(members());
        script
    })
}

/// R10: a check finds the silent members, which are suspected; the next one makes them unreachable.
pub fn the_silent_are_suspected_and_then_unreachable(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(48).forall(silences(), certain(states))
}

/// R10: a heartbeat makes a suspected or unreachable member healthy, and no check finds it then.
pub fn a_heartbeat_restores(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (silences(), 1..10_u64).prop_map(|(mut script, id)| {
        script.extend([beat(if id == LOCAL { 1 } else { id }), members(), check(), members()]);
        script
    });
    trial.cases(48).forall(scripts, certain(states))
}

/// R10: a member is judged by its own heartbeats: a slow one beside a quick one is not silent, a silent one beside it is.
pub fn each_member_has_its_own_rhythm(trial: &mut Trial<Script>) -> Verdict {
    let slow = (10..25_u8, any::<bool>()).prop_map(|(pause, checks)| {
        let mut script = vec![bullies(), beat(1)];
        for _ in 0..6 {
            script.extend([beat_regularly(vec![2], pause), beat(1)]);
            script.extend(checks.then(members));
        }
        script.extend([beat_regularly(vec![2], pause - 1), check(), members()]);
        script
    });
    let silent = (60..120_u8).prop_map(|pause| {
        vec![
            bullies(),
            beat_regularly(vec![1, 2], 6),
            beat_regularly(vec![2], pause),
            check(),
            members(),
        ]
    });
    trial.cases(24).forall(prop_oneof![slow, silent], certain(states))
}

/// R10: `check_members` looks at the real clock: who was heard minutes ago, every second until then, is silent.
pub fn the_real_clock_is_looked_at(trial: &mut Trial<Script>) -> Verdict {
    let scripts = others(1).prop_map(|ids| {
        vec![
            bullies(),
            beat_regularly(ids, 6),
            check_now(),
            members(),
            check_now(),
            members(),
        ]
    });
    trial.cases(8).forall(scripts, certain(states))
}

/// Members that come, go and come back, and subscribers that look.
fn watching() -> impl Strategy<Value = Vec<Step>> {
    let subscriber = || 0..2_u8;
    let event = prop_oneof![
        1 => select(vec![1_u64, 2, 3, 4, 6, 7]).prop_map(|id| vec![beat(id)]),
        1 => select(vec![1_u64, 2, 3, 4, 6, 7]).prop_map(|id| vec![beat_regularly(vec![id], 6)]),
        1 => Just(vec![join()]),
        1 => Just(vec![leave()]),
        2 => others(1).prop_map(|ids| vec![beat_regularly(ids, 6), pass(1_000_000), check()]),
        1 => Just(vec![check()]),
        1 => subscriber().prop_map(|w| vec![subscribe(w)]),
        3 => subscriber().prop_map(|w| vec![look(w)]),
    ];
    (vec(event, 2..8), subscriber()).prop_map(|(events, w)| {
        let mut script = vec![bullies(), join(), subscribe(w)];
        script.extend(events.into_iter().flat_map(|mut event| {
            event.push(look(w));
            event
        }));
        script
    })
}

/// Follows what subscribers look at.
fn looking(model: &mut Model, step: &Step, seen: &Seen, wants_silence: bool) -> Fault {
    let (w, look) = match (step, seen) {
        (Step::subscribe { w }, _) => (*w, None),
        (Step::look { w }, Seen::look(look)) => (*w, Some(look)),
        _ => return Ok(()),
    };
    let (present, changes) = ((model.is_in, model.present()), model.changes);
    let before = (model.seen.insert(w, present.clone()), model.looks.insert(w, changes));
    let Some(look) = look else { return Ok(()) };
    if let ((Some(_), Some(before)), true) = (&before, wants_silence) {
        let is_fine = *before != changes || !look.is_news;
        return demand(is_fine, || {
            "nothing has changed, and something was announced".to_owned()
        });
    }
    if wants_silence {
        return Ok(());
    }
    let others: Vec<u64> = look.members.iter().copied().filter(|id| *id != model.id).collect();
    demand(others == present.1, || {
        format!("the members besides {} are {:?}", model.id, present.1)
    })?;
    if let Some(is_in) = model.is_in {
        let own = look.members.contains(&model.id);
        demand(own == is_in, || {
            format!("{} {}", model.id, if is_in { "has joined" } else { "has left" })
        })?;
    }
    match before.0 {
        Some((own, others)) if others != present.1 || (own != present.0 && own.is_some()) => {
            demand(look.is_news, || {
                "the members are others than before, and nothing was announced".to_owned()
            })
        }
        _ => Ok(()),
    }
}

/// R11: each subscriber, however late, sees the members that are there, and learns of each change.
pub fn subscribers_see_each_change(trial: &mut Trial<Script>) -> Verdict {
    let law = certain(|model, step, seen, _| looking(model, step, seen, false));
    trial.cases(64).forall(watching(), law)
}

/// R11: a heartbeat or a check that changes nothing announces nothing.
pub fn nothing_is_announced_without_a_change(trial: &mut Trial<Script>) -> Verdict {
    let law = certain(|model, step, seen, _| looking(model, step, seen, true));
    trial.cases(64).forall(watching(), law)
}

/// Members that come and go, and a look at the shards after each event.
fn spreading(asks: Step) -> impl Strategy<Value = Vec<Step>> {
    let event = prop_oneof![
        1 => select(vec![1_u64, 2, 3, 4, 6, 7]).prop_map(|id| vec![beat(id)]),
        1 => select(vec![1_u64, 2, 3, 4, 6, 7]).prop_map(|id| vec![beat_regularly(vec![id], 6)]),
        1 => Just(vec![leave()]),
        1 => Just(vec![join()]),
        2 => others(1).prop_map(|ids| vec![beat_regularly(ids, 6), pass(1_000_000), check(), check()]),
    ];
    (1..40_u8, vec(event, 1..7)).prop_map(move |(count, events)| {
        let mut script = vec![manager(LOCAL, count, Algorithm::Bully), join(), asks.clone()];
        script.extend(events.into_iter().flat_map(|mut event| {
            event.push(asks.clone());
            event
        }));
        script
    })
}

/// Whether so many shards are a fair part.
fn is_fair(held: usize, shards: u8, holders: usize) -> bool {
    let (least, more) = (usize::from(shards) / holders, usize::from(shards) % holders);
    held == least || (held == least + 1 && more > 0)
}

/// R12: the members that are there hold all shards, each of them once, and as many as the others but for one.
pub fn members_hold_all_shards(trial: &mut Trial<Script>) -> Verdict {
    let law = certain(|model, _, seen, _| {
        let (Seen::spread(spread), Some(is_in)) = (seen, model.is_in) else {
            return Ok(());
        };
        let mut there: BTreeSet<u64> = model.present().into_iter().collect();
        there.extend(is_in.then_some(model.id));
        let mut all: Vec<u32> = spread.iter().flat_map(|(_, shards)| shards).copied().collect();
        all.sort_unstable();
        if there.is_empty() {
            return demand(all.is_empty(), || {
                "nobody is there, and somebody holds shards".to_owned()
            });
        }
        let holders = spread.iter().filter(|(_, shards)| !shards.is_empty());
        let absent = holders.map(|(id, _)| id).find(|id| !there.contains(id));
        demand(absent.is_none(), || {
            format!("{there:?} are there, and {absent:?} holds shards")
        })?;
        let expected: Vec<u32> = (0..u32::from(model.shards)).collect();
        demand(all == expected, || {
            format!("each of the {} shards is held by one member", model.shards)
        })?;
        let unfair = spread
            .iter()
            .find(|(id, shards)| there.contains(id) && !is_fair(shards.len(), model.shards, there.len()));
        demand(unfair.is_none(), || {
            format!("{} shards over {} members: {unfair:?}", model.shards, there.len())
        })
    });
    trial.cases(48).forall(spreading(spread()), law)
}

/// R12: `my_shards` is the fair part of a node that is there, and nothing of one that is not.
pub fn a_node_knows_its_own_shards(trial: &mut Trial<Script>) -> Verdict {
    let law = certain(|model, _, seen, _| {
        let (Seen::my_shards(own), Some(is_in)) = (seen, model.is_in) else {
            return Ok(());
        };
        let holders = model.present().len() + 1;
        match is_in {
            true => demand(is_fair(own.len(), model.shards, holders), || {
                format!(
                    "{} shards over {holders} members, and {} holds {}",
                    model.shards,
                    model.id,
                    own.len()
                )
            }),
            false => demand(own.is_empty(), || format!("{} has left, and holds shards", model.id)),
        }
    });
    trial.cases(48).forall(spreading(my_shards()), law)
}

/// R13: the manager's node wins if it is alone, or the highest bully that is there; not if there is a higher one.
pub fn the_node_stands_for_election(trial: &mut Trial<Script>) -> Verdict {
    let way = select(vec![Algorithm::Bully, Algorithm::Ring, Algorithm::RaftBased]);
    let alone = way.prop_map(|way| vec![manager(LOCAL, 16, way), join(), trigger(), head()]);
    let many = (others(1), any::<bool>()).prop_map(|(ids, goes)| {
        let mut script = vec![bullies(), join(), beat_regularly(ids, 6)];
        if goes {
            script.extend([pass(1_000_000), beat_regularly(vec![1, 2], 1), check(), check()]);
        }
        script.extend([trigger(), head()]);
        script
    });
    let law = certain(|model, _, seen, _| {
        let (Seen::head(head), Some(true)) = (seen, model.is_in) else {
            return Ok(());
        };
        let there = model.present();
        let is_leader = *head == Some(model.id);
        match (there.iter().max(), model.way) {
            (None, _) => demand(is_leader, || format!("{} is alone, and stood: it leads", model.id)),
            (Some(other), Algorithm::Bully) if *other < model.id => demand(is_leader, || {
                format!("{} is the highest of all, and stood: it leads", model.id)
            }),
            (Some(other), Algorithm::Bully) => {
                demand(!is_leader, || format!("{} cannot lead: {other} is there", model.id))
            }
            _ => Ok(()),
        }
    });
    // Nobody leads who has not stood.
    let scripts = prop_oneof![1 => alone, 3 => many];
    let law = move |case: &Case<'_, Script>| match case.steps().any(|(_, step, _)| *step == trigger()) {
        true => law(case),
        false => Ok(()),
    };
    trial.cases(48).forall(scripts, law)
}

/// R9, R11: heartbeats of several threads at once are all heard, announced, and given shards.
pub fn threads_share_a_manager(trial: &mut Trial<Script>) -> Verdict {
    let scripts = others(2).prop_map(|ids| {
        let more: Vec<u64> = (20..26).chain(ids).collect();
        vec![
            bullies(),
            join(),
            subscribe(0),
            beat_together(more),
            members(),
            look(0),
            spread(),
        ]
    });
    let law = certain(|model, step, seen, silent| match (seen, model.is_in) {
        (Seen::look(_), _) => looking(model, step, seen, false),
        (Seen::spread(spread), Some(true)) => {
            let all: usize = spread.iter().map(|(_, shards)| shards.len()).sum();
            let shards = usize::from(model.shards);
            demand(all == shards, || {
                format!("there are {shards} shards, and {all} are held")
            })
        }
        _ => states(model, step, seen, silent),
    });
    trial.cases(16).tries(2).forall(scripts, law)
}
