//! What an end means: from signals, clocks and last words to an [`Ending`].

use std::time::Duration;

use nix::libc;

use super::{Clock, Ending};
use crate::model::limits::Limits;
use crate::model::verdict::Resource;
use crate::system::jail::End;

/// What programs say when they cannot have more memory. Said and then died of it, that is; saying it alone changes nothing.
const OUT_OF_MEMORY: &[&[u8]] = &[
    b"memory allocation of ",
    b"LLVM ERROR: out of memory",
    b"std::bad_alloc",
    b"out of memory",
];
/// What a Rust program says when it cannot have another thread and nobody handles that.
const OUT_OF_TASKS: &[u8] = b"failed to spawn thread: Os { code: 11";

/// The ending of a program that a supervisor saw end like this.
pub(super) fn ending(end: &End, cpu: Duration, limits: &Limits, stderr: &[u8]) -> Ending {
    match end {
        End::Exited(101) if contains(stderr, OUT_OF_TASKS) => Ending::Exhausted(Resource::Processes),
        End::Exited(status) => Ending::Exited(*status),
        End::Signalled(libc::SIGXCPU) | End::Cpu => Ending::TimedOut(Clock::Cpu),
        End::Signalled(libc::SIGXFSZ) => Ending::Exhausted(Resource::Disk),
        End::Signalled(libc::SIGABRT) if OUT_OF_MEMORY.iter().any(|words| contains(stderr, words)) => {
            Ending::Exhausted(Resource::Memory)
        }
        // The kernel's last word to a program that ignores SIGXCPU.
        End::Signalled(libc::SIGKILL) if cpu >= limits.cpu => Ending::TimedOut(Clock::Cpu),
        End::Signalled(signal) => Ending::Signalled(*signal),
        End::Memory => Ending::Exhausted(Resource::Memory),
        End::Wall => Ending::TimedOut(Clock::Wall),
        End::Processes => Ending::Exhausted(Resource::Processes),
        // We stop a job for one reason only.
        End::Stopped => Ending::Exhausted(Resource::Output),
        End::Failed(_) => Ending::Signalled(libc::SIGKILL),
    }
}

fn contains(text: &[u8], words: &[u8]) -> bool {
    text.windows(words.len()).any(|window| window == words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(end: End, cpu: u64, stderr: &str) -> Ending {
        let limits = Limits {
            cpu: Duration::from_secs(2),
            ..Limits::compile()
        };
        ending(&end, Duration::from_secs(cpu), &limits, stderr.as_bytes())
    }

    #[test]
    fn an_exit_is_an_exit_whatever_was_printed() {
        assert_eq!(
            of(End::Exited(0), 0, "memory allocation of 8 bytes failed"),
            Ending::Exited(0)
        );
        assert_eq!(of(End::Exited(101), 0, "panicked"), Ending::Exited(101));
    }

    #[test]
    fn an_abort_is_memory_only_after_the_words() {
        assert_eq!(
            of(End::Signalled(libc::SIGABRT), 0, "memory allocation of 8 bytes failed"),
            Ending::Exhausted(Resource::Memory)
        );
        assert_eq!(
            of(End::Signalled(libc::SIGABRT), 0, "stack overflow"),
            Ending::Signalled(libc::SIGABRT)
        );
        assert_eq!(
            of(End::Signalled(libc::SIGSEGV), 0, "memory allocation of"),
            Ending::Signalled(libc::SIGSEGV)
        );
    }

    #[test]
    fn limits_show_as_signals() {
        assert_eq!(of(End::Signalled(libc::SIGXCPU), 2, ""), Ending::TimedOut(Clock::Cpu));
        assert_eq!(of(End::Signalled(libc::SIGKILL), 3, ""), Ending::TimedOut(Clock::Cpu));
        assert_eq!(
            of(End::Signalled(libc::SIGKILL), 1, ""),
            Ending::Signalled(libc::SIGKILL)
        );
        assert_eq!(
            of(End::Signalled(libc::SIGXFSZ), 0, ""),
            Ending::Exhausted(Resource::Disk)
        );
    }

    #[test]
    fn a_refused_thread_is_a_matter_of_processes() {
        let words =
            "failed to spawn thread: Os { code: 11, kind: WouldBlock, message: \"Resource temporarily unavailable\" }";
        assert_eq!(of(End::Exited(101), 0, words), Ending::Exhausted(Resource::Processes));
    }
}
