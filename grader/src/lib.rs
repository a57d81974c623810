//! moulinette grades Rust submissions.
//!
//! One submission goes one way through the stages: intake reads it, the policy admits it, the scaffold plans what is built beside it,
//! the build compiles it, checks and budgets observe it, scoring turns the evidence into a scorecard and a report shows that.
//! See `ARCHITECTURE.md` for the map.

pub mod catalog;
pub mod cli;
pub mod course;
pub mod diagnostic;
pub mod examine;
pub mod kit;
pub mod model;
pub mod pipeline;
pub mod progress;
pub mod report;
pub mod schema;
pub mod stages;
pub mod system;
pub mod toml_source;
mod twin;
pub mod verify;
