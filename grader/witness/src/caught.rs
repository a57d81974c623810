//! Runs code of a submission so that a panic becomes data.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, resume_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Panic messages are cut here; the trusted side cuts again.
const LONGEST: usize = 4096;

/// What code that did not return left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caught {
    Panicked { message: String, place: String },
    Unavailable(String),
}

/// The private payload of [`unavailable`].
struct Missing;

/// What was last found to be missing. Kept apart from the payload, which a task or a thread may turn into another panic.
static MISSING: Mutex<Option<String>> = Mutex::new(None);

fn missing() -> MutexGuard<'static, Option<String>> {
    MISSING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the step: the submission lacks what it needs, for the compiler's reason given. Fits any return type.
pub fn unavailable(reason: &str) -> ! {
    *missing() = Some(bounded(reason));
    resume_unwind(Box::new(Missing))
}

thread_local! {
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps the place of a panic, and says nothing.
pub(crate) fn quiet_hook() {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let place = info
            .location()
            .map(|place| format!("{}:{}", place.file(), place.line()))
            .unwrap_or_default();
        // A panic while the place of another is kept: the first one stands.
        let _ = LAST.try_with(|last| last.try_borrow_mut().map(|mut last| *last = place));
    }));
}

/// Runs `code`; a panic is an error.
pub(crate) fn caught<T>(code: impl FnOnce() -> T) -> Result<T, Caught> {
    LAST.with(|last| last.borrow_mut().clear());
    *missing() = None;
    // What the code leaves half-done is seen by the same submission only, and a script ends at its first panic.
    let done = panic::catch_unwind(AssertUnwindSafe(code));
    // Whatever came of it: what was missing in a task or a thread of the driver may have been swallowed there.
    let lack = missing().take();
    match (done, lack) {
        (Ok(value), None) => Ok(value),
        (Ok(_), Some(reason)) => Err(Caught::Unavailable(reason)),
        (Err(payload), lack) => {
            let text = payload
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| payload.downcast_ref::<&str>().copied());
            let message = bounded(text.unwrap_or("a value that is no text"));
            // A payload may be a type of the submission whose drop panics: it is left alone.
            std::mem::forget(payload);
            Err(match lack {
                Some(reason) => Caught::Unavailable(reason),
                None => Caught::Panicked {
                    message,
                    place: LAST.with(|last| last.borrow().clone()),
                },
            })
        }
    }
}

fn bounded(text: &str) -> String {
    text[..text.floor_char_boundary(LONGEST)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_at_a_character() {
        assert_eq!(bounded(&"é".repeat(LONGEST)).len(), LONGEST);
        assert_eq!(bounded(&format!("a{}", "é".repeat(LONGEST))).len(), LONGEST - 1);
    }

    /// What is missing is noted once for the whole process, which runs one piece of code at a time; so do these tests.
    static ALONE: Mutex<()> = Mutex::new(());

    fn alone() -> MutexGuard<'static, ()> {
        ALONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[test]
    fn what_is_missing_is_no_panic_even_if_a_thread_swallows_it() {
        let _alone = alone();
        let in_a_thread = || {
            std::thread::spawn(|| unavailable("no method `tick`"))
                .join()
                .expect("it panicked")
        };
        assert_eq!(
            caught(in_a_thread),
            Err(Caught::Unavailable("no method `tick`".to_owned()))
        );
    }

    #[test]
    fn what_is_missing_in_a_thread_nobody_looks_at_is_missing() {
        let _alone = alone();
        let unheard = || {
            let _ = std::thread::spawn(|| unavailable("no method `tock`")).join();
            7
        };
        assert_eq!(caught(unheard), Err(Caught::Unavailable("no method `tock`".to_owned())));
    }

    #[test]
    fn a_payload_that_panics_when_dropped_is_only_a_panic() {
        let _alone = alone();
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("again");
            }
        }
        assert!(matches!(
            caught(|| panic::panic_any(Bomb)),
            Err(Caught::Panicked { .. })
        ));
    }
}
