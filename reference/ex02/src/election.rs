//! Leader election: who asks for votes, who gets them, who wins (sections 5.2 and 5.4.1).

use crate::node::Progress;
use crate::{LogIndex, NodeId, RaftCore, RaftOutput, RaftState, RequestVoteRequest, RequestVoteResponse, Term};

impl<C: Clone + PartialEq> RaftCore<C> {
    /// The election timer fired: this node heard of no leader, and stands for election in a new term (section 5.2).
    ///
    /// A leader has no such timer, so one that fires late means nothing to it.
    pub fn on_election_timeout(&mut self) -> Vec<RaftOutput<C>> {
        if self.state == RaftState::Leader {
            return Vec::new();
        }
        self.term += 1;
        self.follow();
        self.state = RaftState::Candidate;
        self.leader = None;
        self.voted_for = Some(self.config.node_id);
        self.votes.insert(self.config.node_id);
        if self.votes.len() >= self.config.majority() {
            return self.lead();
        }
        let request = RequestVoteRequest {
            term: self.term,
            candidate_id: self.config.node_id,
            last_log_index: self.log.last_index(),
            last_log_term: self.log.last_term(),
        };
        let ask = |target| RaftOutput::SendRequestVote {
            target,
            request: request.clone(),
        };
        let mut outputs: Vec<_> = self.config.peers().map(ask).collect();
        outputs.push(self.schedule_election(self.term));
        outputs
    }

    /// A candidate asks for this node's vote.
    ///
    /// It is granted once a term, and only to a candidate whose log is at least as up to date (section 5.4.1): else a
    /// leader could lack committed entries. The same candidate may ask again, if the answer was lost.
    pub fn handle_request_vote(&mut self, request: RequestVoteRequest) -> (RequestVoteResponse, Vec<RaftOutput<C>>) {
        let mut outputs = self.observe_term(request.term);
        let free = self.voted_for.is_none_or(|candidate| candidate == request.candidate_id);
        let vote_granted =
            request.term == self.term && free && self.is_up_to_date(request.last_log_term, request.last_log_index);
        if vote_granted {
            self.voted_for = Some(request.candidate_id);
            outputs = vec![self.schedule_election(self.term)];
        }
        let term = self.term;
        (RequestVoteResponse { term, vote_granted }, outputs)
    }

    /// A node answers this candidate. Answers of older elections, and those to who is candidate no more, mean nothing.
    pub fn handle_request_vote_response(&mut self, from: NodeId, response: RequestVoteResponse) -> Vec<RaftOutput<C>> {
        let outputs = self.observe_term(response.term);
        let counts = self.state == RaftState::Candidate
            && response.term == self.term
            && response.vote_granted
            && self.config.peers().any(|peer| peer == from);
        if !counts {
            return outputs;
        }
        self.votes.insert(from);
        if self.votes.len() >= self.config.majority() {
            self.lead()
        } else {
            outputs
        }
    }

    /// Whether a log that ends so is at least as up to date as this node's: the later last term, and with equal terms
    /// the longer log (section 5.4.1).
    fn is_up_to_date(&self, last_term: Term, last_index: LogIndex) -> bool {
        (last_term, last_index) >= (self.log.last_term(), self.log.last_index())
    }

    /// Takes the lead of the current term and says so at once, before anybody else stands for election. Nothing is known
    /// of the others, so their logs are tried from the end of this one.
    fn lead(&mut self) -> Vec<RaftOutput<C>> {
        self.state = RaftState::Leader;
        self.leader = Some(self.config.node_id);
        let unknown = Progress {
            next: self.log.last_index() + 1,
            matched: 0,
        };
        self.progress = self.config.peers().map(|peer| (peer, unknown)).collect();
        self.on_heartbeat_timeout()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LogEntry, RaftConfig};

    fn node(nodes: u64) -> RaftCore<u32> {
        RaftCore::new(RaftConfig {
            node_id: 1,
            cluster: (1..=nodes).collect(),
            election_timeout_min: 150,
            election_timeout_max: 300,
            heartbeat_interval: 50,
        })
    }

    fn asks(term: Term, candidate_id: NodeId, last_log_term: Term, last_log_index: LogIndex) -> RequestVoteRequest {
        RequestVoteRequest {
            term,
            candidate_id,
            last_log_index,
            last_log_term,
        }
    }

    fn grants(term: Term) -> RequestVoteResponse {
        RequestVoteResponse {
            term,
            vote_granted: true,
        }
    }

    #[test]
    fn a_node_votes_once_a_term_and_again_for_the_same() {
        let mut node = node(3);
        let mut ask = |term, candidate| node.handle_request_vote(asks(term, candidate, 0, 0)).0.vote_granted;
        assert!(ask(1, 2));
        assert!(ask(1, 2));
        assert!(!ask(1, 3));
        assert!(ask(2, 3));
        assert!(!ask(1, 2));
    }

    #[test]
    fn terms_are_compared_before_lengths() {
        let mut node = node(3);
        node.log.merge(0, vec![entry(1), entry(3)]);
        let mut ask = |term, last_term, last_index| {
            node.handle_request_vote(asks(term, 2, last_term, last_index))
                .0
                .vote_granted
        };
        assert!(!ask(4, 2, 9));
        assert!(!ask(5, 3, 1));
        assert!(ask(6, 3, 2));
        assert!(ask(7, 4, 1));
    }

    fn entry(term: Term) -> LogEntry<u32> {
        LogEntry {
            term,
            index: 0,
            command: 0,
        }
    }

    #[test]
    fn voters_are_counted_and_not_votes() {
        let mut node = node(5);
        node.on_election_timeout();
        node.handle_request_vote_response(2, grants(1));
        node.handle_request_vote_response(2, grants(1));
        node.handle_request_vote_response(9, grants(1));
        assert_eq!(node.state(), RaftState::Candidate);
        node.handle_request_vote_response(3, grants(1));
        assert_eq!(node.state(), RaftState::Leader);
        assert_eq!(node.leader_id(), Some(1));
    }

    #[test]
    fn votes_of_an_older_election_do_not_count() {
        let mut node = node(3);
        node.on_election_timeout();
        node.on_election_timeout();
        node.handle_request_vote_response(2, grants(1));
        assert_eq!((node.state(), node.current_term()), (RaftState::Candidate, 2));
    }

    #[test]
    fn a_deposed_leader_starts_its_election_timer() {
        let mut node = node(3);
        node.on_election_timeout();
        node.handle_request_vote_response(2, grants(1));
        let refusal = RequestVoteResponse {
            term: 7,
            vote_granted: false,
        };
        let outputs = node.handle_request_vote_response(3, refusal);
        assert!(matches!(&outputs[..], [RaftOutput::ScheduleElectionTimeout(_)]));
        assert_eq!((node.state(), node.current_term()), (RaftState::Follower, 7));
    }

    #[test]
    fn a_node_alone_leads_at_once_and_commits_by_itself() {
        let mut node = node(1);
        node.on_election_timeout();
        assert_eq!(node.propose(5), Some(1));
        let outputs = node.on_heartbeat_timeout();
        assert!(matches!(&outputs[0], RaftOutput::ApplyCommands(entries) if entries[0].command == 5));
        assert!(node.is_committed(1));
    }
}
