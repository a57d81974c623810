//! Shared support of the end-to-end tests.
