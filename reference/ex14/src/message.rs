//! What nodes say to each other, and the way there.

use std::pin::Pin;

use crate::{Key, NodeId};

/// A node and where it can be reached, in the notation of libp2p: `/ip4/127.0.0.1/tcp/4001`.
#[derive(Debug, Clone)]
pub struct NodeAddr {
    /// Who it is.
    pub id: NodeId,
    /// Where it is.
    pub addresses: Vec<String>,
}

/// Requests and their answers.
#[derive(Debug, Clone)]
pub enum KademliaMessage {
    /// Are you there?
    Ping,
    /// I am.
    Pong,
    /// Who is closest to this?
    FindNode {
        /// The point asked for.
        target: NodeId,
    },
    /// The closest I know.
    NodesFound {
        /// At most `k` of them.
        nodes: Vec<NodeAddr>,
    },
    /// Keep this.
    Store {
        /// Under this key.
        key: Key,
        /// The value.
        value: Vec<u8>,
    },
    /// I keep it.
    StoreAck,
    /// Who has this?
    FindValue {
        /// The key.
        key: Key,
    },
    /// I have.
    ValueFound {
        /// The value.
        value: Vec<u8>,
    },
    /// Not me.
    ValueNotFound {
        /// The closest to the key that I know, at most `k`.
        closer_nodes: Vec<NodeAddr>,
    },
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum DhtError {
    /// No node has the key.
    #[error("Key not found")]
    NotFound,
    /// A node could not be reached.
    #[error("Network error: {0}")]
    Network(String),
    /// The first contact does not answer.
    #[error("Bootstrap failed")]
    BootstrapFailed,
}

/// The answer to a request, once it is there.
pub type Reply = Pin<Box<dyn Future<Output = Result<KademliaMessage, DhtError>> + Send>>;

/// Brings requests to other nodes. Every call ends, if need be with an error.
pub trait Transport: Send + Sync {
    /// Sends a request from a node to another one and waits for what its `handle_message` answers.
    fn call(&self, from: NodeAddr, to: NodeAddr, message: KademliaMessage) -> Reply;
}
