//! Clusters that grow, shrink and move.

use ex13_protocol::{Script, Step, steps::*};
use judge::{Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::{operation, read_all, script};

/// Any voters out of five nodes.
fn changing() -> impl Strategy<Value = Step> {
    vec(0..5_u8, 1..5).prop_map(change)
}

/// R10: the voters are exactly those that were asked for.
pub fn voters_change_as_asked(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(10).forall(script(vec![], changing(), 5, vec![]), same)
}

/// R10: nodes that become voters have everything that was written before.
pub fn new_voters_hold_what_was_written(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![3 => operation(), 1 => changing()];
    // Nobody of the first three stays, and then one alone of those who came.
    let ending = [vec![change(vec![3, 4]), change(vec![4])], read_all()].concat();
    trial.cases(10).forall(script(vec![], steps, 12, ending), same)
}

/// R10: a majority is one of the voters that there are now: of five that became three, two suffice.
pub fn removed_voters_no_longer_count(trial: &mut Trial<Script>) -> Verdict {
    let three = prop_oneof![Just(vec![0, 1, 2]), Just(vec![2, 3, 4]), Just(vec![0, 2, 4])];
    let scripts = (three, operation()).prop_map(|(three, step)| {
        let script = [found(5, 0), set("a".to_owned(), vec![1]), change(three), stop(0), step];
        [script.to_vec(), read_all()].concat()
    });
    trial.cases(6).forall(scripts, same)
}

/// R10: a cluster without voters is refused, and the one there is goes on.
pub fn nobody_is_no_membership(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![2 => operation(), 1 => Just(change_to_nobody())];
    let ending = [vec![change_to_nobody()], read_all()].concat();
    trial.cases(4).forall(script(vec![], steps, 8, ending), same)
}

/// R8, R10: voters are what they were before all nodes were started again.
pub fn a_restart_keeps_the_voters(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (changing(), vec(0..5_u8, 1..5)).prop_map(|(first, second)| {
        vec![
            first,
            set("a".to_owned(), vec![1]),
            reboot(),
            get("a".to_owned()),
            change(second),
        ]
    });
    trial.cases(8).forall(scripts, same)
}
