//! The stages of grading, in the order in which `pipeline` composes them.
