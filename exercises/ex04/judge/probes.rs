//! Probing: who does not answer is suspected, then dead; who answers, directly or through others, is not.

use ex04_protocol::{Answers, Deed, Peer, Script, Seen, State, Step, Tuning, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::prelude::*;

use crate::{alive, known, met, news, peer};

/// R9: a `Ping` is answered with an `Ack` of the same number, in the own name.
pub fn a_ping_is_acknowledged(trial: &mut Trial<Script>) -> Verdict {
    let script = (peer(), any::<u64>()).prop_map(|(from, seq)| vec![ping(from, seq)]);
    trial.cases(24).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            if let (Step::ping { from, seq }, Seen::ping(deeds)) = (step, seen)
                && !deeds.contains(&Deed::Ack(*from, *seq, 0))
            {
                return Err(Objection::at(at, format!("p{from} gets no Ack {seq}")));
            }
        }
        Ok(())
    })
}

/// R10: each member is probed at least once in 2n ticks.
pub fn everybody_is_probed_in_turn(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..10_u8, 1..4_u16).prop_map(|(peers, turns)| {
        let turn = u16::from(peers) * 2;
        let passes = (0..turns).map(move |_| pass(turn));
        [vec![sync(alive(1..=peers))], passes.collect()].concat()
    });
    trial.cases(24).forall(script, |case| {
        let Some(members) = met(case) else { return Ok(()) };
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::pass { rounds }, Seen::pass(deeds)) if usize::from(*rounds) >= 2 * members.len() => {
                    if let Some(left) = members.iter().find(|peer| !deeds.contains(&Deed::Ping(**peer))) {
                        let text = format!("p{left} is not probed in {rounds} ticks, of {} members", members.len());
                        return Err(Objection::at(at, text));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// Some peers, one of which behaves; rounds pass, and what is then known is looked at after each few.
fn watched(peers: u8, odd: Peer, answers: Answers, rounds: u16) -> Vec<Step> {
    let looks = (0..rounds).flat_map(|_| [pass(1), members()]);
    [vec![sync(alive(1..=peers)), behave(odd, answers)], looks.collect()].concat()
}

/// The first look at which somebody is known like this.
fn first(case: &Case<'_, Script>, peer: Peer, state: State) -> Option<usize> {
    case.steps().find_map(|(at, _, seen)| match seen {
        Seen::members(members) if known(members, peer).map(|(state, _)| state) == Some(state) => Some(at),
        _ => None,
    })
}

/// The one that behaves, if it has been met.
fn odd(case: &Case<'_, Script>) -> Option<(Peer, Answers)> {
    let met = met(case)?;
    case.steps().find_map(|(_, step, _)| match step {
        Step::behave { peer, answers } if met.contains(peer) => Some((*peer, *answers)),
        _ => None,
    })
}

/// Whether p1 has been met.
fn first_is_met(case: &Case<'_, Script>) -> bool {
    met(case).is_some_and(|met| met.contains(&1))
}

/// R11: who answers is never suspected.
pub fn whoever_answers_stays_alive(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..8_u8).prop_map(|peers| watched(peers, 1, Answers::Always, 3 * u16::from(peers) + 6));
    trial.cases(12).forall(script, |case| {
        for (at, _, seen) in case.steps() {
            if let Seen::members(members) = seen
                && let Some(news) = members.iter().find(|news| news.state != State::Alive)
            {
                return Err(Objection::at(at, format!("all answer, and {news:?} is known")));
            }
        }
        Ok(())
    })
}

/// R12: who does not answer becomes suspect, then dead, and nobody else does.
pub fn the_silent_are_suspected_then_dead(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..7_u8).prop_flat_map(|peers| {
        (1..=peers).prop_map(move |odd| {
            let rounds = ex04_protocol::detection(u64::from(peers) + 1, Tuning::default());
            watched(peers, odd, Answers::Never, rounds as u16)
        })
    });
    trial.cases(16).forall(script, |case| {
        let Some((odd, Answers::Never)) = odd(case) else {
            return Ok(());
        };
        let end = case.steps().next_back().map_or(0, |(at, _, _)| at);
        let whole = case
            .steps()
            .filter(|(_, step, _)| matches!(step, Step::pass { .. }))
            .count()
            > 20;
        let (suspected, dead) = (first(case, odd, State::Suspect), first(case, odd, State::Dead));
        if whole && dead.is_none() {
            return Err(Objection::at(end, format!("p{odd} answers nobody, and is not dead")));
        }
        if dead.is_some() && suspected.is_none_or(|at| Some(at) >= dead) {
            return Err(Objection::at(end, format!("p{odd} is dead and was never suspected")));
        }
        for (at, _, seen) in case.steps() {
            if let Seen::members(members) = seen
                && let Some(wrong) = members
                    .iter()
                    .find(|news| news.peer != odd && news.state != State::Alive)
            {
                return Err(Objection::at(at, format!("{wrong:?} is known, and it answers")));
            }
        }
        Ok(())
    })
}

/// R13: a suspicion that is not refuted lasts at least `suspicion_multiplier` intervals, and at most that times 1 + log2 n.
pub fn a_suspicion_lasts_its_time(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..8_u8, 1..7_u8).prop_map(|(peers, suspicion)| {
        let tuning = Tuning {
            suspicion,
            ..Tuning::default()
        };
        let looks = (0..u16::from(suspicion) * 5 + 2).flat_map(|_| [pass(1), members()]);
        let accused = gossip(1, vec![news(1, State::Suspect, 0)]);
        [
            vec![tuned(tuning), sync(alive(1..=peers)), accused, members()],
            looks.collect(),
        ]
        .concat()
    });
    trial.cases(24).forall(script, |case| {
        if !first_is_met(case) {
            return Ok(());
        }
        let (mut suspicion, mut members_known, mut rounds) = (0, 1, 0_u64);
        let mut accused = false;
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::tuned { tuning }, _) => suspicion = u64::from(tuning.suspicion),
                (Step::sync { news }, _) => members_known = 1 + news.len() as u64,
                (Step::gossip { news, .. }, _) => {
                    accused = *news == [crate::news(1, State::Suspect, 0)];
                    rounds = 0;
                }
                (Step::pass { rounds: more }, _) => rounds += u64::from(*more),
                (_, Seen::members(members)) if accused => {
                    let state = known(members, 1).map(|(state, _)| state);
                    let log = u64::from(members_known.next_power_of_two().trailing_zeros());
                    // The interval in which it runs out is not yet over, or just over.
                    if rounds + 1 < suspicion && state != Some(State::Suspect) {
                        let text = format!("after {rounds} of {suspicion} intervals the suspect is {state:?}");
                        return Err(Objection::at(at, text));
                    }
                    if rounds > suspicion * (1 + log) + 1 && state == Some(State::Suspect) {
                        let text = format!("after {rounds} intervals the suspicion still lasts");
                        return Err(Objection::at(at, text));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// R13: who refutes in time, with a higher incarnation, does not die of the suspicion.
pub fn a_refutation_saves_in_time(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..6_u8, 2..6_u8).prop_map(|(peers, suspicion)| {
        let tuning = Tuning {
            suspicion,
            ..Tuning::default()
        };
        let start = vec![
            tuned(tuning),
            sync(alive(1..=peers)),
            gossip(1, vec![news(1, State::Suspect, 0)]),
            gossip(1, vec![news(1, State::Alive, 1)]),
        ];
        let looks = (0..u16::from(suspicion) * 4 + 4).flat_map(|_| [pass(1), members()]);
        [start, looks.collect()].concat()
    });
    trial.cases(16).forall(script, |case| {
        if !first_is_met(case) {
            return Ok(());
        }
        let mut refuted = false;
        for (at, step, seen) in case.steps() {
            if let Step::gossip { news, .. } = step {
                refuted |= news
                    .iter()
                    .any(|news| news.state == State::Alive && news.incarnation == 1);
            }
            if let Seen::members(members) = seen
                && refuted
                && known(members, 1) != Some((State::Alive, 1))
            {
                return Err(Objection::at(
                    at,
                    format!("p1 has refuted and answers, and is {:?}", known(members, 1)),
                ));
            }
        }
        Ok(())
    })
}

/// R12: when a probe runs out, up to `indirect_probes` others are asked to probe, and the member is not suspected yet.
pub fn others_are_asked_before_a_suspicion(trial: &mut Trial<Script>) -> Verdict {
    let script = (3..8_u8, 1..5_u8).prop_map(|(peers, indirect)| {
        let tuning = Tuning {
            indirect,
            ..Tuning::default()
        };
        let outs = (0..3 * peers).map(|_| pass(1));
        [
            vec![tuned(tuning), sync(alive(1..=peers)), behave(1, Answers::ToOthers)],
            outs.collect(),
        ]
        .concat()
    });
    trial.cases(16).forall(script, |case| {
        if !first_is_met(case) {
            return Ok(());
        }
        let (mut indirect, mut peers) = (usize::from(Tuning::default().indirect), 0);
        let mut asked = false;
        let mut last = 0;
        for (at, step, seen) in case.steps() {
            last = at;
            match (step, seen) {
                (Step::tuned { tuning }, _) => indirect = usize::from(tuning.indirect),
                (Step::sync { news }, _) => peers = news.len(),
                (_, Seen::pass(deeds)) => {
                    let helpers = deeds.iter().filter_map(|deed| match deed {
                        Deed::PingReq(helper, 1) => Some(*helper),
                        _ => None,
                    });
                    let mut helpers: Vec<Peer> = helpers.collect();
                    let count = helpers.len();
                    helpers.sort_unstable();
                    helpers.dedup();
                    if helpers.contains(&1) {
                        return Err(Objection::at(at, "p1 is asked to probe itself"));
                    }
                    let right = indirect.min(peers - 1);
                    if count > 0 && (count != right || helpers.len() != right) {
                        let text = format!("{count} members are asked to probe p1, {right} different ones are wanted");
                        return Err(Objection::at(at, text));
                    }
                    asked |= count > 0;
                }
                _ => {}
            }
        }
        let whole = case
            .steps()
            .filter(|(_, step, _)| matches!(step, Step::pass { .. }))
            .count()
            >= 2 * peers;
        if whole && peers >= 3 && !asked && odd(case) == Some((1, Answers::ToOthers)) {
            return Err(Objection::at(
                last,
                "p1 does not answer, and nobody is asked to probe it",
            ));
        }
        Ok(())
    })
}

/// R12: who answers others is alive, though it does not answer the local member.
pub fn an_answer_through_others_counts(trial: &mut Trial<Script>) -> Verdict {
    let script = (2..7_u8).prop_map(|peers| watched(peers, 1, Answers::ToOthers, 3 * u16::from(peers) + 12));
    trial.cases(12).forall(script, |case| {
        let Some((odd, Answers::ToOthers)) = odd(case) else {
            return Ok(());
        };
        let several = case
            .steps()
            .any(|(_, step, _)| matches!(step, Step::sync { news } if news.len() > 1));
        match first(case, odd, State::Dead).or(first(case, odd, State::Suspect)) {
            Some(at) if several => Err(Objection::at(at, format!("p{odd} answers others, and is not alive"))),
            _ => Ok(()),
        }
    })
}

/// R14: who is asked to probe another does, and passes the answer on under the number of the question.
pub fn probes_for_others_are_relayed(trial: &mut Trial<Script>) -> Verdict {
    let script = (any::<u64>(), any::<u64>()).prop_map(|(first, second)| {
        let asks = [ping_req(1, 2, first, true), ping_req(3, 2, second, true)];
        [vec![sync(alive(1..4))], asks.to_vec()].concat()
    });
    trial.cases(24).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            let (
                Step::ping_req {
                    from,
                    target,
                    seq,
                    answers: true,
                },
                Seen::ping_req(deeds),
            ) = (step, seen)
            else {
                continue;
            };
            if !met(case).is_some_and(|met| met.contains(target)) {
                return Ok(());
            }
            if !deeds.contains(&Deed::Ping(*target)) {
                return Err(Objection::at(at, format!("p{target} is not probed")));
            }
            if !deeds.contains(&Deed::Ack(*from, *seq, *target)) {
                let text = format!("p{target} has answered, and p{from} gets no Ack {seq} in its name");
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R14: several probes for others at a time are told apart by their numbers.
pub fn answers_for_others_are_not_mixed_up(trial: &mut Trial<Script>) -> Verdict {
    let targets = proptest::sample::subsequence((1..6_u8).collect::<Vec<_>>(), 2..5);
    let script = (targets, any::<u64>()).prop_map(|(targets, seq)| {
        let asked = (0..).zip(targets).map(|(at, target)| (6, target, seq.wrapping_add(at)));
        vec![sync(alive(1..7)), ping_reqs(asked.collect())]
    });
    trial.cases(24).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::ping_reqs { requests }, Seen::ping_reqs(deeds)) = (step, seen) else {
                continue;
            };
            let known = met(case).unwrap_or_default();
            for (from, target, seq) in requests.iter().filter(|(_, target, _)| known.contains(target)) {
                if !deeds.contains(&Deed::Ack(*from, *seq, *target)) {
                    let text = format!("p{target} has answered, and p{from} gets no Ack {seq} in its name");
                    return Err(Objection::at(at, text));
                }
            }
        }
        Ok(())
    })
}

/// R14: nothing is passed on if the member that is probed does not answer.
pub fn silence_is_not_relayed(trial: &mut Trial<Script>) -> Verdict {
    let script = any::<u64>().prop_map(|seq| vec![sync(alive(1..4)), ping_req(1, 2, seq, false), pass(4)]);
    trial.cases(8).forall(script, |case| {
        for (at, _, seen) in case.steps() {
            if let Seen::ping_req(deeds) = seen
                && deeds.iter().any(|deed| matches!(deed, Deed::Ack(..)))
            {
                return Err(Objection::at(at, "p2 is silent, and an Ack is sent in its name"));
            }
        }
        Ok(())
    })
}
