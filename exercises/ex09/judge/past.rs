//! Keys in the past, and what compaction leaves of it.

use ex09_protocol::{Script, Step, steps::*};
use judge::{Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::{all_is_well, key, moment, one_of_two, prefix, script, value};

/// Commits on two keys, so that each has a past.
fn committing() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (one_of_two(), value()).prop_map(|(key, value)| write(key, value)),
        1 => one_of_two().prop_map(erase),
    ]
}

/// R4: reading at a revision shows keys and prefixes as they were right after that commit.
pub fn the_past_can_be_read(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => committing(),
        1 => (key(), value()).prop_map(|(key, value)| write(key, value)),
        2 => (one_of_two(), moment()).prop_map(|(key, moment)| get_at(key, moment)),
        1 => (prefix(), moment()).prop_map(|(prefix, moment)| list_at(prefix, moment)),
    ];
    trial.forall(script(steps, 30), same)
}

/// R5: below the compacted revision nothing can be read, and the error says what was asked and what is compacted.
pub fn compacted_revisions_are_refused(trial: &mut Trial<Script>) -> Verdict {
    let asking = (one_of_two(), moment()).prop_map(|(key, moment)| get_compacted(key, moment));
    let steps = prop_oneof![4 => committing(), 1 => moment().prop_map(compact), 2 => asking];
    trial.forall(script(steps, 24), same)
}

/// R5: compaction changes nothing of the present, nor of later revisions.
pub fn compaction_keeps_the_rest(trial: &mut Trial<Script>) -> Verdict {
    let asking = prop_oneof![
        one_of_two().prop_map(get),
        one_of_two().prop_map(version),
        (one_of_two(), moment()).prop_map(|(key, moment)| get_at(key, moment)),
        (prefix(), moment()).prop_map(|(prefix, moment)| list_at(prefix, moment)),
    ];
    let steps = prop_oneof![4 => committing(), 1 => moment().prop_map(compact), 2 => asking.boxed()];
    let afterwards = vec(
        (one_of_two(), moment()).prop_map(|(key, moment)| get_at(key, moment)),
        0..6,
    );
    trial.forall(
        (script(steps, 24), afterwards).prop_map(|(script, more)| [script, more].concat()),
        same,
    )
}

/// R5: with time, old revisions are compacted without being asked for.
pub fn old_revisions_are_compacted_by_themselves(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(1).forall(Just(vec![age()]), |case| {
        all_is_well(
            case,
            "the first revision can still be read, long after its retention of a second",
        )
    })
}
