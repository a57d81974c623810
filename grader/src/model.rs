//! The nouns of grading: plain values that stages pass on. Nothing here touches a file, a process or a clock.

pub mod check;
pub mod evidence;
pub mod exercise;
pub mod ids;
pub mod limits;
pub mod points;
pub mod result;
pub mod rubric;
pub mod rules;
pub mod scorecard;
pub mod verdict;
