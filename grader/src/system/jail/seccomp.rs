//! The filter of system calls: what a job may ask the kernel for.
//!
//! Two filters are stacked. The outer one lets a list of calls through and refuses the rest; a few of that list are let through only
//! with harmless arguments. The inner one says of newer calls that this kernel does not have them. (Where two filters refuse a call, the
//! kernel takes the answer of the one that was installed last, hence the outer one also lists what the inner one answers.)
//!
//! Programs of submissions cannot start processes at all: a process is all that there is of such a job, so its own limits are the
//! job's, and nothing of it can be left behind. Nobody can leave the process group or session that is killed in the end.

use std::collections::BTreeMap;
use std::io;

use nix::libc;
use nix::unistd::getpid;
use seccompiler::{
    SeccompAction, SeccompCmpArgLen as Width, SeccompCmpOp as Is, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

use super::Profile;
use crate::model::exercise::Network;

mod calls;

/// Flags of `clone` that make more than a process or thread.
const NAMESPACES: u64 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_PTRACE) as u64;
const THREAD: u64 = libc::CLONE_THREAD as u64;
/// The part of a socket's type that is its type; the rest are flags.
const SOCKET_TYPE: u64 = 0xf;
/// Names a mapping, as the C library does for the memory it hands out.
const PR_SET_VMA: u64 = 0x5356_4d41;

/// Restricts this process to the system calls of a profile, for good. It must not be able to gain privileges any more.
pub(super) fn restrict(profile: Profile, network: Network) -> io::Result<()> {
    let architecture = architecture().map_err(io::Error::other)?;
    let absent = calls::ABSENT.iter().map(|call| (*call, Vec::new())).collect();
    install(SeccompFilter::new(
        absent,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS as u32),
        architecture,
    ))?;
    install(SeccompFilter::new(
        allowed(profile, network).map_err(io::Error::other)?,
        SeccompAction::Errno(libc::EPERM as u32),
        SeccompAction::Allow,
        architecture,
    ))
}

fn install(filter: Result<SeccompFilter, seccompiler::BackendError>) -> io::Result<()> {
    let program: seccompiler::BpfProgram = filter
        .and_then(TryInto::try_into)
        .map_err(|error| io::Error::other(error.to_string()))?;
    seccompiler::apply_filter(&program).map_err(|error| io::Error::other(error.to_string()))
}

