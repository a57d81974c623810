//! Kademlia with the newest at the front of a bucket, newcomers to full buckets left out, and lookups in waves of three.

use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

const K: usize = 20;
const ALPHA: usize = 3;

/// Nodeid, as the statement says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeId(pub [u8; 32]);

impl NodeId {
    /// Random, as the statement says.
    pub fn random() -> Self {
        NodeId(rand::random())
    }
    /// From public key, as the statement says.
    pub fn from_public_key(key: &[u8]) -> Self {
        NodeId(Sha256::new().chain_update(b"peer:").chain_update(key).finalize().into())
    }
    /// Xor distance, as the statement says.
    pub fn xor_distance(&self, other: &NodeId) -> NodeId {
        let mut bytes = self.0;
        for (byte, with) in bytes.iter_mut().zip(other.0) {
            *byte ^= with;
        }
        NodeId(bytes)
    }
    /// Bit at, as the statement says.
    pub fn bit_at(&self, pos: usize) -> bool {
        self.0[pos / 8] & (0x80 >> (pos % 8)) != 0
    }
    /// Common prefix length, as the statement says.
    fn shared(&self, other: &NodeId) -> usize {
        (0..256)
            .take_while(|pos| self.bit_at(*pos) == other.bit_at(*pos))
            .count()
    }
}

/// Key, as the statement says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(pub [u8; 32]);

impl Key {
    /// From bytes, as the statement says.
    pub fn from_bytes(data: &[u8]) -> Self {
        Key(Sha256::digest(data).into())
    }
    /// To node id, as the statement says.
    pub fn to_node_id(&self) -> NodeId {
        NodeId(self.0)
    }
}

/// Nodeaddr, as the statement says.
#[derive(Debug, Clone)]
pub struct NodeAddr {
    /// As the statement says.
    pub id: NodeId,
    /// As the statement says.
    pub addresses: Vec<String>,
}

/// Kbucket, as the statement says.
#[derive(Debug)]
pub struct KBucket {
    newest_first: Vec<NodeAddr>,
    k: usize,
}

impl KBucket {
    /// New, as the statement says.
    pub fn new(k: usize) -> Self {
        KBucket {
            newest_first: vec![],
            k,
        }
    }
    /// Add, as the statement says.
    pub fn add(&mut self, node: NodeAddr) {
        if let Some(at) = self.newest_first.iter().position(|known| known.id == node.id) {
            self.newest_first.remove(at);
        }
        if self.newest_first.len() < self.k {
            self.newest_first.insert(0, node);
        }
    }
    /// Nodes, as the statement says.
    pub fn nodes(&self) -> &[NodeAddr] {
        &self.newest_first
    }
    /// Is full, as the statement says.
    fn full(&self) -> bool {
        self.newest_first.len() == self.k
    }
}

/// Buckets are numbered by the highest bit of the distance, and made when they are needed.
pub struct RoutingTable {
    local_id: NodeId,
    buckets: HashMap<usize, KBucket>,
    k: usize,
}

impl RoutingTable {
    /// New, as the statement says.
    pub fn new(local_id: NodeId, k: usize) -> Self {
        RoutingTable {
            local_id,
            buckets: HashMap::new(),
            k,
        }
    }
    /// Bucket index, as the statement says.
    pub fn bucket_index(&self, id: &NodeId) -> usize {
        255_usize.saturating_sub(self.local_id.shared(id))
    }
    /// Add, as the statement says.
    pub fn add(&mut self, node: NodeAddr) {
        if node.id == self.local_id {
            return;
        }
        let (index, k) = (self.bucket_index(&node.id), self.k);
        self.buckets.entry(index).or_insert_with(|| KBucket::new(k)).add(node);
    }
    /// Closest, as the statement says.
    pub fn closest(&self, target: &NodeId, count: usize) -> Vec<NodeAddr> {
        let all = self.buckets.values().flat_map(|bucket| bucket.nodes());
        let mut all: Vec<([u8; 32], &NodeAddr)> = all.map(|node| (node.id.xor_distance(target).0, node)).collect();
        all.sort_by_key(|(distance, _)| *distance);
        all.truncate(count);
        all.into_iter().map(|(_, node)| node.clone()).collect()
    }
    /// All nodes, as the statement says.
    fn contacts(&self) -> Vec<NodeAddr> {
        self.buckets
            .values()
            .flat_map(|bucket| bucket.nodes().to_vec())
            .collect()
    }
}

