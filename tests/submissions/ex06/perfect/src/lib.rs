//! File de messages : une file d'attente par groupe et par partition, remplie à la publication.
//!
//! Les partitions gardent les messages ; les files des groupes ne gardent que leurs offsets et l'état de chacun : jamais
//! livré, prêt à l'être de nouveau, ou détenu par un consumer jusqu'à une échéance.

mod broker;
mod consumers;
mod group;
mod queue;
mod storage;
mod types;

pub use broker::MessageBroker;
pub use types::*;
