//! The public checks: what the statement says, in examples that a student can read and run.

use ex02::{
    AppendEntriesRequest, AppendEntriesResponse, LogEntry, RaftConfig, RaftCore, RaftOutput, RaftState,
    RequestVoteRequest, RequestVoteResponse,
};
use std::fmt::Debug;

fn config(id: u64) -> RaftConfig {
    RaftConfig {
        node_id: id,
        cluster: vec![1, 2, 3],
        election_timeout_min: 150,
        election_timeout_max: 300,
        heartbeat_interval: 50,
    }
}

fn granted(term: u64) -> RequestVoteResponse {
    RequestVoteResponse {
        term,
        vote_granted: true,
    }
}

fn stored(term: u64) -> AppendEntriesResponse {
    AppendEntriesResponse {
        term,
        success: true,
        conflict_index: None,
        conflict_term: None,
    }
}

fn entry(term: u64, index: u64, command: &str) -> LogEntry<String> {
    LogEntry {
        term,
        index,
        command: command.to_owned(),
    }
}

/// What node 2 sends as leader of a term, after an entry of an index and a term.
fn append(term: u64, prev: (u64, u64), entries: Vec<LogEntry<String>>, commit: u64) -> AppendEntriesRequest<String> {
    AppendEntriesRequest {
        term,
        leader_id: 2,
        prev_log_index: prev.0,
        prev_log_term: prev.1,
        entries,
        leader_commit: commit,
    }
}

/// The commands of all entries to apply, in order.
fn applied(outputs: &[RaftOutput<String>]) -> Vec<&str> {
    let mut commands = Vec::new();
    for output in outputs {
        if let RaftOutput::ApplyCommands(entries) = output {
            commands.extend(entries.iter().map(|entry| entry.command.as_str()));
        }
    }
    commands
}

/// R1: a new node is a follower of term 0 that knows no leader and has committed nothing.
#[test]
fn test_initial_state() {
    let raft = RaftCore::<String>::new(config(1));
    assert!(matches!(raft.state(), RaftState::Follower));
    assert_eq!(raft.current_term(), 0);
    assert_eq!(raft.leader_id(), None);
    assert_eq!(raft.commit_index(), 0);
    assert!(!raft.is_committed(1));
    assert!(raft.log().is_empty());
}

/// R2: a timeout makes a candidate of the next term, which asks each other node once.
#[test]
fn test_election_timeout_starts_election() {
    let mut raft = RaftCore::<String>::new(config(1));
    let outputs = raft.on_election_timeout();

    assert!(matches!(raft.state(), RaftState::Candidate));
    assert_eq!(raft.current_term(), 1);

    let mut targets = Vec::new();
    for output in &outputs {
        if let RaftOutput::SendRequestVote { target, request } = output {
            targets.push(*target);
            assert_eq!((request.term, request.candidate_id), (1, 1));
            assert_eq!((request.last_log_index, request.last_log_term), (0, 0));
        }
    }
    targets.sort_unstable();
    assert_eq!(targets, [2, 3]);
}

/// R4: one vote more than its own makes a leader out of three nodes, which tells both others at once.
#[test]
fn test_win_election_with_majority() {
    let mut raft = RaftCore::<String>::new(config(1));
    raft.on_election_timeout();
    let outputs = raft.handle_request_vote_response(2, granted(1));

    assert!(matches!(raft.state(), RaftState::Leader));
    assert_eq!(raft.leader_id(), Some(1));
    for node in [2, 3] {
        let told = |output: &RaftOutput<String>| matches!(output, RaftOutput::SendAppendEntries { target, request } if *target == node && request.term == 1);
        assert!(outputs.iter().any(told), "node {node} is not told");
    }
}

/// R4: votes of an older election do not count, nor does a second answer of the same node.
#[test]
fn test_only_voters_of_this_term_count() {
    let mut config = config(1);
    config.cluster = vec![1, 2, 3, 4, 5];
    let mut raft = RaftCore::<String>::new(config);
    raft.on_election_timeout();
    raft.on_election_timeout();
    assert_eq!(raft.current_term(), 2);

    raft.handle_request_vote_response(3, granted(1));
    raft.handle_request_vote_response(2, granted(2));
    raft.handle_request_vote_response(2, granted(2));
    assert!(matches!(raft.state(), RaftState::Candidate));
    raft.handle_request_vote_response(4, granted(2));
    assert!(matches!(raft.state(), RaftState::Leader));
}