/// Kademliamessage, as the statement says.
#[derive(Debug, Clone)]
pub enum KademliaMessage {
    /// As the statement says.
    Ping,
    /// As the statement says.
    Pong,
    /// As the statement says.
    FindNode {
        /// Part of it.
        target: NodeId,
    },
    /// As the statement says.
    NodesFound {
        /// Part of it.
        nodes: Vec<NodeAddr>,
    },
    /// As the statement says.
    Store {
        /// Part of it.
        key: Key,
        /// Part of it.
        value: Vec<u8>,
    },
    /// As the statement says.
    StoreAck,
    /// As the statement says.
    FindValue {
        /// Part of it.
        key: Key,
    },
    /// As the statement says.
    ValueFound {
        /// Part of it.
        value: Vec<u8>,
    },
    /// As the statement says.
    ValueNotFound {
        /// Part of it.
        closer_nodes: Vec<NodeAddr>,
    },
}

/// Reply, as the statement says.
pub type Reply = Pin<Box<dyn Future<Output = Result<KademliaMessage, DhtError>> + Send>>;

/// Transport, as the statement says.
pub trait Transport: Send + Sync {
    /// Call, as the statement says.
    fn call(&self, from: NodeAddr, to: NodeAddr, message: KademliaMessage) -> Reply;
}

/// The table is behind a lock: lookups teach it.
pub struct KademliaNode {
    me: NodeAddr,
    table: Mutex<RoutingTable>,
    /// As the statement says.
    pub storage: HashMap<Key, Vec<u8>>,
    transport: Option<Arc<dyn Transport>>,
}

impl KademliaNode {
    /// New, as the statement says.
    pub fn new(id: NodeId) -> Self {
        KademliaNode {
            me: NodeAddr { id, addresses: vec![] },
            table: Mutex::new(RoutingTable::new(id, K)),
            storage: HashMap::new(),
            transport: None,
        }
    }
    /// With transport, as the statement says.
    pub fn with_transport(local: NodeAddr, transport: Arc<dyn Transport>) -> Self {
        let mut node = Self::new(local.id);
        node.me = local;
        node.transport = Some(transport);
        node
    }
    /// Bootstrap, as the statement says.
    pub async fn bootstrap(&mut self, bootstrap: NodeAddr) -> Result<(), DhtError> {
        if let Some(transport) = &self.transport {
            let question = KademliaMessage::FindNode { target: self.me.id };
            let answer = transport.call(self.me.clone(), bootstrap.clone(), question).await;
            answer.map_err(|_| DhtError::BootstrapFailed)?;
        }
        self.learn(&bootstrap);
        self.find_node(self.me.id).await;
        for _ in 0..4 {
            self.find_node(NodeId::random()).await;
        }
        Ok(())
    }
    /// Find node, as the statement says.
    pub async fn find_node(&self, target: NodeId) -> Vec<NodeAddr> {
        self.walk(target, KademliaMessage::FindNode { target }).await.0
    }
    /// A copy is always kept here too.
    pub async fn put(&mut self, key: Key, value: Vec<u8>) -> Result<(), DhtError> {
        self.storage.insert(key, value.clone());
        for node in self.find_node(key.to_node_id()).await {
            if let Some(transport) = &self.transport {
                let store = KademliaMessage::Store {
                    key,
                    value: value.clone(),
                };
                let _ = transport.call(self.me.clone(), node, store).await;
            }
        }
        Ok(())
    }
    /// Get, as the statement says.
    async fn read(&self, key: &Key) -> Result<Option<Vec<u8>>, DhtError> {
        match self.storage.get(key) {
            Some(value) => Ok(Some(value.clone())),
            None => Ok(self
                .walk(key.to_node_id(), KademliaMessage::FindValue { key: *key })
                .await
                .1),
        }
    }
    /// Handle message, as the statement says.
    pub fn handle_message(&mut self, from: NodeAddr, msg: KademliaMessage) -> Option<KademliaMessage> {
        let asker = from.id;
        self.learn(&from);
        match msg {
            KademliaMessage::Ping => Some(KademliaMessage::Pong),
            KademliaMessage::FindNode { target } => Some(KademliaMessage::NodesFound {
                nodes: self.near(target, asker),
            }),
            KademliaMessage::Store { key, value } => {
                self.storage.insert(key, value);
                Some(KademliaMessage::StoreAck)
            }
            KademliaMessage::FindValue { key } => match self.storage.get(&key).cloned() {
                Some(value) => Some(KademliaMessage::ValueFound { value }),
                None => {
                    let closer_nodes = self.near(key.to_node_id(), asker);
                    Some(KademliaMessage::ValueNotFound { closer_nodes })
                }
            },
            _ => None,
        }
    }

