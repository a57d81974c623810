//! Who is known, and what the application hears of it.

use std::collections::BTreeMap;

use ex04_protocol::{Deed, Peer, SELF, Script, Seen, State, Step, steps::*};
use judge::{Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::subsequence};

use crate::{alive, known, met, news, peer};

/// R1: `bootstrap` asks each seed for all that it knows.
pub fn seeds_are_asked_for_all(trial: &mut Trial<Script>) -> Verdict {
    let script = subsequence((1..9_u8).collect::<Vec<_>>(), 1..8).prop_map(|seeds| vec![bootstrap(seeds)]);
    trial.cases(24).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::bootstrap { seeds }, Seen::bootstrap(deeds)) = (step, seen) else {
                continue;
            };
            let asked = deeds.iter().filter_map(|deed| match deed {
                Deed::SyncRequest(to) => Some(*to),
                _ => None,
            });
            let mut asked: Vec<Peer> = asked.collect();
            asked.sort_unstable();
            let mut seeds = seeds.clone();
            seeds.sort_unstable();
            if asked != seeds {
                return Err(Objection::at(
                    at,
                    format!("{asked:?} are asked for all they know, not {seeds:?}"),
                ));
            }
        }
        Ok(())
    })
}

/// R2: a `SyncRequest` is answered with a `Sync` of all members, the local one included.
pub fn a_request_is_answered_with_all(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..8_u8).prop_map(|peers| vec![sync(alive(1..=peers)), asked_for_all(1)]);
    trial.cases(16).forall(script, |case| {
        if met(case).is_none() {
            return Ok(());
        }
        let mut expected = vec![0, 1];
        for (at, step, seen) in case.steps() {
            if let Step::sync { news } = step {
                expected.extend(news.iter().map(|news| news.peer));
                expected.sort_unstable();
                expected.dedup();
            }
            let Seen::asked_for_all(deeds) = seen else { continue };
            let answer = deeds.iter().find_map(|deed| match deed {
                Deed::Sync(1, members) => Some(members),
                _ => None,
            });
            let Some(members) = answer else {
                return Err(Objection::at(at, "p1 asks for all, and gets no Sync"));
            };
            let mut told: Vec<Peer> = members.iter().map(|news| news.peer).collect();
            // Whoever asks knows itself.
            if !told.contains(&1) {
                told.push(1);
                told.sort_unstable();
            }
            if told != expected {
                return Err(Objection::at(
                    at,
                    format!("the Sync has {told:?}, known are {expected:?}"),
                ));
            }
            if members.iter().any(|news| news.state != State::Alive) {
                return Err(Objection::at(at, "all are alive, and the Sync says otherwise"));
            }
        }
        Ok(())
    })
}

/// R2: whoever asks for all is alive, if it was not known.
pub fn whoever_asks_becomes_a_member(trial: &mut Trial<Script>) -> Verdict {
    let script = peer().prop_map(|peer| vec![asked_for_all(peer), is_alive(peer), members()]);
    trial.cases(8).forall(script, |case| {
        let asked = case.steps().find_map(|(_, step, _)| match step {
            Step::asked_for_all { from } => Some(*from),
            _ => None,
        });
        let Some(peer) = asked.filter(|peer| *peer != SELF) else {
            return Ok(());
        };
        for (at, _, seen) in case.steps() {
            let is_known = match seen {
                Seen::members(members) => known(members, peer).map(|(state, _)| state) == Some(State::Alive),
                Seen::is_alive(alive) => *alive,
                _ => true,
            };
            let is_known = is_known
                || case
                    .steps()
                    .any(|(_, step, _)| matches!(step, Step::is_alive { peer: other } if *other != peer));
            if !is_known {
                return Err(Objection::at(
                    at,
                    format!("p{peer} has just asked, and is not known as alive"),
                ));
            }
        }
        Ok(())
    })
}

