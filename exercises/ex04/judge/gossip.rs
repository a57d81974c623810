//! News on their way.

use std::collections::{BTreeMap, BTreeSet};

use ex04_protocol::{Deed, News, Peer, SELF, Script, Seen, State, Step, Tuning, steps::*};
use judge::{Objection, Trial, Verdict};
use proptest::prelude::*;

use crate::{alive, known, met, news, told};

/// R15: a gossip has at most `max_piggyback` updates.
pub fn a_gossip_is_not_too_long(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..8_u8, 10..40_u8).prop_map(|(piggyback, peers)| {
        let tuning = Tuning {
            piggyback,
            ..Tuning::default()
        };
        let stories = (1..=peers).map(|peer| news(peer, State::Alive, 1)).collect();
        vec![tuned(tuning), sync(alive(1..=peers)), gossip(1, stories), pass(6)]
    });
    trial.cases(24).forall(script, |case| {
        let mut most = usize::from(Tuning::default().piggyback);
        for (at, step, seen) in case.steps() {
            if let Step::tuned { tuning } = step {
                most = usize::from(tuning.piggyback);
            }
            let (Seen::pass(deeds) | Seen::gossip(deeds) | Seen::sync(deeds)) = seen else {
                continue;
            };
            let long = deeds.iter().find_map(|deed| match deed {
                Deed::Gossip(_, news) if news.len() > most => Some(news.len()),
                _ => None,
            });
            if let Some(long) = long {
                return Err(Objection::at(
                    at,
                    format!("a gossip has {long} updates, at most {most} are allowed"),
                ));
            }
        }
        Ok(())
    })
}

/// R15: what is news is passed on to others, in as many ticks as log2 n at least.
pub fn what_is_heard_is_passed_on(trial: &mut Trial<Script>) -> Verdict {
    let script = (2..9_u8, 1..5_u64).prop_map(|(peers, incarnation)| {
        let passes = (0..12).map(|_| pass(1));
        let story = gossip(1, vec![news(1, State::Alive, incarnation)]);
        [vec![sync(alive(1..=peers)), pass(40), story], passes.collect()].concat()
    });
    trial.cases(24).forall(script, |case| {
        let Some(met) = met(case) else { return Ok(()) };
        let (mut members, mut story, mut ticks, mut told_in) = (0_u64, None, 0, 0);
        let mut last = 0;
        for (at, step, seen) in case.steps() {
            last = at;
            match (step, seen) {
                (Step::sync { news }, _) => members = 1 + news.len() as u64,
                (Step::gossip { news, .. }, _) => {
                    let is_news =
                        |news: &&News| met.contains(&news.peer) && news.incarnation > 0 && news.state == State::Alive;
                    (story, ticks) = (news.first().filter(is_news).copied(), 0);
                }
                (Step::pass { rounds: 1 }, Seen::pass(deeds)) => {
                    ticks += 1;
                    let Some(story) = story else { continue };
                    told_in += u64::from(told(deeds).any(|news| news == story));
                }
                _ => {}
            }
        }
        let log = u64::from(members.next_power_of_two().trailing_zeros());
        if story.is_some() && members > 2 && ticks >= 12 && told_in < log {
            let text = format!("the news is told in {told_in} ticks, of {members} members {log} are wanted");
            return Err(Objection::at(last, text));
        }
        Ok(())
    })
}

/// R15: no news is told in more than 4 log2 n + 4 ticks.
pub fn old_news_are_no_longer_told(trial: &mut Trial<Script>) -> Verdict {
    let script = (2..12_u8).prop_map(|peers| {
        let passes = (0..60).map(|_| pass(1));
        [vec![sync(alive(1..=peers))], passes.collect()].concat()
    });
    trial.cases(12).forall(script, |case| {
        let mut members = 1;
        let mut ticks: BTreeMap<News, u64> = BTreeMap::new();
        for (at, step, seen) in case.steps() {
            if let Step::sync { news } = step {
                members = 1 + news.len() as u64;
            }
            let Seen::pass(deeds) = seen else { continue };
            for piece in told(deeds).collect::<BTreeSet<_>>() {
                let count = ticks.entry(piece).or_default();
                *count += 1;
                if *count > ex04_protocol::rounds(members) {
                    return Err(Objection::at(at, format!("{piece:?} is told for the {count}th tick")));
                }
            }
        }
        Ok(())
    })
}

