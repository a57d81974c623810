//! La liste : chaque élément est un nœud d'un arbre binaire, et la liste est l'arbre en ordre infixe.

use crate::{ActorId, StateCrdt};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// À gauche d'un nœud, le nœud, à sa droite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Left,
    Here,
    Right,
}

type Turn = (Side, u64, ActorId);

/// Le chemin de la racine à un nœud.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Path(Vec<Turn>);

impl Path {
    fn turns(&self) -> impl Iterator<Item = Turn> + '_ {
        self.0.iter().copied().chain([(Side::Here, 0, 0)])
    }

    fn then(&self, turn: Turn) -> Self {
        let mut turns = self.0.clone();
        turns.push(turn);
        Self(turns)
    }
}

impl Ord for Path {
    fn cmp(&self, other: &Self) -> Ordering {
        self.turns().cmp(other.turns())
    }
}

impl PartialOrd for Path {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Une liste ; les éléments supprimés restent, sans valeur.
#[derive(Clone, Debug)]
pub struct CrdtList<T: Clone> {
    nodes: BTreeMap<Path, Option<T>>,
}

impl<T: Clone> CrdtList<T> {
    /// Une liste vide.
    pub fn new() -> Self {
        Self { nodes: BTreeMap::new() }
    }

    /// Où est un élément visible.
    fn path(&self, index: usize) -> Option<&Path> {
        let mut seen = self.nodes.iter().filter(|(_, value)| value.is_some());
        seen.nth(index).map(|(path, _)| path)
    }

    /// Insère.
    pub fn insert(&mut self, index: usize, value: T, actor: ActorId) {
        let left = index.min(self.len()).checked_sub(1).and_then(|at| self.path(at)).cloned();
        let right = match &left {
            None => self.nodes.keys().next(),
            Some(left) => self.nodes.keys().find(|path| *path > left),
        };
        // Un acteur ne donne jamais deux fois le même numéro : rien n'est oublié.
        let number = self.nodes.len() as u64;
        let path = match (left, right) {
            (None, None) => Path(vec![(Side::Right, number, actor)]),
            (None, Some(right)) => right.then((Side::Left, number, actor)),
            (Some(left), Some(right)) if right.0.starts_with(&left.0) => right.then((Side::Left, number, actor)),
            (Some(left), _) => left.then((Side::Right, number, actor)),
        };
        self.nodes.insert(path, Some(value));
    }

    /// Supprime.
    pub fn delete(&mut self, index: usize) {
        if let Some(path) = self.path(index).cloned() {
            self.nodes.insert(path, None);
        }
    }

    /// Les éléments.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.nodes.values().flatten()
    }

    /// Leur nombre.
    pub fn len(&self) -> usize {
        self.nodes.values().flatten().count()
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
        for (path, value) in &other.nodes {
            let mine = self.nodes.entry(path.clone()).or_insert_with(|| value.clone());
            if value.is_none() {
                *mine = None;
            }
        }
    }
}
