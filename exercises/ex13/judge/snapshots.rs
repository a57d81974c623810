//! Snapshots in clusters: logs are cut, and who lacks what was cut is sent the whole.

use ex13_protocol::{Script, Seen, Step, steps::*};
use judge::{Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::{each, operation};

/// A snapshot every so many entries.
const EVERY: u8 = 8;

/// Reads what `fill` and the operations wrote.
fn read_filled() -> Vec<Step> {
    let filled = (0..10).map(|n| get(format!("k{n}")));
    filled.chain(crate::read_all()).collect()
}

/// Writes enough for some snapshots, and removes a key.
fn growth() -> impl Strategy<Value = Vec<Step>> {
    (20..40_u8, 0..10_u8, vec(operation(), 0..4)).prop_map(|(count, removed, more)| {
        let some = vec![fill(count), delete(format!("k{removed}"))];
        [some, more].concat()
    })
}

/// R7: after a snapshot the log before it is purged, on every node.
pub fn a_full_log_is_cut(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (1..4_u8, 30..60_u8).prop_map(|(size, count)| vec![found(size, EVERY), fill(count), purged()]);
    let cut = |seen: &Seen| match seen {
        Seen::purged(purged) => !purged.is_empty() && purged.iter().all(|purged| *purged),
        _ => true,
    };
    let law = each(
        cut,
        "the configuration asks for snapshots, and a node's log was never purged",
    );
    trial.cases(4).forall(scripts, move |case| {
        // A script that writes nothing asks for nothing.
        let filled = case
            .steps()
            .any(|(_, step, _)| matches!(step, Step::fill { count } if *count >= 30));
        let founded = case
            .steps()
            .next()
            .is_some_and(|(_, step, _)| matches!(step, Step::found { every: EVERY, .. }));
        if filled && founded { law(case) } else { Ok(()) }
    })
}

/// R7, R10: a new node that finds the log cut has everything nevertheless.
pub fn a_new_node_is_sent_a_snapshot(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (growth(), 1..5_u8).prop_map(|(growth, new)| {
        let beginning = vec![found(1, EVERY)];
        let moving = vec![change(vec![0, new]), change(vec![new])];
        [beginning, growth, moving, read_filled()].concat()
    });
    trial.cases(6).forall(scripts, same)
}

/// R7, R11: a node that was away while the log was cut has everything when it is back, and nothing that was removed.
pub fn a_late_node_is_sent_a_snapshot(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (growth(), growth(), 1..4_u8, any::<bool>()).prop_map(|(before, after, late, is_cut)| {
        let leaving = if is_cut { isolate(late) } else { stop(late) };
        let returning = vec![comeback(), change(vec![late - 1])];
        [
            vec![found(3, EVERY)],
            before,
            vec![leaving],
            after,
            returning,
            read_filled(),
        ]
        .concat()
    });
    trial.cases(6).forall(scripts, same)
}

/// R7, R8: a cluster whose logs were cut has everything when it is started again.
pub fn a_restart_begins_at_the_snapshot(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (growth(), 1..4_u8, vec(operation(), 1..4)).prop_map(|(growth, size, more)| {
        [
            vec![found(size, EVERY)],
            growth,
            vec![reboot()],
            more,
            vec![reboot()],
            read_filled(),
        ]
        .concat()
    });
    trial.cases(6).forall(scripts, same)
}
