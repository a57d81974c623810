//! Paxos: how processes that may stop, and messages that may be lost, late or repeated, agree on one value for ever.
//!
//! # The idea
//! Lamport ("Paxos Made Simple", 2001) gives three roles to the processes. *Proposers* want a value to be chosen,
//! *acceptors* are the memory of the system, *learners* find out what was chosen. A value is **chosen** once a majority of
//! the acceptors has accepted it under one and the same proposal number. Any two majorities share an acceptor, and that is
//! all the algorithm rests on:
//! - Phase 1: a proposer takes a new number `n` and sends *prepare(n)*. An acceptor *promises* to take part in nothing
//!   below `n`, and tells which value it has accepted last.
//! - Phase 2: with the promises of a majority, the proposer sends *accept(n, v)*, where `v` is the value of the highest
//!   number that it was told of, and its own only if it was told of none. Acceptors accept unless they have promised more.
//!
//! If a value was chosen below `n`, the majority of phase 1 shares an acceptor with the one that chose it: the proposer is
//! told of it, and repeats it. So what is chosen stays chosen.
//!
//! Safety holds always. Progress cannot: Fischer, Lynch and Paterson (1985) showed that no deterministic algorithm decides
//! for certain in an asynchronous system in which one process may stop. Two proposers may outbid each other without end;
//! a single one that talks with a majority decides in two attempts.
//!
//! # The contract
//! - [`Acceptor`], [`Proposer`] and [`Learner`] are pure state machines: a message is a call, what is to be sent is
//!   returned. [`Proposer::accept`] is phase 2a.
//! - [`PaxosInstance`] runs one proposer and its acceptors and learners in one process: a single value, decided once.
//! - [`MultiPaxos`] decides a sequence of values. Its leader has phase 1 behind it for all positions at once, and then
//!   needs one exchange a value.
//!
//! # Invariants
//! - The number an acceptor has promised never decreases, and it never accepts below it: accepting is promising.
//! - A proposal number belongs to one proposer, and goes with one value.
//! - A value accepted under `n` is a proposer's own, or was accepted under a lower number.
//! - If `v` is chosen under `n`, every offer with a higher number offers `v`.
//!
//! # Cost
//! A decision takes two exchanges with the acceptors, one for each phase, and one under an established leader. A message
//! costs `O(log n)` in what was said before; [`Proposer::accept`] and [`Learner::learned_value`] look once at what they
//! have heard.
//!
//! # Common mistakes
//! - Counting messages instead of acceptors, refusals as promises, or promises of an older number.
//! - Offering one's own value although an acceptor has told of another, or the value told of first instead of that of the
//!   highest number.
//! - Accepting without looking at the promise, or forgetting that an acceptance is a promise too.
//! - Learning a value that a majority has accepted under different numbers: it may not be chosen.
//! - Taking the half of an even number for a majority.
//! - Offering a second value under the same number.
//!
//! # Example
//! ```
//! use ex12::{Acceptor, Learner, Phase1Message, Phase2Message, Proposer, Value};
//!
//! let mut acceptors: Vec<Acceptor> = (0..3).map(Acceptor::new).collect();
//! let (mut proposer, mut learner) = (Proposer::new(7), Learner::new(0));
//!
//! let Phase1Message::Prepare { proposal } = proposer.prepare() else { unreachable!() };
//! for (from, acceptor) in (0..).zip(&mut acceptors) {
//!     proposer.receive_promise(from, acceptor.receive_prepare(proposal));
//! }
//! let offer = proposer.accept(Value(b"ours".to_vec()), 3);
//! let Some(Phase2Message::Accept { proposal, value }) = offer else { unreachable!() };
//! for (from, acceptor) in (0..2).zip(&mut acceptors) {
//!     if let Phase2Message::Accepted { proposal } = acceptor.receive_accept(proposal, value.clone()) {
//!         learner.learn(proposal, value.clone(), from);
//!     }
//! }
//! assert_eq!(learner.learned_value(3), Some(Value(b"ours".to_vec())));
//! ```

mod acceptor;
mod instance;
mod learner;
mod messages;
mod multi;
mod number;
mod proposer;

pub use acceptor::Acceptor;
pub use instance::{ConsensusResult, PaxosInstance};
pub use learner::Learner;
pub use messages::{Phase1Message, Phase2Message, Value};
pub use multi::MultiPaxos;
pub use number::ProposalNumber;
pub use proposer::Proposer;
