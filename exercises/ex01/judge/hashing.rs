//! Positions: SHA-256 for keys, and virtual nodes that are told apart and spread.

use std::collections::BTreeMap;

use ex01_protocol::{Script, Seen, Step, node, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::select};
use sha2::{Digest, Sha256};

/// R1: a key hashes to eight consecutive bytes of the SHA-256 of its UTF-8 bytes, the same eight for all keys.
pub fn a_key_hashes_to_its_sha256(trial: &mut Trial<Script>) -> Verdict {
    let key = prop_oneof![
        1 => Just(String::new()),
        1 => Just("abc".to_owned()),
        1 => Just("a".repeat(200)),
        4 => any::<String>(),
    ];
    trial.forall(vec(key.prop_map(hash_key), 1..8), windows_of_the_digest)
}

/// How a digest may be cut: where the eight bytes begin, and in which order they are read.
#[derive(Clone, Copy)]
struct Cut {
    start: usize,
    reversed: bool,
}

impl Cut {
    fn all() -> Vec<Self> {
        let both = |start| [false, true].map(|reversed| Self { start, reversed });
        (0..=24).flat_map(both).collect()
    }

    fn of(self, text: &str) -> u64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&Sha256::digest(text)[self.start..self.start + 8]);
        if self.reversed {
            bytes.reverse();
        }
        u64::from_be_bytes(bytes)
    }
}

fn windows_of_the_digest(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut cuts = Cut::all();
    for (at, step, seen) in case.steps() {
        if let (Step::hash_key { key }, Seen::hash_key(hash)) = (step, seen) {
            cuts.retain(|cut| cut.of(key) == *hash);
            if cuts.is_empty() {
                let text = "no eight consecutive bytes of the SHA-256 digests, the same for all keys, give this number";
                return Err(Objection::at(at, text));
            }
        }
    }
    Ok(())
}

/// R1: different pairs of a node and an index have different positions, also where the text of one runs into the other.
pub fn virtual_nodes_have_positions_of_their_own(trial: &mut Trial<Script>) -> Verdict {
    let id = select(vec![
        "n1", "n11", "n111", "n", "1", "11", "", "n-1", "n#1", "n:1", "n_1",
    ]);
    let hashing = (id, 1..120_u16).prop_map(|(id, count)| hash_vnodes(id.to_owned(), count));
    trial.forall(vec(hashing, 1..6), no_position_twice)
}

fn no_position_twice(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut holders = BTreeMap::new();
    for (at, step, seen) in case.steps() {
        if let (Step::hash_vnodes { id, .. }, Seen::hash_vnodes(positions)) = (step, seen) {
            for (index, position) in positions.iter().enumerate() {
                let (other, its_index) = holders.entry(*position).or_insert((id, index));
                if (*other, *its_index) != (id, index) {
                    let text = format!("hash_vnode({id:?}, {index}) is hash_vnode({other:?}, {its_index})");
                    return Err(Objection::at(at, text));
                }
            }
        }
    }
    Ok(())
}

/// How many virtual nodes of a node are looked at together.
const SAMPLE: u16 = 256;

/// R1: among the positions of a node, each of the 64 bits is about as often one as zero.
pub fn positions_fill_all_bits(trial: &mut Trial<Script>) -> Verdict {
    let hashing = any::<u8>().prop_map(|n| vec![hash_vnodes(node(n).id, SAMPLE)]);
    trial.forall(hashing, bits_are_balanced)
}

/// A bit of 256 digests is one 128 times on average, with a standard deviation of 8. A quarter and three quarters are
/// eight deviations away: by Hoeffding's bound `2 exp(-2 * 64^2 / 256)` a given bit of a given node strays so far with a
/// probability below 3e-14, and one of 64 bits of one of 256 nodes with one below 5e-10.
fn bits_are_balanced(case: &Case<'_, Script>) -> Result<(), Objection> {
    for (at, step, seen) in case.steps() {
        if let (Step::hash_vnodes { count: SAMPLE, .. }, Seen::hash_vnodes(positions)) = (step, seen) {
            for bit in 0..u64::BITS {
                let ones = positions.iter().filter(|position| *position >> bit & 1 == 1).count();
                if !(64..=192).contains(&ones) {
                    let text = format!("bit {bit} is one in {ones} of {SAMPLE} positions, which are to fill 64 bits");
                    return Err(Objection::at(at, text));
                }
            }
        }
    }
    Ok(())
}
