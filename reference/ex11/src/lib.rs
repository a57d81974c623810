//! EX11 CapAnalyzer: what replicas may answer when the network is split, and what a client may then rely on.
//!
//! - [`model`]: the vocabulary of CAP, PACELC and consistency levels
//! - [`quorum`]: read and write quorums
//! - [`simulator`]: replicas under partitions
//! - [`session`]: what one client is guaranteed

pub mod model;
pub mod quorum;
pub mod session;
pub mod simulator;

pub use model::{CapClassification, CapError, CapProperty, ConsistencyLevel, PacelcBehavior};
pub use quorum::QuorumConfig;
pub use session::{ClientSession, SessionGuarantees};
pub use simulator::{CapSimulator, ConsistencyCheck, ReadResult, WriteResult};
