//! La liste : chaque élément a une position entre 0 et 1, au milieu de celles de ses voisins.

use crate::{ActorId, StateCrdt};

/// Un élément, supprimé ou non.
#[derive(Clone, Debug)]
struct Element<T> {
    position: f64,
    actor: ActorId,
    number: u64,
    value: T,
    is_deleted: bool,
}

/// Une liste, triée par position.
#[derive(Clone, Debug)]
pub struct CrdtList<T: Clone> {
    elements: Vec<Element<T>>,
}

impl<T: Clone> CrdtList<T> {
    /// Une liste vide.
    pub fn new() -> Self {
        Self { elements: Vec::new() }
    }

    fn seen(&self) -> Vec<usize> {
        (0..self.elements.len()).filter(|at| !self.elements[*at].is_deleted).collect()
    }

    fn sort(&mut self) {
        self.elements.sort_by(|one, two| {
            one.position
                .total_cmp(&two.position)
                .then(one.actor.cmp(&two.actor))
                .then(one.number.cmp(&two.number))
        });
    }

    /// Insère.
    pub fn insert(&mut self, index: usize, value: T, actor: ActorId) {
        let seen = self.seen();
        let index = index.min(seen.len());
        let position = |at: usize| self.elements[seen[at]].position;
        let left = if index == 0 { 0.0 } else { position(index - 1) };
        let right = if index == seen.len() { 1.0 } else { position(index) };
        self.elements.push(Element {
            position: (left + right) / 2.0,
            actor,
            number: self.elements.len() as u64,
            value,
            is_deleted: false,
        });
        self.sort();
    }

    /// Supprime.
    pub fn delete(&mut self, index: usize) {
        if let Some(at) = self.seen().get(index) {
            self.elements[*at].is_deleted = true;
        }
    }

    /// Les éléments.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.elements.iter().filter(|element| !element.is_deleted).map(|element| &element.value)
    }

    /// Leur nombre.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// S'il n'y en a pas.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Clone> Default for CrdtList<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> StateCrdt for CrdtList<T> {
    fn merge(&mut self, other: &Self) {
        for theirs in &other.elements {
            let same = |mine: &&mut Element<T>| (mine.actor, mine.number) == (theirs.actor, theirs.number);
            match self.elements.iter_mut().find(same) {
                Some(mine) => mine.is_deleted |= theirs.is_deleted,
                None => self.elements.push(theirs.clone()),
            }
        }
        self.sort();
    }
}
