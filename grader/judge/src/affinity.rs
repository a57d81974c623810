//! Cores.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Keeps this process, and all that it starts from now on, on the last of the cores that it may use.
///
/// If that is not allowed, measurements are less exact and decisions take longer.
pub(crate) fn stay_on_one_core() {
    let this = Pid::from_raw(0);
    let Ok(allowed) = sched_getaffinity(this) else { return };
    let last = (0..CpuSet::count())
        .rev()
        .find(|core| allowed.is_set(*core).unwrap_or(false));
    let mut one = CpuSet::new();
    if last.is_some_and(|core| one.set(core).is_ok()) {
        let _ = sched_setaffinity(this, &one);
    }
}
