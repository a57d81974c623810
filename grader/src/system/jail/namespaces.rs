//! Worlds of their own: a root directory with nothing in it but what the job may use, a network of its own, no shared memory of
//! others. A job of these cannot even find out what else exists.
//!
//! The process itself moves, it starts no other: a launched program must keep its process id, since its clock is read by that id. Process
//! ids are the one thing that a process cannot change; the children of a supervisor get them at birth, if the job may start processes.

use std::fs;
use std::io::{self, IoSlice, IoSliceMut};
use std::path::Path;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recvmsg, sendmsg, socket,
};
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{getegid, geteuid, pivot_root};
use serde::{Deserialize, Serialize};

use super::view::{Access, Place};
use super::{FIRST_UID, step};
use crate::model::exercise::Network;

/// Where the new root is put together: a directory that every system has and no job needs anything of.
const WORKSHOP: &str = "/sys";
/// What the new root may hold by itself, without what is mounted on it: empty directories and files.
const ROOT_SIZE: &str = "size=256k,nr_inodes=512,mode=755";

/// Whose the namespaces are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Owner {
    /// The machine's: root made them, and then becomes somebody else.
    Root,
    /// A user namespace's: anybody made them, and lost all rights in them by executing the program.
    User,
}

/// What a job apart from the world has of it.
pub(super) struct World<'a> {
    /// The files.
    pub places: &'a [Place],
    /// The network, if it is to be apart. To make one takes as long as everything else together, and where the filter of system calls
    /// lets nobody have a socket there is nothing to keep apart.
    pub network: Option<Network>,
    /// Whether it has process ids of its own, and so a `/proc` of its own: compilers find themselves there.
    pub processes: bool,
}

/// Moves this process, which has one thread, to namespaces of its own. Paths that are not among the places do not exist afterwards.
pub(super) fn enter(owner: Owner, world: &World<'_>) -> io::Result<()> {
    let mut apart = CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWIPC;
    apart.set(CloneFlags::CLONE_NEWNET, world.network.is_some());
    if owner == Owner::User && !world.processes {
        become_user_of_namespace(apart)?;
    } else {
        unshare(apart).map_err(step("unshare"))?;
    }
    if world.network == Some(Network::Loopback) {
        raise_loopback().map_err(step("raise the loopback"))?;
    }
    change_root(world)?;
    if owner == Owner::User && world.processes {
        // Who made the world is root in it. This is one namespace further down, and has no rights there.
        become_user_of_namespace(CloneFlags::empty())?;
    }
    Ok(())
}

/// Gives the children of this process process ids of their own, and the right to make a world of their own.
pub(super) fn separate_processes(owner: Owner) -> io::Result<()> {
    match owner {
        Owner::Root => Ok(unshare(CloneFlags::CLONE_NEWPID)?),
        Owner::User => enter_user_namespace(CloneFlags::CLONE_NEWPID, 0, 0),
    }
}

/// Goes where it is an ordinary user: root is somebody else inside, so that executing a program takes the rights in the namespace
/// away as it does from everybody.
fn become_user_of_namespace(apart: CloneFlags) -> io::Result<()> {
    let inside = |id: u32| if id == 0 { FIRST_UID } else { id };
    enter_user_namespace(apart, inside(geteuid().as_raw()), inside(getegid().as_raw()))
}

/// A user namespace knows one user and one group, who outside are those of this process.
fn enter_user_namespace(apart: CloneFlags, user: u32, group: u32) -> io::Result<()> {
    let (outer_user, outer_group) = (geteuid(), getegid());
    // Who changed its user, or must not be looked into, does not own its files in `/proc` until this.
    prctl::set_dumpable(true)?;
    unshare(CloneFlags::CLONE_NEWUSER | apart).map_err(step("unshare"))?;
    let own = |file: &str, text: &str| fs::write(format!("/proc/self/{file}"), text).map_err(step(file));
    own("setgroups", "deny")?;
    own("uid_map", &format!("{user} {outer_user} 1"))?;
    own("gid_map", &format!("{group} {outer_group} 1"))
}

