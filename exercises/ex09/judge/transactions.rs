//! Transactions: comparisons, operations, all or nothing.

use ex09_protocol::{Relation, Script, Step, steps::*};
use judge::{Trial, Verdict, same};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{key, moment, one_of_two, operations, prefix, script, slot, value};

fn relation() -> impl Strategy<Value = Relation> {
    select(vec![
        Relation::Equal,
        Relation::Greater,
        Relation::Less,
        Relation::NotEqual,
    ])
}

fn putting() -> impl Strategy<Value = Step> {
    (one_of_two(), value()).prop_map(|(key, value)| put(key, value))
}

/// What the branches of comparisons leave behind.
fn looking() -> impl Strategy<Value = Step> {
    select(vec!["/yes", "/no"]).prop_map(|key| get(key.to_owned()))
}

/// R7: versions and values are compared as asked; all comparisons together choose the branch, and only it is done.
pub fn comparisons_choose_the_branch(trial: &mut Trial<Script>) -> Verdict {
    let longer = prop_oneof![
        value().prop_map(|value| vec![value]),
        (value(), value()).prop_map(|(a, b)| vec![a, b])
    ];
    let steps = prop_oneof![
        4 => putting(),
        1 => one_of_two().prop_map(delete),
        2 => (one_of_two(), relation(), 0..4_u8).prop_map(|(key, relation, version)| if_version(key, relation, version)),
        2 => (one_of_two(), relation(), longer).prop_map(|(key, relation, value)| if_value(key, relation, value)),
        1 => vec((one_of_two(), 0..3_u8), 0..3).prop_map(if_all),
        2 => looking(),
    ];
    trial.forall(script(steps, 24), same)
}

/// R7: so are the revisions of a key's creation and last change; those of an absent key are 0.
pub fn revisions_can_be_compared(trial: &mut Trial<Script>) -> Verdict {
    let moment = || prop_oneof![1 => Just(0), 4 => moment()];
    let steps = prop_oneof![
        3 => (one_of_two(), value()).prop_map(|(key, value)| write(key, value)),
        1 => one_of_two().prop_map(erase),
        1 => (one_of_two(), relation(), moment()).prop_map(|(key, relation, moment)| if_created(key, relation, moment)),
        1 => (one_of_two(), relation(), moment()).prop_map(|(key, relation, moment)| if_modified(key, relation, moment)),
    ];
    trial.forall(script(steps, 20), same)
}

/// R7: so is the lease of a key, 0 without one.
pub fn leases_can_be_compared(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => slot().prop_map(|l| grant(l, 1)),
        3 => (one_of_two(), value(), slot()).prop_map(|(key, value, l)| put_leased(key, value, l)),
        1 => putting(),
        3 => (one_of_two(), slot()).prop_map(|(key, l)| if_lease(key, l)),
    ];
    trial.forall(script(steps, 20), same)
}

/// R2, R7: operations run in order, each seeing those before it, each with its answer, all at one revision.
pub fn operations_run_in_order_as_one_commit(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => (key(), value()).prop_map(|(key, value)| write(key, value)),
        3 => operations().prop_map(commit),
        1 => prefix().prop_map(list),
        2 => key().prop_map(modified),
    ];
    trial.forall(script(steps, 20), same)
}

/// R7: a transaction of which one operation is impossible does none of them.
pub fn a_refused_transaction_changes_nothing(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => (key(), value()).prop_map(|(key, value)| put(key, value)),
        2 => operations().prop_map(commit_refused),
        2 => Just(list("/".to_owned())),
    ];
    trial.forall(script(steps, 16), same)
}
