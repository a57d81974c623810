//! Paxos et Multi-Paxos.

mod engines;
mod roles;
mod types;

pub use engines::{MultiPaxos, PaxosInstance};
pub use roles::{Acceptor, Learner, Proposer};
pub use types::{ConsensusResult, Phase1Message, Phase2Message, ProposalNumber, Value};
