//! The hidden checks of EX15: detectors by laws of suspicion, elections of nodes alone and of simulated clusters, shards by
//! what moves, a manager whose time is told, and probes against a server on the loopback.
//!
//! Levels of suspicion are compared with each other, never with a formula: `detector.rs` says which designs that allows. A
//! node in an election is compared with the reference, in situations that the statement settles; a cluster is judged by who
//! leads in the end. Owners of shards are taken as they come, and only counted. `members.rs` keeps a model of the members
//! that says nothing where a detector may decide either way. No check looks at the real clock; `notes.md` says more.

#[path = "judge/bully.rs"]
mod bully;
#[path = "judge/clusters.rs"]
mod clusters;
#[path = "judge/detector.rs"]
mod detector;
mod driver;
#[path = "judge/health.rs"]
mod health;
#[path = "judge/members.rs"]
mod members;
#[path = "judge/model.rs"]
mod model;
#[path = "judge/raft.rs"]
mod raft;
#[path = "judge/shards.rs"]
mod shards;
#[cfg(test)]
mod workload;

use ex15_protocol::Script;

judge::checks! {
    driver::World;
    detector::phi_is_a_number,
    detector::phi_rises_with_silence,
    detector::a_long_silence_is_suspicious,
    detector::the_usual_rhythm_is_not_suspicious,
    detector::the_threshold_decides,
    detector::a_slower_rhythm_is_allowed_more,
    detector::an_irregular_rhythm_is_allowed_more,
    detector::only_the_last_intervals_count,
    detector::all_of_the_last_intervals_count,
    bully::the_higher_are_asked_and_no_others,
    bully::the_highest_announces_itself,
    bully::the_lower_are_answered,
    bully::who_is_answered_waits,
    bully::who_is_not_answered_wins,
    bully::a_lower_coordinator_is_contested,
    bully::a_leader_that_is_gone_is_forgotten,
    clusters::the_highest_bully_leads,
    clusters::crashed_bullies_are_replaced,
    clusters::silent_bullies_are_replaced,
    clusters::the_highest_on_the_ring_leads,
    clusters::crashed_ring_leaders_are_replaced,
    clusters::a_token_collects_and_goes_on,
    raft::a_voice_is_given_once,
    raft::a_majority_is_needed,
    raft::voices_are_counted_by_node,
    raft::a_late_voice_counts_for_nothing,
    raft::at_most_one_candidate_wins,
    shards::assigned_shards_are_balanced,
    shards::no_node_no_owner,
    shards::a_rebalance_balances,
    shards::a_rebalance_moves_the_least,
    shards::moves_tell_what_moved,
    shards::nothing_moves_without_a_change,
    members::who_is_heard_is_a_member,
    members::join_and_leave,
    members::the_silent_are_suspected_and_then_unreachable,
    members::a_heartbeat_restores,
    members::each_member_has_its_own_rhythm,
    members::the_real_clock_is_looked_at,
    members::subscribers_see_each_change,
    members::nothing_is_announced_without_a_change,
    members::members_hold_all_shards,
    members::a_node_knows_its_own_shards,
    members::the_node_stands_for_election,
    members::threads_share_a_manager,
    health::a_status_of_success_is_needed,
    health::no_answer_is_a_failure,
    health::a_silent_server_is_given_up,
    health::checks_are_dated,
}
