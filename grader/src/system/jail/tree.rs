//! The processes below a process, read from `/proc`.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::time::Duration;

use nix::unistd::{SysconfVar, sysconf};

/// One process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    pub pid: i32,
    pub parent: i32,
    /// Ticks of cpu time, its own and that of the children it waited for.
    pub ticks: u64,
    /// Its threads.
    pub threads: u64,
    /// False if it ended and nobody has waited for it.
    pub alive: bool,
}

/// All processes that descend from `root`. Complete if `root` adopts orphans and no process is forked meanwhile.
pub(super) fn descendants(root: i32) -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let all: Vec<Process> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .filter_map(|pid| parse(&fs::read(format!("/proc/{pid}/stat")).ok()?))
        .collect();
    below(root, &all)
}

fn below(root: i32, all: &[Process]) -> Vec<Process> {
    let mut children: HashMap<i32, Vec<Process>> = HashMap::new();
    for process in all {
        children.entry(process.parent).or_default().push(*process);
    }
    let (mut found, mut seen, mut next) = (Vec::new(), HashSet::from([root]), vec![root]);
    while let Some(parent) = next.pop() {
        for child in children.remove(&parent).unwrap_or_default() {
            if seen.insert(child.pid) {
                next.push(child.pid);
                found.push(child);
            }
        }
    }
    found
}

/// A line of `/proc/<pid>/stat`. The name in parentheses is the process's own choice and may hold anything, so the fields are
/// counted from the last parenthesis.
fn parse(line: &[u8]) -> Option<Process> {
    let name_ends = line.iter().rposition(|byte| *byte == b')')?;
    let pid = std::str::from_utf8(line.split(|byte| *byte == b' ').next()?)
        .ok()?
        .parse()
        .ok()?;
    let fields: Vec<&str> = std::str::from_utf8(&line[name_ends + 1..])
        .ok()?
        .split_ascii_whitespace()
        .collect();
    // Numbered as in proc(5), where the state is field 3.
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        ticks: (14..=17).map(number).sum::<Option<u64>>()?,
        threads: number(20)?,
        alive: !matches!(*fields.first()?, "Z" | "X"),
    })
}

/// Ticks as time.
pub(super) fn time(ticks: u64) -> Duration {
    let per_second = sysconf(SysconfVar::CLK_TCK)
        .ok()
        .flatten()
        .and_then(|ticks| u64::try_from(ticks).ok())
        .unwrap_or(100);
    Duration::from_nanos(ticks.saturating_mul(1_000_000_000 / per_second.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_does_not_shift_the_fields() {
        let line = b"42 (x) R 1 1 1 (y) S 7 42 42 0 -1 4194560 100 0 0 0 11 22 33 44 20 0 5 0 900 1 1";
        assert_eq!(
            parse(line),
            Some(Process {
                pid: 42,
                parent: 7,
                ticks: 110,
                threads: 5,
                alive: true
            })
        );
    }

    #[test]
    fn the_dead_are_told_apart_and_the_malformed_left_out() {
        let dead = parse(b"42 (x) Z 7 42 42 0 -1 4194560 100 0 0 0 11 22 33 44 20 0 5 0 900 1 1");
        assert!(!dead.unwrap().alive);
        assert_eq!(parse(b"42 (x) S 7"), None);
        assert_eq!(parse(b""), None);
    }

    #[test]
    fn descendants_follow_parents_and_survive_cycles() {
        let process = |pid, parent| Process {
            pid,
            parent,
            ticks: 0,
            threads: 1,
            alive: true,
        };
        let all = [
            process(2, 1),
            process(3, 2),
            process(4, 3),
            process(5, 1),
            process(6, 7),
            process(7, 6),
        ];
        let mut found: Vec<i32> = below(2, &all).iter().map(|process| process.pid).collect();
        found.sort_unstable();
        assert_eq!(found, [3, 4]);
        assert_eq!(below(6, &all).len(), 1);
    }
}
