//! EX17 : une bibliothèque de CRDT.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne des types. Les noms et les types de cette interface ne
//! changent pas ; les exigences R1 à R19 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs modules, à
//! condition de tout réexporter ici.

pub mod automerge;

use std::hash::Hash;
use std::iter;
use std::marker::PhantomData;

/// Identifiant d'un acteur, c'est-à-dire de qui écrit. Un acteur n'a qu'un seul écrivain.
pub type ActorId = u64;

/// Horloge vectorielle : combien d'événements de chaque acteur sont dans le passé de quelqu'un (R1).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VectorClock {
    // À vous de choisir.
}

impl VectorClock {
    /// L'horloge de qui n'a entendu parler de rien (R1).
    pub fn new() -> Self {
        todo!()
    }

    /// Compte un événement de `actor` (R1).
    pub fn inc(&mut self, actor: ActorId) {
        todo!("inc {actor}")
    }

    /// Le compte de `actor`, 0 s'il est inconnu (R1).
    pub fn get(&self, actor: &ActorId) -> u64 {
        todo!("get {actor}")
    }

    /// Garde le plus grand compte de chaque acteur (R1).
    pub fn merge(&mut self, other: &Self) {
        todo!("merge {other:?}")
    }

    /// Si cette horloge est strictement avant `other` (R2).
    pub fn happens_before(&self, other: &Self) -> bool {
        todo!("happens_before {other:?}")
    }
}

/// Un état qui peut absorber celui d'un autre réplica.
pub trait StateCrdt: Clone {
    /// Absorbe tout ce dont `other` a entendu parler : commutatif, associatif, idempotent (R18).
    fn merge(&mut self, other: &Self);
}

/// Un état à qui l'on raconte des opérations.
pub trait OpCrdt {
    /// Ce qui s'est passé chez un réplica.
    type Op;

    /// Prend connaissance d'une opération (R14).
    fn apply(&mut self, op: Self::Op);
}

/// Compteur qui ne fait que croître (R3).
#[derive(Clone, Debug, Default)]
pub struct GCounter {
    // À vous de choisir.
}

impl GCounter {
    /// Crée un compteur à zéro (R3).
    pub fn new() -> Self {
        todo!()
    }

    /// Ajoute 1 au compte de `actor` (R3).
    pub fn inc(&mut self, actor: ActorId) {
        todo!("inc {actor}")
    }

    /// La somme de tous les comptes (R3).
    pub fn read(&self) -> u64 {
        todo!()
    }
}

impl StateCrdt for GCounter {
    /// Garde le plus grand compte de chaque acteur (R3).
    fn merge(&mut self, other: &Self) {
        todo!("merge {other:?}")
    }
}

impl OpCrdt for GCounter {
    /// Un acteur, et ce qu'il a compté en tout.
    type Op = (ActorId, u64);

    /// Apprend ce qu'un acteur a compté (R14).
    fn apply(&mut self, op: (ActorId, u64)) {
        todo!("apply {op:?}")
    }
}

/// Compteur qui monte et qui descend (R4).
#[derive(Clone, Debug, Default)]
pub struct PNCounter {
    // À vous de choisir.
}

impl PNCounter {
    /// Crée un compteur à zéro (R4).
    pub fn new() -> Self {
        todo!()
    }

    /// Ajoute 1 au nom de `actor` (R4).
    pub fn inc(&mut self, actor: ActorId) {
        todo!("inc {actor}")
    }

    /// Retire 1 au nom de `actor` (R4).
    pub fn dec(&mut self, actor: ActorId) {
        todo!("dec {actor}")
    }

    /// Ce qui a été ajouté moins ce qui a été retiré (R4).
    pub fn read(&self) -> i64 {
        todo!()
    }
}

impl StateCrdt for PNCounter {
    /// Compte chaque opération une fois, dans les deux sens (R4).
    fn merge(&mut self, other: &Self) {
        todo!("merge {other:?}")
    }
}

/// Ensemble qui ne fait que croître (R5).
#[derive(Clone, Debug, Default)]
pub struct GSet<T: Clone + Eq + Hash> {
    // À vous de choisir.
    elements: PhantomData<T>,
}

impl<T: Clone + Eq + Hash> GSet<T> {
    /// Crée un ensemble vide (R5).
    pub fn new() -> Self {
        todo!()
    }

    /// Ajoute un élément (R5).
    pub fn add(&mut self, elem: T) {
        let _ = elem;
        todo!()
    }

    /// Si un élément est présent (R5).
    pub fn contains(&self, elem: &T) -> bool {
        let _ = elem;
        todo!()
    }

    /// Les éléments, chacun une fois (R5).
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        iter::from_fn(|| todo!())
    }

    /// Le nombre d'éléments (R5).
    pub fn len(&self) -> usize {
        todo!()
    }
}

impl<T: Clone + Eq + Hash> StateCrdt for GSet<T> {
    /// La réunion (R5).
    fn merge(&mut self, other: &Self) {
        let _ = other;
        todo!()
    }
}

impl<T: Clone + Eq + Hash> OpCrdt for GSet<T> {
    /// L'élément ajouté.
    type Op = T;

    /// Apprend un ajout (R14).
    fn apply(&mut self, op: T) {
        let _ = op;
        todo!()
    }
}

/// Ensemble où un retrait retire ce qu'il a observé, sans pierres tombales (R6 à R8).
#[derive(Clone, Debug)]
pub struct Orswot<T: Clone + Eq + Hash> {
    // À vous de choisir.
    elements: PhantomData<T>,
}

