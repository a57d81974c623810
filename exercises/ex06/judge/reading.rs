//! Reading: what arrives, in which order, and how much at once.

use ex06_protocol::{Letter, Script, Step, steps::*};
use judge::{Trial, Verdict, same};
use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
};

use crate::ledger::follows_the_logs;
use crate::{after, joining, key, publishing_to, some};

/// R4: a message arrives with the key, the payload and the headers with which it was published.
pub fn messages_arrive_as_they_were_published(trial: &mut Trial<Script>) -> Verdict {
    let bytes = || vec(any::<u8>(), 0..6);
    let letter = (
        option::of(bytes()),
        bytes(),
        btree_map("[a-z]{1,3}", "[a-zé ]{0,4}", 0..3),
    );
    let letter = letter.prop_map(|(key, payload, headers)| Letter { key, payload, headers });
    let steps = prop_oneof![
        2 => letter.prop_map(|letter| publish_letter(0, letter)),
        1 => some().prop_map(|max| read_letters(0, 0, max)),
    ];
    trial.forall(after(vec![create(0, 1), joining(0, 0, &[0])], steps, 16), same)
}

/// R4: each partition is read in order, once, and a poll gives as many messages as there are, up to the number asked for.
pub fn partitions_are_read_in_order(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        4 => publishing_to(0..2_u8),
        1 => vec(key(), 1..6).prop_map(|keys| publish_batch(0, keys)),
        2 => some().prop_map(|max| poll(0, 0, max)),
    ];
    let beginning = vec![create(0, 3), create(1, 1), joining(0, 0, &[0, 1])];
    trial.forall(after(beginning, steps, 24), follows_the_logs)
}

/// R4, R5: every group gets every message, at its own pace, also if it comes later.
pub fn groups_read_independently(trial: &mut Trial<Script>) -> Verdict {
    let g = || 0..3_u8;
    let steps = prop_oneof![
        4 => publishing_to(0..1_u8),
        1 => g().prop_map(|g| joining(g, 0, &[0])),
        3 => (g(), some()).prop_map(|(g, max)| poll(g, 0, max)),
    ];
    let beginning: Vec<Step> = vec![create(0, 2), joining(0, 0, &[0])];
    trial.forall(after(beginning, steps, 24), follows_the_logs)
}
