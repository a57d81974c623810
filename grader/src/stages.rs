//! The stages of grading, in the order in which `pipeline` composes them.

pub mod budgets;
pub mod build;
pub mod checks;
pub mod diagnostics;
pub mod intake;
mod judging;
pub mod memory;
pub mod partial;
pub mod policy;
pub mod scaffold;
pub mod score;
pub mod specs;

pub use judging::JudgeError;
