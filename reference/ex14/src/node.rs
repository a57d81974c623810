//! A node of the network.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::lookup::{Found, Lookup};
use crate::{DhtError, KademliaMessage, Key, NodeAddr, NodeId, RoutingTable, Transport};

/// Contacts of a bucket, and copies of a value.
const K: usize = 20;
/// Requests of one lookup under way at a time.
const ALPHA: usize = 3;

/// A node: its contacts and the values that it keeps for all.
pub struct KademliaNode {
    local: NodeAddr,
    routing_table: RoutingTable,
    /// The values kept here.
    pub storage: HashMap<Key, Vec<u8>>,
    alpha: usize,
    k: usize,
    transport: Option<Arc<dyn Transport>>,
}

impl KademliaNode {
    /// A node without a network: it has its own table and its own values.
    ///
    /// ```
    /// use ex14::{KademliaNode, NodeId};
    /// assert!(KademliaNode::new(NodeId::random()).storage.is_empty());
    /// ```
    pub fn new(id: NodeId) -> Self {
        let addresses = Vec::new();
        Self::build(NodeAddr { id, addresses }, None)
    }

    /// A node that reaches others over `transport`, and is reached at `local`.
    ///
    /// ```
    /// use ex14::{KademliaMessage, KademliaNode, NodeAddr, NodeId, Reply, Transport};
    /// struct Silence;
    /// impl Transport for Silence {
    ///     fn call(&self, _: NodeAddr, _: NodeAddr, _: KademliaMessage) -> Reply {
    ///         Box::pin(async { Err(ex14::DhtError::Network("nobody".into())) })
    ///     }
    /// }
    /// let local = NodeAddr { id: NodeId::random(), addresses: vec!["/ip4/127.0.0.1/tcp/4001".into()] };
    /// let node = KademliaNode::with_transport(local, std::sync::Arc::new(Silence));
    /// assert!(node.storage.is_empty());
    /// ```
    pub fn with_transport(local: NodeAddr, transport: Arc<dyn Transport>) -> Self {
        Self::build(local, Some(transport))
    }

    pub(crate) fn build(local: NodeAddr, transport: Option<Arc<dyn Transport>>) -> Self {
        Self {
            routing_table: RoutingTable::new(local.id, K),
            local,
            storage: HashMap::new(),
            alpha: ALPHA,
            k: K,
            transport,
        }
    }

    /// Joins the network of a node: makes itself known to its neighbours, then gets to know the far parts.
    ///
    /// # Errors
    /// [`DhtError::BootstrapFailed`] if that node does not answer.
    ///
    /// ```
    /// use ex14::{KademliaNode, NodeAddr, NodeId};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut node = KademliaNode::new(NodeId::random());
    /// let friend = NodeAddr { id: NodeId::random(), addresses: vec![] };
    /// node.bootstrap(friend).await.expect("without a network, it is noted");
    /// # }
    /// ```
    pub async fn bootstrap(&mut self, bootstrap: NodeAddr) -> Result<(), DhtError> {
        if let Some(transport) = &self.transport {
            let ping = transport.call(self.local.clone(), bootstrap.clone(), KademliaMessage::Ping);
            ping.await.map_err(|_| DhtError::BootstrapFailed)?;
        }
        self.routing_table.add(bootstrap);
        self.get_to_know(self.local.id).await;
        let neighbours = self.routing_table.closest(&self.local.id, 1);
        let nearest = neighbours
            .first()
            .map_or(0, |node| self.routing_table.bucket_index(&node.id));
        for prefix in 0..nearest {
            self.get_to_know(self.local.id.flipped(prefix)).await;
        }
        Ok(())
    }

    /// Looks a target up and keeps everybody who answers.
    async fn get_to_know(&mut self, target: NodeId) {
        let found = self.lookup(target, KademliaMessage::FindNode { target }).await;
        for node in found.answered {
            self.routing_table.add(node);
        }
    }

    /// The `k` nodes closest to `target` that are alive, closest first, without this one.
    ///
    /// ```
    /// use ex14::{KademliaNode, NodeId};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let node = KademliaNode::new(NodeId::random());
    /// assert!(node.find_node(NodeId::random()).await.is_empty());
    /// # }
    /// ```
    pub async fn find_node(&self, target: NodeId) -> Vec<NodeAddr> {
        let mut found = self.lookup(target, KademliaMessage::FindNode { target }).await;
        found.answered.truncate(self.k);
        found.answered
    }

