//! EX06 : file de messages.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne de [`MessageBroker`]. Les noms et les types de cette
//! interface ne changent pas ; les exigences R1 à R15 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs
//! modules, à condition de tout réexporter ici.

use std::collections::HashMap;
use std::time::{Duration, Instant};

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
        todo!()
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

/// Le broker.
#[derive(Debug)]
pub struct MessageBroker {
    // À vous de choisir.
}

impl MessageBroker {
    /// Crée un broker sans topic.
    pub fn new(_config: BrokerConfig) -> Self {
        todo!()
    }

    /// Crée un topic (R1).
    pub fn create_topic(&mut self, _config: TopicConfig) -> Result<(), BrokerError> {
        todo!()
    }

    /// Supprime un topic et ses messages (R1).
    pub fn delete_topic(&mut self, _topic: &TopicId) -> Result<(), BrokerError> {
        todo!()
    }

    /// Les noms de tous les topics.
    pub fn list_topics(&self) -> Vec<TopicId> {
        todo!()
    }

    /// La configuration d'un topic, s'il existe.
    pub fn get_topic_config(&self, _topic: &TopicId) -> Option<TopicConfig> {
        todo!()
    }

    /// Publie un message dans la partition que sa clé désigne (R2, R3).
    pub fn publish(&mut self, _topic: &TopicId, _message: Message) -> Result<PublishResult, BrokerError> {
        todo!()
    }

    /// Publie des messages dans l'ordre (R2, R3).
    pub fn publish_batch(
        &mut self,
        _topic: &TopicId,
        _messages: Vec<Message>,
    ) -> Result<Vec<PublishResult>, BrokerError> {
        todo!()
    }

    /// Crée ou rejoint un groupe (R5, R6).
    pub fn join_group(
        &mut self,
        _group_id: ConsumerGroupId,
        _consumer_id: ConsumerId,
        _topics: Vec<TopicId>,
        _semantics: DeliverySemantics,
    ) -> Result<(), BrokerError> {
        todo!()
    }

    /// Quitte un groupe (R6, R8).
    pub fn leave_group(&mut self, _group_id: &ConsumerGroupId, _consumer_id: &ConsumerId) -> Result<(), BrokerError> {
        todo!()
    }

    /// Répartit de nouveau les partitions d'un groupe (R6).
    pub fn rebalance_group(&mut self, _group_id: &ConsumerGroupId) -> Result<(), BrokerError> {
        todo!()
    }

    /// Livre des messages à un consumer (R4, R10).
    pub fn poll(
        &mut self,
        _group_id: &ConsumerGroupId,
        _consumer_id: &ConsumerId,
        _max_messages: usize,
        _timeout: Duration,
    ) -> Result<Vec<ConsumedMessage>, BrokerError> {
        todo!()
    }

    /// Acquitte des messages, et tous ceux qui les précèdent (R8).
    pub fn acknowledge(
        &mut self,
        _group_id: &ConsumerGroupId,
        _consumer_id: &ConsumerId,
        _offsets: HashMap<(TopicId, PartitionId), Offset>,
    ) -> Result<(), BrokerError> {
        todo!()
    }

    /// Refuse des messages (R8, R11).
    pub fn nack(
        &mut self,
        _group_id: &ConsumerGroupId,
        _consumer_id: &ConsumerId,
        _offsets: HashMap<(TopicId, PartitionId), Offset>,
    ) -> Result<(), BrokerError> {
        todo!()
    }

    /// Commite des offsets (R9).
    pub fn commit_offsets(
        &mut self,
        _group_id: &ConsumerGroupId,
        _consumer_id: &ConsumerId,
        _offsets: HashMap<(TopicId, PartitionId), Offset>,
    ) -> Result<(), BrokerError> {
        todo!()
    }

    /// Les offsets commités d'un groupe (R9).
    pub fn get_committed_offsets(&self, _group_id: &ConsumerGroupId) -> HashMap<(TopicId, PartitionId), Offset> {
        todo!()
    }

    /// Reprend la lecture à un offset (R12).
    pub fn seek(
        &mut self,
        _group_id: &ConsumerGroupId,
        _consumer_id: &ConsumerId,
        _topic: &TopicId,
        _partition: PartitionId,
        _offset: Offset,
    ) -> Result<(), BrokerError> {
        todo!()
    }

    /// Reprend la lecture au premier message conservé (R12).
    pub fn seek_to_beginning(
        &mut self,
        _group_id: &ConsumerGroupId,
        _consumer_id: &ConsumerId,
        _topic: &TopicId,
        _partition: PartitionId,
    ) -> Result<(), BrokerError> {
        todo!()
    }

    /// Reprend la lecture à ce qui sera publié ensuite (R12).
    pub fn seek_to_end(
        &mut self,
        _group_id: &ConsumerGroupId,
        _consumer_id: &ConsumerId,
        _topic: &TopicId,
        _partition: PartitionId,
    ) -> Result<(), BrokerError> {
        todo!()
    }

    /// Supprime les messages expirés et rend leur nombre (R13).
    pub fn cleanup_expired(&mut self) -> usize {
        todo!()
    }

    /// Compte ce que le broker contient (R14).
    pub fn stats(&self) -> BrokerStats {
        todo!()
    }
}
