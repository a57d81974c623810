//! Proposal numbers, and what a majority is.

/// The number of a proposal.
///
/// Numbers are ordered by round, and within a round by proposer: so any two differ, if they are not of one proposer, and
/// each proposer can go beyond any number it has heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProposalNumber {
    /// The attempt.
    pub round: u64,
    /// Who makes it.
    pub proposer_id: u64,
}

/// Whether so many are more than half of all: two such sets always share a member.
pub(crate) fn is_majority(count: usize, total: usize) -> bool {
    count > total / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_round_counts_first_and_then_the_proposer() {
        let number = |round, proposer_id| ProposalNumber { round, proposer_id };
        assert!(number(1, 9) < number(2, 0));
        assert!(number(2, 0) < number(2, 1));
        assert_eq!(number(2, 1), number(2, 1));
    }

    #[test]
    fn half_is_no_majority() {
        let least = |total| (0..=total).find(|count| is_majority(*count, total));
        assert_eq!(
            [1, 2, 3, 4, 5].map(least),
            [Some(1), Some(2), Some(2), Some(3), Some(3)]
        );
    }
}
