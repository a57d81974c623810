//! Identifiers, keys, and the metric.

use ex14_protocol::{Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};
use std::collections::{BTreeMap, BTreeSet};

use crate::{branching, some_id};

/// R1: the distance of two identifiers is their XOR.
pub fn distances_are_bitwise_differences(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(
        (some_id(), some_id()).prop_map(|(a, b)| vec![xor(a, b), xor(b, a), xor(a, a)]),
        same,
    )
}

/// R1: the common prefix is counted in bits, up to 256.
pub fn prefixes_count_the_common_bits(trial: &mut Trial<Script>) -> Verdict {
    let script = (some_id(), 0..256_usize, any::<u64>()).prop_map(|(a, bits, seed)| {
        vec![
            common(a, branching(a, bits, seed)),
            common(branching(a, bits, seed), a),
            common(a, a),
        ]
    });
    trial.forall(script, same)
}

/// R1: position 0 is the most significant bit.
pub fn bits_are_counted_from_the_most_significant(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(
        (some_id(), vec(any::<u8>(), 1..8)).prop_map(|(a, at)| at.into_iter().map(|pos| bit(a, pos)).collect()),
        same,
    )
}

/// R1: random identifiers differ, and no byte of them is always the same.
pub fn random_identifiers_fill_all_bits(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![random(64)], |case: &Case<'_, Script>| {
        for (at, _, seen) in case.steps() {
            if let Seen::random(ids) = seen {
                if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
                    return Err(Objection::at(at, "two of them are the same"));
                }
                for byte in 0..32 {
                    if ids.iter().all(|id| id[byte] == ids[0][byte]) {
                        return Err(Objection::at(at, format!("byte {byte} is always {}", ids[0][byte])));
                    }
                }
            }
        }
        Ok(())
    })
}

/// R1: a public key always gives the same identifier, another key another one.
pub fn a_public_key_has_one_identifier(trial: &mut Trial<Script>) -> Verdict {
    let keys = vec(vec(any::<u8>(), 1..80), 1..5);
    let script = keys.prop_map(|keys| {
        // A longer key that begins with the same bytes is another key.
        let longer: Vec<Vec<u8>> = keys.iter().map(|key| [key.as_slice(), &[1; 40]].concat()).collect();
        [keys.clone(), longer, keys]
            .concat()
            .into_iter()
            .map(public)
            .collect::<Vec<Step>>()
    });
    trial.cases(64).forall(script, |case: &Case<'_, Script>| {
        let mut by_key = BTreeMap::new();
        for (at, step, seen) in case.steps() {
            if let (Step::public { key }, Seen::public(id)) = (step, seen) {
                by_key.entry(key).or_insert(*id);
                for (other, known) in &by_key {
                    if (*other == key) != (known == id) {
                        return Err(Objection::at(at, format!("the identifier of {other:?} is {known:?}")));
                    }
                }
            }
        }
        Ok(())
    })
}

/// R2: a key is the SHA-256 of its bytes, and is the point with the same bytes.
pub fn keys_are_sha256(trial: &mut Trial<Script>) -> Verdict {
    let script = (vec(any::<u8>(), 0..200), some_id())
        .prop_map(|(data, id)| vec![key(Vec::new()), key(b"abc".to_vec()), key(data), key_point(id)]);
    trial.cases(64).forall(script, same)
}
