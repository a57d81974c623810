//! Les types de l'interface.

use std::collections::HashMap;
use std::time::Instant;

/// Nom d'un topic.
pub type TopicId = String;

/// Numéro d'une partition dans son topic, à partir de 0.
pub type PartitionId = u32;

/// Nom d'un groupe de consumers.
pub type ConsumerGroupId = String;

/// Nom d'un consumer dans son groupe.
pub type ConsumerId = String;

/// Numéro d'un message dans sa partition, à partir de 0.
pub type Offset = u64;

/// Identifiant d'un message, choisi par qui le publie.
pub type MessageId = String;

/// Configuration du broker.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// Nombre de partitions d'un topic qui en demande 0.
    pub default_partitions: u32,
    /// Durée de conservation des messages, en millisecondes.
    pub retention_ms: u64,
    /// Taille maximale d'un message, en octets.
    pub max_message_size: usize,
    /// Délai d'acquittement, en millisecondes.
    pub ack_timeout_ms: u64,
    /// Nombre maximal de messages non acquittés par consumer.
    pub max_unacked_messages: usize,
}

impl Default for BrokerConfig {
    fn default() -> Self {
        Self {
            default_partitions: 4,
            retention_ms: 86_400_000,
            max_message_size: 1_048_576,
            ack_timeout_ms: 30_000,
            max_unacked_messages: 1000,
        }
    }
}

/// Garantie de livraison (R7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliverySemantics {
    /// Un message peut être perdu, jamais répété.
    AtMostOnce,
    /// Un message peut être répété, jamais perdu.
    AtLeastOnce,
    /// Comme `AtLeastOnce`, avec un consumer qui reconnaît les répétitions.
    ExactlyOnce,
}

/// Un message, tel qu'il est publié.
#[derive(Debug, Clone)]
pub struct Message {
    /// Son identifiant.
    pub id: MessageId,
    /// La clé qui désigne sa partition (R2).
    pub key: Option<Vec<u8>>,
    /// Son contenu.
    pub payload: Vec<u8>,
    /// Ses en-têtes.
    pub headers: HashMap<String, String>,
    /// Le moment de sa création.
    pub timestamp: Instant,
}

/// Un message, tel qu'il est livré.
#[derive(Debug, Clone)]
pub struct ConsumedMessage {
    /// Le message.
    pub message: Message,
    /// Son topic.
    pub topic: TopicId,
    /// Sa partition.
    pub partition: PartitionId,
    /// Sa place dans la partition.
    pub offset: Offset,
}

/// Configuration d'un topic.
#[derive(Debug, Clone)]
pub struct TopicConfig {
    /// Son nom.
    pub name: TopicId,
    /// Son nombre de partitions ; 0 : celui du broker (R1).
    pub partitions: u32,
    /// Sa durée de conservation, si elle n'est pas celle du broker (R13).
    pub retention_ms: Option<u64>,
    /// Sa taille maximale de message, si elle n'est pas celle du broker (R3).
    pub max_message_size: Option<usize>,
}

/// La place d'un message publié.
#[derive(Debug, Clone)]
pub struct PublishResult {
    /// Son topic.
    pub topic: TopicId,
    /// Sa partition.
    pub partition: PartitionId,
    /// Sa place dans la partition.
    pub offset: Offset,
    /// L'identifiant du message.
    pub message_id: MessageId,
}

/// Ce que le broker contient (R14).
#[derive(Debug, Clone)]
pub struct BrokerStats {
    /// Les messages conservés.
    pub total_messages: u64,
    /// Les topics.
    pub total_topics: usize,
    /// Les partitions de tous les topics.
    pub total_partitions: usize,
    /// Les groupes.
    pub total_consumer_groups: usize,
    /// Les messages conservés de chaque topic.
    pub messages_per_topic: HashMap<TopicId, u64>,
}

/// Pourquoi le broker refuse.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// Aucun topic n'a ce nom.
    #[error("Topic not found: {0}")]
    TopicNotFound(TopicId),
    /// Un topic a déjà ce nom.
    #[error("Topic already exists: {0}")]
    TopicAlreadyExists(TopicId),
    /// Le topic n'a pas cette partition.
    #[error("Partition not found: {0}:{1}")]
    PartitionNotFound(TopicId, PartitionId),
    /// Personne n'a rejoint un groupe de ce nom.
    #[error("Consumer group not found: {0}")]
    GroupNotFound(ConsumerGroupId),
    /// Le consumer n'est pas membre du groupe.
    #[error("Consumer not registered: {0}")]
    ConsumerNotRegistered(ConsumerId),
    /// Le contenu est trop long.
    #[error("Message too large: {size} > {max}")]
    MessageTooLarge {
        /// Sa taille.
        size: usize,
        /// La limite.
        max: usize,
    },
    /// La partition n'a pas cette place.
    #[error("Invalid offset: {requested}, valid range: [{min}, {max}]")]
    InvalidOffset {
        /// L'offset demandé.
        requested: Offset,
        /// Le premier offset conservé.
        min: Offset,
        /// La fin de la partition.
        max: Offset,
    },
    /// Le consumer doit d'abord acquitter (R10).
    #[error("Too many unacked messages")]
    TooManyUnacked,
}
