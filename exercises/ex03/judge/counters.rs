//! The two counters. A name has one writer, so the contract determines every count.

use std::ops::Range;

use ex03_protocol::{Script, Slot, Step, steps::*};
use judge::replicas::traffic::{REPLICAS, some};
use judge::replicas::{self, Replicas};
use judge::{Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

const GCOUNTER: Replicas<Script> = Replicas {
    copy: gcounter_copy,
    merge: gcounter_merge,
    look: |c| vec![gcounter_value(c)],
};
const PNCOUNTER: Replicas<Script> = Replicas {
    copy: pncounter_copy,
    merge: pncounter_merge,
    look: |c| vec![pncounter_value(c)],
};

/// A slot counts under two names.
fn name() -> Range<u8> {
    0..2
}

/// Most amounts are small; some do not fit 32 bits.
fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..5_u64, 1 => Just(5_000_000_000)]
}

fn growth(replicas: Range<Slot>) -> impl Strategy<Value = Step> {
    prop_oneof![
        (replicas.clone(), name()).prop_map(|(c, name)| gcounter_increment(c, name)),
        (replicas, name(), amount()).prop_map(|(c, name, n)| gcounter_increment_by(c, name, n)),
    ]
}

/// R2: the value is the sum of all increments, under whatever names.
pub fn gcounter_value_is_the_sum(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(128).forall(
        some(prop_oneof![growth(0..2), (0..2_u8).prop_map(gcounter_value)]),
        same,
    )
}

/// R2: the share of a replica is what was counted under its name: 0 if nothing was.
pub fn gcounter_knows_the_share_of_each_replica(trial: &mut Trial<Script>) -> Verdict {
    let question = (0..2_u8, 0..2_u8, name()).prop_map(|(c, of, name)| gcounter_replica_value(c, of, name));
    trial.cases(128).forall(some(prop_oneof![growth(0..2), question]), same)
}

/// R3: merging takes the larger count of each replica, known to one side or both: nothing is counted twice or lost.
pub fn gcounter_merge_takes_the_larger_counts(trial: &mut Trial<Script>) -> Verdict {
    let question = REPLICAS.prop_map(gcounter_value);
    let script = some(prop_oneof![2 => GCOUNTER.among(REPLICAS, growth(REPLICAS)), 1 => question]);
    trial.forall(script, same)
}

/// R11: the merge of two `GCounter` is commutative, associative and idempotent.
pub fn gcounter_merge_obeys_the_laws(trial: &mut Trial<Script>) -> Verdict {
    replicas::laws(
        trial.cases(32),
        &GCOUNTER,
        some(GCOUNTER.among(REPLICAS, growth(REPLICAS))),
    )
}

/// R11: `GCounter` replicas that have heard of each other's increments have the same value.
pub fn gcounters_converge(trial: &mut Trial<Script>) -> Verdict {
    replicas::converges(trial.cases(32), &GCOUNTER, |count| {
        some(GCOUNTER.among(0..count, growth(0..count)))
    })
}

fn movement(replicas: Range<Slot>) -> impl Strategy<Value = Step> {
    (replicas, name(), 0..4_u8, amount()).prop_map(|(c, name, way, n)| match way {
        0 => pncounter_increment(c, name),
        1 => pncounter_decrement(c, name),
        2 => pncounter_increment_by(c, name, n),
        _ => pncounter_decrement_by(c, name, n),
    })
}

/// R4: the value is what was added less what was taken away, and may be negative.
pub fn pncounter_value_is_the_signed_sum(trial: &mut Trial<Script>) -> Verdict {
    let question = (0..2_u8).prop_map(pncounter_value);
    trial
        .cases(128)
        .forall(some(prop_oneof![movement(0..2), question]), same)
}

/// R4: merging loses no increment and no decrement, and counts none of them twice.
pub fn pncounter_merge_keeps_both_directions(trial: &mut Trial<Script>) -> Verdict {
    let question = REPLICAS.prop_map(pncounter_value);
    // What is merged must have moved since it was last merged, and up and down cancel out: hence no zeros.
    let script = vec(
        prop_oneof![2 => PNCOUNTER.among(REPLICAS, movement(REPLICAS)), 1 => question],
        8..32,
    );
    trial.forall(script, same)
}

/// R11: the merge of two `PNCounter` is commutative, associative and idempotent.
pub fn pncounter_merge_obeys_the_laws(trial: &mut Trial<Script>) -> Verdict {
    replicas::laws(
        trial.cases(32),
        &PNCOUNTER,
        some(PNCOUNTER.among(REPLICAS, movement(REPLICAS))),
    )
}

/// R11: `PNCounter` replicas that have heard of each other's changes have the same value.
pub fn pncounters_converge(trial: &mut Trial<Script>) -> Verdict {
    replicas::converges(trial.cases(32), &PNCOUNTER, |count| {
        some(PNCOUNTER.among(0..count, movement(0..count)))
    })
}
