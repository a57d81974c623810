//! The hidden checks of EX17: clocks, seven replicated types, the traits and documents, over random scripts.
//!
//! What clocks, counters, growing sets, maps and operations hold, and what a list shows that merges nothing, the contract
//! determines: such checks compare with the reference (`same`). The rest is judged by history. Sets that remove: who had heard
//! of which additions when it removed. Registers: which of the writes that were heard of no other one has seen, by their
//! clocks. Documents: whether one order of the writes explains every answer. Lists: whether one order of all elements does, in
//! which each was inserted where the script says. The laws of merging need no reference at all: states merged in different ways
//! must look the same.
//!
//! Scripts play by the rules of the contract: an actor has one writer, a copy is a message, which writes nothing, and
//! different writes of a register have different clocks, each of which says what its author had seen.
//! What else was thought of is in notes.md.

#[path = "judge/clocks.rs"]
mod clocks;
#[path = "judge/counters.rs"]
mod counters;
#[path = "judge/documents.rs"]
mod documents;
mod driver;
#[path = "judge/gset.rs"]
mod gset;
#[path = "judge/list.rs"]
mod list;
#[path = "judge/map.rs"]
mod map;
#[path = "judge/orswot.rs"]
mod orswot;
#[path = "judge/register.rs"]
mod register;
#[path = "judge/traits.rs"]
mod traits;
#[cfg(test)]
mod workload;

use ex17_protocol::Script;

judge::checks! {
    driver::World;
    clocks::a_clock_counts_each_actor,
    clocks::a_clock_merges_by_maximum,
    clocks::clocks_with_the_same_counts_are_equal,
    clocks::happens_before_sees_every_entry,
    clocks::happens_before_is_having_heard_of_less,
    counters::gcounter_reads_the_sum,
    counters::gcounter_merge_keeps_the_larger_counts,
    counters::gcounter_merge_obeys_the_laws,
    counters::gcounters_converge,
    counters::pncounter_reads_the_signed_sum,
    counters::pncounter_merge_keeps_both_directions,
    counters::pncounter_merge_obeys_the_laws,
    counters::pncounters_converge,
    gset::a_gset_contains_what_was_added,
    gset::a_gset_lists_each_value_once,
    gset::gset_merge_is_union,
    gset::gset_merge_obeys_the_laws,
    gset::gsets_converge,
    orswot::an_orswot_contains_what_was_added_and_not_removed,
    orswot::an_orswot_lists_each_value_once,
    orswot::additions_survive_removals_that_did_not_see_them,
    orswot::old_states_bring_nothing_back,
    orswot::values_agree_after_merges,
    orswot::orswot_merge_obeys_the_laws,
    orswot::orswots_converge,
    register::a_register_shows_the_latest_writes,
    register::late_writes_change_nothing,
    register::merged_registers_show_the_latest_writes,
    register::register_merge_obeys_the_laws,
    register::registers_converge,
    map::a_key_has_what_was_inserted,
    map::inserting_again_merges,
    map::values_are_written_in_place,
    map::keys_are_those_that_were_inserted,
    map::maps_merge_key_by_key,
    map::map_merge_obeys_the_laws,
    map::maps_converge,
    list::indices_count_what_can_be_seen,
    list::indices_may_be_beyond_the_end,
    list::deleted_values_are_not_counted,
    list::lists_hold_what_was_inserted_and_not_deleted,
    list::one_order_of_elements_explains_every_list,
    list::list_merge_obeys_the_laws,
    list::lists_converge,
    traits::counter_operations_come_in_any_order_and_twice,
    traits::set_operations_come_in_any_order_and_twice,
    traits::operations_travel_with_states,
    traits::the_largest_number_stays,
    traits::merged_states_have_the_larger_number,
    documents::an_auto_commit_has_the_last_value,
    documents::an_auto_commit_lists_its_keys,
    documents::documents_hold_every_kind_of_value,
    documents::a_document_has_the_last_value,
    documents::one_order_of_writes_explains_every_document,
    documents::concurrent_values_of_every_kind_have_one_winner,
    documents::writes_in_turn_stay_in_order,
    documents::document_merge_obeys_the_laws,
    documents::documents_converge,
}
