//! Positions on the circle: SHA-256, cut to 64 bits.
//!
//! A cryptographic digest is chosen for two of its properties: every implementation in every language agrees on it, for
//! ever, so that all members of a cluster see the same ring; and its bits are as good as random, so that any eight bytes
//! of it spread points evenly.

use sha2::{Digest, Sha256};

/// The position of a key: the first eight bytes of its SHA-256 digest, most significant first.
///
/// ```
/// // FIPS 180-2, appendix B.1: the digest of "abc" begins with ba7816bf 8f01cfea.
/// assert_eq!(ex01::hash_key("abc"), 0xba78_16bf_8f01_cfea);
/// ```
pub fn hash_key(key: &str) -> u64 {
    truncate(Sha256::digest(key))
}

/// The position of the virtual node number `vnode_index` of the node `node_id`.
///
/// The digest covers the index in a fixed width, then the id: no two pairs have the same bytes, whatever the id ends with.
///
/// ```
/// use ex01::hash_vnode;
///
/// assert_eq!(hash_vnode("n1", 11), hash_vnode("n1", 11));
/// assert_ne!(hash_vnode("n1", 11), hash_vnode("n11", 1));
/// ```
pub fn hash_vnode(node_id: &str, vnode_index: usize) -> u64 {
    let mut hasher = Sha256::new();
    hasher.update((vnode_index as u64).to_be_bytes());
    hasher.update(node_id);
    truncate(hasher.finalize())
}

/// The first eight bytes of a digest as a number.
fn truncate(digest: impl Into<[u8; 32]>) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = digest.into();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn keys_hash_to_the_published_digests() {
        assert_eq!(hash_key(""), 0xe3b0_c442_98fc_1c14);
        assert_eq!(
            hash_key("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            0x248d_6a61_d206_38b8
        );
    }

    #[test]
    fn virtual_nodes_have_positions_of_their_own() {
        let mut positions = BTreeSet::new();
        for node in ["n1", "n11", "n111", "", "1"] {
            for index in 0..200 {
                assert!(positions.insert(hash_vnode(node, index)), "{node:?} {index}");
            }
        }
    }
}
