//! The hidden checks of EX06: a broker asked by scripts.
//!
//! Where a message lies is for the broker to choose, so the judge believes what `publish` answers and keeps, from there, the
//! books that the contract determines (`ledger`): what each group gets, in which order, how much at once, and from where it goes
//! on. Where one partition and one consumer leave nothing open, answers are compared with the reference's (`same`). What several
//! consumers get is judged by laws: nothing twice, nothing lost, partitions split evenly (`sharing`).
//!
//! What the statement leaves open never occurs in a script, or every answer is right: the partition of a message without a key,
//! order across partitions, whether 4 or 5 is committed when 4 is acknowledged, whether `nack` returns one message or all that is
//! held (only a consumer that holds one refuses), whether `TooManyUnacked` or a short answer says that too much is held, what is
//! in flight when a consumer joins, and whether an expired message is delivered before it is cleaned up.
//!
//! No verdict depends on load. What has to be over is waited for longer than it takes (3 ms for 1 ms, 40 ms for 30 ms); what has to
//! be in time is timed by the driver, which says nothing if it was late; everything else has half a minute. All waiting together
//! takes less than a second.
//!
//! # Other designs considered
//! Every check must accept all of these; the sample `perfect` is the first, and takes each open choice the other way than the
//! reference.
//! - A queue for each group and partition, filled by `publish`, in which every message has a state (ready, held by a consumer until,
//!   done), as in RabbitMQ: acknowledging empties the queue from the front, `nack` puts all that is held back, a consumer keeps
//!   what it holds when another joins, and partitions stay with their owners as far as possible. What is committed is the last
//!   message done, retention counts from arrival, and keyless messages go to the shortest partition. So nobody assumes 5 after 4,
//!   round robin, or who owns what; and only what nobody holds must stay in place when partitions move.
//! - A position for each group and partition and nothing else, as in Kafka: `nack`, a timeout and `seek` all set it back, and what
//!   came later comes again. So a single message is refused at a time, all that is left of a poll is late at once, and after
//!   `commit_offsets(4)` a new owner may begin at 4 or at 5.
//! - Assignment by a hash of consumer and partition (rendezvous) cannot split evenly, which the statement demands; ranges,
//!   round robin and sticky assignment can, so only the numbers of one topic are compared.
//! - A broker that removes expired messages whenever it is called, or hides them from `poll`: scripts with a short retention clean up
//!   before they poll, and the statement says that only `cleanup_expired` removes what it counts.

#[path = "judge/acks.rs"]
mod acks;
mod driver;
#[path = "judge/groups.rs"]
mod groups;
#[path = "judge/guarantees.rs"]
mod guarantees;
#[path = "judge/ledger.rs"]
mod ledger;
#[path = "judge/offsets.rs"]
mod offsets;
#[path = "judge/publishing.rs"]
mod publishing;
#[path = "judge/reading.rs"]
mod reading;
#[path = "judge/retention.rs"]
mod retention;
#[path = "judge/sharing.rs"]
mod sharing;
#[path = "judge/topics.rs"]
mod topics;
#[cfg(test)]
mod workload;

use ex06_protocol::{Script, Semantics, Slot, Step, steps::*};
use proptest::{collection::vec, option, prelude::*};

judge::checks! {
    driver::World;
    topics::topics_are_created_once,
    topics::topics_keep_their_settings,
    topics::a_deleted_topic_takes_its_messages,
    topics::a_recreated_topic_is_read_from_its_beginning,
    topics::deleting_a_topic_leaves_the_others,
    topics::no_partitions_means_the_default,
    topics::totals_count_what_is_there,
    topics::groups_are_counted,
    publishing::offsets_count_from_zero_without_gaps,
    publishing::a_receipt_names_its_message,
    publishing::a_key_stays_in_its_partition,
    publishing::keys_reach_every_partition,
    publishing::large_messages_are_refused,
    publishing::a_topic_may_have_its_own_limit,
    publishing::large_messages_are_refused_in_a_batch,
    reading::messages_arrive_as_they_were_published,
    reading::partitions_are_read_in_order,
    reading::groups_read_independently,
    groups::members_share_the_messages,
    groups::members_read_their_topics_only,
    groups::partitions_are_split_evenly,
    groups::a_partition_goes_on_where_it_was,
    groups::a_rebalance_by_hand_is_harmless,
    groups::strangers_get_nothing,
    groups::strangers_move_nothing,
    guarantees::no_guarantee_loses_or_repeats_without_failures,
    guarantees::at_most_once_never_repeats,
    guarantees::what_a_leaving_consumer_held_is_not_lost,
    guarantees::what_is_neglected_comes_again,
    acks::acknowledged_messages_do_not_return,
    acks::refused_messages_come_first,
    acks::unacknowledged_messages_are_limited,
    acks::at_most_once_nothing_is_held,
    acks::often_refused_messages_are_dead_letters,
    acks::without_a_dead_letter_topic_nothing_is_given_up,
    offsets::commits_can_be_read,
    offsets::a_new_owner_begins_at_the_commit,
    offsets::a_group_can_go_back_and_forth,
    offsets::seeking_moves_one_partition_of_one_group,
    offsets::impossible_places_are_refused,
    retention::expired_messages_are_removed_and_counted,
    retention::totals_shrink_with_a_cleanup,
    retention::what_is_left_can_be_read,
    retention::a_shortened_partition_keeps_its_offsets,
}

/// A key of a few, or none.
fn key() -> impl Strategy<Value = Option<u8>> {
    option::weighted(0.7, 0..6_u8)
}

fn consumer() -> impl Strategy<Value = Slot> {
    0..3_u8
}

/// How many messages one asks for.
fn some() -> impl Strategy<Value = u8> {
    prop_oneof![3 => 1..5_u8, 1 => Just(40)]
}

fn publishing_to(t: impl Strategy<Value = Slot>) -> impl Strategy<Value = Step> {
    (t, key()).prop_map(|(t, key)| publish(t, key))
}

fn joining(g: Slot, c: Slot, topics: &[Slot]) -> Step {
    join(g, c, topics.to_vec(), Semantics::AtLeastOnce)
}

/// A script that begins with these steps, and goes on with up to so many others.
fn after(beginning: Vec<Step>, steps: impl Strategy<Value = Step>, longest: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(steps, 1..longest).prop_map(move |steps| [beginning.clone(), steps].concat())
}

/// The language of this exercise, for laws.
type Case<'a> = judge::Case<'a, Script>;