    /// Keeps a value on the `k` closest nodes.
    ///
    /// # Errors
    /// [`DhtError::Network`] if no node keeps it.
    ///
    /// ```
    /// use ex14::{KademliaNode, Key, NodeId};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut node = KademliaNode::new(NodeId::random());
    /// assert!(node.put(Key::from_bytes(b"k"), vec![1]).await.is_ok());
    /// # }
    /// ```
    pub async fn put(&mut self, key: Key, value: Vec<u8>) -> Result<(), DhtError> {
        let target = key.to_node_id();
        let nodes = self.find_node(target).await;
        let distance = |id: &NodeId| id.xor_distance(&target).0;
        let closer = nodes
            .iter()
            .filter(|node| distance(&node.id) < distance(&self.local.id))
            .count();
        let mut kept = 0;
        if closer < self.k {
            self.storage.insert(key, value.clone());
            kept += 1;
        }
        let Some(transport) = &self.transport else {
            return Ok(());
        };
        let mut requests = nodes.into_iter().map(|node| {
            let value = value.clone();
            transport.call(self.local.clone(), node, KademliaMessage::Store { key, value })
        });
        let mut asked: JoinSet<_> = requests.by_ref().take(self.alpha).collect();
        while let Some(answer) = asked.join_next().await {
            kept += usize::from(matches!(answer, Ok(Ok(KademliaMessage::StoreAck))));
            requests.next().map(|request| asked.spawn(request));
        }
        if kept == 0 {
            return Err(DhtError::Network("no node keeps the value".into()));
        }
        Ok(())
    }

    /// The value of a key, from here or from the nodes closest to it; `None` if nobody has it.
    ///
    /// # Errors
    /// None as it is: nodes that do not answer are passed over.
    ///
    /// ```
    /// use ex14::{KademliaNode, Key, NodeId};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let node = KademliaNode::new(NodeId::random());
    /// assert!(matches!(node.get(&Key::from_bytes(b"k")).await, Ok(None)));
    /// # }
    /// ```
    pub async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, DhtError> {
        if let Some(value) = self.storage.get(key) {
            return Ok(Some(value.clone()));
        }
        let found = self
            .lookup(key.to_node_id(), KademliaMessage::FindValue { key: *key })
            .await;
        Ok(found.value)
    }

    /// Answers a request; answers are not answered. Whoever sends one becomes a contact.
    ///
    /// ```
    /// use ex14::{KademliaMessage, KademliaNode, NodeAddr, NodeId};
    /// let mut node = KademliaNode::new(NodeId::random());
    /// let from = NodeAddr { id: NodeId::random(), addresses: vec![] };
    /// let answer = node.handle_message(from, KademliaMessage::Ping);
    /// assert!(matches!(answer, Some(KademliaMessage::Pong)));
    /// ```
    pub fn handle_message(&mut self, from: NodeAddr, msg: KademliaMessage) -> Option<KademliaMessage> {
        self.routing_table.add(from);
        match msg {
            KademliaMessage::Ping => Some(KademliaMessage::Pong),
            KademliaMessage::FindNode { target } => {
                let nodes = self.routing_table.closest(&target, self.k);
                Some(KademliaMessage::NodesFound { nodes })
            }
            KademliaMessage::Store { key, value } => {
                self.storage.insert(key, value);
                Some(KademliaMessage::StoreAck)
            }
            KademliaMessage::FindValue { key } => Some(match self.storage.get(&key) {
                Some(value) => KademliaMessage::ValueFound { value: value.clone() },
                None => {
                    let closer_nodes = self.routing_table.closest(&key.to_node_id(), self.k);
                    KademliaMessage::ValueNotFound { closer_nodes }
                }
            }),
            KademliaMessage::Pong
            | KademliaMessage::NodesFound { .. }
            | KademliaMessage::StoreAck
            | KademliaMessage::ValueFound { .. }
            | KademliaMessage::ValueNotFound { .. } => None,
        }
    }

    /// How many contacts this node has.
    pub(crate) fn contacts(&self) -> usize {
        self.routing_table.len()
    }

    async fn lookup(&self, target: NodeId, question: KademliaMessage) -> Found {
        let known = self.routing_table.closest(&target, self.k);
        let Some(transport) = &self.transport else {
            return Found {
                answered: known,
                value: None,
            };
        };
        let lookup = Lookup {
            local: &self.local,
            transport,
            target,
            question,
            alpha: self.alpha,
            k: self.k,
        };
        lookup.run(known).await
    }
}