/// R1: an append of a higher term makes a follower of its sender.
#[test]
fn test_step_down_on_higher_term() {
    let mut raft = RaftCore::<String>::new(config(1));
    raft.on_election_timeout();
    let (response, _) = raft.handle_append_entries(append(5, (0, 0), vec![], 0));

    assert!(response.success);
    assert_eq!(response.term, 5);
    assert!(matches!(raft.state(), RaftState::Follower));
    assert_eq!(raft.current_term(), 5);
    assert_eq!(raft.leader_id(), Some(2));
}

/// R1: a leader that hears of a higher term follows.
#[test]
fn test_leader_steps_down() {
    let mut raft = RaftCore::<String>::new(config(1));
    raft.on_election_timeout();
    raft.handle_request_vote_response(2, granted(1));
    let refusal = AppendEntriesResponse {
        term: 4,
        success: false,
        conflict_index: None,
        conflict_term: None,
    };
    raft.handle_append_entries_response(3, refusal);

    assert!(matches!(raft.state(), RaftState::Follower));
    assert_eq!(raft.current_term(), 4);
    assert_eq!(raft.propose("late".to_owned()), None);
}

/// R8: what a majority holds is committed and handed out.
#[test]
fn test_log_replication() {
    let mut leader = RaftCore::<String>::new(config(1));
    leader.on_election_timeout();
    leader.handle_request_vote_response(2, granted(1));

    assert_eq!(leader.propose("cmd1".to_owned()), Some(1));
    assert!(!leader.is_committed(1));
    let outputs = leader.handle_append_entries_response(2, stored(1));

    assert!(leader.is_committed(1));
    assert_eq!(leader.commit_index(), 1);
    assert_eq!(applied(&outputs), ["cmd1"]);
    let again = leader.handle_append_entries_response(3, stored(1));
    assert!(applied(&again).is_empty(), "each entry is handed out once");
}

/// R7: only a leader takes commands, which travel with the next heartbeat.
#[test]
fn test_propose_and_heartbeat() {
    let mut raft = RaftCore::<String>::new(config(1));
    assert_eq!(raft.propose("early".to_owned()), None);
    raft.on_election_timeout();
    assert_eq!(raft.propose("early".to_owned()), None);
    raft.handle_request_vote_response(2, granted(1));
    assert_eq!(raft.propose("cmd1".to_owned()), Some(1));
    assert_eq!(raft.propose("cmd2".to_owned()), Some(2));

    let outputs = raft.on_heartbeat_timeout();
    for node in [2, 3] {
        let carries = |output: &RaftOutput<String>| match output {
            RaftOutput::SendAppendEntries { target, request } => *target == node && request.entries.len() == 2,
            _ => false,
        };
        assert!(outputs.iter().any(carries), "node {node} is not sent the commands");
    }
}

/// R3: a request of an old term is refused, with the current term.
#[test]
fn test_reject_old_term_request_vote() {
    let mut raft = RaftCore::<String>::new(config(1));
    raft.on_election_timeout();
    let request = RequestVoteRequest {
        term: 0,
        candidate_id: 2,
        last_log_index: 0,
        last_log_term: 0,
    };
    let (response, _) = raft.handle_request_vote(request);

    assert!(!response.vote_granted);
    assert_eq!(response.term, 1);
}

/// R3: one vote a term, and none for a log that is behind.
#[test]
fn test_vote_rules() {
    let ask = |raft: &mut RaftCore<String>, term, candidate_id, last_log_term, last_log_index| {
        let request = RequestVoteRequest {
            term,
            candidate_id,
            last_log_index,
            last_log_term,
        };
        raft.handle_request_vote(request).0.vote_granted
    };
    let mut raft = RaftCore::<String>::new(config(1));
    assert!(ask(&mut raft, 1, 2, 0, 0));
    assert!(!ask(&mut raft, 1, 3, 0, 0), "the vote of term 1 is given");
    assert!(ask(&mut raft, 1, 2, 0, 0), "to node 2, which may ask again");

    raft.handle_append_entries(append(2, (0, 0), vec![entry(1, 1, "a"), entry(2, 2, "b")], 0));
    assert!(
        !ask(&mut raft, 3, 3, 1, 9),
        "a later term counts more than a longer log"
    );
    assert!(!ask(&mut raft, 4, 3, 2, 1), "a longer log of the same term counts");
    assert!(ask(&mut raft, 5, 3, 2, 2));
}

