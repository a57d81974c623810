//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.
//!
//! The network is a map of nodes. A request waits for its turn a few times, depending on who is asked, so that answers
//! come out of order; no clock is involved. A node that is busy with a call of the script is not in the map.

use ex14::{
    Dht, DhtError, KBucket, KademliaMessage, KademliaNode, Key, NodeAddr, NodeId, Reply, RoutingTable, Transport,
};
use ex14_protocol::{Contact, Found, Id, Kademlia, Message, Refusal, address, node_id, prefix};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use witness::aio::{Flavor, Runtime};

/// Contacts of a bucket of a node.
const K: usize = 20;

/// What the script built.
pub struct World {
    bucket: KBucket,
    table: RoutingTable,
    dht: Option<Dht>,
    network: Arc<Mutex<Network>>,
    runtime: Runtime,
}

/// All nodes, and what was asked since the step began.
#[derive(Default)]
struct Network {
    nodes: BTreeMap<Id, KademliaNode>,
    dead: BTreeSet<Id>,
    asked: Vec<(Id, bool)>,
    under_way: usize,
    at_once: usize,
}

/// The way from node to node.
struct Wire(Arc<Mutex<Network>>);

/// A request under way.
struct Trip(Arc<Mutex<Network>>);

fn lock(network: &Mutex<Network>) -> MutexGuard<'_, Network> {
    network.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Trip {
    fn drop(&mut self) {
        lock(&self.0).under_way -= 1;
    }
}

impl Transport for Wire {
    fn call(&self, from: NodeAddr, to: NodeAddr, message: KademliaMessage) -> Reply {
        let network = Arc::clone(&self.0);
        Box::pin(deliver(network, from, to.id.0, message))
    }
}

async fn deliver(
    network: Arc<Mutex<Network>>,
    from: NodeAddr,
    to: Id,
    message: KademliaMessage,
) -> Result<KademliaMessage, DhtError> {
    let trip = Trip(Arc::clone(&network));
    {
        let mut network = lock(&network);
        network.under_way += 1;
        network.at_once = network.at_once.max(network.under_way);
        let stores = matches!(message, KademliaMessage::Store { .. });
        network.asked.push((to, stores));
    }
    for _ in 0..1 + to[31] % 4 {
        tokio::task::yield_now().await;
    }
    let mut network = lock(&network);
    let answer = network
        .nodes
        .get_mut(&to)
        .and_then(|node| node.handle_message(from, message));
    drop(network);
    drop(trip);
    answer.ok_or_else(no_answer)
}

fn no_answer() -> DhtError {
    DhtError::Network("no answer".to_owned())
}

impl Default for World {
    fn default() -> Self {
        Self {
            bucket: KBucket::new(K),
            table: RoutingTable::new(NodeId([0; 32]), K),
            dht: None,
            network: Arc::default(),
            runtime: Runtime::new(Flavor::CurrentThread),
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // The nodes hold the wire, which holds the nodes.
        let nodes = std::mem::take(&mut lock(&self.network).nodes);
        drop(nodes);
    }
}

impl World {
    fn found(&mut self, n: u16) {
        // Whoever lacks it hears of it here, and not in a task of the submission's, which may swallow it.
        let _ = no_answer();
        let id = node_id(n);
        let mut network = lock(&self.network);
        if !network.nodes.contains_key(&id) && !network.dead.contains(&id) {
            let wire = Arc::new(Wire(Arc::clone(&self.network)));
            network
                .nodes
                .insert(id, KademliaNode::with_transport(contact(id, 1), wire));
        }
    }

    /// Takes a node out for a call; a dead one comes back to life alone.
    fn take(&mut self, n: u16) -> KademliaNode {
        self.found(n);
        let mut network = lock(&self.network);
        network.asked.clear();
        network.at_once = 0;
        let taken = network.nodes.remove(&node_id(n));
        drop(network);
        taken.unwrap_or_else(|| KademliaNode::new(NodeId(node_id(n))))
    }

    fn give_back(&mut self, n: u16, node: KademliaNode) {
        let mut network = lock(&self.network);
        if !network.dead.contains(&node_id(n)) {
            network.nodes.insert(node_id(n), node);
        }
    }

