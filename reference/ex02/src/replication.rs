//! Log replication: the leader's log is copied, and what a majority holds is committed (sections 5.3 and 5.4.2).

use crate::node::Progress;
use crate::{AppendEntriesRequest, AppendEntriesResponse, LogIndex, NodeId, RaftCore, RaftOutput, RaftState};

impl<C: Clone + PartialEq> RaftCore<C> {
    /// The heartbeat timer fired: a leader tells every other node that it leads, with what that node still lacks.
    pub fn on_heartbeat_timeout(&mut self) -> Vec<RaftOutput<C>> {
        if self.state != RaftState::Leader {
            return Vec::new();
        }
        // Alone in its cluster a leader gets no answer in which to commit.
        let mut outputs: Vec<_> = self.commit_what_a_majority_holds().into_iter().collect();
        outputs.extend(
            self.progress
                .iter()
                .map(|(peer, progress)| self.append_to(*peer, *progress)),
        );
        outputs.push(RaftOutput::ScheduleHeartbeat(self.config.heartbeat()));
        outputs
    }

    /// A leader sends entries, or none. They are taken if the log has the entry before them (section 5.3).
    pub fn handle_append_entries(
        &mut self,
        request: AppendEntriesRequest<C>,
    ) -> (AppendEntriesResponse, Vec<RaftOutput<C>>) {
        let mut response = AppendEntriesResponse {
            term: self.term.max(request.term),
            success: false,
            conflict_index: None,
            conflict_term: None,
        };
        if request.term < self.term {
            return (response, Vec::new());
        }
        self.observe_term(request.term);
        debug_assert!(self.state != RaftState::Leader, "there is one leader a term");
        self.follow();
        self.leader = Some(request.leader_id);
        let mut outputs = vec![self.schedule_election(self.term)];

        if let Err(conflict) = self.log.check(request.prev_log_index, request.prev_log_term) {
            response.conflict_index = Some(conflict.index);
            response.conflict_term = conflict.term;
            return (response, outputs);
        }
        response.success = true;
        // What follows the last new entry was not compared with the leader's log, and may be wrong.
        let verified = request.prev_log_index + request.entries.len() as LogIndex;
        self.log.merge(request.prev_log_index, request.entries);
        outputs.extend(self.commit(request.leader_commit.min(verified)));
        (response, outputs)
    }

    /// A node answers this leader.
    ///
    /// A success counts for the whole log, since every append carries all up to its end; see the crate's contract. After
    /// a mismatch the next append begins earlier and is sent at once.
    pub fn handle_append_entries_response(
        &mut self,
        from: NodeId,
        response: AppendEntriesResponse,
    ) -> Vec<RaftOutput<C>> {
        let outputs = self.observe_term(response.term);
        if self.state != RaftState::Leader || response.term < self.term {
            return outputs;
        }
        let last = self.log.last_index();
        let Some(progress) = self.progress.get(&from).copied() else {
            return outputs;
        };
        if response.success {
            let whole = Progress {
                next: last + 1,
                matched: last,
            };
            self.progress.insert(from, whole);
            self.commit_what_a_majority_holds().into_iter().collect()
        } else {
            let next = self.retreat(progress.next, &response);
            let earlier = Progress { next, ..progress };
            self.progress.insert(from, earlier);
            vec![self.append_to(from, earlier)]
        }
    }

    /// Where to begin after a mismatch (section 5.3, end): after the last entry of the conflicting term, if this log has
    /// that term, else where the follower says. At least one step back, whatever the hint.
    fn retreat(&self, next: LogIndex, response: &AppendEntriesResponse) -> LogIndex {
        let shared = response.conflict_term.and_then(|term| self.log.last_of_term(term));
        let hint = shared.map(|last| last + 1).or(response.conflict_index);
        let back = next.saturating_sub(1);
        hint.unwrap_or(back).min(back).max(1)
    }

    /// All that a node may lack, or nothing but news of the commit index.
    fn append_to(&self, target: NodeId, progress: Progress) -> RaftOutput<C> {
        let prev_log_index = progress.next - 1;
        let request = AppendEntriesRequest {
            term: self.term,
            leader_id: self.config.node_id,
            prev_log_index,
            prev_log_term: self.log.term_at(prev_log_index).unwrap_or_default(),
            entries: self.log.after(prev_log_index).to_vec(),
            leader_commit: self.commit_index,
        };
        RaftOutput::SendAppendEntries { target, request }
    }

