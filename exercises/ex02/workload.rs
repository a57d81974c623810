//! What is timed: commands replicated one by one on three nodes, and a heartbeat when there is nothing new to say.

use ex02::{LogEntry, RaftConfig, RaftCore, RaftOutput, RequestVoteResponse};
use witness::Work;

witness::workloads! { proposals, heartbeat }

/// Three nodes, of which the first leads.
struct Cluster {
    leader: RaftCore<u64>,
    followers: [RaftCore<u64>; 2],
}

fn node(node_id: u64) -> RaftCore<u64> {
    RaftCore::new(RaftConfig {
        node_id,
        cluster: vec![1, 2, 3],
        election_timeout_min: 150,
        election_timeout_max: 300,
        heartbeat_interval: 50,
    })
}

impl Cluster {
    fn new() -> Self {
        let mut leader = node(1);
        leader.on_election_timeout();
        let vote = RequestVoteResponse {
            term: leader.current_term(),
            vote_granted: true,
        };
        leader.handle_request_vote_response(2, vote);
        Self {
            leader,
            followers: [node(2), node(3)],
        }
    }

    /// One heartbeat and its answers; the sum of the commands that were applied.
    fn heartbeat(&mut self) -> u64 {
        let mut sum = 0;
        let mut outputs = self.leader.on_heartbeat_timeout();
        // Answers may make the leader say more: not often, if it does not talk without end.
        for _ in 0..4 {
            let mut more = Vec::new();
            for output in outputs {
                let RaftOutput::SendAppendEntries { target, request } = output else {
                    continue;
                };
                let Some(follower) = self.followers.get_mut(target as usize - 2) else {
                    continue;
                };
                let (response, applied) = follower.handle_append_entries(request);
                sum += sum_of(&applied);
                let answered = self.leader.handle_append_entries_response(target, response);
                sum += sum_of(&answered);
                more.extend(answered);
            }
            outputs = more;
        }
        sum
    }
}

fn sum_of(outputs: &[RaftOutput<u64>]) -> u64 {
    let applied = outputs.iter().map(|output| match output {
        RaftOutput::ApplyCommands(entries) => entries.iter().map(value).sum(),
        _ => 0,
    });
    applied.sum()
}

fn value(entry: &LogEntry<u64>) -> u64 {
    entry.command
}

/// `size` commands, each proposed and sent with a heartbeat of its own; then one more, so that all are applied by all.
fn proposals(size: usize) -> Work {
    witness::work(move || {
        let mut cluster = Cluster::new();
        let mut sum = 0;
        for command in 0..size as u64 {
            let index = cluster.leader.propose(command).unwrap_or_default();
            sum += cluster.heartbeat() + index;
        }
        sum + cluster.heartbeat() + cluster.leader.commit_index()
    })
}

/// A heartbeat and its answers, when all three nodes hold and have applied the same `size` commands.
fn heartbeat(size: usize) -> Work {
    let mut cluster = Cluster::new();
    for command in 0..size as u64 {
        cluster.leader.propose(command);
    }
    for _ in 0..size + 4 {
        if cluster
            .followers
            .iter()
            .all(|follower| follower.commit_index() == size as u64)
        {
            break;
        }
        cluster.heartbeat();
    }
    witness::work(move || cluster.heartbeat() + cluster.followers.iter().map(RaftCore::commit_index).sum::<u64>())
}