/// The architectures that the lists were thought through for.
fn architecture() -> Result<TargetArch, String> {
    match std::env::consts::ARCH {
        "x86_64" => Ok(TargetArch::x86_64),
        "aarch64" => Ok(TargetArch::aarch64),
        other => Err(format!("there is no list of system calls for {other}")),
    }
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn allowed(profile: Profile, network: Network) -> Result<Rules, seccompiler::BackendError> {
    let mut plain = [calls::RUN, calls::RUN_LEGACY, calls::ABSENT].concat();
    if profile == Profile::Compile {
        plain.extend([calls::COMPILE, calls::COMPILE_LEGACY].concat());
    }
    if network == Network::Loopback {
        plain.extend(calls::LOOPBACK);
    }
    let mut rules: Rules = plain.into_iter().map(|call| (call, Vec::new())).collect();
    for (call, arguments) in checked(profile, network) {
        let arguments = arguments.into_iter().map(|(place, width, is, value)| {
            let value = SeccompCondition::new(place, width, is, value)?;
            Ok::<_, seccompiler::BackendError>(value)
        });
        let rule = SeccompRule::new(arguments.collect::<Result<_, _>>()?)?;
        rules.entry(call).or_default().push(rule);
    }
    Ok(rules)
}

/// An argument by its place, its width, and what it must be.
type Argument = (u8, Width, Is, u64);

/// Calls that are allowed with these arguments only; each of several rules for one call will do.
fn checked(profile: Profile, network: Network) -> Vec<(i64, Vec<Argument>)> {
    // A process id is 32 bits wide, whatever is in the other half of the register.
    let is = |place, value| (place, Width::Dword, Is::Eq, value);
    let one_of = |call, place, values: &[u64]| -> Vec<(i64, Vec<Argument>)> {
        values.iter().map(|value| (call, vec![is(place, *value)])).collect()
    };
    let own = u64::from(getpid().as_raw().unsigned_abs());
    let mut rules = vec![(libc::SYS_tgkill, vec![is(0, own)])];
    // Pairs that are connected for good: one of datagrams could be sent anywhere.
    for kind in [libc::SOCK_STREAM, libc::SOCK_SEQPACKET] {
        let kind = (1, Width::Dword, Is::MaskedEq(SOCKET_TYPE), kind as u64);
        rules.push((libc::SYS_socketpair, vec![is(0, libc::AF_UNIX as u64), kind]));
    }
    // Itself, and its own process group.
    rules.extend(one_of(libc::SYS_kill, 0, &[own, 0]));
    rules.extend(one_of(libc::SYS_prlimit64, 0, &[own, 0]));
    let prctl = [libc::PR_SET_NAME as u64, libc::PR_GET_NAME as u64, PR_SET_VMA];
    rules.extend(one_of(libc::SYS_prctl, 0, &prctl));
    let ioctl = [
        libc::TCGETS,
        libc::TIOCGWINSZ,
        libc::FIONBIO,
        libc::FIONREAD,
        libc::FIOCLEX,
        libc::FIONCLEX,
    ];
    rules.extend(one_of(libc::SYS_ioctl, 1, &ioctl));
    let fcntl = [
        libc::F_DUPFD,
        libc::F_DUPFD_CLOEXEC,
        libc::F_GETFD,
        libc::F_SETFD,
        libc::F_GETFL,
        libc::F_SETFL,
        libc::F_GETLK,
        libc::F_SETLK,
        libc::F_SETLKW,
        libc::F_OFD_GETLK,
        libc::F_OFD_SETLK,
        libc::F_OFD_SETLKW,
    ];
    rules.extend(one_of(libc::SYS_fcntl, 1, &fcntl.map(|command| command as u64)));
    rules.push(match profile {
        Profile::Compile => (libc::SYS_clone, vec![(0, Width::Qword, Is::MaskedEq(NAMESPACES), 0)]),
        Profile::Run | Profile::Trusted => (
            libc::SYS_clone,
            vec![(0, Width::Qword, Is::MaskedEq(NAMESPACES | THREAD), THREAD)],
        ),
    });
    match network {
        Network::None => rules.push((libc::SYS_sendto, vec![(4, Width::Qword, Is::Eq, 0)])),
        Network::Loopback => {
            for family in [libc::AF_INET, libc::AF_INET6] {
                for kind in [libc::SOCK_STREAM, libc::SOCK_DGRAM] {
                    rules.push((
                        libc::SYS_socket,
                        vec![
                            is(0, family as u64),
                            (1, Width::Dword, Is::MaskedEq(SOCKET_TYPE), kind as u64),
                        ],
                    ));
                }
            }
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_submissions_cannot_start_processes_and_compilers_can() {
        let run = allowed(Profile::Run, Network::None).unwrap();
        let compile = allowed(Profile::Compile, Network::None).unwrap();
        for call in calls::COMPILE_LEGACY {
            assert!(!run.contains_key(call) && compile.contains_key(call));
        }
        for call in [
            libc::SYS_setsid,
            libc::SYS_setpgid,
            libc::SYS_ptrace,
            libc::SYS_socket,
            libc::SYS_mount,
        ] {
            assert!(!run.contains_key(&call) && !compile.contains_key(&call));
        }
        assert!(
            allowed(Profile::Run, Network::Loopback)
                .unwrap()
                .contains_key(&libc::SYS_socket)
        );
    }

    #[test]
    fn what_an_old_kernel_lacks_is_left_to_the_inner_filter() {
        let run = allowed(Profile::Run, Network::None).unwrap();
        assert!(
            calls::ABSENT
                .iter()
                .all(|call| run.get(call).is_some_and(Vec::is_empty))
        );
    }

    #[test]
    fn no_call_is_both_free_and_checked() {
        for network in [Network::None, Network::Loopback] {
            let free = [calls::RUN, calls::RUN_LEGACY, calls::COMPILE, calls::ABSENT].concat();
            assert!(
                checked(Profile::Compile, network)
                    .iter()
                    .all(|(call, _)| !free.contains(call))
            );
        }
    }
}
