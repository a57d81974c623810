//! Les compteurs : une table de comptes par réplica, dans un seul sens ou dans les deux.

use std::collections::BTreeMap;

use crate::{CRDT, ReplicaId};

/// Un compteur qui ne fait que croître.
#[derive(Debug, Clone, Default)]
pub struct GCounter(Vec<(ReplicaId, u64)>);

impl GCounter {
    /// Un compteur à zéro.
    pub fn new() -> Self {
        Self(Vec::new())
    }

    fn find(&self, replica: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(name, _)| name.as_str().cmp(replica))
    }

    /// Ajoute 1.
    pub fn increment(&mut self, replica: &ReplicaId) {
        self.increment_by(replica, 1);
    }

    /// Ajoute `n`.
    pub fn increment_by(&mut self, replica: &ReplicaId, n: u64) {
        match self.find(replica) {
            Ok(at) => self.0[at].1 += n,
            Err(at) => self.0.insert(at, (replica.clone(), n)),
        }
    }

    /// La somme.
    pub fn value(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// Le compte d'un réplica.
    pub fn replica_value(&self, replica: &ReplicaId) -> u64 {
        self.find(replica).map_or(0, |at| self.0[at].1)
    }
}

impl CRDT for GCounter {
    /// Parcourt les deux tables triées de front.
    fn merge(&mut self, other: &Self) {
        let mine = std::mem::take(&mut self.0);
        let mut theirs = other.0.iter().peekable();
        for (name, count) in mine {
            while let Some(next) = theirs.next_if(|(theirs, _)| *theirs < name) {
                self.0.push(next.clone());
            }
            let count = match theirs.next_if(|(theirs, _)| *theirs == name) {
                Some((_, theirs)) => count.max(*theirs),
                None => count,
            };
            self.0.push((name, count));
        }
        self.0.extend(theirs.cloned());
    }
}

/// Un compteur qui monte et qui descend : par réplica, le total net et le nombre d'opérations, qui dit quel total est le
/// plus récent.
#[derive(Debug, Clone, Default)]
pub struct PNCounter {
    totals: BTreeMap<ReplicaId, (u64, i64)>,
}

impl PNCounter {
    /// Un compteur à zéro.
    pub fn new() -> Self {
        Self::default()
    }

    fn move_by(&mut self, replica: &ReplicaId, n: i64) {
        let (operations, total) = self.totals.entry(replica.clone()).or_default();
        *operations += 1;
        *total += n;
    }

    /// Ajoute 1.
    pub fn increment(&mut self, replica: &ReplicaId) {
        self.move_by(replica, 1);
    }

    /// Retire 1.
    pub fn decrement(&mut self, replica: &ReplicaId) {
        self.move_by(replica, -1);
    }

    /// Ajoute `n`.
    pub fn increment_by(&mut self, replica: &ReplicaId, n: u64) {
        self.move_by(replica, n as i64);
    }

    /// Retire `n`.
    pub fn decrement_by(&mut self, replica: &ReplicaId, n: u64) {
        self.move_by(replica, -(n as i64));
    }

    /// Le total.
    pub fn value(&self) -> i64 {
        self.totals.values().map(|(_, total)| total).sum()
    }
}

impl CRDT for PNCounter {
    fn merge(&mut self, other: &Self) {
        for (replica, theirs) in &other.totals {
            let mine = self.totals.entry(replica.clone()).or_default();
            if mine.0 < theirs.0 {
                *mine = *theirs;
            }
        }
    }
}
