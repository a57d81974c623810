//! Paxos : les rôles, sans la phase 2a ; les moteurs restent à faire.

mod roles;
mod types;

pub use roles::{Acceptor, Learner, Proposer};
pub use types::{Phase1Message, Phase2Message, ProposalNumber, Value};