impl<T: Clone + Eq + Hash> Orswot<T> {
    /// Crée un ensemble vide (R6).
    pub fn new() -> Self {
        todo!()
    }

    /// Ajoute un élément au nom de `actor` (R6, R7).
    pub fn add(&mut self, elem: T, actor: ActorId) {
        let _ = elem;
        todo!("add {actor}")
    }

    /// Retire un élément : tous les ajouts dont cet état a entendu parler (R6, R7).
    pub fn remove(&mut self, elem: &T) {
        let _ = elem;
        todo!()
    }

    /// Si un élément est présent (R6).
    pub fn contains(&self, elem: &T) -> bool {
        let _ = elem;
        todo!()
    }

    /// Les éléments, chacun une fois (R6).
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        iter::from_fn(|| todo!())
    }
}

impl<T: Clone + Eq + Hash> Default for Orswot<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone + Eq + Hash> StateCrdt for Orswot<T> {
    /// Prend les ajouts et les retraits de l'autre état (R7).
    fn merge(&mut self, other: &Self) {
        let _ = other;
        todo!()
    }
}

/// Registre qui ne perd aucune écriture concurrente (R9, R10).
#[derive(Clone, Debug)]
pub struct MVReg<T: Clone> {
    // À vous de choisir.
    values: PhantomData<T>,
}

impl<T: Clone> MVReg<T> {
    /// Crée un registre jamais écrit (R9).
    pub fn new() -> Self {
        todo!()
    }

    /// Fait connaître une écriture et son horloge (R9).
    pub fn set(&mut self, value: T, clock: VectorClock) {
        let _ = value;
        todo!("set {clock:?}")
    }

    /// Les valeurs des dernières écritures, chacune une fois (R9).
    pub fn read(&self) -> Vec<&T> {
        todo!()
    }
}

impl<T: Clone> Default for MVReg<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> StateCrdt for MVReg<T> {
    /// Prend connaissance des écritures de l'autre (R10).
    fn merge(&mut self, other: &Self) {
        let _ = other;
        todo!()
    }
}

/// Dictionnaire dont les valeurs se répliquent elles-mêmes (R11).
#[derive(Clone, Debug)]
pub struct CrdtMap<K: Clone + Eq + Hash, V: StateCrdt> {
    // À vous de choisir.
    entries: PhantomData<(K, V)>,
}

impl<K: Clone + Eq + Hash, V: StateCrdt> CrdtMap<K, V> {
    /// Crée un dictionnaire vide (R11).
    pub fn new() -> Self {
        todo!()
    }

    /// La valeur d'une clé (R11).
    pub fn get(&self, key: &K) -> Option<&V> {
        let _ = key;
        todo!()
    }

    /// La valeur d'une clé, à modifier en place (R11).
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let _ = key;
        todo!()
    }

    /// Pose la valeur d'une clé neuve, ou la fusionne avec celle qui est là (R11).
    pub fn insert(&mut self, key: K, value: V) {
        let _ = (key, value);
        todo!()
    }

    /// Les clés, chacune une fois (R11).
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        iter::from_fn(|| todo!())
    }
}

impl<K: Clone + Eq + Hash, V: StateCrdt> Default for CrdtMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Clone + Eq + Hash, V: StateCrdt> StateCrdt for CrdtMap<K, V> {
    /// Fusionne les valeurs clé par clé (R11).
    fn merge(&mut self, other: &Self) {
        let _ = other;
        todo!()
    }
}

/// Liste que chacun modifie par position (R12, R13).
#[derive(Clone, Debug)]
pub struct CrdtList<T: Clone> {
    // À vous de choisir.
    elements: PhantomData<T>,
}

impl<T: Clone> CrdtList<T> {
    /// Crée une liste vide (R12).
    pub fn new() -> Self {
        todo!()
    }

    /// Insère une valeur à l'indice donné parmi les éléments visibles (R12).
    pub fn insert(&mut self, index: usize, value: T, actor: ActorId) {
        let _ = value;
        todo!("insert {index} {actor}")
    }

    /// Supprime l'élément visible de cet indice, s'il existe (R12).
    pub fn delete(&mut self, index: usize) {
        todo!("delete {index}")
    }

    /// Les éléments visibles, dans l'ordre (R12).
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        iter::from_fn(|| todo!())
    }

    /// Le nombre d'éléments visibles (R12).
    pub fn len(&self) -> usize {
        todo!()
    }
}

impl<T: Clone> Default for CrdtList<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> StateCrdt for CrdtList<T> {
    /// Prend les insertions et les suppressions de l'autre liste (R13).
    fn merge(&mut self, other: &Self) {
        let _ = other;
        todo!()
    }
}

/// Dit comment un état quelconque se réplique (R15).
pub trait CustomCrdt {
    /// Ce que garde un réplica.
    type State;
    /// Ce qui lui arrive.
    type Op;

    /// L'état de qui n'a entendu parler de rien.
    fn initial() -> Self::State;

    /// Prend connaissance d'une opération.
    fn apply_op(state: &mut Self::State, op: Self::Op);

    /// Ce dont deux réplicas ont entendu parler ensemble.
    fn merge_states(a: &Self::State, b: &Self::State) -> Self::State;
}

/// L'exemple : le plus grand nombre jamais écrit (R15).
pub struct MaxRegister;

impl CustomCrdt for MaxRegister {
    type State = i64;
    type Op = i64;

    fn initial() -> i64 {
        todo!()
    }

    fn apply_op(state: &mut i64, op: i64) {
        todo!("apply_op {state} {op}")
    }

    fn merge_states(a: &i64, b: &i64) -> i64 {
        todo!("merge_states {a} {b}")
    }
}
