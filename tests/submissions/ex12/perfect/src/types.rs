//! Numéros, valeurs et messages.

use std::cmp::Ordering;

/// Numéro de proposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProposalNumber {
    /// Tour.
    pub round: u64,
    /// Proposeur.
    pub proposer_id: u64,
}

impl Ord for ProposalNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        self.round
            .cmp(&other.round)
            .then(self.proposer_id.cmp(&other.proposer_id))
    }
}

impl PartialOrd for ProposalNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Valeur.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Value(pub Vec<u8>);

/// Phase 1.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase1Message {
    /// Annonce.
    Prepare {
        /// Numéro.
        proposal: ProposalNumber,
    },
    /// Promesse.
    Promise {
        /// Numéro.
        proposal: ProposalNumber,
        /// Dernière acceptation.
        accepted: Option<(ProposalNumber, Value)>,
    },
    /// Refus.
    Nack {
        /// Numéro.
        proposal: ProposalNumber,
        /// Numéro qui engage l'accepteur.
        highest_seen: ProposalNumber,
    },
}

/// Phase 2.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase2Message {
    /// Offre.
    Accept {
        /// Numéro.
        proposal: ProposalNumber,
        /// Valeur.
        value: Value,
    },
    /// Acceptée.
    Accepted {
        /// Numéro.
        proposal: ProposalNumber,
    },
    /// Rejetée.
    Rejected {
        /// Le numéro qui engage l'accepteur.
        proposal: ProposalNumber,
    },
}

/// Résultat.
#[derive(Debug, Clone, PartialEq)]
pub enum ConsensusResult {
    /// Choisie.
    Chosen(Value),
    /// Pas de majorité.
    NoQuorum,
    /// Un rival.
    Conflict(ProposalNumber),
}
