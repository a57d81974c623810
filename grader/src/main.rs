//! The `moulinette` program: parse, run, exit.

fn main() {}
