//! The script language of EX14: identifiers, buckets, tables, and small networks whose nodes talk through the driver.
//!
//! Nodes of a network have numbers. Their identifiers are spread evenly: of the first `2^m` numbers each has another
//! prefix of `m` bits, for `m` up to 8, so that how full a bucket is does not depend on chance.

use serde::{Deserialize, Serialize};

/// The bytes of an identifier or of a key.
pub type Id = [u8; 32];

/// A contact: who, and where.
pub type Contact = (Id, Vec<String>);

/// What a message says. Contacts are named without their addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// `Ping`.
    Ping,
    /// `Pong`.
    Pong,
    /// `FindNode`.
    FindNode(Id),
    /// `NodesFound`.
    NodesFound(Vec<Id>),
    /// `Store`.
    Store(Id, Vec<u8>),
    /// `StoreAck`.
    StoreAck,
    /// `FindValue`.
    FindValue(Id),
    /// `ValueFound`.
    ValueFound(Vec<u8>),
    /// `ValueNotFound`.
    ValueNotFound(Vec<Id>),
}

/// The kind of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// `NotFound`.
    NotFound,
    /// `Network`.
    Network,
    /// `BootstrapFailed`.
    BootstrapFailed,
}

/// What a lookup gave, and what it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The nodes, in the order in which they came.
    pub nodes: Vec<Id>,
    /// Who was asked, in order.
    pub asked: Vec<Id>,
    /// The most requests that were under way at a time.
    pub at_once: usize,
}

/// The address of a contact, as it is the n-th time that it is told.
#[must_use]
pub fn address(version: u8) -> String {
    format!("/ip4/127.0.0.{version}/tcp/4001")
}

/// An identifier that a number stands for, as good as random.
#[must_use]
pub fn spread(seed: u64) -> Id {
    let mut state = seed;
    std::array::from_fn(|_| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) & 0xFF) as u8
    })
}

/// The identifier of a node of a network.
#[must_use]
pub fn node_id(number: u16) -> Id {
    let mut id = spread(u64::from(number) + 1_000_000);
    let [high, low] = number.to_be_bytes();
    id[0] = low.reverse_bits();
    id[1] ^= high;
    id
}

/// The XOR distance.
#[must_use]
pub fn distance(a: &Id, b: &Id) -> Id {
    std::array::from_fn(|at| a[at] ^ b[at])
}

/// How many leading bits are the same.
#[must_use]
pub fn prefix(a: &Id, b: &Id) -> usize {
    let distance = distance(a, b);
    let first = distance.iter().position(|byte| *byte != 0);
    first.map_or(256, |at| at * 8 + distance[at].leading_zeros() as usize)
}

fn hex(id: &Id) -> String {
    let digits: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("id(\"{digits}\")")
}

witness::language! {
    /// Everything that EX14 can be asked to do.
    pub trait Kademlia {
        /// The XOR distance.
        fn xor(a: Id, b: Id) -> Id => { format!("{}.xor_distance(&{})", hex(a), hex(b)) };
        /// The common prefix.
        fn common(a: Id, b: Id) -> usize => { format!("{}.common_prefix_length(&{})", hex(a), hex(b)) };
        /// A bit.
        fn bit(a: Id, pos: u8) -> bool => { format!("{}.bit_at({pos})", hex(a)) };
        /// That many random identifiers.
        fn random(count: u8) -> Vec<Id> => "{count} times NodeId::random()";
        /// The identifier of a public key.
        fn public(key: Vec<u8>) -> Id => "NodeId::from_public_key(&{key:?})";
        /// The key of bytes.
        fn key(data: Vec<u8>) -> Id => "Key::from_bytes(&{data:?})";
        /// A key as an identifier.
        fn key_point(key: Id) -> Id => { format!("Key({}).to_node_id()", hex(key)) };

        /// Makes the bucket new.
        fn bucket(k: u8) => "let mut bucket = KBucket::new({k});";
        /// Adds to it.
        fn bucket_add(id: Id, version: u8) => { format!("bucket.add(/* {} at {} */);", hex(id), address(*version)) };
        /// Its contacts, sorted.
        fn bucket_nodes() -> Vec<Contact> => "bucket.nodes() /* sorted */";
        /// Whether it is full.
        fn bucket_full() -> bool => "bucket.is_full()";

        /// Makes the table new.
        fn table(local: Id, k: u8) => { format!("let mut table = RoutingTable::new({}, {k});", hex(local)) };
        /// Adds to it.
        fn table_add(id: Id, version: u8) => { format!("table.add(/* {} at {} */);", hex(id), address(*version)) };
        /// The closest contacts, as they come.
        fn table_closest(target: Id, count: u8) -> Vec<Id> => { format!("table.closest(&{}, {count})", hex(target)) };
        /// All contacts, sorted.
        fn table_all() -> Vec<Contact> => "table.all_nodes() /* sorted */";
        /// The bucket of an identifier.
        fn table_bucket(id: Id) -> usize => { format!("table.bucket_index(&{})", hex(id)) };

        /// Makes a network of nodes that know each other as well as their buckets allow.
        fn network(size: u16) => "network of {size} nodes; each is pinged by up to 20 others of every prefix length";
        /// A node joins through another one; each comes into being when it is first named.
        fn join(n: u16, through: u16) -> Result<(), Refusal> => "n{n}.bootstrap(n{through}).await";
        /// A node is gone: it answers no more.
        fn kill(n: u16) => "n{n} dies";
        /// A message from somebody with that identifier.
        fn handle(n: u16, from: Id, message: Message) -> Option<Message> => {
            format!("n{n}.handle_message({}, {message:?})", hex(from))
        };
        /// A lookup.
        fn find(n: u16, target: Id) -> Found => { format!("n{n}.find_node({}).await", hex(target)) };
        /// Puts a value; gives the nodes that were asked to store it, sorted.
        fn put(n: u16, key: Id, value: Vec<u8>) -> Result<Vec<Id>, Refusal> => {
            format!("n{n}.put(Key{}, vec!{value:?}).await", hex(key))
        };
        /// Gets a value.
        fn get(n: u16, key: Id) -> Result<Option<Vec<u8>>, Refusal> => { format!("n{n}.get(&Key{}).await", hex(key)) };

        /// Stores and fetches data with a `Dht`.
        fn dht(data: Vec<u8>) -> (Id, Result<Vec<u8>, Refusal>) => "dht.store(&{data:?}).await, then dht.fetch(&key).await";
        /// Fetches what was never stored.
        fn dht_missing(key: Id) -> Result<Vec<u8>, Refusal> => { format!("dht.fetch(&Key{}).await", hex(key)) };
        /// The peers of a `Dht` that is alone.
        fn dht_peers() -> usize => "dht.known_peers()";
    }
}
