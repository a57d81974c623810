//! Waiting for what must happen by itself, without a clock: looks are counted, not time, so a machine that stands still for a while
//! changes nothing.
//!
//! ```
//! use witness::patience;
//!
//! fn came_true(mut look: impl FnMut() -> bool) -> bool {
//!     for _ in 0..patience::looks() {
//!         if look() {
//!             return true;
//!         }
//!         std::thread::sleep(patience::LOOK);
//!     }
//!     patience::give_up();
//!     false
//! }
//! assert!(came_true(|| true));
//! ```
//!
//! Only a submission that is wrong lets patience run out. So that its report does not take minutes, the judge is told, and looks for a
//! shorter story only a few times.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The time between two looks.
pub const LOOK: Duration = Duration::from_millis(20);

/// Patience ran out in this process.
static EVER: AtomicBool = AtomicBool::new(false);
/// Patience ran out in the script that runs.
static NOW: AtomicBool = AtomicBool::new(false);

/// How many looks are patience enough: about four seconds' worth, a quarter once patience ran out, and one in a script that has
/// already shown what is wrong.
pub fn looks() -> u32 {
    if NOW.load(Ordering::Relaxed) {
        1
    } else if EVER.load(Ordering::Relaxed) {
        50
    } else {
        200
    }
}

/// Patience ran out: what had to happen did not.
pub fn give_up() {
    EVER.store(true, Ordering::Relaxed);
    NOW.store(true, Ordering::Relaxed);
}

/// A script begins.
pub(crate) fn begin() {
    NOW.store(false, Ordering::Relaxed);
}

/// Whether patience ran out since the script began.
pub(crate) fn ran_out() -> bool {
    NOW.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_less_once_it_ran_out_and_least_in_the_same_script() {
        begin();
        assert_eq!((looks(), ran_out()), (200, false));
        give_up();
        assert_eq!((looks(), ran_out()), (1, true));
        begin();
        assert_eq!((looks(), ran_out()), (50, false));
    }
}
