//! Keys in the present: values, versions, revisions, prefixes.

use ex09_protocol::{Order, Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{prelude::*, sample::select};

use crate::{key, one_of_two, prefix, script, value};

fn putting() -> impl Strategy<Value = Step> {
    (key(), value()).prop_map(|(key, value)| put(key, value))
}

/// Commits that are noted.
fn committing() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (key(), value()).prop_map(|(key, value)| write(key, value)),
        1 => key().prop_map(erase),
    ]
}

/// R1: a key holds what was put last, and nothing once it was deleted.
pub fn reads_see_the_last_write(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![2 => putting(), 1 => key().prop_map(delete), 2 => key().prop_map(get)];
    trial.forall(script(steps, 24), same)
}

/// R1: a deletion takes the key, or all keys of the prefix, counts them and gives back what they held.
pub fn deletions_are_counted_and_returned(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        4 => putting(),
        1 => key().prop_map(delete),
        1 => prefix().prop_map(delete_prefix),
        1 => prefix().prop_map(delete_asking),
        1 => key().prop_map(get),
    ];
    trial.forall(script(steps, 24), same)
}

/// R1: with `prev_kv`, `put` gives back what it replaced, if there was something.
pub fn a_put_tells_what_it_replaced(trial: &mut Trial<Script>) -> Verdict {
    let asking = (one_of_two(), value()).prop_map(|(key, value)| put_asking(key, value));
    let steps = prop_oneof![2 => asking, 1 => putting(), 1 => one_of_two().prop_map(delete)];
    trial.forall(script(steps, 16), same)
}

/// R1: with `ignore_value`, a put of the value that is there already does nothing, and any other put is a put.
pub fn an_identical_value_can_be_ignored(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        1 => (one_of_two(), value()).prop_map(|(key, value)| put(key, value)),
        2 => (one_of_two(), value()).prop_map(|(key, value)| put_other(key, value)),
        1 => one_of_two().prop_map(delete),
        2 => one_of_two().prop_map(version),
        1 => one_of_two().prop_map(get),
    ];
    trial.forall(script(steps, 20), same)
}

/// R2: each commit has a greater revision than all before it.
pub fn revisions_rise_with_each_commit(trial: &mut Trial<Script>) -> Verdict {
    trial.forall_then(script(committing(), 20), &[revisions()], rising)
}

fn rising(case: &Case<'_, Script>) -> Result<(), Objection> {
    for (at, _, seen) in case.steps() {
        if let Seen::revisions(revisions) = seen {
            if let Some(pair) = revisions.windows(2).find(|pair| pair[0] >= pair[1]) {
                return Err(Objection::at(
                    at,
                    format!("revision {} comes after revision {}", pair[1], pair[0]),
                ));
            }
            if revisions.first() == Some(&0) {
                return Err(Objection::at(at, "a commit has revision 0"));
            }
        }
    }
    Ok(())
}

/// R2: the current revision is that of the last commit, and reading makes none.
pub fn the_current_revision_is_the_last_commit(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![2 => committing(), 1 => key().prop_map(get), 2 => Just(current_revision())];
    trial.forall(script(steps, 20), same)
}

/// R3: the version is 1 when a key is created, also when it is created again, and rises by 1 with each put.
pub fn versions_follow_the_life_of_a_key(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        3 => (one_of_two(), value()).prop_map(|(key, value)| put(key, value)),
        1 => one_of_two().prop_map(delete),
        2 => one_of_two().prop_map(version),
    ];
    trial.forall(script(steps, 20), same)
}

/// R2, R3: a key carries the revision of the commit that created it and of the last that wrote it.
pub fn keys_carry_their_commits(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![2 => committing(), 1 => key().prop_map(created), 1 => key().prop_map(modified)];
    trial.forall(script(steps, 24), same)
}

/// R6: a prefix means the keys that start with it, all of them and no others, and they are counted.
pub fn a_prefix_is_an_interval_of_bytes(trial: &mut Trial<Script>) -> Verdict {
    // What comes just after all keys of a prefix, and just before: where a computed bound goes wrong.
    let neighbours = select(vec!["/a/\u{10ffff}", "/a/é", "/a.", "/a/a", "/`", "/", ""]).prop_map(str::to_owned);
    let writing = (prop_oneof![2 => key(), 1 => neighbours], value()).prop_map(|(key, value)| put(key, value));
    let steps = prop_oneof![
        4 => writing,
        1 => key().prop_map(delete),
        2 => prefix().prop_map(list),
        1 => prefix().prop_map(count),
    ];
    trial.forall(script(steps, 24), same)
}

/// R6: keys come in the order asked for, and a limit leaves the first of them.
pub fn keys_come_in_order(trial: &mut Trial<Script>) -> Verdict {
    let order = || select(vec![Order::Ascend, Order::Descend]);
    let steps = prop_oneof![
        4 => putting(),
        1 => (prefix(), order()).prop_map(|(prefix, order)| sorted(prefix, order)),
        1 => (prefix(), order(), 1..5_u8).prop_map(|(prefix, order, limit)| first(prefix, order, limit)),
    ];
    trial.forall(script(steps, 24), same)
}

/// R6: with `keys_only` the keys come without their values.
pub fn keys_only_leaves_values_out(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![3 => putting(), 1 => prefix().prop_map(keys_only)];
    trial.forall(script(steps, 12), same)
}
