//! The replicated log: entries by index, and how a follower makes its own agree with the leader's.

use crate::{LogIndex, Term};

/// One command in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry<C: Clone> {
    /// The term of the leader that appended it. Terms never decrease along a log.
    pub term: Term,
    /// Its position, from 1.
    pub index: LogIndex,
    /// What to apply.
    pub command: C,
}

/// Where a log and an append disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Conflict {
    /// From where the leader should send.
    pub index: LogIndex,
    /// The term that stands in the way, unless the log is just too short.
    pub term: Option<Term>,
}

/// The entries of a node, without gaps.
#[derive(Debug, Clone)]
pub(crate) struct Log<C: Clone> {
    entries: Vec<LogEntry<C>>,
}

impl<C: Clone> Log<C> {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// All entries.
    pub(crate) fn entries(&self) -> &[LogEntry<C>] {
        &self.entries
    }

    /// The entries after an index.
    pub(crate) fn after(&self, index: LogIndex) -> &[LogEntry<C>] {
        &self.entries[self.entries.len().min(index as usize)..]
    }

    /// The entries after an index up to another, which exists.
    pub(crate) fn between(&self, after: LogIndex, last: LogIndex) -> &[LogEntry<C>] {
        &self.entries[after as usize..last as usize]
    }

    pub(crate) fn last_index(&self) -> LogIndex {
        self.entries.len() as LogIndex
    }

    /// The term of the last entry, 0 if there is none.
    pub(crate) fn last_term(&self) -> Term {
        self.entries.last().map_or(0, |entry| entry.term)
    }

    /// The term at an index, where index 0 has term 0.
    pub(crate) fn term_at(&self, index: LogIndex) -> Option<Term> {
        match index.checked_sub(1) {
            None => Some(0),
            Some(offset) => self.entries.get(offset as usize).map(|entry| entry.term),
        }
    }

    /// Appends a command of a leader.
    pub(crate) fn push(&mut self, term: Term, command: C) -> LogIndex {
        debug_assert!(self.last_term() <= term, "terms never decrease along a log");
        let index = self.last_index() + 1;
        self.entries.push(LogEntry { term, index, command });
        index
    }

    /// The consistency check of an append: the log must have an entry of that term at that index (section 5.3).
    pub(crate) fn check(&self, index: LogIndex, term: Term) -> Result<(), Conflict> {
        match self.term_at(index) {
            Some(found) if found == term => Ok(()),
            Some(found) => Err(Conflict {
                index: self.first_of_term(found),
                term: Some(found),
            }),
            None => Err(Conflict {
                index: self.last_index() + 1,
                term: None,
            }),
        }
    }

    /// Puts entries after an index at which the logs agree. What is there already stays: only an entry of another term
    /// removes itself and all that follow, so that an append that arrives late takes nothing back (figure 2).
    pub(crate) fn merge(&mut self, after: LogIndex, entries: Vec<LogEntry<C>>) {
        for (index, entry) in (after + 1..).zip(entries) {
            match self.term_at(index) {
                Some(term) if term == entry.term => continue,
                Some(_) => self.entries.truncate(index as usize - 1),
                None => {}
            }
            self.entries.push(LogEntry { index, ..entry });
        }
    }

    /// The first index of a term that is in the log.
    pub(crate) fn first_of_term(&self, term: Term) -> LogIndex {
        self.entries.partition_point(|entry| entry.term < term) as LogIndex + 1
    }

    /// The last index of a term, if it is in the log.
    pub(crate) fn last_of_term(&self, term: Term) -> Option<LogIndex> {
        let last = self.entries.partition_point(|entry| entry.term <= term) as LogIndex;
        (self.term_at(last) == Some(term) && last > 0).then_some(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The log with these terms; each command is its index.
    fn log(terms: &[Term]) -> Log<u64> {
        let mut log = Log::new();
        for (index, term) in (1..).zip(terms) {
            log.push(*term, index);
        }
        log
    }

    fn terms(log: &Log<u64>) -> Vec<Term> {
        log.entries().iter().map(|entry| entry.term).collect()
    }

    /// What a leader with these terms sends after an index.
    fn sent(terms: &[Term], after: LogIndex) -> Vec<LogEntry<u64>> {
        log(terms).after(after).to_vec()
    }

    #[test]
    fn merging_what_is_there_changes_nothing() {
        let mut log = log(&[1, 1, 2]);
        log.merge(0, sent(&[1, 1], 0));
        log.merge(2, Vec::new());
        assert_eq!(terms(&log), [1, 1, 2]);
    }

    #[test]
    fn a_conflict_removes_itself_and_all_that_follow() {
        let mut log = log(&[1, 1, 2, 2, 2]);
        log.merge(1, sent(&[1, 1, 3], 1));
        assert_eq!(terms(&log), [1, 1, 3]);
        assert_eq!(log.entries()[2].index, 3);
    }

    #[test]
    fn the_check_compares_terms_at_the_index() {
        let log = log(&[1, 1, 4, 4]);
        assert_eq!(log.check(0, 0), Ok(()));
        assert_eq!(log.check(4, 4), Ok(()));
        let too_short = Conflict { index: 5, term: None };
        assert_eq!(log.check(9, 5), Err(too_short));
        let other_term = Conflict {
            index: 3,
            term: Some(4),
        };
        assert_eq!(log.check(4, 5), Err(other_term));
    }

    #[test]
    fn terms_are_found_by_their_ends() {
        let log = log(&[1, 1, 4, 4, 6]);
        assert_eq!((log.first_of_term(4), log.last_of_term(4)), (3, Some(4)));
        assert_eq!((log.first_of_term(1), log.last_of_term(6)), (1, Some(5)));
        assert_eq!((log.last_of_term(0), log.last_of_term(5)), (None, None));
    }
}
