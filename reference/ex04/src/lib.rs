//! SWIM: who is in a cluster and who has failed, with a load for each member that does not grow with the cluster.
//!
//! - [`GossipProtocol`] is one member, without sockets and without a clock: it is told what arrives and which timers ran out, and returns
//!   what to send and which timers to start.
//! - Failures are found by probing one member after another, first directly, then through others, and are suspected before they are
//!   declared. A suspected member refutes with a higher incarnation.
//! - News travel on gossip: each member passes on what it heard for about log n rounds. A newcomer asks for everything at once.
//!
//! Source: A. Das, I. Gupta, A. Motivala, *SWIM: scalable weakly-consistent infection-style process group membership protocol*
//! (2002), sections 3 and 4; the rules of precedence are those of section 4.2.

mod gossip;
mod member;
mod message;
mod probe;
mod protocol;
mod roster;

pub use member::{GossipConfig, Incarnation, Member, MemberId, MemberState};
pub use message::{GossipAction, GossipMessage, MemberUpdate};
pub use protocol::{GossipProtocol, MemberSelector};
