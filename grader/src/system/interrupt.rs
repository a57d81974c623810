//! What happens when the grader is told to stop, by SIGINT or SIGTERM: whatever runs for it is ended, and it ends by itself.
//!
//! Signals belong to the process, hence the one state in this module. A second signal does what the first would have done without us.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::{emulate_default_handler, signal_name};

static STATE: Mutex<State> = Mutex::new(State {
    signal: None,
    next: 0,
    stops: BTreeMap::new(),
});

struct State {
    signal: Option<&'static str>,
    next: u64,
    /// How to stop what runs now.
    stops: BTreeMap<u64, Box<dyn FnOnce() + Send>>,
}

/// Forgets how to stop something, once it is dropped: it has ended.
#[derive(Debug)]
#[must_use = "dropping it forgets how to stop what runs"]
pub struct Running(u64);

/// Begins to listen for signals.
pub fn listen() -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut told = false;
        for signal in signals.forever() {
            if told {
                // It ends this process; only signals that cannot be emulated are refused.
                let _ = emulate_default_handler(signal);
            }
            told = true;
            let stops = {
                let mut state = state();
                state.signal = Some(signal_name(signal).unwrap_or("a signal"));
                std::mem::take(&mut state.stops)
            };
            stops.into_values().for_each(|stop| stop());
        }
    })?;
    Ok(())
}

/// The signal that told the grader to stop, if one did.
pub fn signal() -> Option<&'static str> {
    state().signal
}

/// Says how to stop what runs until the result is dropped. If the signal has come already, it is stopped at once.
pub fn on_signal(stop: impl FnOnce() + Send + 'static) -> Running {
    let mut state = state();
    let key = state.next;
    state.next += 1;
    if state.signal.is_some() {
        drop(state);
        stop();
    } else {
        state.stops.insert(key, Box::new(stop));
    }
    Running(key)
}

impl Drop for Running {
    fn drop(&mut self) {
        state().stops.remove(&self.0);
    }
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
