//! The course's TOML files: text in, model types out, or every problem of the file at once, each with its line, key and remedy.
//!
//! Nothing here opens a file; `path` only names it in messages.

mod course;
mod exercise;
mod format;
mod reader;
mod rubric;

#[cfg(test)]
mod tests;

pub use course::course;
pub use exercise::exercise;
pub use format::RubricFile;
pub use rubric::rubric;
