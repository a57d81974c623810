//! EX14 : table de hachage distribuée Kademlia.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne de [`KBucket`], [`RoutingTable`], [`KademliaNode`] et
//! [`Dht`]. Les noms et les types de cette interface ne changent pas ; les exigences R1 à R13 sont dans l'énoncé.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

/// Identifiant de nœud, 256 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeId(pub [u8; 32]);
impl NodeId {
    /// Un identifiant aléatoire.
    pub fn random() -> Self {
        todo!()
    }
    /// L'identifiant d'une clé publique.
    pub fn from_public_key(key: &[u8]) -> Self {
        todo!()
    }
    /// La distance XOR.
    pub fn xor_distance(&self, other: &NodeId) -> NodeId {
        todo!()
    }
    /// Le bit à cette position, depuis le poids le plus fort.
    pub fn bit_at(&self, pos: usize) -> bool {
        todo!()
    }
    /// Le nombre de bits de tête communs.
    pub fn common_prefix_length(&self, other: &NodeId) -> usize {
        todo!()
    }
}

/// Clé d'une valeur : SHA-256 d'octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(pub [u8; 32]);
impl Key {
    /// La clé de ces octets.
    pub fn from_bytes(data: &[u8]) -> Self {
        todo!()
    }
    /// Le point de mêmes octets.
    pub fn to_node_id(&self) -> NodeId {
        todo!()
    }
}

/// Un nœud et où le joindre.
#[derive(Debug, Clone)]
pub struct NodeAddr {
    /// Qui.
    pub id: NodeId,
    /// Où, par exemple `/ip4/127.0.0.1/tcp/4001`.
    pub addresses: Vec<String>,
}

/// Au plus `k` contacts d'une même longueur de préfixe.
#[derive(Debug)]
pub struct KBucket {}
impl KBucket {
    /// Construit l'objet, vide.
    pub fn new(k: usize) -> Self {
        todo!()
    }
    /// Note qu'un nœud a été vu.
    pub fn add(&mut self, node: NodeAddr) {
        todo!()
    }
    /// Les contacts.
    pub fn nodes(&self) -> &[NodeAddr] {
        todo!()
    }
    /// Si le seau tient `k` contacts.
    pub fn is_full(&self) -> bool {
        todo!()
    }
}

/// Les contacts d'un nœud, par longueur de préfixe.
pub struct RoutingTable {}
impl RoutingTable {
    /// Construit l'objet, vide.
    pub fn new(local_id: NodeId, k: usize) -> Self {
        todo!()
    }
    /// Le seau d'un identifiant.
    pub fn bucket_index(&self, id: &NodeId) -> usize {
        todo!()
    }
    /// Note qu'un nœud a été vu.
    pub fn add(&mut self, node: NodeAddr) {
        todo!()
    }
    /// Les `count` contacts les plus proches, triés.
    pub fn closest(&self, target: &NodeId, count: usize) -> Vec<NodeAddr> {
        todo!()
    }
    /// Tous les contacts.
    pub fn all_nodes(&self) -> Vec<NodeAddr> {
        todo!()
    }
}

/// Requêtes et réponses.
#[derive(Debug, Clone)]
pub enum KademliaMessage {
    /// Es-tu là ?
    Ping,
    /// Oui.
    Pong,
    /// Qui est proche ?
    FindNode {
        /// La cible.
        target: NodeId,
    },
    /// Les plus proches que je connaisse.
    NodesFound {
        /// Les contacts.
        nodes: Vec<NodeAddr>,
    },
    /// Garde ceci.
    Store {
        /// La clé.
        key: Key,
        /// La valeur.
        value: Vec<u8>,
    },
    /// C'est fait.
    StoreAck,
    /// Qui a cette valeur ?
    FindValue {
        /// La clé.
        key: Key,
    },
    /// La voici.
    ValueFound {
        /// La valeur.
        value: Vec<u8>,
    },
    /// Pas moi.
    ValueNotFound {
        /// Les contacts plus proches.
        closer_nodes: Vec<NodeAddr>,
    },
}

/// La réponse à une requête, quand elle sera là.
pub type Reply = Pin<Box<dyn Future<Output = Result<KademliaMessage, DhtError>> + Send>>;
/// Porte les requêtes aux autres nœuds ; chaque appel finit.
pub trait Transport: Send + Sync {
    /// Envoie une requête et rend la réponse du destinataire.
    fn call(&self, from: NodeAddr, to: NodeAddr, message: KademliaMessage) -> Reply;
}

/// Un nœud du réseau.
pub struct KademliaNode {
    /// Les valeurs gardées ici.
    pub storage: HashMap<Key, Vec<u8>>,
}
impl KademliaNode {
    /// Construit l'objet, vide.
    pub fn new(id: NodeId) -> Self {
        todo!()
    }
    /// Un nœud relié aux autres (ajout au texte du cours).
    pub fn with_transport(local: NodeAddr, transport: Arc<dyn Transport>) -> Self {
        todo!()
    }
    /// Rejoint le réseau d'un nœud connu.
    pub async fn bootstrap(&mut self, bootstrap: NodeAddr) -> Result<(), DhtError> {
        todo!()
    }
    /// Les 20 nœuds vivants les plus proches, triés.
    pub async fn find_node(&self, target: NodeId) -> Vec<NodeAddr> {
        todo!()
    }
    /// Range une valeur sur les 20 nœuds les plus proches.
    pub async fn put(&mut self, key: Key, value: Vec<u8>) -> Result<(), DhtError> {
        todo!()
    }
    /// La valeur d'une clé, où qu'elle soit.
    pub async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, DhtError> {
        todo!()
    }
    /// Répond à un message.
    pub fn handle_message(&mut self, from: NodeAddr, msg: KademliaMessage) -> Option<KademliaMessage> {
        todo!()
    }
}

/// Des données rangées sous leur empreinte.
pub struct Dht {}
impl Dht {
    /// Construit l'objet, vide.
    pub async fn new(listen_addr: &str) -> Result<Self, DhtError> {
        todo!()
    }
    /// Range des données.
    pub async fn store(&mut self, data: &[u8]) -> Result<Key, DhtError> {
        todo!()
    }
    /// Rend des données, ou `NotFound`.
    pub async fn fetch(&self, key: &Key) -> Result<Vec<u8>, DhtError> {
        todo!()
    }
    /// Le nombre de contacts.
    pub fn known_peers(&self) -> usize {
        todo!()
    }
}

/// Ce qui peut échouer.
#[derive(Debug, thiserror::Error)]
pub enum DhtError {
    /// Clé introuvable.
    #[error("Key not found")]
    NotFound,
    /// Nœud injoignable.
    #[error("Network error: {0}")]
    Network(String),
    /// Le nœud d'amorçage ne répond pas.
    #[error("Bootstrap failed")]
    BootstrapFailed,
}
