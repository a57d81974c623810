//! L'horloge vectorielle, en tableau trié.

use std::cmp::Ordering;

/// Un acteur.
pub type ActorId = u64;

/// Les comptes, triés par acteur, sans zéros.
#[derive(Clone, Debug, Default)]
pub struct VectorClock {
    counts: Vec<(ActorId, u64)>,
}

impl VectorClock {
    /// Une horloge vide.
    pub fn new() -> Self {
        Self::default()
    }

    fn slot(&mut self, actor: ActorId) -> &mut u64 {
        let at = match self.counts.binary_search_by_key(&actor, |(actor, _)| *actor) {
            Ok(at) => at,
            Err(at) => {
                self.counts.insert(at, (actor, 0));
                at
            }
        };
        &mut self.counts[at].1
    }

    /// Un événement de plus.
    pub fn inc(&mut self, actor: ActorId) {
        *self.slot(actor) += 1;
    }

    /// Le compte d'un acteur.
    pub fn get(&self, actor: &ActorId) -> u64 {
        match self.counts.binary_search_by_key(actor, |(actor, _)| *actor) {
            Ok(at) => self.counts[at].1,
            Err(_) => 0,
        }
    }

    /// Le maximum.
    pub fn merge(&mut self, other: &Self) {
        for (actor, count) in &other.counts {
            self.at_least(*actor, *count);
        }
    }

    pub(crate) fn at_least(&mut self, actor: ActorId, count: u64) {
        let mine = self.slot(actor);
        *mine = (*mine).max(count);
    }

    pub(crate) fn sum(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    /// L'ordre partiel, si les horloges sont ordonnées.
    fn compare(&self, other: &Self) -> Option<Ordering> {
        let mut order = Ordering::Equal;
        for (actor, _) in self.counts.iter().chain(&other.counts) {
            match (order, self.get(actor).cmp(&other.get(actor))) {
                (_, Ordering::Equal) => {}
                (Ordering::Equal, here) => order = here,
                (before, here) if before == here => {}
                _ => return None,
            }
        }
        Some(order)
    }

    /// Strictement avant.
    pub fn happens_before(&self, other: &Self) -> bool {
        self.compare(other) == Some(Ordering::Less)
    }
}

impl PartialEq for VectorClock {
    fn eq(&self, other: &Self) -> bool {
        self.compare(other) == Some(Ordering::Equal)
    }
}
