//! Une bibliothèque de CRDT telle que le cours l'esquisse : elle passe les exemples, et peu d'autres choses.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;

pub mod automerge;

/// Un acteur.
pub type ActorId = u64;

/// Les événements connus de chaque acteur.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VectorClock(BTreeMap<ActorId, u64>);

impl VectorClock {
    /// Une horloge vide.
    pub fn new() -> Self {
        VectorClock(BTreeMap::new())
    }

    /// Un événement de plus.
    pub fn inc(&mut self, actor: ActorId) {
        let next = self.get(&actor) + 1;
        self.0.insert(actor, next);
    }

    /// Le compte d'un acteur.
    pub fn get(&self, actor: &ActorId) -> u64 {
        self.0.get(actor).copied().unwrap_or_default()
    }

    /// Le maximum.
    pub fn merge(&mut self, other: &Self) {
        for (actor, theirs) in &other.0 {
            let mine = self.get(actor);
            self.0.insert(*actor, mine.max(*theirs));
        }
    }

    /// Compare les entrées de cette horloge seulement.
    pub fn happens_before(&self, other: &Self) -> bool {
        let mut is_smaller = false;
        for (actor, mine) in &self.0 {
            let theirs = other.get(actor);
            if theirs < *mine {
                return false;
            }
            is_smaller |= theirs > *mine;
        }
        is_smaller
    }
}

/// Un CRDT à états.
pub trait StateCrdt: Clone {
    /// Fusionne.
    fn merge(&mut self, other: &Self);
}

/// Un CRDT à opérations. Aucun type ne l'est.
pub trait OpCrdt {
    /// Une opération.
    type Op;
    /// Applique une opération.
    fn apply(&mut self, op: Self::Op);
}

/// Un compteur qui croît.
#[derive(Clone, Debug, Default)]
pub struct GCounter {
    by_actor: HashMap<ActorId, u64>,
}

impl GCounter {
    /// Zéro.
    pub fn new() -> Self {
        GCounter::default()
    }

    /// Un de plus.
    pub fn inc(&mut self, actor: ActorId) {
        let count = self.by_actor.entry(actor).or_default();
        *count += 1;
    }

    /// La somme.
    pub fn read(&self) -> u64 {
        self.by_actor.values().copied().sum()
    }
}

impl StateCrdt for GCounter {
    fn merge(&mut self, other: &Self) {
        for (actor, theirs) in &other.by_actor {
            let mine = self.by_actor.entry(*actor).or_default();
            if *mine < *theirs {
                *mine = *theirs;
            }
        }
    }
}

/// Un compteur dans les deux sens.
#[derive(Clone, Debug, Default)]
pub struct PNCounter {
    up: GCounter,
    down: GCounter,
}

impl PNCounter {
    /// Zéro.
    pub fn new() -> Self {
        PNCounter::default()
    }

    /// Un de plus.
    pub fn inc(&mut self, actor: ActorId) {
        self.up.inc(actor);
    }

    /// Un de moins.
    pub fn dec(&mut self, actor: ActorId) {
        self.down.inc(actor);
    }

    /// La différence.
    pub fn read(&self) -> i64 {
        self.up.read() as i64 - self.down.read() as i64
    }
}

impl StateCrdt for PNCounter {
    fn merge(&mut self, other: &Self) {
        self.up.merge(&other.up);
        self.down.merge(&other.down);
    }
}

/// Un ensemble qui croît.
#[derive(Clone, Debug, Default)]
pub struct GSet<T: Clone + Eq + Hash> {
    all: HashSet<T>,
}

impl<T: Clone + Eq + Hash> GSet<T> {
    /// L'ensemble vide.
    pub fn new() -> Self {
        GSet { all: HashSet::new() }
    }

    /// Ajoute.
    pub fn add(&mut self, elem: T) {
        self.all.insert(elem);
    }

    /// Si l'élément est présent.
    pub fn contains(&self, elem: &T) -> bool {
        self.all.contains(elem)
    }

    /// Les éléments.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.all.iter()
    }

    /// Leur nombre.
    pub fn len(&self) -> usize {
        self.all.len()
    }
}

impl<T: Clone + Eq + Hash> StateCrdt for GSet<T> {
    fn merge(&mut self, other: &Self) {
        for elem in other.iter() {
            self.add(elem.clone());
        }
    }
}

/// Un ensemble dont on retire, mais dont la fusion réunit ce qui est là.
#[derive(Clone, Debug)]
pub struct Orswot<T: Clone + Eq + Hash> {
    tagged: HashMap<T, BTreeSet<(ActorId, u64)>>,
    clock: VectorClock,
}

impl<T: Clone + Eq + Hash> Orswot<T> {
    /// L'ensemble vide.
    pub fn new() -> Self {
        Orswot {
            tagged: HashMap::new(),
            clock: VectorClock::new(),
        }
    }

    /// Ajoute.
    pub fn add(&mut self, elem: T, actor: ActorId) {
        self.clock.inc(actor);
        let number = self.clock.get(&actor);
        self.tagged.entry(elem).or_default().insert((actor, number));
    }