/// R5: an append whose `prev_log` entry is missing is refused.
#[test]
fn test_log_matching_rejection() {
    let mut follower = RaftCore::<String>::new(config(1));
    let (response, _) = follower.handle_append_entries(append(1, (5, 1), vec![entry(1, 6, "cmd")], 0));

    assert!(!response.success);
    assert_eq!(response.term, 1);
    assert!(response.conflict_index.is_none_or(|index| index <= 5));
    assert!(follower.log().is_empty());
}

/// R5: a conflict is overwritten; an append that arrives late takes nothing back.
#[test]
fn test_conflicts_are_overwritten() {
    let mut follower = RaftCore::<String>::new(config(1));
    let first = vec![entry(1, 1, "a"), entry(1, 2, "b"), entry(1, 3, "c")];
    follower.handle_append_entries(append(1, (0, 0), first, 0));
    let (response, _) = follower.handle_append_entries(append(1, (0, 0), vec![entry(1, 1, "a")], 0));
    assert!(response.success);
    assert_eq!(follower.log().len(), 3, "the entries behind a match stay");

    let (response, _) = follower.handle_append_entries(append(2, (1, 1), vec![entry(2, 2, "d")], 0));
    assert!(response.success);
    let log: Vec<(u64, u64, &str)> = follower
        .log()
        .iter()
        .map(|entry| (entry.term, entry.index, entry.command.as_str()))
        .collect();
    assert_eq!(log, [(1, 1, "a"), (2, 2, "d")]);

    let (response, _) = follower.handle_append_entries(append(1, (0, 0), vec![], 0));
    assert!(!response.success, "term 1 is over");
}

/// R6: a follower commits what its leader has committed, as far as the append compared the logs.
#[test]
fn test_follower_applies_committed_entries() {
    let mut follower = RaftCore::<String>::new(config(1));
    let entries = vec![entry(1, 1, "a"), entry(1, 2, "b"), entry(1, 3, "c")];
    let (_, outputs) = follower.handle_append_entries(append(1, (0, 0), entries, 1));
    assert_eq!(applied(&outputs), ["a"]);

    let (_, outputs) = follower.handle_append_entries(append(2, (2, 1), vec![], 3));
    assert_eq!(applied(&outputs), ["b"], "entry 3 was not compared");
    assert_eq!(follower.commit_index(), 2);
    assert!(follower.is_committed(2) && !follower.is_committed(3));
}

/// R8: an entry of an older term is committed only with one of the current term.
#[test]
fn test_older_entries_are_not_committed_alone() {
    let mut raft = RaftCore::<String>::new(config(1));
    raft.handle_append_entries(append(1, (0, 0), vec![entry(1, 1, "old")], 0));
    raft.on_election_timeout();
    raft.handle_request_vote_response(2, granted(2));

    raft.handle_append_entries_response(2, stored(2));
    assert_eq!(raft.commit_index(), 0);
    assert_eq!(raft.propose("new".to_owned()), Some(2));
    let outputs = raft.handle_append_entries_response(2, stored(2));
    assert_eq!(applied(&outputs), ["old", "new"]);
}

