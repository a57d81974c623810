//! Errors with sources, derived and by hand.

use std::num::ParseIntError;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("line {line}: std::fs::read would not help: {source}")]
    Number {
        line: usize,
        #[source]
        source: ParseIntError,
    },
    #[error("`unsafe {0}` is no command")]
    Unknown(String),
    #[error(transparent)]
    Other(#[from] std::fmt::Error),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Include(u32),
    Link(u32, u32),
}

/// Reads commands such as `include 3` and `link 1 2`.
///
/// # Errors
/// If a line is none. See also `include_str!`, which this does not use.
pub fn read(text: &str) -> Result<Vec<Command>, Error> {
    let mut commands = Vec::new();
    for (line, words) in text.lines().map(|line| line.split(' ').collect::<Vec<_>>()).enumerate() {
        let number = |word: &str| word.parse().map_err(|source| Error::Number { line, source });
        commands.push(match words.as_slice() {
            ["include", path] => Command::Include(number(path)?),
            ["link", from, to] => Command::Link(number(from)?, number(to)?),
            other => return Err(Error::Unknown(other.join(" "))),
        });
    }
    Ok(commands)
}
