//! A lock service for a distributed system: leases that end by themselves, and tokens that unmask who was too late.
//!
//! # The idea
//!
//! A lock that is held until it is released is held for ever when its holder dies. So a distributed lock is granted for
//! a time only, a *lease* (Gray and Cheriton, *Leases*, SOSP 1989, section 2): a client that wants it for longer renews
//! it, and the lock of a client that fell silent becomes free.
//!
//! But the client may be alive, and only slow: stopped by a page fault or cut off from the network, it wakes up after
//! its lease ended and writes to the storage as if nothing had happened. No lease prevents that. The *fencing token*
//! does: each grant carries a number greater than all before it, the client shows it with each write, and storage that
//! has seen a greater number refuses (Burrows, *The Chubby lock service*, OSDI 2006, section 2.4, "sequencers";
//! Kleppmann, *Designing Data-Intensive Applications*, chapter 8, "The leader and the lock").
//!
//! # The contract
//!
//! - [`LockService::try_acquire`] grants a free lock, with a new token, or says who holds it and until when.
//! - [`LockService::renew`] and [`LockService::release`] want the holder and its token, both.
//! - A lock whose lease is over is held by nobody, whether or not somebody has tidied up:
//!   [`LockService::is_valid`], the lists and the next acquisition all look at the clock.
//! - [`LockService::cleanup_expired`] and [`LockService::tick`] tell each expiry once; `tick` also warns before it.
//! - [`LockClient::acquire_with_auto_renew`] gives a [`LockGuard`], whose lock is renewed by `tick` as long as the
//!   guard lives, and released when it is dropped.
//!
//! # Invariants
//!
//! - The tokens of all locks together are strictly increasing; none is given twice.
//! - A lock has at most one holder at any moment: the one whose lease is not over.
//! - Each lock of the table is entered in the agenda of deadlines exactly once, at the end of its lease.
//! - All state is behind one mutex, and each operation takes it once: an operation happens at one moment.
//!
//! # Cost
//!
//! | operation | cost with n locks |
//! |---|---|
//! | `try_acquire`, `release`, `renew` | O(log n) |
//! | `is_valid`, `get_lock_info` | O(1) |
//! | `cleanup_expired`, `tick` | O(k log n) for k locks that are due |
//! | `list_locks`, `list_client_locks` | O(n) |
//!
//! # Common mistakes
//!
//! - Counting tokens per lock, or starting again after a release: a token then says nothing about who came later.
//! - Believing the table instead of the clock: until the next cleanup an expired lock would still be valid.
//! - Releasing by name alone: a client whose lease was over frees the lock of its successor.
//! - Reviving an expired lock by `renew`: somebody else may have held it in between.
//! - Erasing the deadline of a lock only when it is due, not when it is renewed or released: the old deadline then ends
//!   the new lease.
//!
//! # Example
//!
//! ```
//! use std::collections::HashMap;
//! use ex05::{AcquireResult, LockService, LockServiceConfig};
//!
//! let mut service = LockService::new(LockServiceConfig::default());
//! let (lock, alice, bob) = ("backup".to_string(), "alice".to_string(), "bob".to_string());
//!
//! let first = service.try_acquire(lock.clone(), alice.clone(), None, HashMap::new())?;
//! let AcquireResult::Acquired { fencing_token: of_alice, .. } = first else { panic!("it was free") };
//! let refused = service.try_acquire(lock.clone(), bob.clone(), None, HashMap::new())?;
//! assert!(matches!(refused, AcquireResult::AlreadyHeld { holder, .. } if holder == alice));
//!
//! service.release(&lock, &alice, of_alice)?;
//! let second = service.try_acquire(lock.clone(), bob, None, HashMap::new())?;
//! let AcquireResult::Acquired { fencing_token: of_bob, .. } = second else { panic!("it is free again") };
//! assert!(of_bob > of_alice);
//! assert!(!service.is_valid(&lock, of_alice)?);
//! # Ok::<(), ex05::LockError>(())
//! ```

mod agenda;
mod client;
mod config;
mod error;
mod lock;
mod service;
mod table;

pub use client::{LockClient, LockGuard};
pub use config::LockServiceConfig;
pub use error::LockError;
pub use lock::{AcquireResult, ClientId, FencingToken, LockHandle, LockId, LockInfo};
pub use service::{LockService, LockServiceEvent};
