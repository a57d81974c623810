//! What a whole cluster achieves, within bounds.

use ex04_protocol::{Script, Seen, State, Step, Tuning, detection, rounds, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{prelude::*, sample::select};

/// How large a cluster of the script is, and how it is tuned.
fn of(case: &Case<'_, Script>) -> Option<(u64, Tuning)> {
    let found = case.steps().find_map(|(_, step, _)| match step {
        Step::cluster { members, tuning } => Some((u64::from(*members), *tuning)),
        Step::seeded { members } => Some((u64::from(*members), Tuning::default())),
        _ => None,
    });
    // A script that was shortened to another tuning, or to a member that is not there, proves nothing.
    let asked = case.steps().filter_map(|(_, step, _)| match step {
        Step::spread { member } | Step::kill { member } | Step::depart { member } | Step::until { member, .. } => {
            Some(u64::from(*member))
        }
        _ => None,
    });
    let last = asked.max().unwrap_or(0);
    let usual = Tuning::default();
    found.filter(|(members, tuning)| {
        *members > 1.max(last)
            && Tuning {
                piggyback: usual.piggyback,
                ..*tuning
            } == usual
            && tuning.piggyback > 0
    })
}

/// Gossips have room for all news of a cluster's beginning, so that a fact does not wait behind them.
fn roomy(members: u8) -> Tuning {
    Tuning {
        piggyback: members,
        ..Tuning::default()
    }
}

fn sizes() -> impl Strategy<Value = u8> {
    select(vec![4, 5, 8, 13, 16, 32])
}

/// R18: a fact reaches everybody within 4 log2 n + 4 rounds.
pub fn a_fact_reaches_everybody(trial: &mut Trial<Script>) -> Verdict {
    let small = (sizes(), any::<prop::sample::Index>(), 0..12_u16);
    let script = small.prop_map(|(members, member, before)| {
        let member = member.index(usize::from(members)) as u8;
        vec![cluster(members, roomy(members)), run(before), spread(member)]
    });
    match trial.cases(12).forall(script, in_time) {
        Verdict::Passed => {}
        other => return other,
    }
    // One large cluster: that is where rounds count.
    trial.once(vec![cluster(64, roomy(64)), run(2), spread(17)], in_time)
}

fn in_time(case: &Case<'_, Script>) -> Result<(), Objection> {
    let Some((members, _)) = of(case) else { return Ok(()) };
    for (at, _, seen) in case.steps() {
        let Seen::spread(took) = seen else { continue };
        if took.is_none_or(|took| took > rounds(members)) {
            let text = format!(
                "the fact takes {took:?} rounds to reach {members} members, {} are allowed",
                rounds(members)
            );
            return Err(Objection::at(at, text));
        }
    }
    Ok(())
}

/// R18: while no message is lost, nobody is suspected.
pub fn nobody_is_suspected_without_loss(trial: &mut Trial<Script>) -> Verdict {
    let script =
        (sizes(), 10..40_u16).prop_map(|(members, rounds)| vec![cluster(members, Tuning::default()), run(rounds)]);
    trial.cases(8).forall(script, |case| {
        if of(case).is_none() {
            return Ok(());
        }
        for (at, _, seen) in case.steps() {
            if let Seen::run(alarms) = seen
                && *alarms > 0
            {
                return Err(Objection::at(at, "all members answer, and some are seen as not alive"));
            }
        }
        Ok(())
    })
}

/// R18: a member that stops is dead to all within two turns of probes, a suspicion and the spreading of the news.
pub fn a_failure_is_seen_by_all(trial: &mut Trial<Script>) -> Verdict {
    let script = (select(vec![4, 5, 8, 12]), any::<prop::sample::Index>()).prop_map(|(members, member): (u8, _)| {
        let member = member.index(usize::from(members)) as u8;
        vec![
            cluster(members, Tuning::default()),
            run(3),
            kill(member),
            until(member, State::Dead),
        ]
    });
    trial.cases(8).forall(script, |case| {
        let Some((members, tuning)) = of(case) else {
            return Ok(());
        };
        let bound = detection(members, tuning);
        for (at, step, seen) in case.steps() {
            if let (Step::until { member, .. }, Seen::until(took)) = (step, seen)
                && case.steps().any(|(_, step, _)| *step == kill(*member))
                && took.is_none_or(|took| took > bound)
            {
                let text = format!(
                    "member {member} has stopped, and is dead to all after {took:?} rounds, {bound} are allowed"
                );
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R17, R18: a member that leaves has left for all within 4 log2 n + 4 rounds.
pub fn a_departure_is_seen_by_all(trial: &mut Trial<Script>) -> Verdict {
    let script = (sizes(), any::<prop::sample::Index>()).prop_map(|(members, member)| {
        let member = member.index(usize::from(members)) as u8;
        vec![
            cluster(members, roomy(members)),
            run(3),
            depart(member),
            until(member, State::Left),
        ]
    });
    trial.cases(8).forall(script, |case| {
        let Some((members, _)) = of(case) else { return Ok(()) };
        for (at, step, seen) in case.steps() {
            if let (Step::until { member, .. }, Seen::until(took)) = (step, seen)
                && case.steps().any(|(_, step, _)| *step == depart(*member))
                && took.is_none_or(|took| took > rounds(members))
            {
                let text = format!(
                    "member {member} left, and has for all after {took:?} rounds, {} are allowed",
                    rounds(members)
                );
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R1, R2, R18: members that know one seed know each other within 4 log2 n + 4 rounds.
pub fn newcomers_meet_everybody(trial: &mut Trial<Script>) -> Verdict {
    let script = sizes().prop_map(|members| vec![seeded(members), until_met()]);
    trial.cases(8).forall(script, |case| {
        let Some((members, _)) = of(case) else { return Ok(()) };
        for (at, _, seen) in case.steps() {
            if let Seen::until_met(took) = seen
                && took.is_none_or(|took| took > rounds(members))
            {
                let text = format!(
                    "{members} newcomers know each other after {took:?} rounds, {} are allowed",
                    rounds(members)
                );
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R15: in a cluster no member tells the same news in more than 4 log2 n + 4 rounds.
pub fn a_quiet_cluster_stops_talking(trial: &mut Trial<Script>) -> Verdict {
    let script =
        select(vec![4_u8, 8, 16]).prop_map(|members| vec![cluster(members, Tuning::default()), spread(1), talk(1, 50)]);
    trial.cases(6).forall(script, |case| {
        let Some((members, _)) = of(case) else { return Ok(()) };
        for (at, _, seen) in case.steps() {
            if let Seen::talk(most) = seen
                && *most > rounds(members)
            {
                let text = format!(
                    "somebody tells the same news in {most} rounds, {} are allowed",
                    rounds(members)
                );
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}
