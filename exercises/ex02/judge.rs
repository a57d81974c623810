//! The hidden checks of EX02: the contract of one node, and the properties of clusters under faults.
//!
//! What one node answers is mostly determined by figure 2 of the paper, so those checks compare with the reference
//! (`same`), over messages that could have come from a real cluster. They use the calls they are about and the least that
//! builds a state. A script that was cut down until its messages contradict each other proves nothing, and the law says
//! so (`provided`).
//!
//! What a cluster does is not determined: who wins and when something is sent again is left open. So schedules of
//! elections, proposals, losses and late messages are judged by the properties of figure 3, without a reference.
//!
//! # Other designs considered
//! Every check must accept all of these; the sample `perfect` is the first.
//! - The role as an enum that holds what belongs to it, no conflict hints (one step back a refusal), a new leader that
//!   tries followers from its commit index on, and a round of appends as soon as something is committed. So nothing is
//!   said about where appends begin, only that a refused one begins earlier; outputs beyond those demanded are allowed;
//!   and repairs may take as many heartbeats as there are entries.
//! - The structure of etcd's core: every call appends to an outbox, hints name the last index that may match, a node that
//!   knows the leader of a term gives no vote in it, a refused append waits for the next heartbeat, followers are probed
//!   in a `HashMap` whose order changes. So hints are never handed to a leader by hand, no vote is asked for in a term
//!   whose leader is known, lists of outputs are sorted, and `leader_id` is only asked where it is certain.
//! - A log with a sentinel at index 0 and a commit index found by counting upwards; votes in a map from node to answer. A
//!   node that granted never refuses in the same term, no message repeats with another content, and none comes from an
//!   unknown node.
//! - Timers: some start the election timer anew whenever the term changes, some only where the statement says. Extra
//!   timers are allowed everywhere, and must be in range.

#[path = "judge/cluster.rs"]
mod cluster;
mod driver;
#[path = "judge/election.rs"]
mod election;
#[path = "judge/follower.rs"]
mod follower;
#[path = "judge/leader.rs"]
mod leader;
#[path = "judge/progress.rs"]
mod progress;
#[path = "judge/safety.rs"]
mod safety;
#[path = "judge/timers.rs"]
mod timers;
#[cfg(test)]
mod workload;

use ex02_protocol::{HISTORIES, Peer, Script, Seen, Size, Slot, Step, TERMS, steps::*};
use judge::{Case, Objection};
use proptest::{prelude::*, sample::select};

judge::checks! {
    driver::World;
    election::a_higher_term_is_adopted,
    election::appends_bring_a_higher_term,
    election::a_timeout_starts_an_election,
    election::a_candidate_shows_the_end_of_its_log,
    election::a_vote_is_given_once_a_term,
    election::a_vote_needs_an_up_to_date_log,
    election::a_majority_of_voters_elects,
    election::a_new_leader_speaks_at_once,
    follower::a_follower_keeps_what_matches,
    follower::an_append_makes_its_sender_the_leader,
    follower::a_hint_never_leads_forward,
    follower::a_follower_commits_what_was_compared,
    follower::a_follower_hands_out_each_entry_once,
    leader::only_a_leader_takes_commands,
    leader::only_a_leader_sends_heartbeats,
    leader::appends_carry_the_rest_of_the_log,
    leader::a_refused_append_is_sent_from_earlier,
    leader::a_leader_commits_what_a_majority_holds,
    leader::older_entries_wait_for_a_newer_one,
    leader::late_answers_mean_nothing,
    timers::election_timeouts_stay_in_range,
    timers::election_timeouts_vary,
    timers::a_vote_or_an_append_restarts_the_timer,
    timers::a_leader_schedules_heartbeats,
    timers::equal_calls_get_equal_answers,
    safety::a_term_has_one_leader,
    safety::a_node_votes_once_a_term,
    safety::terms_and_commits_never_decrease,
    safety::a_leader_only_appends,
    safety::an_append_takes_nothing_back,
    safety::logs_agree_up_to_a_shared_entry,
    safety::a_leader_holds_what_was_committed,
    safety::all_apply_the_same_commands,
    safety::what_is_committed_is_applied,
    safety::old_entries_commit_with_a_new_one,
    progress::a_majority_makes_progress,
    progress::three_of_five_make_progress,
}

/// Any node on its own: each has another history.
fn slot() -> impl Strategy<Value = Slot> {
    0..HISTORIES
}

fn peer() -> impl Strategy<Value = Peer> {
    select(vec![Peer::Two, Peer::Three, Peer::Four, Peer::Five])
}

/// Clusters with a majority of two and of three, also out of an even number.
fn size() -> impl Strategy<Value = Size> {
    select(vec![Size::Three, Size::Four, Size::Five])
}

/// An append of a part of some leader's log, often from its beginning or to its end; it commits at most `commit`.
fn appending(n: Slot, commit: u64) -> impl Strategy<Value = Step> {
    let prev = prop_oneof![2 => Just(0), 3 => 0..8_u64];
    let count = prop_oneof![1 => Just(9), 1 => 0..6_u64];
    (1..=TERMS, prev, count, 0..=commit)
        .prop_map(move |(term, prev, count, commit)| append(n, term, prev, count, commit))
}

/// The steps by which the node of a slot becomes leader, with the log of the leader of a term unless that is 0, and the
/// last step is the vote that decides. It then leads the next term.
fn winning(n: Slot, size: Size, term: u64) -> Vec<Step> {
    let log = (term > 0).then(|| append(n, term, 0, u64::MAX, 0));
    let votes = [Peer::Two, Peer::Three].into_iter().take(usize::from(size.nodes()) / 2);
    let begin = [start(n, size)].into_iter().chain(log).chain([time_out(n)]);
    begin.chain(votes.map(|peer| voted(n, peer, term + 1, true))).collect()
}

/// The law for scripts that could happen, and none for others.
fn provided(
    possible: impl Fn(&[&Step]) -> bool,
    law: impl Fn(&Case<'_, Script>) -> Result<(), Objection>,
) -> impl Fn(&Case<'_, Script>) -> Result<(), Objection> {
    move |case| {
        let steps: Vec<&Step> = case.steps().map(|(_, step, _)| step).collect();
        if possible(&steps) { law(case) } else { Ok(()) }
    }
}

/// Each step returns what the reference returns, but for what is not the law's business.
fn same_but(blur: impl Fn(&mut Seen), text: &str) -> impl Fn(&Case<'_, Script>) -> Result<(), Objection> {
    move |case| {
        for ((at, _, seen), expected) in case.steps().zip(case.expected()) {
            let (mut seen, mut expected) = (seen.clone(), expected.clone());
            blur(&mut seen);
            blur(&mut expected);
            if seen != expected {
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    }
}

/// Leaves of answers to requests their terms.
fn only_terms(seen: &mut Seen) {
    match seen {
        Seen::request_vote(ballot) => ballot.granted = false,
        Seen::append(stored) => stored.success = false,
        _ => {}
    }
}

/// The highest term of the appends of a script, as the history has them.
fn last_append(steps: &[&Step]) -> u64 {
    let term = |step: &&Step| match step {
        Step::append { term, .. } => Some((*term).clamp(1, TERMS)),
        _ => None,
    };
    steps.iter().filter_map(term).max().unwrap_or(0)
}