/// R9: three nodes that talk agree, also on what the first leader could not commit.
#[test]
fn test_three_nodes_agree() {
    let mut nodes: Vec<RaftCore<String>> = (1..=3).map(|id| RaftCore::new(config(id))).collect();
    let mut done: Vec<Vec<String>> = vec![Vec::new(); 3];

    let outputs = nodes[0].on_election_timeout();
    pass(&mut nodes, &mut done, 0, outputs);
    assert_eq!(nodes[0].propose("a".to_owned()), Some(1));

    // Node 1 falls silent before anybody heard of `a`.
    let outputs = nodes[1].on_election_timeout();
    pass(&mut nodes[1..], &mut done[1..], 0, outputs);
    assert!(matches!(nodes[1].state(), RaftState::Leader));
    assert_eq!(nodes[1].propose("b".to_owned()), Some(1));
    for _ in 0..6 {
        let outputs = nodes[1].on_heartbeat_timeout();
        pass(&mut nodes, &mut done, 1, outputs);
    }
    assert!(matches!(nodes[0].state(), RaftState::Follower));
    for (node, commands) in nodes.iter().zip(&done) {
        assert_eq!(commands, &["b"]);
        assert_eq!(node.commit_index(), 1);
        assert_eq!(node.log()[0].command, "b");
    }
}

/// Passes messages between the node at `from` and the others until all is said; nodes that are not here hear nothing.
fn pass(nodes: &mut [RaftCore<String>], done: &mut [Vec<String>], from: usize, outputs: Vec<RaftOutput<String>>) {
    let first = nodes.len() as u64;
    let name = |at: usize| 3 - first + at as u64 + 1;
    let mut outputs = outputs;
    for _ in 0..20 {
        let mut answers = Vec::new();
        for output in std::mem::take(&mut outputs) {
            match output {
                RaftOutput::SendRequestVote { target, request } => {
                    let Some(to) = (0..nodes.len()).find(|to| name(*to) == target) else {
                        continue;
                    };
                    let (response, _) = nodes[to].handle_request_vote(request);
                    answers.extend(nodes[from].handle_request_vote_response(target, response));
                }
                RaftOutput::SendAppendEntries { target, request } => {
                    let Some(to) = (0..nodes.len()).find(|to| name(*to) == target) else {
                        continue;
                    };
                    let (response, told) = nodes[to].handle_append_entries(request);
                    done[to].extend(applied(&told).into_iter().map(str::to_owned));
                    answers.extend(nodes[from].handle_append_entries_response(target, response));
                }
                RaftOutput::ApplyCommands(entries) => done[from].extend(entries.into_iter().map(|entry| entry.command)),
                _ => {}
            }
        }
        outputs = answers;
    }
}

/// R11: timers are scheduled, with timeouts in the configured range and heartbeats at the configured interval.
#[test]
fn test_timers() {
    let mut raft = RaftCore::<String>::new(config(1));
    let outputs = raft.on_election_timeout();
    let mut timeouts = 0;
    for output in &outputs {
        if let RaftOutput::ScheduleElectionTimeout(after) = output {
            timeouts += 1;
            assert!((150..=300).contains(&after.as_millis()), "{after:?}");
        }
    }
    assert!(timeouts > 0, "a candidate waits for the next timeout");

    let outputs = raft.handle_request_vote_response(2, granted(1));
    let beats =
        |output: &RaftOutput<String>| matches!(output, RaftOutput::ScheduleHeartbeat(after) if after.as_millis() == 50);
    assert!(outputs.iter().any(beats));
    assert!(raft.on_heartbeat_timeout().iter().any(beats));
}

/// R12: two nodes that are called alike answer alike.
#[test]
fn test_equal_calls_get_equal_answers() {
    let run = || {
        let mut raft = RaftCore::<String>::new(config(1));
        let mut timeouts = Vec::new();
        for _ in 0..5 {
            for output in raft.on_election_timeout() {
                if let RaftOutput::ScheduleElectionTimeout(after) = output {
                    timeouts.push(after);
                }
            }
        }
        timeouts
    };
    assert_eq!(run(), run());
}

/// R1: the types of the contract are copied, compared and shown as it says.
#[test]
fn test_required_traits() {
    fn copied<T: Debug + Copy + Eq>() {}
    fn compared<T: Debug + Clone + Eq>() {}
    fn shown<T: Debug + Clone>() {}
    copied::<RaftState>();
    compared::<LogEntry<String>>();
    shown::<RaftConfig>();
    shown::<RequestVoteRequest>();
    shown::<RequestVoteResponse>();
    shown::<AppendEntriesRequest<String>>();
    shown::<AppendEntriesResponse>();
    shown::<RaftOutput<String>>();
}
