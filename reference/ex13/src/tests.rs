//! The library's own suite for stores, on this crate's.

use std::future::Future;

use openraft::testing::{StoreBuilder, Suite};

use crate::{KvStateMachine, MemStorage, StorageError, TypeConfig};

struct Stores;

impl StoreBuilder<TypeConfig, MemStorage, KvStateMachine> for Stores {
    async fn build(&self) -> Result<((), MemStorage, KvStateMachine), StorageError> {
        let storage = MemStorage::new();
        let machine = KvStateMachine::open(&storage).await?;
        Ok(((), storage, machine))
    }
}

type Of = Suite<TypeConfig, MemStorage, KvStateMachine, Stores, ()>;

/// Runs one test of the suite on a new store.
async fn on_new<F>(test: impl Fn(MemStorage, KvStateMachine) -> F)
where
    F: Future<Output = Result<(), StorageError>>,
{
    let ((), storage, machine) = Stores.build().await.unwrap();
    test(storage, machine).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_log_is_as_the_library_needs_it() {
    on_new(Of::initial_logs).await;
    on_new(Of::append_to_log).await;
    on_new(Of::get_log_entries).await;
    on_new(Of::limited_get_log_entries).await;
    on_new(Of::try_get_log_entry).await;
    on_new(Of::get_log_state).await;
    on_new(Of::get_log_id).await;
    on_new(Of::last_id_in_log).await;
    on_new(Of::purge_logs_upto_0).await;
    on_new(Of::purge_logs_upto_5).await;
    on_new(Of::purge_logs_upto_20).await;
    on_new(Of::delete_logs_since_0).await;
    on_new(Of::delete_logs_since_11).await;
    on_new(Of::save_vote).await;
}

#[tokio::test(start_paused = true)]
async fn the_state_machine_is_as_the_library_needs_it() {
    on_new(Of::apply_single).await;
    on_new(Of::apply_multiple).await;
    on_new(Of::last_applied_state).await;
    on_new(Of::snapshot_meta).await;
    Of::transfer_snapshot(&Stores).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_node_finds_its_state_again() {
    on_new(Of::last_membership_in_log).await;
    on_new(Of::last_membership_in_log_multi_step).await;
    on_new(Of::get_membership_from_log_le_sm_last_applied).await;
    on_new(Of::get_membership_from_log_gt_sm_last_applied_2).await;
    on_new(Of::get_initial_state_without_init).await;
    on_new(Of::get_initial_state_with_state).await;
    on_new(Of::get_initial_state_membership_from_log_and_sm).await;
    on_new(Of::get_initial_state_last_log_gt_sm).await;
    on_new(Of::get_initial_state_last_log_lt_sm).await;
    on_new(Of::get_initial_state_log_ids).await;
    on_new(Of::get_initial_state_re_apply_committed).await;
}