    fn learn(&self, node: &NodeAddr) {
        self.table.lock().expect("no panic").add(node.clone());
    }
    fn near(&self, target: NodeId, without: NodeId) -> Vec<NodeAddr> {
        let mut nodes = self.table.lock().expect("no panic").closest(&target, K + 1);
        nodes.retain(|node| node.id != without);
        nodes.truncate(K);
        nodes
    }
    async fn walk(&self, target: NodeId, question: KademliaMessage) -> (Vec<NodeAddr>, Option<Vec<u8>>) {
        let mut heard = self.near(target, self.me.id);
        let Some(transport) = &self.transport else {
            return (heard, None);
        };
        let mut asked: HashSet<NodeId> = HashSet::from([self.me.id]);
        loop {
            heard.sort_by_key(|node| node.id.xor_distance(&target).0);
            heard.dedup_by_key(|node| node.id);
            let next = heard.iter().take(K).filter(|node| !asked.contains(&node.id));
            let wave: Vec<NodeAddr> = next.take(ALPHA).cloned().collect();
            if wave.is_empty() {
                heard.truncate(K);
                return (heard, None);
            }
            let mut calls = Vec::new();
            for node in wave {
                asked.insert(node.id);
                let reply = transport.call(self.me.clone(), node.clone(), question.clone());
                calls.push((node, tokio::spawn(reply)));
            }
            let mut value = None;
            for (node, call) in calls {
                match call.await {
                    Ok(Ok(KademliaMessage::ValueFound { value: found })) => value = Some(found),
                    Ok(Ok(
                        KademliaMessage::NodesFound { nodes } | KademliaMessage::ValueNotFound { closer_nodes: nodes },
                    )) => {
                        self.learn(&node);
                        let failed = |id: &NodeId| asked.contains(id) && !heard.iter().any(|known| known.id == *id);
                        let new: Vec<NodeAddr> = nodes.into_iter().filter(|node| !failed(&node.id)).collect();
                        heard.extend(new);
                    }
                    _ => heard.retain(|known| known.id != node.id),
                }
            }
            if value.is_some() {
                return (heard, value);
            }
        }
    }
}

/// Dht, as the statement says.
pub struct Dht {
    node: KademliaNode,
}

impl Dht {
    /// New, as the statement says.
    pub async fn new(listen_addr: &str) -> Result<Self, DhtError> {
        let mut node = KademliaNode::new(NodeId::random());
        node.me.addresses.push(listen_addr.to_string());
        Ok(Dht { node })
    }
    /// Store, as the statement says.
    pub async fn store(&mut self, data: &[u8]) -> Result<Key, DhtError> {
        let key = Key::from_bytes(data);
        self.node.put(key, data.to_vec()).await.map(|()| key)
    }
    /// Fetch, as the statement says.
    async fn load(&self, key: &Key) -> Result<Vec<u8>, DhtError> {
        self.node.read(key).await?.ok_or(DhtError::NotFound)
    }
    /// Known peers, as the statement says.
    pub fn known_peers(&self) -> usize {
        self.node.table.lock().expect("no panic").contacts().len()
    }
}

/// Dhterror, as the statement says.
#[derive(Debug, thiserror::Error)]
pub enum DhtError {
    /// As the statement says.
    #[error("Key not found")]
    NotFound,
    /// As the statement says.
    #[error("Network error: {0}")]
    Network(String),
    /// As the statement says.
    #[error("Bootstrap failed")]
    BootstrapFailed,
}
