//! What this host lets us do.

use std::fs;
use std::path::Path;

use nix::unistd::geteuid;

use super::SandboxError;
use crate::system::cache::closed_to_others;
use crate::system::jail::{FIRST_UID, UIDS};

/// What it takes to give a job a user of its own: to change owners, to end that user's processes, and to become it.
const NEEDED: [(&str, u32); 4] = [("CAP_CHOWN", 0), ("CAP_KILL", 5), ("CAP_SETGID", 6), ("CAP_SETUID", 7)];

/// Whether jobs can be given users of their own; otherwise why not.
pub(super) fn users() -> Result<(), String> {
    if !geteuid().is_root() {
        return Err("only root can give jobs users of their own".to_owned());
    }
    let own = |file: &str| fs::read_to_string(format!("/proc/self/{file}")).unwrap_or_default();
    if let Some(name) = missing_capability(&own("status")) {
        return Err(format!("root lacks {name} here"));
    }
    // In a user namespace only some numbers mean somebody.
    for (map, what) in [("uid_map", "users"), ("gid_map", "groups")] {
        if !is_mapped(&own(map), FIRST_UID, 2 * UIDS) {
            return Err(format!("this container has no {what} from {FIRST_UID} on"));
        }
    }
    if own("setgroups").trim() == "deny" {
        return Err("this container may not change groups".to_owned());
    }
    Ok(())
}

fn missing_capability(status: &str) -> Option<&'static str> {
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = line
        .and_then(|value| u64::from_str_radix(value.trim(), 16).ok())
        .unwrap_or(0);
    NEEDED
        .iter()
        .find(|(_, bit)| effective & (1 << bit) == 0)
        .map(|(name, _)| *name)
}

/// Whether a map of a user namespace has `count` numbers from `first` on in one line.
fn is_mapped(map: &str, first: u32, count: u32) -> bool {
    map.lines().any(|line| {
        let numbers: Vec<u64> = line
            .split_ascii_whitespace()
            .filter_map(|number| number.parse().ok())
            .collect();
        let [inside, _, length] = numbers[..] else { return false };
        inside <= u64::from(first) && u64::from(first) + u64::from(count) <= inside + length
    })
}

/// Checks that every user can reach a path, and execute or enter it.
pub(super) fn reachable(path: &Path) -> Result<(), SandboxError> {
    let real = path
        .canonicalize()
        .map_err(super::system(format!("find `{}`", path.display())))?;
    match closed_to_others(&real) {
        Some(blocked) => Err(SandboxError::Unreachable {
            path: path.to_owned(),
            blocked,
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_needed_capability_counts() {
        assert_eq!(missing_capability("Name:\tx\nCapEff:\t000001ffffffffff\n"), None);
        assert_eq!(missing_capability("CapEff:\t00000000000000e0\n"), Some("CAP_CHOWN"));
        assert_eq!(missing_capability("CapEff:\t0000000000000061\n"), Some("CAP_SETUID"));
        assert_eq!(missing_capability(""), Some("CAP_CHOWN"));
    }

    #[test]
    fn a_namespace_has_our_users_or_not() {
        assert!(is_mapped("         0          0 4294967295\n", FIRST_UID, 2 * UIDS));
        assert!(is_mapped("0 1000 1\n1 100000 65536\n", FIRST_UID, 2 * UIDS));
        assert!(!is_mapped("0 1000 1\n", FIRST_UID, 2 * UIDS));
        assert!(!is_mapped("0 100000 61100\n", FIRST_UID, 2 * UIDS));
        assert!(!is_mapped("", FIRST_UID, 2 * UIDS));
    }
}
