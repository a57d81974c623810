//! Finds out what a job could be given here, by giving it to a process that has nothing else to do.
//!
//! What a kernel says of itself is not enough: a container's filter, a security module or a setting can forbid what the kernel can
//! do, and some of them only at the second step. So the steps are taken, in the order in which a job takes them.

use std::io;
use std::process::ExitCode;

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use nix::sys::wait::{WaitStatus, waitpid};
use serde::{Deserialize, Serialize};

use super::namespaces::{self, Owner, World};
use super::{ARGUMENT, Group, Policy, Profile, Stage, descriptors, enter, landlock, seccomp, view};
use crate::model::exercise::Network;
use crate::system::spawn::{MYSELF, spawn};

/// What works here; otherwise why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Findings {
    /// Namespaces, and whose they are.
    pub namespaces: Result<Owner, String>,
    /// Access rules, and their version.
    pub landlock: Result<i32, String>,
    /// The filter of system calls.
    pub seccomp: Result<(), String>,
    /// Membership of a control group, if there is one.
    pub group: Result<(), String>,
}

impl Findings {
    /// Nothing works, for one reason.
    pub fn none(reason: &str) -> Self {
        let reason = || reason.to_owned();
        Self {
            namespaces: Err(reason()),
            landlock: Err(reason()),
            seccomp: Err(reason()),
            group: Err(reason()),
        }
    }
}

/// Tries everything and prints what was found. The policy says as whom, and in which directory.
pub(super) fn main(policy: &Policy) -> ExitCode {
    let group = policy.group.as_ref().map_or(Ok(()), Group::join);
    let policy = &Policy {
        // One that cannot be joined is not tried again.
        group: policy.group.clone().filter(|_| group.is_ok()),
        ..policy.clone()
    };
    let owner = if policy.uid.is_some() { Owner::Root } else { Owner::User };
    let separated = descriptors::close_from(3).and_then(|()| namespaces::separate_processes(owner));
    let inside = separated.and_then(|()| {
        let policy = Policy {
            stage: Stage::ProbeInside,
            ..policy.clone()
        };
        let policy = policy.to_argument();
        let child = spawn(
            MYSELF,
            ["moulinette".as_ref(), ARGUMENT.as_ref(), policy.as_os_str()],
            &[],
        )?;
        match waitpid(child, None)? {
            WaitStatus::Exited(_, 0) => Ok(()),
            other => Err(io::Error::other(format!(
                "the first process there ended with {other:?}"
            ))),
        }
    });
    match inside {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => print(&find(policy, Err(format!("process ids: {error}")))),
    }
}

/// The part that is tried by the first process of a namespace.
pub(super) fn inside(policy: &Policy) -> ExitCode {
    let owner = if policy.uid.is_some() { Owner::Root } else { Owner::User };
    // Any file will do as the program.
    let world = World {
        places: &view::places(policy, "/dev/null".as_ref()),
        network: Some(Network::Loopback),
        processes: true,
    };
    let entered = namespaces::enter(owner, &world).map(|()| owner);
    print(&find(policy, entered.map_err(|error| error.to_string())))
}

fn print(findings: &Findings) -> ExitCode {
    match serde_json::to_writer(io::stdout(), findings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(70),
    }
}

/// The rest, which takes rights away for good.
fn find(policy: &Policy, namespaces: Result<Owner, String>) -> Findings {
    let places = view::places(policy, "/dev/null".as_ref());
    let user = policy.uid.map_or(Ok(()), enter::change_user);
    let ready = user.and_then(|()| Ok(prctl::set_no_new_privs()?));
    let text = |error: io::Error| error.to_string();
    Findings {
        namespaces,
        landlock: match &ready {
            Ok(()) => landlock::restrict(&places, Network::None).map_err(text),
            Err(error) => Err(error.to_string()),
        },
        seccomp: ready.map_err(text).and_then(|()| try_seccomp().map_err(text)),
        group: match &policy.group {
            Some(_) => Ok(()),
            None => Err("its member file cannot be written".to_owned()),
        },
    }
}

fn try_seccomp() -> io::Result<()> {
    seccomp::restrict(Profile::Run, Network::None)?;
    match socket(AddressFamily::Inet, SockType::Stream, SockFlag::empty(), None) {
        Err(Errno::EPERM) => Ok(()),
        _ => Err(io::Error::other("a filter was installed and does not filter")),
    }
}