/// R16: who is dead or has left is known for `dead_retention`, and no longer.
pub fn the_dead_are_forgotten_in_time(trial: &mut Trial<Script>) -> Verdict {
    let gone = prop_oneof![Just(State::Dead), Just(State::Left)];
    let script = (2..6_u8, gone, 3..9_u16).prop_map(|(peers, gone, retention)| {
        let tuning = Tuning {
            retention,
            ..Tuning::default()
        };
        let looks = (0..retention + 4).flat_map(|_| [pass(1), members()]);
        let story = gossip(2, vec![news(1, gone, 0)]);
        [
            vec![tuned(tuning), sync(alive(1..=peers)), story, members()],
            looks.collect(),
        ]
        .concat()
    });
    trial.cases(24).forall(script, |case| {
        if !met(case).is_some_and(|met| met.contains(&1)) {
            return Ok(());
        }
        let (mut retention, mut gone, mut rounds) = (u64::from(Tuning::default().retention), false, 0_u64);
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::tuned { tuning }, _) => retention = u64::from(tuning.retention),
                (Step::gossip { news, .. }, _) => {
                    gone = news
                        .iter()
                        .any(|news| news.peer == 1 && matches!(news.state, State::Dead | State::Left));
                }
                (Step::pass { rounds: more }, _) if gone => rounds += u64::from(*more),
                (_, Seen::members(members)) if gone => {
                    let is_known = known(members, 1).is_some();
                    if rounds + 1 < retention && !is_known {
                        let text = format!("p1 is forgotten after {rounds} of {retention} intervals");
                        return Err(Objection::at(at, text));
                    }
                    if rounds > retention + 1 && is_known {
                        let text = format!("p1 is still known after {rounds} intervals, of {retention}");
                        return Err(Objection::at(at, text));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R8, R17: a description and a departure are sent at once, in a gossip of the own name and a higher incarnation each time.
pub fn a_change_of_oneself_is_told_at_once(trial: &mut Trial<Script>) -> Verdict {
    let script = (0..5_u8, 1..4_u8).prop_map(|(peers, times)| {
        let described = (0..times).map(|value| describe(1, value));
        [vec![sync(alive(1..=peers))], described.collect(), vec![leave()]].concat()
    });
    trial.cases(24).forall(script, |case| {
        let mut before = 0;
        for (at, _, seen) in case.steps() {
            let (deeds, state) = match seen {
                Seen::describe(deeds) => (deeds, State::Alive),
                Seen::leave(deeds) => (deeds, State::Left),
                _ => continue,
            };
            let own = told(deeds).filter(|news| news.peer == SELF && news.state == state);
            let Some(incarnation) = own.map(|news| news.incarnation).max() else {
                return Err(Objection::at(at, format!("no gossip says that it is {state:?}")));
            };
            if state == State::Alive && incarnation <= before {
                let text = format!("the incarnation was {before}, and is {incarnation}: nobody would believe it");
                return Err(Objection::at(at, text));
            }
            if incarnation < before {
                return Err(Objection::at(
                    at,
                    format!("it leaves with incarnation {incarnation}, below {before}"),
                ));
            }
            before = incarnation;
        }
        Ok(())
    })
}

/// R17: who has left probes nobody any more.
pub fn who_has_left_is_silent(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..5_u8).prop_map(|peers| vec![sync(alive(1..=peers)), leave(), pass(6)]);
    trial.cases(8).forall(script, |case| {
        let mut left = false;
        for (at, _, seen) in case.steps() {
            match seen {
                Seen::leave(_) => left = true,
                Seen::pass(deeds) if left => {
                    let pinged = deeds.iter().find_map(|deed| match deed {
                        Deed::Ping(to) => Some(*to),
                        _ => None,
                    });
                    if let Some(to) = pinged {
                        return Err(Objection::at(
                            at,
                            format!("it has left, and probes p{}", Peer::from(to)),
                        ));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}
