//! The space of nodes and keys.

use rand::RngCore;
use sha2::{Digest, Sha256};

/// Bits of an identifier.
pub(crate) const BITS: usize = 256;

/// The identifier of a node: 256 bits, the most significant first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeId(pub [u8; 32]);

impl NodeId {
    /// A random identifier.
    ///
    /// ```
    /// use ex14::NodeId;
    /// assert_ne!(NodeId::random(), NodeId::random());
    /// ```
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        rand::thread_rng().fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The identifier of whoever has this public key.
    ///
    /// ```
    /// use ex14::NodeId;
    /// assert_eq!(NodeId::from_public_key(b"pk"), NodeId::from_public_key(b"pk"));
    /// ```
    pub fn from_public_key(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// The distance to another identifier: bit by bit, whether they differ.
    ///
    /// ```
    /// use ex14::NodeId;
    /// let distance = NodeId([0b1100; 32]).xor_distance(&NodeId([0b1010; 32]));
    /// assert_eq!(distance, NodeId([0b0110; 32]));
    /// ```
    pub fn xor_distance(&self, other: &NodeId) -> NodeId {
        NodeId(std::array::from_fn(|at| self.0[at] ^ other.0[at]))
    }

    /// The bit at a position, counted from the most significant. There are no bits set from position 256 on.
    ///
    /// ```
    /// use ex14::NodeId;
    /// assert!(NodeId([0x80; 32]).bit_at(8));
    /// ```
    pub fn bit_at(&self, pos: usize) -> bool {
        self.0.get(pos / 8).is_some_and(|byte| (byte >> (7 - pos % 8)) & 1 == 1)
    }

    /// How many leading bits are the same; 256 for equal identifiers.
    ///
    /// ```
    /// use ex14::NodeId;
    /// assert_eq!(NodeId([0xFF; 32]).common_prefix_length(&NodeId([0xFE; 32])), 7);
    /// ```
    pub fn common_prefix_length(&self, other: &NodeId) -> usize {
        let distance = self.xor_distance(other);
        let first = distance.0.iter().position(|byte| *byte != 0);
        first.map_or(BITS, |at| at * 8 + distance.0[at].leading_zeros() as usize)
    }

    /// The same identifier but for the bit at a position.
    pub(crate) fn flipped(mut self, pos: usize) -> Self {
        self.0[pos / 8] ^= 1 << (7 - pos % 8);
        self
    }
}

/// The key of a value: the SHA-256 of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(pub [u8; 32]);

impl Key {
    /// The key of these bytes.
    ///
    /// ```
    /// use ex14::Key;
    /// assert_eq!(Key::from_bytes(b"abc").0[..2], [0xba, 0x78]);
    /// ```
    pub fn from_bytes(data: &[u8]) -> Self {
        Self(Sha256::digest(data).into())
    }

    /// The key as a point among the nodes.
    ///
    /// ```
    /// use ex14::{Key, NodeId};
    /// assert_eq!(Key([7; 32]).to_node_id(), NodeId([7; 32]));
    /// ```
    pub fn to_node_id(&self) -> NodeId {
        NodeId(self.0)
    }
}
