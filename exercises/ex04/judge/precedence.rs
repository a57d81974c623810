//! Which story about a member is believed (SWIM, section 4.2).

use ex04_protocol::{News, Peer, SELF, Script, Seen, State, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{alive, known, met, news, peer, told};

/// How a story that comes later compares with what is known; nothing where that is open.
fn outcome(known: News, story: News) -> Option<News> {
    use State::{Alive, Dead, Left, Suspect};
    let (new, old) = (story.incarnation, known.incarnation);
    let wins = match (known.state, story.state) {
        (_, Alive) => new > old,
        (Alive, Suspect) => new >= old,
        (Suspect, Suspect) => new > old,
        (Alive | Suspect, Dead | Left) if new >= old => true,
        // Whether somebody can be declared dead by an older story is open; so are suspicions and declarations about those that are gone.
        (Alive | Suspect, Dead | Left) | (Dead | Left, Suspect | Dead | Left) => return None,
    };
    Some(if wins { story } else { known })
}

/// A story of one peer, after it has been met, and what is then known.
fn told_in_turn(stories: impl Strategy<Value = Vec<(State, u64)>>) -> impl Strategy<Value = Vec<Step>> {
    (peer(), stories).prop_map(|(peer, stories)| {
        let steps = stories
            .into_iter()
            .flat_map(move |(state, incarnation)| [gossip(7, vec![news(peer, state, incarnation)]), members()]);
        [vec![sync(alive([peer])), members()], steps.collect()].concat()
    })
}

/// Whether what is known follows from what was told.
fn follows(case: &Case<'_, Script>) -> Result<(), Objection> {
    if met(case).is_none() {
        return Ok(());
    }
    let mut is: Option<News> = None;
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::sync { news } | Step::gossip { news, .. }, _) => {
                for story in news {
                    is = match is {
                        // Somebody unknown who is gone, and stories about oneself, are another matter.
                        None if story.peer == SELF || !matches!(story.state, State::Alive) => return Ok(()),
                        None => Some(*story),
                        Some(known) if known.peer == story.peer => match outcome(known, *story) {
                            Some(known) => Some(known),
                            None => return Ok(()),
                        },
                        other => other,
                    };
                }
            }
            (_, Seen::members(members)) => {
                let Some(right) = is else { continue };
                if known(members, right.peer) != Some((right.state, right.incarnation)) {
                    return Err(Objection::at(at, format!("known is {members:?} instead of {right:?}")));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// R6: news of a higher incarnation replace what is known.
pub fn newer_incarnations_win(trial: &mut Trial<Script>) -> Verdict {
    let state = select(vec![State::Alive, State::Suspect]);
    let stories = vec(state, 1..6).prop_map(|states| states.into_iter().zip(1..).collect::<Vec<_>>());
    let last = (
        stories,
        select(vec![State::Alive, State::Suspect, State::Dead, State::Left]),
    );
    let stories = last.prop_map(|(mut stories, state)| {
        stories.push((state, 9));
        stories
    });
    trial.cases(64).forall(told_in_turn(stories), follows)
}

/// R6: of one incarnation, `Suspect` replaces `Alive`, and `Dead` or `Left` replace both; `Alive` replaces nothing.
pub fn of_equal_incarnations_the_worse_story_wins(trial: &mut Trial<Script>) -> Verdict {
    let state = select(vec![State::Alive, State::Suspect, State::Dead, State::Left]);
    let stories = vec(state, 1..6).prop_map(|states| states.into_iter().map(|state| (state, 0)).collect::<Vec<_>>());
    trial.cases(96).forall(told_in_turn(stories), follows)
}

/// R6: news of a lower incarnation change nothing.
pub fn old_stories_change_nothing(trial: &mut Trial<Script>) -> Verdict {
    let first = select(vec![State::Alive, State::Suspect]).prop_map(|state| (state, 5));
    let older = vec((select(vec![State::Alive, State::Suspect]), 0..5_u64), 1..5);
    let stories = (first, older).prop_map(|(first, older)| [vec![first], older].concat());
    trial.cases(64).forall(told_in_turn(stories), follows)
}

/// R6: who is dead or has left comes back with a higher incarnation only.
pub fn nobody_comes_back_with_an_old_incarnation(trial: &mut Trial<Script>) -> Verdict {
    let gone = select(vec![State::Dead, State::Left]);
    let stories = (gone, 0..4_u64, vec(0..7_u64, 1..4)).prop_map(|(gone, at, later)| {
        let later = later.into_iter().map(|incarnation| (State::Alive, incarnation));
        [(gone, at)].into_iter().chain(later).collect::<Vec<_>>()
    });
    trial.cases(64).forall(told_in_turn(stories), follows)
}

/// R7: who is said to be suspect or dead itself answers at once with a gossip of a higher incarnation.
pub fn a_suspicion_is_refuted_at_once(trial: &mut Trial<Script>) -> Verdict {
    let accusation = (select(vec![State::Suspect, State::Dead]), 0..4_u64);
    let script = (0..4_u8, vec(accusation, 1..4)).prop_map(|(peers, accusations)| {
        let accusations = accusations
            .into_iter()
            .map(|(state, at)| gossip(1, vec![news(SELF, state, at)]));
        [vec![sync(alive(1..=peers))], accusations.collect()].concat()
    });
    trial.cases(64).forall(script, |case| {
        let mut own = 0;
        for (at, step, seen) in case.steps() {
            let (Step::gossip { news, .. }, Seen::gossip(deeds)) = (step, seen) else {
                continue;
            };
            let Some(accused) = news.first().filter(|news| news.peer == SELF) else {
                continue;
            };
            let refuted = told(deeds).filter(|news| news.peer == SELF && news.state == State::Alive);
            let refuted = refuted.map(|news| news.incarnation).max();
            if accused.incarnation >= own {
                match refuted {
                    Some(higher) if higher > accused.incarnation => own = higher,
                    _ => {
                        let text = format!(
                            "it is said to be {:?}, and sends no Alive of a higher incarnation",
                            accused.state
                        );
                        return Err(Objection::at(at, text));
                    }
                }
            }
            own = own.max(refuted.unwrap_or(0));
        }
        Ok(())
    })
}

/// R7: an accusation of an incarnation that is over does not raise the number.
pub fn old_accusations_are_ignored(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..6_u64, vec(0..6_u64, 1..4)).prop_map(|(first, later)| {
        let later = later.into_iter().filter(move |at| *at < first);
        let accusations = [first].into_iter().chain(later);
        let accusations = accusations.map(|at| gossip(1, vec![news(SELF, State::Suspect, at)]));
        [vec![sync(alive([1]))], accusations.collect(), vec![asked_for_all(1)]].concat()
    });
    trial.cases(48).forall(script, |case| {
        let mut after_first = None;
        for (at, step, seen) in case.steps() {
            let (own, _) = match (step, seen) {
                (Step::gossip { .. }, Seen::gossip(deeds)) => {
                    let own = told(deeds).filter(|news| news.peer == SELF);
                    (own.map(|news| news.incarnation).max(), ())
                }
                (_, Seen::asked_for_all(deeds)) => {
                    let own = deeds.iter().find_map(|deed| match deed {
                        ex04_protocol::Deed::Sync(_, members) => known(members, SELF),
                        _ => None,
                    });
                    (own.map(|(_, incarnation)| incarnation), ())
                }
                _ => continue,
            };
            match (after_first, own) {
                (None, own) => after_first = own,
                (Some(before), Some(now)) if now != before => {
                    let text = format!("it was at incarnation {before}, an older accusation makes it {now}");
                    return Err(Objection::at(at, text));
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R7: who hears that it is alive, as it told itself, keeps its incarnation.
pub fn an_echo_changes_nothing(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..5_u8).prop_map(|echoes| {
        let echoes = (0..echoes).map(|_| gossip(1, vec![news(SELF, State::Alive, 0)]));
        [vec![sync(alive([1]))], echoes.collect(), vec![asked_for_all(1)]].concat()
    });
    trial.cases(8).forall(script, |case| {
        for (at, _, seen) in case.steps() {
            let Seen::asked_for_all(deeds) = seen else { continue };
            let own = deeds.iter().find_map(|deed| match deed {
                ex04_protocol::Deed::Sync(_, members) => known(members, SELF),
                _ => None,
            });
            if let Some((_, incarnation)) = own
                && incarnation > 0
            {
                let text = format!("nobody accused it, and its incarnation is {incarnation}");
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R8: a description is replaced by that of a higher incarnation, and by no other.
pub fn descriptions_go_with_their_incarnation(trial: &mut Trial<Script>) -> Verdict {
    let script = (peer(), vec((0..5_u64, 0..9_u8), 1..6)).prop_map(|(peer, told)| {
        let told = told
            .into_iter()
            .flat_map(move |(incarnation, value)| [described(peer, incarnation, 1, value), metadata(peer)]);
        told.collect::<Vec<Step>>()
    });
    trial.cases(64).forall(script, |case| {
        let mut latest: Option<(u64, u8)> = None;
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::described { incarnation, value, .. }, _)
                    if latest.is_none_or(|(known, _)| *incarnation > known) =>
                {
                    latest = Some((*incarnation, *value));
                }
                (Step::metadata { peer }, Seen::metadata(found)) => {
                    if *peer == SELF || latest.is_some() && described_peer(case) != Some(*peer) {
                        return Ok(());
                    }
                    let right = latest.map(|(_, value)| vec![("k1".to_owned(), format!("v{value}"))]);
                    if *found != right {
                        return Err(Objection::at(
                            at,
                            format!("it is described as {found:?} instead of {right:?}"),
                        ));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// Whom descriptions are of, if all are of one.
fn described_peer(case: &Case<'_, Script>) -> Option<Peer> {
    let mut all = case.steps().filter_map(|(_, step, _)| match step {
        Step::described { peer, .. } => Some(*peer),
        _ => None,
    });
    let first = all.next()?;
    all.all(|peer| peer == first).then_some(first)
}