/// R3: `alive_members`, `cluster_size` and `is_alive` say the same as `all_members`.
pub fn views_agree(trial: &mut Trial<Script>) -> Verdict {
    // Whether a suspect counts as alive is open, so nobody is suspected.
    let state = prop_oneof![Just(State::Alive), Just(State::Dead), Just(State::Left)];
    let story = (peer(), state, 1..4_u64)
        .prop_map(|(peer, state, incarnation)| gossip(1, vec![news(peer, state, incarnation)]));
    let script = (1..6_u8, vec(story, 0..6)).prop_map(|(peers, stories)| {
        let looks = (1..7).map(is_alive).chain([alive_step(), members()]);
        [vec![sync(alive(1..=peers))], stories, looks.collect()].concat()
    });
    trial.cases(64).forall(script, |case| {
        let Some(all) = case.steps().rev().find_map(|(_, _, seen)| match seen {
            Seen::members(members) => Some(members.clone()),
            _ => None,
        }) else {
            return Ok(());
        };
        let is_up = |peer: Peer| known(&all, peer).is_some_and(|(state, _)| state == State::Alive);
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::is_alive { peer }, Seen::is_alive(alive)) if *peer != SELF && *alive != is_up(*peer) => {
                    return Err(Objection::at(
                        at,
                        format!("is_alive is {alive}, all_members has {all:?}"),
                    ));
                }
                (_, Seen::alive((alive, agree))) => {
                    let right: Vec<Peer> = all.iter().map(|news| news.peer).filter(|peer| is_up(*peer)).collect();
                    if *alive != right {
                        return Err(Objection::at(
                            at,
                            format!("alive_members has {alive:?}, alive are {right:?}"),
                        ));
                    }
                    if !agree {
                        return Err(Objection::at(at, "cluster_size is not the number of alive_members"));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

fn alive_step() -> Step {
    ex04_protocol::steps::alive()
}

/// R4: each change of a member's state is told once, from what it was to what it is, and nothing else is.
pub fn changes_are_told_once(trial: &mut Trial<Script>) -> Verdict {
    let state = prop_oneof![
        Just(State::Alive),
        Just(State::Suspect),
        Just(State::Dead),
        Just(State::Left)
    ];
    let story = (peer(), state, 0..4_u64);
    let script = vec(story, 1..10).prop_map(|stories| {
        let steps = stories
            .into_iter()
            .flat_map(|(peer, state, incarnation)| [gossip(1, vec![news(peer, state, incarnation)]), members()]);
        [vec![sync(alive(1..5)), members()], steps.collect()].concat()
    });
    trial.cases(96).forall(script, |case| {
        let mut states: BTreeMap<Peer, State> = BTreeMap::new();
        let mut changes: Vec<(usize, Peer, State, State)> = Vec::new();
        for (at, _, seen) in case.steps() {
            match seen {
                Seen::sync(deeds) | Seen::gossip(deeds) => changes.extend(deeds.iter().filter_map(|deed| match deed {
                    Deed::Changed(peer, old, new) => Some((at, *peer, *old, *new)),
                    _ => None,
                })),
                Seen::members(members) => {
                    for (at, peer, old, new) in changes.drain(..) {
                        // What a newcomer was before is open.
                        let was = states.insert(peer, new);
                        if was.is_some_and(|was| was != old || was == new) {
                            return Err(Objection::at(
                                at,
                                format!("p{peer} was {was:?}, and {old:?} -> {new:?} is told"),
                            ));
                        }
                    }
                    let now: BTreeMap<Peer, State> = members.iter().map(|news| (news.peer, news.state)).collect();
                    if let Some((peer, state)) = now.iter().find(|(peer, state)| states.get(peer) != Some(state)) {
                        let text = format!(
                            "p{peer} is {state:?}, the last change that was told is to {:?}",
                            states.get(peer)
                        );
                        return Err(Objection::at(at, text));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R5: `select_random` gives different members that are alive, none of those excluded, as many as asked for if there are.
pub fn selections_are_different_members(trial: &mut Trial<Script>) -> Verdict {
    let excluded = subsequence((1..8_u8).collect::<Vec<_>>(), 0..7);
    let script = (1..8_u8, vec((excluded, 0..9_u8), 1..8)).prop_map(|(peers, draws)| {
        let draws = draws.into_iter().map(|(exclude, count)| select(exclude, count));
        [vec![sync(alive(1..=peers))], draws.collect()].concat()
    });
    trial.cases(48).forall(script, |case| {
        let Some(members) = met(case) else { return Ok(()) };
        for (at, step, seen) in case.steps() {
            if let (Step::select { exclude, count }, Seen::select(drawn)) = (step, seen) {
                let allowed = members.iter().filter(|peer| !exclude.contains(peer)).count();
                let mut different = drawn.clone();
                different.sort_unstable();
                different.dedup();
                let stranger = drawn
                    .iter()
                    .find(|peer| !members.contains(peer) || exclude.contains(peer));
                if let Some(stranger) = stranger {
                    return Err(Objection::at(at, format!("p{stranger} is drawn and may not be")));
                }
                if different.len() != drawn.len() || drawn.len() != allowed.min(usize::from(*count)) {
                    return Err(Objection::at(
                        at,
                        format!(
                            "{drawn:?} are drawn: {} different ones were wanted",
                            allowed.min(usize::from(*count))
                        ),
                    ));
                }
            }
        }
        Ok(())
    })
}
