//! The hidden checks of EX12: the contract of each role, the engines, and the properties of clusters under faults.
//!
//! What a role on its own must answer is worked out here, from the messages it was given: a few lines for each role, and
//! nothing where the statement leaves a choice. Numbers are taken as the submission issues them. The reference is not asked.
//!
//! What a cluster does is not determined: which number comes next, and whether an equal prepare is promised again. So
//! schedules of competing proposers, losses, repetitions and late messages are judged by the properties of Paxos alone.
//! `notes.md` says which other designs must pass, and what is left open.

#[path = "judge/acceptor.rs"]
mod acceptor;
#[path = "judge/adoption.rs"]
mod adoption;
#[path = "judge/cluster.rs"]
mod cluster;
mod driver;
#[path = "judge/instance.rs"]
mod instance;
#[path = "judge/leader.rs"]
mod leader;
#[path = "judge/learner.rs"]
mod learner;
#[path = "judge/progress.rs"]
mod progress;
#[path = "judge/proposer.rs"]
mod proposer;
#[path = "judge/safety.rs"]
mod safety;
#[cfg(test)]
mod workload;

use ex12_protocol::{Number, Script, Slot};
use proptest::prelude::*;

judge::checks! {
    driver::World;
    proposer::numbers_compare_by_round_first,
    proposer::a_proposal_has_a_number_of_its_own,
    proposer::a_refusal_is_outbid,
    proposer::promises_are_counted_by_acceptor,
    proposer::refusals_do_not_count,
    proposer::older_promises_do_not_count,
    proposer::nothing_is_offered_without_a_majority,
    proposer::the_highest_value_told_of_is_offered,
    proposer::its_own_value_if_told_of_none,
    proposer::an_offer_is_never_changed,
    proposer::a_new_proposal_begins_anew,
    acceptor::a_higher_number_is_promised,
    acceptor::a_nack_names_the_promise,
    acceptor::an_acceptor_keeps_to_its_promise,
    acceptor::an_acceptance_is_a_promise,
    acceptor::a_promise_tells_what_was_accepted,
    learner::a_majority_of_acceptors_is_needed,
    learner::a_repeated_message_counts_once,
    learner::numbers_are_counted_apart,
    learner::what_was_accepted_before_counts,
    safety::one_value_is_chosen,
    safety::learners_know_what_was_chosen,
    safety::learners_never_disagree,
    safety::only_proposed_values_are_offered,
    safety::acceptors_keep_their_promises,
    safety::promises_tell_the_truth,
    adoption::numbers_are_unique_and_grow,
    adoption::offers_need_a_majority,
    adoption::offers_repeat_the_highest_value,
    adoption::a_number_has_one_value,
    progress::a_majority_decides_in_a_cluster,
    progress::a_decision_is_found_again,
    instance::a_majority_decides,
    instance::the_first_value_stays,
    instance::no_majority_no_decision,
    instance::a_failure_counts_once,
    leader::a_log_takes_what_is_appended,
    leader::entries_never_change,
    leader::no_majority_no_entry,
    leader::a_log_goes_on_after_recovery,
    leader::a_leader_prepares_once,
    leader::a_new_leader_prepares,
    leader::a_deposed_leader_is_told,
}

/// A few roles.
fn slot() -> impl Strategy<Value = Slot> {
    0..3_u8
}

/// Numbers close to each other: equal rounds and equal proposers are frequent.
fn number() -> impl Strategy<Value = Number> {
    (0..4_u64, 0..3_u64).prop_map(|(round, proposer)| Number { round, proposer })
}

/// Whether so many are more than half.
fn is_majority(count: usize, total: usize) -> bool {
    2 * count > total
}
