//! Time behind a trait, so that tests need not wait.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub trait Clock {
    fn now(&self) -> Duration;
}

pub struct Wall {
    start: Instant,
}

impl Clock for Wall {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

#[derive(Clone, Default)]
pub struct Manual(Rc<Cell<Duration>>);

impl Manual {
    pub fn advance(&self, by: Duration) {
        self.0.set(self.0.get() + by);
    }
}

impl Clock for Manual {
    fn now(&self) -> Duration {
        self.0.get()
    }
}

pub struct Limiter<C> {
    clock: C,
    every: Duration,
    last: Option<Duration>,
}

impl<C: Clock> Limiter<C> {
    pub fn new(clock: C, every: Duration) -> Self {
        Self {
            clock,
            every,
            last: None,
        }
    }

    pub fn allow(&mut self) -> bool {
        let now = self.clock.now();
        let free = self.last.is_none_or(|last| now.saturating_sub(last) >= self.every);
        if free {
            self.last = Some(now);
        }
        free
    }
}

pub fn unix_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
