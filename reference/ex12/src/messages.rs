//! What the roles say to each other.

use crate::ProposalNumber;

/// What is agreed on: bytes that mean nothing to the algorithm.
#[derive(Debug, Clone, PartialEq)]
pub struct Value(pub Vec<u8>);

/// The messages of phase 1, in which a proposer gets ready.
#[derive(Debug, Clone)]
pub enum Phase1Message {
    /// Phase 1a: a proposer asks acceptors to take part in a proposal, and in no lower one.
    Prepare {
        /// Its number.
        proposal: ProposalNumber,
    },
    /// Phase 1b: an acceptor promises that.
    Promise {
        /// The number it was asked about.
        proposal: ProposalNumber,
        /// What it has accepted last, and under which number.
        accepted: Option<(ProposalNumber, Value)>,
    },
    /// Phase 1b: an acceptor refuses.
    Nack {
        /// The number it was asked about.
        proposal: ProposalNumber,
        /// The number it has promised, which the next attempt must exceed.
        highest_seen: ProposalNumber,
    },
}

/// The messages of phase 2, in which a value is chosen.
#[derive(Debug, Clone)]
pub enum Phase2Message {
    /// Phase 2a: a proposer offers a value.
    Accept {
        /// The number of its proposal.
        proposal: ProposalNumber,
        /// The value that goes with it.
        value: Value,
    },
    /// Phase 2b: an acceptor has accepted it.
    Accepted {
        /// The number it accepted under.
        proposal: ProposalNumber,
    },
    /// Phase 2b: an acceptor has promised a higher number.
    Rejected {
        /// The number it was offered.
        proposal: ProposalNumber,
    },
}
