//! Cores.

use nix::sched::{CpuSet, sched_getcpu, sched_setaffinity};
use nix::unistd::Pid;

/// Keeps this process, and all that it starts from now on, on the core on which it happens to be. Judges that measure at the same
/// time are likely to be on different ones.
///
/// If that is not allowed, measurements are less exact and decisions take longer.
pub(crate) fn stay_on_one_core() {
    let mut one = CpuSet::new();
    if sched_getcpu().is_ok_and(|core| one.set(core).is_ok()) {
        let _ = sched_setaffinity(Pid::from_raw(0), &one);
    }
}
