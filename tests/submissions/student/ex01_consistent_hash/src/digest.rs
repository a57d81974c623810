//! Positions : les huit derniers octets de l'empreinte, le moins significatif d'abord.

use sha2::{Digest, Sha256};

/// Position d'une clé.
///
/// ```
/// assert_ne!(ex01::hash_key("a"), ex01::hash_key("b"));
/// ```
pub fn hash_key(key: &str) -> u64 {
    last_bytes(key.as_bytes())
}

/// Position du nœud virtuel `vnode_index` de `node_id`. Le numéro ne contient pas de `/` : l'étiquette est sans ambiguïté.
///
/// ```
/// assert_ne!(ex01::hash_vnode("n1", 11), ex01::hash_vnode("n11", 1));
/// ```
pub fn hash_vnode(node_id: &str, vnode_index: usize) -> u64 {
    last_bytes(format!("vnode/{vnode_index}/{node_id}").as_bytes())
}

fn last_bytes(text: &[u8]) -> u64 {
    Sha256::digest(text)
        .iter()
        .skip(24)
        .rev()
        .fold(0, |position, byte| position << 8 | u64::from(*byte))
}
