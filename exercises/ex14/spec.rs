//! The public checks: what the statement says, in examples that a student can read and run.

use ex14::{
    Dht, DhtError, KBucket, KademliaMessage, KademliaNode, Key, NodeAddr, NodeId, Reply, RoutingTable, Transport,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// A node whose identifier ends with this byte.
fn addr(last: u8) -> NodeAddr {
    let mut id = [0; 32];
    id[31] = last;
    NodeAddr {
        id: NodeId(id),
        addresses: vec![format!("/ip4/127.0.0.{last}/tcp/4001")],
    }
}

fn last_bytes(nodes: &[NodeAddr]) -> Vec<u8> {
    nodes.iter().map(|node| node.id.0[31]).collect()
}

/// R1: the XOR distance.
#[test]
fn test_xor_distance() {
    let id1 = NodeId([0; 32]);
    let id2 = addr(0b1111).id;
    assert_eq!(id1.xor_distance(&id2).0[31], 0b1111);
    assert_eq!(id1.xor_distance(&id2), id2.xor_distance(&id1));
    assert_eq!(id2.xor_distance(&id2), NodeId([0; 32]));
}

/// R1: the common prefix and the bits, from the most significant.
#[test]
fn test_common_prefix() {
    let id1 = NodeId([0xFF; 32]);
    let mut id2 = [0xFF; 32];
    id2[0] = 0xFE;
    let id2 = NodeId(id2);
    assert_eq!(id1.common_prefix_length(&id2), 7);
    assert_eq!(id1.common_prefix_length(&id1), 256);
    assert!(id2.bit_at(6) && !id2.bit_at(7));
}

/// R3: a bucket holds at most k contacts.
#[test]
fn test_kbucket_add() {
    let mut bucket = KBucket::new(3);
    for i in 0..5 {
        bucket.add(NodeAddr {
            id: NodeId([i; 32]),
            addresses: vec![format!("/ip4/127.0.0.{i}/tcp/4001")],
        });
    }
    assert_eq!(bucket.nodes().len(), 3);
    assert!(bucket.is_full());
}

/// R3: a contact that is added again is there once, with its last addresses.
#[test]
fn test_kbucket_refresh() {
    let mut bucket = KBucket::new(3);
    bucket.add(addr(1));
    bucket.add(NodeAddr {
        addresses: vec!["/ip4/10.0.0.1/tcp/1".to_owned()],
        ..addr(1)
    });
    assert_eq!(bucket.nodes().len(), 1);
    assert_eq!(bucket.nodes()[0].addresses, ["/ip4/10.0.0.1/tcp/1"]);
    assert!(!bucket.is_full());
}

/// R4: the closest contacts, closest first, never the local node.
#[test]
fn test_routing_table_closest() {
    let mut table = RoutingTable::new(NodeId([0; 32]), 20);
    for i in 0..10 {
        table.add(addr(i));
    }
    let closest = table.closest(&addr(5).id, 3);
    assert_eq!(closest.len(), 3);
    assert_eq!(last_bytes(&closest), [5, 4, 7]);
    assert_eq!(table.all_nodes().len(), 9);
}

/// R4: one bucket for each length of the common prefix.
#[test]
fn test_bucket_index() {
    let table = RoutingTable::new(NodeId([0; 32]), 20);
    assert_eq!(table.bucket_index(&addr(2).id), table.bucket_index(&addr(3).id));
    assert_ne!(table.bucket_index(&addr(3).id), table.bucket_index(&addr(4).id));
}

/// R2: a key is the SHA-256 of its bytes.
#[test]
fn test_key_from_bytes() {
    let key = Key::from_bytes(b"hello world");
    assert_eq!(key, Key::from_bytes(b"hello world"));
    assert_eq!(key.0[..4], [0xb9, 0x4d, 0x27, 0xb9]);
    assert_eq!(key.to_node_id(), NodeId(key.0));
}

/// R11: a node finds what it keeps itself, also alone.
#[tokio::test]
async fn test_local_store_get() {
    let mut node = KademliaNode::new(NodeId::random());
    let key = Key::from_bytes(b"test key");
    let value = b"test value".to_vec();
    node.storage.insert(key, value.clone());
    assert_eq!(node.get(&key).await.unwrap(), Some(value));

    let other = Key::from_bytes(b"other");
    assert_eq!(node.get(&other).await.unwrap(), None);
    node.put(other, vec![1]).await.unwrap();
    assert_eq!(node.get(&other).await.unwrap(), Some(vec![1]));
}

/// R5: each request has its answer.
#[test]
fn test_kademlia_messages() {
    let msgs = vec![
        KademliaMessage::Ping,
        KademliaMessage::Pong,
        KademliaMessage::FindNode {
            target: NodeId([0; 32]),
        },
        KademliaMessage::Store {
            key: Key([0; 32]),
            value: vec![],
        },
    ];
    assert_eq!(msgs.len(), 4);

    let mut node = KademliaNode::new(NodeId([0; 32]));
    let mut answers = msgs.into_iter().map(|msg| node.handle_message(addr(1), msg));
    assert!(matches!(answers.next(), Some(Some(KademliaMessage::Pong))));
    assert!(matches!(answers.next(), Some(None)));
    assert!(matches!(answers.next(), Some(Some(KademliaMessage::NodesFound { .. }))));
    assert!(matches!(answers.next(), Some(Some(KademliaMessage::StoreAck))));
    drop(answers);
    let found = node.handle_message(addr(1), KademliaMessage::FindValue { key: Key([0; 32]) });
    assert!(matches!(found, Some(KademliaMessage::ValueFound { .. })));
}

/// R6: whoever sends a message becomes a contact.
#[test]
fn test_sender_becomes_contact() {
    let mut node = KademliaNode::new(NodeId([0; 32]));
    for i in 1..4 {
        node.handle_message(addr(i), KademliaMessage::Ping);
    }
    let target = addr(2).id;
    let answer = node.handle_message(addr(9), KademliaMessage::FindNode { target });
    let Some(KademliaMessage::NodesFound { nodes }) = answer else {
        panic!("expected NodesFound, got {answer:?}");
    };
    assert_eq!(nodes.iter().filter(|node| node.id.0[31] != 9).count(), 3);
}

/// The nodes of a small network. One that is busy is not here.
type Nodes = Arc<Mutex<HashMap<NodeId, KademliaNode>>>;

struct Wire(Nodes);

impl Transport for Wire {
    fn call(&self, from: NodeAddr, to: NodeAddr, message: KademliaMessage) -> Reply {
        let nodes = Arc::clone(&self.0);
        Box::pin(async move {
            let mut nodes = nodes.lock().expect("no panic");
            let node = nodes.get_mut(&to.id);
            let answer = node.and_then(|node| node.handle_message(from, message));
            answer.ok_or_else(|| DhtError::Network("no answer".to_owned()))
        })
    }
}

/// Ten nodes that joined through the first one.
async fn network() -> Nodes {
    let nodes = Nodes::default();
    for i in 1..=10 {
        let mut node = KademliaNode::with_transport(addr(i), Arc::new(Wire(Arc::clone(&nodes))));
        if i > 1 {
            node.bootstrap(addr(1)).await.expect("it works");
        }
        nodes.lock().expect("no panic").insert(addr(i).id, node);
    }
    nodes
}

fn take(nodes: &Nodes, i: u8) -> KademliaNode {
    nodes
        .lock()
        .expect("no panic")
        .remove(&addr(i).id)
        .expect("it is there")
}

/// R7, R10: after joining, a node finds all others, closest first.
#[tokio::test]
async fn test_find_node_over_network() {
    let nodes = network().await;
    let node = take(&nodes, 7);
    let found = node.find_node(addr(4).id).await;
    assert_eq!(last_bytes(&found), [4, 5, 6, 1, 2, 3, 8, 9, 10]);
}

/// R9, R11: a value is found from another node, also when others are gone.
#[tokio::test]
async fn test_put_get_over_network() {
    let nodes = network().await;
    let key = Key::from_bytes(b"name");
    let mut writer = take(&nodes, 3);
    writer.put(key, vec![42]).await.expect("it works");
    for gone in 4..9 {
        drop(take(&nodes, gone));
    }
    let reader = take(&nodes, 10);
    assert_eq!(reader.get(&key).await.expect("it works"), Some(vec![42]));
    assert_eq!(reader.get(&Key::from_bytes(b"nothing")).await.expect("it works"), None);
}

/// R10: a node that does not answer is no way into a network.
#[tokio::test]
async fn test_bootstrap_failed() {
    let mut node = KademliaNode::with_transport(addr(1), Arc::new(Wire(Nodes::default())));
    assert!(matches!(node.bootstrap(addr(2)).await, Err(DhtError::BootstrapFailed)));
}

/// R12: data are stored under their hash.
#[tokio::test]
async fn test_dht_store_fetch() {
    let mut dht = Dht::new("/ip4/127.0.0.1/tcp/4001").await.expect("it works");
    assert_eq!(dht.known_peers(), 0);
    let key = dht.store(b"data").await.expect("it works");
    assert_eq!(key, Key::from_bytes(b"data"));
    assert_eq!(dht.fetch(&key).await.expect("it works"), b"data");
    assert!(matches!(dht.fetch(&Key([0; 32])).await, Err(DhtError::NotFound)));
}
