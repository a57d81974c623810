//! Automatic compaction: which revision is old enough to be forgotten.
//!
//! Not every commit's time is kept, only one mark for each interval, so the memory needed is
//! `retention / interval` marks however many commits there are.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::{RegistryConfig, Revision};

/// The age of revisions, as far as automatic compaction needs it.
#[derive(Debug)]
pub(crate) struct Retention {
    interval: Duration,
    retention: Duration,
    /// A commit for each interval, oldest first.
    marks: VecDeque<(Instant, Revision)>,
}

impl Retention {
    pub(crate) fn new(config: &RegistryConfig) -> Self {
        Self {
            interval: Duration::from_secs(config.compaction_interval_secs),
            retention: Duration::from_secs(config.revision_retention_secs),
            marks: VecDeque::new(),
        }
    }

    /// Takes note of a commit and returns the newest revision that is past its retention, if another one is.
    pub(crate) fn note(&mut self, revision: Revision, now: Instant) -> Option<Revision> {
        if self
            .marks
            .back()
            .is_none_or(|(last, _)| now.duration_since(*last) >= self.interval)
        {
            self.marks.push_back((now, revision));
        }
        let mut forgotten = None;
        while let Some((_, revision)) = self
            .marks
            .pop_front_if(|(at, _)| now.duration_since(*at) > self.retention)
        {
            forgotten = Some(revision);
        }
        forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_forgotten_once_its_retention_is_over() {
        let config = RegistryConfig {
            compaction_interval_secs: 10,
            revision_retention_secs: 60,
            ..RegistryConfig::default()
        };
        let (mut retention, start) = (Retention::new(&config), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(retention.note(1, after(0)), None);
        assert_eq!(retention.note(2, after(5)), None);
        assert_eq!(retention.note(3, after(10)), None);
        assert_eq!(retention.note(4, after(60)), None);
        assert_eq!(retention.note(5, after(61)), Some(1));
        assert_eq!(retention.note(6, after(100)), Some(3));
        assert_eq!(retention.note(7, after(101)), None);
    }
}
