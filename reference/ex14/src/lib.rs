//! Kademlia: a hash table spread over many nodes, none of which knows them all.
//!
//! # The idea
//! Nodes and keys are numbers of 256 bits. The distance of two of them is their XOR, read as a number (Maymounkov and
//! Mazières 2002, "Kademlia: A Peer-to-peer Information System Based on the XOR Metric"). A value lives on the `k` nodes
//! closest to its key. A node knows up to `k` contacts for each length of the prefix that they share with it: very few of
//! the far half of the network, nearly all of its neighbours. So every node can name contacts that are at least one bit
//! closer to any target, and a lookup takes a logarithmic number of rounds.
//!
//! # The contract
//! - [`NodeId`] and [`Key`] are points of the same space; [`NodeId::xor_distance`] measures it.
//! - [`KBucket`] and [`RoutingTable`] hold contacts, [`RoutingTable::closest`] finds those nearest to a target.
//! - [`KademliaNode`] answers messages with [`KademliaNode::handle_message`] and asks others over a [`Transport`]:
//!   [`KademliaNode::bootstrap`], [`KademliaNode::find_node`], [`KademliaNode::put`], [`KademliaNode::get`].
//! - [`Dht`] stores data under their own hash.
//!
//! # Invariants
//! - A table never holds the local node, nor a node twice, nor more than `k` nodes of one prefix length.
//! - A lookup asks each node at most once, at most `alpha` at a time, and ends when the `k` closest nodes that are alive
//!   have all answered.
//!
//! # Common mistakes
//! - Sorting by numeric difference instead of XOR, or by prefix length alone.
//! - Looking into one bucket for the closest contacts: the neighbouring buckets may hold closer ones.
//! - Stopping at the first answer that brings nothing closer, with near nodes still unasked.
//! - Waiting for dead nodes, or counting them among the `k`.
//!
//! # Example
//! ```
//! use ex14::{Key, KademliaNode, NodeId};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), ex14::DhtError> {
//! let mut node = KademliaNode::new(NodeId::random());
//! let key = Key::from_bytes(b"name");
//! node.put(key, b"value".to_vec()).await?;
//! assert_eq!(node.get(&key).await?, Some(b"value".to_vec()));
//! # Ok(())
//! # }
//! ```

mod bucket;
mod dht;
mod id;
mod lookup;
mod message;
mod node;
mod table;

pub use bucket::KBucket;
pub use dht::Dht;
pub use id::{Key, NodeId};
pub use message::{DhtError, KademliaMessage, NodeAddr, Reply, Transport};
pub use node::KademliaNode;
pub use table::RoutingTable;