    /// Commits what a majority holds, if it ends in an entry of this term. Entries of older terms are only committed
    /// together with one: a majority alone does not keep them from being overwritten (section 5.4.2, figure 8).
    fn commit_what_a_majority_holds(&mut self) -> Option<RaftOutput<C>> {
        let mut held: Vec<LogIndex> = self.progress.values().map(|progress| progress.matched).collect();
        held.push(self.log.last_index());
        held.sort_unstable_by(|left, right| right.cmp(left));
        let index = held[self.config.majority() - 1];
        if self.log.term_at(index) == Some(self.term) {
            self.commit(index)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LogEntry, RaftConfig, RequestVoteRequest, RequestVoteResponse, Term};

    fn node(node_id: NodeId) -> RaftCore<u32> {
        RaftCore::new(RaftConfig {
            node_id,
            cluster: vec![1, 2, 3],
            election_timeout_min: 150,
            election_timeout_max: 300,
            heartbeat_interval: 50,
        })
    }

    /// An append whose entries have these terms; each command is its term.
    fn append(
        term: Term,
        (prev_log_index, prev_log_term): (LogIndex, Term),
        terms: &[Term],
        leader_commit: LogIndex,
    ) -> AppendEntriesRequest<u32> {
        let entry = |(index, term): (LogIndex, &Term)| LogEntry {
            term: *term,
            index,
            command: *term as u32,
        };
        AppendEntriesRequest {
            term,
            leader_id: 2,
            prev_log_index,
            prev_log_term,
            entries: (prev_log_index + 1..).zip(terms).map(entry).collect(),
            leader_commit,
        }
    }

    fn answer(term: Term, success: bool) -> AppendEntriesResponse {
        AppendEntriesResponse {
            term,
            success,
            conflict_index: None,
            conflict_term: None,
        }
    }

    /// A node that leads after an append of these terms.
    fn leader(terms: &[Term]) -> RaftCore<u32> {
        let mut node = node(1);
        let last = terms.last().copied().unwrap_or_default();
        node.handle_append_entries(append(last, (0, 0), terms, 0));
        node.on_election_timeout();
        let term = node.current_term();
        let vote = RequestVoteResponse {
            term,
            vote_granted: true,
        };
        node.handle_request_vote_response(2, vote);
        node
    }

    fn terms(node: &RaftCore<u32>) -> Vec<Term> {
        node.log().iter().map(|entry| entry.term).collect()
    }

    fn begins(outputs: &[RaftOutput<u32>]) -> Vec<LogIndex> {
        let prev = |output: &RaftOutput<u32>| match output {
            RaftOutput::SendAppendEntries { request, .. } => Some(request.prev_log_index),
            _ => None,
        };
        outputs.iter().filter_map(prev).collect()
    }

    #[test]
    fn an_old_append_is_refused_and_a_late_one_takes_nothing_back() {
        let mut node = node(1);
        assert!(node.handle_append_entries(append(2, (0, 0), &[1, 2, 2], 0)).0.success);
        assert!(node.handle_append_entries(append(2, (0, 0), &[1], 0)).0.success);
        let refused = node.handle_append_entries(append(1, (0, 0), &[1], 0)).0;
        assert_eq!((refused.success, refused.term), (false, 2));
        assert_eq!(terms(&node), [1, 2, 2]);
    }

    #[test]
    fn a_tail_that_was_not_compared_is_not_committed() {
        let mut node = node(1);
        node.handle_append_entries(append(1, (0, 0), &[1, 1, 1], 0));
        node.handle_append_entries(append(2, (1, 1), &[], 3));
        assert_eq!(node.commit_index(), 1);
    }

    #[test]
    fn an_entry_of_an_older_term_waits_for_one_of_this_term() {
        let mut node = leader(&[1, 1]);
        assert!(node.handle_append_entries_response(2, answer(2, true)).is_empty());
        assert_eq!(node.commit_index(), 0);
        node.propose(7);
        let outputs = node.handle_append_entries_response(2, answer(2, true));
        assert!(matches!(&outputs[..], [RaftOutput::ApplyCommands(entries)] if entries.len() == 3));
    }

    #[test]
    fn hints_skip_a_term_at_a_time() {
        let mut node = leader(&[1, 1, 4, 4, 5, 5, 6, 6, 6]);
        let mut failed = |conflict_index, conflict_term| {
            let response = AppendEntriesResponse {
                conflict_index,
                conflict_term,
                ..answer(7, false)
            };
            begins(&node.handle_append_entries_response(2, response))
        };
        assert_eq!(
            failed(Some(7), Some(5)),
            [6],
            "after the last entry of a term that both have"
        );
        assert_eq!(failed(Some(4), Some(3)), [3], "where a term begins that this log lacks");
        assert_eq!(failed(None, None), [2], "one step without a hint");
        assert_eq!(failed(Some(9), None), [1], "a hint that leads forward is not followed");
        assert_eq!(failed(Some(0), None), [0]);
        assert_eq!(failed(None, None), [0], "there is nothing before the beginning");
    }

    #[test]
    fn answers_of_an_older_term_mean_nothing() {
        let mut node = leader(&[1]);
        node.propose(7);
        assert!(node.handle_append_entries_response(2, answer(1, true)).is_empty());
        assert_eq!(node.commit_index(), 0);
    }

    #[test]
    fn a_heartbeat_of_one_who_does_not_lead_says_nothing() {
        let mut node = leader(&[1]);
        let request = RequestVoteRequest {
            term: 9,
            candidate_id: 3,
            last_log_index: 0,
            last_log_term: 0,
        };
        let (response, outputs) = node.handle_request_vote(request);
        assert!(!response.vote_granted);
        assert!(matches!(&outputs[..], [RaftOutput::ScheduleElectionTimeout(_)]));
        assert!(node.on_heartbeat_timeout().is_empty());
    }
}
