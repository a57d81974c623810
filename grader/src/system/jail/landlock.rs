//! Access rules of the kernel: which files a job may open, no TCP, no signals to the world outside.

use std::io;
use std::os::fd::AsFd;

use ::landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd,
    RestrictionStatus, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

use super::view::{Access, Place};
use crate::model::exercise::Network;

/// The newest version whose rights are handled; an older kernel handles those that it knows.
const NEWEST: ABI = ABI::V10;

/// Restricts this process to `places`, for good, and says which version of the rules is in force. They bind whatever it becomes.
pub(super) fn restrict(places: &[Place], network: Network) -> io::Result<i32> {
    let status = ruleset(places, network).map_err(io::Error::other)?;
    match (status.ruleset, status.landlock) {
        (RulesetStatus::NotEnforced, LandlockStatus::NotEnabled) => {
            Err(io::Error::other("landlock is not enabled at boot"))
        }
        (RulesetStatus::NotEnforced, _) => {
            Err(io::Error::other("the kernel has no landlock (it came with Linux 5.13)"))
        }
        (_, LandlockStatus::Available { effective_abi, .. }) => Ok(effective_abi as i32),
        _ => Ok(1),
    }
}

fn ruleset(places: &[Place], network: Network) -> Result<RestrictionStatus, RulesetError> {
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .scope(Scope::AbstractUnixSocket | Scope::Signal)?;
    // A rule can name a port but no address, so a job with a loopback of its own is left to that.
    if network == Network::None {
        rules = rules.handle_access(AccessNet::BindTcp | AccessNet::ConnectTcp)?;
    }
    let mut created = rules.create()?;
    for place in places {
        // What disappeared meanwhile cannot be opened either.
        let Ok(fd) = PathFd::new(&place.path) else { continue };
        let is_directory = std::fs::metadata(&place.path).is_ok_and(|metadata| metadata.is_dir());
        let mut rights = rights(place.access);
        if !is_directory {
            rights &= AccessFs::from_file(NEWEST);
        }
        created = created.add_rule(PathBeneath::new(fd.as_fd(), rights))?;
    }
    created.restrict_self()
}

fn rights(access: Access) -> BitFlags<AccessFs> {
    match access {
        Access::Read => AccessFs::Execute | AccessFs::ReadFile | AccessFs::ReadDir,
        Access::Special => AccessFs::ReadFile | AccessFs::WriteFile,
        Access::Write => {
            AccessFs::from_all(NEWEST)
                & !(AccessFs::Execute
                    | AccessFs::MakeChar
                    | AccessFs::MakeBlock
                    | AccessFs::MakeSock
                    | AccessFs::IoctlDev
                    | AccessFs::ResolveUnix)
        }
    }
}
