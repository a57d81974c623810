//! Data under their own hash.

use crate::{DhtError, KademliaNode, Key, NodeAddr, NodeId};

/// A node for those who only want to store and fetch.
pub struct Dht {
    node: KademliaNode,
}

impl Dht {
    /// A table with one node, at this address and with a random identifier.
    ///
    /// # Errors
    /// None as it is: nothing is opened.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let dht = ex14::Dht::new("/ip4/127.0.0.1/tcp/4001").await.expect("it is alone");
    /// assert_eq!(dht.known_peers(), 0);
    /// # }
    /// ```
    pub async fn new(listen_addr: &str) -> Result<Self, DhtError> {
        let local = NodeAddr {
            id: NodeId::random(),
            addresses: vec![listen_addr.to_owned()],
        };
        let node = KademliaNode::build(local, None);
        Ok(Self { node })
    }

    /// Stores data under their SHA-256.
    ///
    /// # Errors
    /// As [`KademliaNode::put`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut dht = ex14::Dht::new("/ip4/127.0.0.1/tcp/4001").await.expect("it is alone");
    /// assert!(dht.store(b"data").await.is_ok());
    /// # }
    /// ```
    pub async fn store(&mut self, data: &[u8]) -> Result<Key, DhtError> {
        let key = Key::from_bytes(data);
        self.node.put(key, data.to_vec()).await?;
        Ok(key)
    }

    /// Fetches data by their key.
    ///
    /// # Errors
    /// [`DhtError::NotFound`] if nobody has them.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let dht = ex14::Dht::new("/ip4/127.0.0.1/tcp/4001").await.expect("it is alone");
    /// assert!(dht.fetch(&ex14::Key([0; 32])).await.is_err());
    /// # }
    /// ```
    pub async fn fetch(&self, key: &Key) -> Result<Vec<u8>, DhtError> {
        self.node.get(key).await?.ok_or(DhtError::NotFound)
    }

    /// How many nodes are known.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let dht = ex14::Dht::new("/ip4/127.0.0.1/tcp/4001").await.expect("it is alone");
    /// assert_eq!(dht.known_peers(), 0);
    /// # }
    /// ```
    pub fn known_peers(&self) -> usize {
        self.node.contacts()
    }
}