    /// The table that is alone, made when it is first needed.
    fn dht(&mut self) -> Dht {
        let made = self.dht.take();
        made.unwrap_or_else(|| {
            let dht = self.runtime.block_on(Dht::new("/ip4/127.0.0.1/tcp/4001"));
            dht.unwrap_or_else(|error| panic!("Dht::new: {error}"))
        })
    }
}

fn contact(id: Id, version: u8) -> NodeAddr {
    NodeAddr {
        id: NodeId(id),
        addresses: vec![address(version)],
    }
}

fn ids(nodes: &[NodeAddr]) -> Vec<Id> {
    nodes.iter().map(|node| node.id.0).collect()
}

fn sorted(nodes: &[NodeAddr]) -> Vec<Contact> {
    let mut contacts: Vec<Contact> = nodes.iter().map(|node| (node.id.0, node.addresses.clone())).collect();
    contacts.sort();
    contacts
}

fn refusal(error: DhtError) -> Refusal {
    match error {
        DhtError::NotFound => Refusal::NotFound,
        DhtError::Network(_) => Refusal::Network,
        DhtError::BootstrapFailed => Refusal::BootstrapFailed,
    }
}

fn spoken(message: Message) -> KademliaMessage {
    let addrs = |ids: Vec<Id>| ids.into_iter().map(|id| contact(id, 1)).collect();
    match message {
        Message::Ping => KademliaMessage::Ping,
        Message::Pong => KademliaMessage::Pong,
        Message::FindNode(target) => KademliaMessage::FindNode { target: NodeId(target) },
        Message::NodesFound(nodes) => KademliaMessage::NodesFound { nodes: addrs(nodes) },
        Message::Store(key, value) => KademliaMessage::Store { key: Key(key), value },
        Message::StoreAck => KademliaMessage::StoreAck,
        Message::FindValue(key) => KademliaMessage::FindValue { key: Key(key) },
        Message::ValueFound(value) => KademliaMessage::ValueFound { value },
        Message::ValueNotFound(nodes) => KademliaMessage::ValueNotFound {
            closer_nodes: addrs(nodes),
        },
    }
}

fn heard(message: KademliaMessage) -> Message {
    match message {
        KademliaMessage::Ping => Message::Ping,
        KademliaMessage::Pong => Message::Pong,
        KademliaMessage::FindNode { target } => Message::FindNode(target.0),
        KademliaMessage::NodesFound { nodes } => Message::NodesFound(ids(&nodes)),
        KademliaMessage::Store { key, value } => Message::Store(key.0, value),
        KademliaMessage::StoreAck => Message::StoreAck,
        KademliaMessage::FindValue { key } => Message::FindValue(key.0),
        KademliaMessage::ValueFound { value } => Message::ValueFound(value),
        KademliaMessage::ValueNotFound { closer_nodes } => Message::ValueNotFound(ids(&closer_nodes)),
    }
}

impl Kademlia for World {
    fn xor(&mut self, a: Id, b: Id) -> Id {
        NodeId(a).xor_distance(&NodeId(b)).0
    }

    fn common(&mut self, a: Id, b: Id) -> usize {
        NodeId(a).common_prefix_length(&NodeId(b))
    }

    fn bit(&mut self, a: Id, pos: u8) -> bool {
        NodeId(a).bit_at(usize::from(pos))
    }

    fn random(&mut self, count: u8) -> Vec<Id> {
        (0..count).map(|_| NodeId::random().0).collect()
    }

    fn public(&mut self, key: Vec<u8>) -> Id {
        NodeId::from_public_key(&key).0
    }

    fn key(&mut self, data: Vec<u8>) -> Id {
        Key::from_bytes(&data).0
    }

    fn key_point(&mut self, key: Id) -> Id {
        Key(key).to_node_id().0
    }

    fn bucket(&mut self, k: u8) {
        self.bucket = KBucket::new(usize::from(k));
    }

    fn bucket_add(&mut self, id: Id, version: u8) {
        self.bucket.add(contact(id, version));
    }

    fn bucket_nodes(&mut self) -> Vec<Contact> {
        sorted(self.bucket.nodes())
    }

