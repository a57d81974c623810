//! Runs code of a submission so that a panic becomes data.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, resume_unwind};

/// Panic messages are cut here; the trusted side cuts again.
const LONGEST: usize = 4096;

/// What code that did not return left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caught {
    Panicked { message: String, place: String },
    Unavailable(String),
}

/// The private payload of [`unavailable`].
struct Missing(String);

/// Ends the step: the submission lacks what it needs, for the compiler's reason given. Fits any return type.
pub fn unavailable(reason: &str) -> ! {
    resume_unwind(Box::new(Missing(reason.to_owned())))
}

thread_local! {
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps the place of a panic, and says nothing.
pub(crate) fn quiet_hook() {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let place = info.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
        // A panic while the place of another is kept: the first one stands.
        let _ = LAST.try_with(|last| last.try_borrow_mut().map(|mut last| *last = place));
    }));
}

/// Runs `code`; a panic is an error, also one while its result is dropped later by the caller if that is inside `code`.
pub(crate) fn caught<T>(code: impl FnOnce() -> T) -> Result<T, Caught> {
    LAST.with(|last| last.borrow_mut().clear());
    panic::catch_unwind(AssertUnwindSafe(code)).map_err(|payload| {
        let caught = match payload.downcast_ref::<Missing>() {
            Some(Missing(reason)) => Caught::Unavailable(reason.clone()),
            None => {
                let text = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
                let mut message = text.unwrap_or("a value that is no text").to_owned();
                message.truncate(message.floor_char_boundary(LONGEST));
                Caught::Panicked { message, place: LAST.with(|last| last.borrow().clone()) }
            }
        };
        // A payload may be a type of the submission whose drop panics: let that not end the witness.
        let _ = panic::catch_unwind(AssertUnwindSafe(move || drop(payload)));
        caught
    })
}
