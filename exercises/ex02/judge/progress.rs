//! What faults may only delay: a majority that can talk goes on.

use ex02_protocol::{Reach, Role, Script, Size, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::prelude::*;

use crate::cluster::{Moment, follow, name, schedule};

/// The command of the last proposal, which no schedule has.
const LAST: u32 = 1000;

/// R10: after any schedule, three nodes that can all talk elect a leader, repair their logs and apply a new command.
pub fn a_majority_makes_progress(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(128)
        .forall_then(schedule(Just(Size::Three)), &[settle(0b111, LAST)], progress)
}

/// R10: so do three nodes of five.
pub fn three_of_five_make_progress(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(128)
        .forall_then(schedule(Just(Size::Five)), &[settle(0b1_0110, LAST)], progress)
}

fn progress(case: &Case<'_, Script>) -> Result<(), Objection> {
    follow(case, |moment| match moment.step {
        Step::settle { reach, .. } => settled(moment, *reach),
        _ => Ok(()),
    })
}

/// One node of the set leads, and all have applied its whole log, which ends in the last command.
fn settled(moment: &Moment<'_>, reach: Reach) -> Result<(), String> {
    let nodes = || {
        moment
            .now
            .iter()
            .filter(|(node, _)| reach.checked_shr(u32::from(**node)).is_some_and(|bits| bits & 1 == 1))
    };
    let Some((_, leader)) = nodes()
        .filter(|(_, node)| node.role == Role::Leader)
        .max_by_key(|(_, node)| node.term)
    else {
        return Err("nobody was elected".to_owned());
    };
    if leader.log.last().is_none_or(|entry| entry.value != LAST) {
        return Err(format!("the new leader did not append the command {LAST}"));
    }
    for place in (0..Reach::BITS as u8).filter(|place| reach >> place & 1 == 1) {
        let applied = moment.now.get(&place).map_or(&[][..], |node| &node.applied);
        if applied != leader.log {
            return Err(format!("{} has applied {applied:?} of {:?}", name(place), leader.log));
        }
    }
    Ok(())
}