    fn bucket_full(&mut self) -> bool {
        self.bucket.is_full()
    }

    fn table(&mut self, local: Id, k: u8) {
        self.table = RoutingTable::new(NodeId(local), usize::from(k));
    }

    fn table_add(&mut self, id: Id, version: u8) {
        self.table.add(contact(id, version));
    }

    fn table_closest(&mut self, target: Id, count: u8) -> Vec<Id> {
        ids(&self.table.closest(&NodeId(target), usize::from(count)))
    }

    fn table_all(&mut self) -> Vec<Contact> {
        sorted(&self.table.all_nodes())
    }

    fn table_bucket(&mut self, id: Id) -> usize {
        self.table.bucket_index(&NodeId(id))
    }

    fn network(&mut self, size: u16) {
        for n in 0..size {
            self.found(n);
        }
        let mut network = lock(&self.network);
        for (local, node) in &mut network.nodes {
            let mut pinged = BTreeMap::new();
            for id in (0..size).map(node_id).filter(|id| id != local) {
                let count = pinged.entry(prefix(local, &id)).or_insert(0);
                *count += 1;
                if *count <= K {
                    node.handle_message(contact(id, 1), KademliaMessage::Ping);
                }
            }
        }
    }

    fn join(&mut self, n: u16, through: u16) -> Result<(), Refusal> {
        self.found(through);
        let mut node = self.take(n);
        let done = self.runtime.block_on(node.bootstrap(contact(node_id(through), 1)));
        self.give_back(n, node);
        done.map_err(refusal)
    }

    fn kill(&mut self, n: u16) {
        let mut network = lock(&self.network);
        network.dead.insert(node_id(n));
        let dead = network.nodes.remove(&node_id(n));
        drop(network);
        drop(dead);
    }

    fn handle(&mut self, n: u16, from: Id, message: Message) -> Option<Message> {
        let mut node = self.take(n);
        let answer = node.handle_message(contact(from, 1), spoken(message));
        self.give_back(n, node);
        answer.map(heard)
    }

    fn find(&mut self, n: u16, target: Id) -> Found {
        let node = self.take(n);
        let nodes = self.runtime.block_on(node.find_node(NodeId(target)));
        self.give_back(n, node);
        let network = lock(&self.network);
        Found {
            nodes: ids(&nodes),
            asked: network.asked.iter().map(|(id, _)| *id).collect(),
            at_once: network.at_once,
        }
    }

    fn put(&mut self, n: u16, key: Id, value: Vec<u8>) -> Result<Vec<Id>, Refusal> {
        let mut node = self.take(n);
        let done = self.runtime.block_on(node.put(Key(key), value));
        self.give_back(n, node);
        done.map_err(refusal)?;
        let network = lock(&self.network);
        let stored: BTreeSet<Id> = network
            .asked
            .iter()
            .filter(|(_, stores)| *stores)
            .map(|(id, _)| *id)
            .collect();
        Ok(stored.into_iter().collect())
    }

    fn get(&mut self, n: u16, key: Id) -> Result<Option<Vec<u8>>, Refusal> {
        let node = self.take(n);
        let got = self.runtime.block_on(node.get(&Key(key)));
        self.give_back(n, node);
        got.map_err(refusal)
    }

    fn dht(&mut self, data: Vec<u8>) -> (Id, Result<Vec<u8>, Refusal>) {
        let mut dht = self.dht();
        let answer = self.runtime.block_on(async {
            let key = dht.store(&data).await.unwrap_or_else(|error| panic!("store: {error}"));
            (key.0, dht.fetch(&key).await.map_err(refusal))
        });
        self.dht = Some(dht);
        answer
    }

    fn dht_missing(&mut self, key: Id) -> Result<Vec<u8>, Refusal> {
        let dht = self.dht();
        let answer = self.runtime.block_on(dht.fetch(&Key(key))).map_err(refusal);
        self.dht = Some(dht);
        answer
    }

    fn dht_peers(&mut self) -> usize {
        let dht = self.dht();
        let peers = dht.known_peers();
        self.dht = Some(dht);
        peers
    }
}
