//! A connection as a state machine: transitions are a match on pairs.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Closed,
    Opening { attempt: u32 },
    Open,
}

#[derive(Debug, Clone, Copy)]
pub enum Event {
    Dial,
    Answer,
    Timeout,
    Hangup,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no `{}` here", self.0)
    }
}

impl std::error::Error for Refused {}

impl State {
    const ATTEMPTS: u32 = 3;

    pub fn on(self, event: Event) -> Result<Self, Refused> {
        Ok(match (self, event) {
            (Self::Closed, Event::Dial) => Self::Opening { attempt: 1 },
            (Self::Opening { .. }, Event::Answer) => Self::Open,
            (Self::Opening { attempt }, Event::Timeout) if attempt < Self::ATTEMPTS => {
                Self::Opening { attempt: attempt + 1 }
            }
            (Self::Opening { .. }, Event::Timeout) | (_, Event::Hangup) => Self::Closed,
            (Self::Open, Event::Dial) => return Err(Refused("dial")),
            (state, _) => state,
        })
    }
}