fn change_root(world: &World<'_>) -> io::Result<()> {
    let none: Option<&str> = None;
    // Nothing that happens here is to be seen outside.
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).map_err(step("make mounts private"))?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("none"), WORKSHOP, Some("tmpfs"), flags, Some(ROOT_SIZE)).map_err(step("mount a root"))?;
    let mut made: Vec<&Place> = Vec::new();
    if world.processes {
        let target = Path::new(WORKSHOP).join("proc");
        fs::create_dir(&target)?;
        let flags = flags | MsFlags::MS_NOEXEC;
        mount(Some("none"), &target, Some("proc"), flags, none).map_err(step("mount /proc"))?;
    }
    for place in world.places {
        let is_there = |other: &&&Place| other.access == place.access && place.path.starts_with(&other.path);
        if made.iter().any(|other| is_there(&other)) {
            continue;
        }
        if show(place).map_err(step(&format!("show `{}`", place.path.display())))? {
            made.push(place);
        }
    }
    std::env::set_current_dir(WORKSHOP)?;
    pivot_root(".", ".").map_err(step("change the root"))?;
    umount2(".", MntFlags::MNT_DETACH).map_err(step("leave the old root"))?;
    std::env::set_current_dir("/")?;
    let flags = flags | MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY;
    mount(none, "/", none, flags, none).map_err(step("seal the root"))
}

/// Makes a place appear in the new root; false if it is a link, below which there is nothing of its own.
fn show(place: &Place) -> io::Result<bool> {
    let target = Path::new(WORKSHOP).join(place.path.strip_prefix("/").map_err(io::Error::other)?);
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    // `/lib` is a link to `/usr/lib` today. A file that is named to us is the file, whatever its last name.
    let metadata = fs::symlink_metadata(&place.path)?;
    if metadata.is_symlink() && fs::metadata(&place.path).is_ok_and(|metadata| metadata.is_dir()) {
        std::os::unix::fs::symlink(fs::read_link(&place.path)?, &target)?;
        return Ok(false);
    }
    if fs::metadata(&place.path)?.is_dir() {
        fs::create_dir_all(&target)?;
    } else if !target.exists() {
        fs::write(&target, "")?;
    }
    let none: Option<&str> = None;
    mount(
        Some(&place.path),
        &target,
        none,
        MsFlags::MS_BIND | MsFlags::MS_REC,
        none,
    )?;
    let mut flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_NOSUID;
    match place.access {
        Access::Read => flags |= MsFlags::MS_RDONLY | MsFlags::MS_NODEV,
        Access::Write => flags |= MsFlags::MS_NODEV,
        // Devices are written, and mean nothing else.
        Access::Special => return Ok(true),
    }
    mount(none, &target, none, flags | kept(&target)?, none)?;
    Ok(true)
}

/// The flags of a mount that a user namespace must not take away.
fn kept(path: &Path) -> io::Result<MsFlags> {
    let has = statvfs(path)?.flags();
    let pairs = [
        (FsFlags::ST_RDONLY, MsFlags::MS_RDONLY),
        (FsFlags::ST_NODEV, MsFlags::MS_NODEV),
        (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
        (FsFlags::ST_NOATIME, MsFlags::MS_NOATIME),
        (FsFlags::ST_NODIRATIME, MsFlags::MS_NODIRATIME),
        (FsFlags::ST_RELATIME, MsFlags::MS_RELATIME),
    ];
    let flags = pairs.into_iter().filter(|(flag, _)| has.contains(*flag));
    Ok(flags.fold(MsFlags::empty(), |all, (_, flag)| all | flag))
}

/// Makes 127.0.0.1 and ::1 work in a new network namespace: one message to the kernel, `RTM_NEWLINK` with the flag `IFF_UP` for the
/// first interface, and its answer.
fn raise_loopback() -> io::Result<()> {
    const UP: u32 = 1;
    let mut message = Vec::new();
    // struct nlmsghdr: length, type RTM_NEWLINK, flags NLM_F_REQUEST | NLM_F_ACK, sequence, port.
    message.extend(32_u32.to_ne_bytes());
    message.extend(16_u16.to_ne_bytes());
    message.extend(5_u16.to_ne_bytes());
    message.extend([0; 8]);
    // struct ifinfomsg: family, padding, type, index, flags, which flags change.
    message.extend([0; 4]);
    message.extend(1_i32.to_ne_bytes());
    message.extend(UP.to_ne_bytes());
    message.extend(UP.to_ne_bytes());
    let kernel = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )?;
    let fd = std::os::fd::AsRawFd::as_raw_fd(&kernel);
    let address = NetlinkAddr::new(0, 0);
    sendmsg(fd, &[IoSlice::new(&message)], &[], MsgFlags::empty(), Some(&address))?;
    let mut answer = [0_u8; 256];
    let mut buffers = [IoSliceMut::new(&mut answer)];
    let length = recvmsg::<NetlinkAddr>(fd, &mut buffers, None, MsgFlags::empty())?.bytes;
    // struct nlmsgerr after the header: an error number, negated, or zero.
    match answer
        .get(16..20)
        .filter(|_| length >= 20)
        .map(|bytes| i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    {
        Some(0) => Ok(()),
        Some(error) => Err(io::Error::from_raw_os_error(-error)),
        None => Err(io::Error::other("the kernel's answer is too short")),
    }
}
