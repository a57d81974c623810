//! Between the plain data of scripts and the types of the exercise.

use ex12::{ConsensusResult, Phase1Message, Phase2Message, ProposalNumber, Value};
use ex12_protocol::{Decision, NO_WORD, Number, Reply, Vote, Word};

pub(super) fn proposal(number: Number) -> ProposalNumber {
    ProposalNumber {
        round: number.round,
        proposer_id: number.proposer,
    }
}

pub(super) fn number(proposal: ProposalNumber) -> Number {
    Number {
        round: proposal.round,
        proposer: proposal.proposer_id,
    }
}

/// The word's digits.
pub(super) fn value(word: Word) -> Value {
    Value(word.to_string().into_bytes())
}

pub(super) fn word(value: &Value) -> Word {
    let digits = std::str::from_utf8(&value.0).ok();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(NO_WORD)
}

pub(super) fn reply(message: &Phase1Message) -> Reply {
    match message {
        Phase1Message::Promise { proposal, accepted } => Reply::Promise {
            number: number(*proposal),
            accepted: accepted.as_ref().map(|(under, value)| (number(*under), word(value))),
        },
        Phase1Message::Nack { proposal, highest_seen } => Reply::Nack {
            number: number(*proposal),
            seen: number(*highest_seen),
        },
        _ => Reply::Nonsense,
    }
}

pub(super) fn vote(message: &Phase2Message) -> Vote {
    match message {
        Phase2Message::Accepted { proposal } => Vote::Accepted(number(*proposal)),
        Phase2Message::Rejected { .. } => Vote::Rejected,
        _ => Vote::Nonsense,
    }
}

pub(super) fn decision(result: ConsensusResult) -> Decision {
    match result {
        ConsensusResult::Chosen(value) => Decision::Chosen(word(&value)),
        ConsensusResult::NoQuorum => Decision::NoQuorum,
        ConsensusResult::Conflict(rival) => Decision::Conflict(number(rival)),
    }
}
