//! The two counters. An actor has one writer, so the contract determines every count.

use std::ops::Range;

use ex17_protocol::{Script, Slot, Step, steps::*};
use judge::replicas::traffic::{REPLICAS, some};
use judge::replicas::{self, Replicas};
use judge::{Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

const GCOUNTER: Replicas<Script> = Replicas {
    copy: gcounter_copy,
    merge: gcounter_merge,
    look: |c| vec![gcounter_read(c)],
};
const PNCOUNTER: Replicas<Script> = Replicas {
    copy: pncounter_copy,
    merge: pncounter_merge,
    look: |c| vec![pncounter_read(c)],
};

/// A slot counts as two actors.
fn name() -> Range<u8> {
    0..2
}

fn growth(replicas: Range<Slot>) -> impl Strategy<Value = Step> {
    (replicas, name()).prop_map(|(c, name)| gcounter_inc(c, name))
}

/// R3: a counter reads the sum of all increments, as whatever actors.
pub fn gcounter_reads_the_sum(trial: &mut Trial<Script>) -> Verdict {
    let question = (0..2_u8).prop_map(gcounter_read);
    trial.cases(96).forall(some(prop_oneof![growth(0..2), question]), same)
}

/// R3: merging keeps the larger count of each actor, known to one side or both: nothing is counted twice or lost.
pub fn gcounter_merge_keeps_the_larger_counts(trial: &mut Trial<Script>) -> Verdict {
    let question = REPLICAS.prop_map(gcounter_read);
    let script = some(prop_oneof![2 => GCOUNTER.among(REPLICAS, growth(REPLICAS)), 1 => question]);
    trial.forall(script, same)
}

/// R18: the merge of two `GCounter` is commutative, associative and idempotent.
pub fn gcounter_merge_obeys_the_laws(trial: &mut Trial<Script>) -> Verdict {
    replicas::laws(
        trial.cases(16),
        &GCOUNTER,
        some(GCOUNTER.among(REPLICAS, growth(REPLICAS))),
    )
}

/// R18: `GCounter` replicas that have heard of each other's increments read the same.
pub fn gcounters_converge(trial: &mut Trial<Script>) -> Verdict {
    replicas::converges(trial.cases(16), &GCOUNTER, |count| {
        some(GCOUNTER.among(0..count, growth(0..count)))
    })
}

fn movement(replicas: Range<Slot>) -> impl Strategy<Value = Step> {
    (replicas, name(), any::<bool>()).prop_map(|(c, name, is_up)| {
        let count = if is_up { pncounter_inc } else { pncounter_dec };
        count(c, name)
    })
}

/// R4: a counter reads what was counted up less what was counted down, and may be negative.
pub fn pncounter_reads_the_signed_sum(trial: &mut Trial<Script>) -> Verdict {
    let question = (0..2_u8).prop_map(pncounter_read);
    trial
        .cases(96)
        .forall(some(prop_oneof![movement(0..2), question]), same)
}

/// R4: merging loses no increment and no decrement, and counts none of them twice.
pub fn pncounter_merge_keeps_both_directions(trial: &mut Trial<Script>) -> Verdict {
    let question = REPLICAS.prop_map(pncounter_read);
    // What is merged must have moved since it was last merged, and up and down cancel out.
    let script = vec(
        prop_oneof![2 => PNCOUNTER.among(REPLICAS, movement(REPLICAS)), 1 => question],
        8..32,
    );
    trial.forall(script, same)
}

/// R18: the merge of two `PNCounter` is commutative, associative and idempotent.
pub fn pncounter_merge_obeys_the_laws(trial: &mut Trial<Script>) -> Verdict {
    replicas::laws(
        trial.cases(16),
        &PNCOUNTER,
        some(PNCOUNTER.among(REPLICAS, movement(REPLICAS))),
    )
}

/// R18: `PNCounter` replicas that have heard of each other's changes read the same.
pub fn pncounters_converge(trial: &mut Trial<Script>) -> Verdict {
    replicas::converges(trial.cases(16), &PNCOUNTER, |count| {
        some(PNCOUNTER.among(0..count, movement(0..count)))
    })
}
