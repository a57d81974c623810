//! The sandbox against programs that misbehave: how they end, and what is left of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod channels;
mod compile;
mod confinement;
mod launcher;
mod leftovers;
mod limits;
mod modes;
mod support;
mod walls;