    /// Retire d'ici.
    pub fn remove(&mut self, elem: &T) {
        self.tagged.remove(elem);
    }

    /// Si l'élément est présent.
    pub fn contains(&self, elem: &T) -> bool {
        self.tagged.contains_key(elem)
    }

    /// Les éléments.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.tagged.keys()
    }
}

impl<T: Clone + Eq + Hash> Default for Orswot<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone + Eq + Hash> StateCrdt for Orswot<T> {
    fn merge(&mut self, other: &Self) {
        for (elem, tags) in &other.tagged {
            self.tagged.entry(elem.clone()).or_default().extend(tags);
        }
        self.clock.merge(&other.clock);
    }
}

/// Un registre à plusieurs valeurs.
#[derive(Clone, Debug)]
pub struct MVReg<T: Clone> {
    writes: Vec<(T, VectorClock)>,
}

impl<T: Clone> MVReg<T> {
    /// Un registre vide.
    pub fn new() -> Self {
        MVReg { writes: Vec::new() }
    }

    /// Écrit, même ce qui est dépassé.
    pub fn set(&mut self, value: T, clock: VectorClock) {
        self.writes.retain(|(_, old)| !old.happens_before(&clock));
        self.writes.push((value, clock));
    }

    /// Les valeurs.
    pub fn read(&self) -> Vec<&T> {
        self.writes.iter().map(|write| &write.0).collect()
    }
}

impl<T: Clone> Default for MVReg<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> StateCrdt for MVReg<T> {
    fn merge(&mut self, other: &Self) {
        let mut both = self.writes.clone();
        both.extend(other.writes.iter().cloned());
        self.writes = both.clone();
        self.writes.retain(|(_, clock)| both.iter().all(|(_, later)| !clock.happens_before(later)));
    }
}

/// Un dictionnaire de CRDT.
#[derive(Clone, Debug)]
pub struct CrdtMap<K: Clone + Eq + Hash, V: StateCrdt> {
    by_key: HashMap<K, V>,
}

impl<K: Clone + Eq + Hash, V: StateCrdt> CrdtMap<K, V> {
    /// Un dictionnaire vide.
    pub fn new() -> Self {
        CrdtMap { by_key: HashMap::new() }
    }

    /// La valeur d'une clé.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.by_key.get(key)
    }

    /// La valeur d'une clé, à modifier.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.by_key.get_mut(key)
    }

    /// Remplace la valeur d'une clé.
    pub fn insert(&mut self, key: K, value: V) {
        self.by_key.insert(key, value);
    }

    /// Les clés.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.by_key.keys()
    }
}

impl<K: Clone + Eq + Hash, V: StateCrdt> Default for CrdtMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Clone + Eq + Hash, V: StateCrdt> StateCrdt for CrdtMap<K, V> {
    fn merge(&mut self, other: &Self) {
        for (key, theirs) in &other.by_key {
            if let Some(mine) = self.by_key.get_mut(key) {
                mine.merge(theirs);
            } else {
                self.by_key.insert(key.clone(), theirs.clone());
            }
        }
    }
}

/// Un élément d'une liste.
#[derive(Clone, Debug)]
struct Item<T> {
    value: T,
    is_deleted: bool,
}

/// Une liste dont les indices comptent les éléments supprimés, et qui ne fusionne pas.
#[derive(Clone, Debug)]
pub struct CrdtList<T: Clone> {
    items: Vec<Item<T>>,
    names: Vec<String>,
}

impl<T: Clone> CrdtList<T> {
    /// Une liste vide.
    pub fn new() -> Self {
        CrdtList {
            items: Vec::new(),
            names: Vec::new(),
        }
    }

    /// Insère.
    pub fn insert(&mut self, index: usize, value: T, actor: ActorId) {
        let at = self.items.len().min(index);
        self.names.push(format!("{actor}:{}", self.items.len()));
        self.items.insert(at, Item { value, is_deleted: false });
    }

    /// Supprime.
    pub fn delete(&mut self, index: usize) {
        if index < self.items.len() {
            self.items[index].is_deleted = true;
        }
    }

    /// Les éléments.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter().filter(|item| !item.is_deleted).map(|item| &item.value)
    }

    /// Leur nombre.
    pub fn len(&self) -> usize {
        self.iter().count()
    }
}

impl<T: Clone> Default for CrdtList<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Un CRDT fait de fonctions.
pub trait CustomCrdt {
    /// L'état.
    type State;
    /// Une opération.
    type Op;
    /// L'état neutre.
    fn initial() -> Self::State;
    /// Applique une opération.
    fn apply_op(state: &mut Self::State, op: Self::Op);
    /// Fusionne deux états.
    fn merge_states(a: &Self::State, b: &Self::State) -> Self::State;
}

/// Le plus grand nombre.
pub struct MaxRegister;

impl CustomCrdt for MaxRegister {
    type State = i64;
    type Op = i64;

    fn initial() -> i64 {
        i64::MIN
    }

    fn apply_op(state: &mut i64, op: i64) {
        if op > *state {
            *state = op;
        }
    }

    fn merge_states(a: &i64, b: &i64) -> i64 {
        std::cmp::max(*a, *b)
    }
}
