//! Honest submissions as students write them, each one file. They compile, and the policy has nothing to say of them.

mod actor;
mod atomics;
mod builder;
mod clocks;
mod errors;
mod generic_traits;
mod guards;
mod iterators;
mod local_names;
mod lru;
mod macros;
mod own_fs;
mod own_net;
mod own_process;
mod raft_core;
mod select_loop;
mod self_import;
mod serde_by_hand;
mod state_machine;
mod tests_inside;
mod thread_pool;
mod visitor;
mod wire;
