//! EX03 : structures répliquées sans conflit.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne des types. Les noms et les types de cette interface ne
//! changent pas ; les exigences R1 à R13 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs modules, à
//! condition de tout réexporter ici.

use std::collections::HashSet;
use std::hash::Hash;
use std::marker::PhantomData;

/// Un état qui peut absorber celui d'un autre réplica.
pub trait CRDT: Clone {
    /// Absorbe tout ce dont `other` a entendu parler : commutatif, associatif, idempotent (R11).
    fn merge(&mut self, other: &Self);
}

/// Identifiant d'un réplica. Un identifiant n'a qu'un seul écrivain.
pub type ReplicaId = String;

/// Quand une écriture a eu lieu, et où. Ordonné par temps, puis par réplica (R1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Le temps, dans l'unité que vous voulez.
    pub time: u64,
    /// Le réplica qui a écrit.
    pub replica: ReplicaId,
}

impl Timestamp {
    /// Le `Timestamp` d'un réplica qui n'a encore rien écrit (R1).
    pub fn new(replica: ReplicaId) -> Self {
        todo!("timestamp de {replica}")
    }

    /// Avance le temps de 1 (R1).
    pub fn increment(&mut self) {
        todo!()
    }
}

/// Compteur qui ne fait que croître : chaque réplica a son propre compte (R2).
#[derive(Debug, Clone, Default)]
pub struct GCounter {
    // À vous de choisir.
}

impl GCounter {
    /// Crée un compteur à zéro (R2).
    pub fn new() -> Self {
        todo!()
    }

    /// Ajoute 1 au compte de `replica` (R2).
    pub fn increment(&mut self, replica: &ReplicaId) {
        todo!("increment {replica}")
    }

    /// Ajoute `n` au compte de `replica` (R2).
    pub fn increment_by(&mut self, replica: &ReplicaId, n: u64) {
        todo!("increment_by {replica} {n}")
    }

    /// La somme de tous les comptes (R2).
    pub fn value(&self) -> u64 {
        todo!()
    }

    /// Le compte de `replica`, 0 s'il est inconnu (R2).
    pub fn replica_value(&self, replica: &ReplicaId) -> u64 {
        todo!("replica_value {replica}")
    }
}

impl CRDT for GCounter {
    /// Garde le plus grand compte de chaque réplica (R3).
    fn merge(&mut self, other: &Self) {
        todo!("merge {other:?}")
    }
}

/// Compteur qui monte et qui descend (R4).
#[derive(Debug, Clone, Default)]
pub struct PNCounter {
    // À vous de choisir.
}

impl PNCounter {
    /// Crée un compteur à zéro (R4).
    pub fn new() -> Self {
        todo!()
    }

    /// Ajoute 1 au nom de `replica` (R4).
    pub fn increment(&mut self, replica: &ReplicaId) {
        todo!("increment {replica}")
    }

    /// Retire 1 au nom de `replica` (R4).
    pub fn decrement(&mut self, replica: &ReplicaId) {
        todo!("decrement {replica}")
    }

    /// Ajoute `n` au nom de `replica` (R4).
    pub fn increment_by(&mut self, replica: &ReplicaId, n: u64) {
        todo!("increment_by {replica} {n}")
    }

    /// Retire `n` au nom de `replica` (R4).
    pub fn decrement_by(&mut self, replica: &ReplicaId, n: u64) {
        todo!("decrement_by {replica} {n}")
    }

    /// Ce qui a été ajouté moins ce qui a été retiré ; peut être négatif (R4).
    pub fn value(&self) -> i64 {
        todo!()
    }
}

impl CRDT for PNCounter {
    /// Ne perd aucune opération, n'en compte aucune deux fois (R4).
    fn merge(&mut self, other: &Self) {
        todo!("merge {other:?}")
    }
}

/// Registre où la dernière écriture gagne (R5).
#[derive(Debug, Clone)]
pub struct LWWRegister<T: Clone> {
    // À vous de choisir.
    todo: PhantomData<T>,
}

impl<T: Clone> LWWRegister<T> {
    /// Crée un registre vide, qui écrira au nom de `replica` (R5).
    pub fn new(replica: ReplicaId) -> Self {
        todo!("registre de {replica}")
    }

    /// Écrit `value` avec un `Timestamp` plus grand que tous ceux que ce registre a vus (R5).
    pub fn set(&mut self, value: T) {
        let _ = value;
        todo!()
    }

    /// La valeur de l'écriture gagnante (R5).
    pub fn get(&self) -> Option<&T> {
        todo!()
    }

    /// Le `Timestamp` de l'écriture gagnante (R5).
    pub fn timestamp(&self) -> &Timestamp {
        todo!()
    }
}

impl<T: Clone> CRDT for LWWRegister<T> {
    /// Garde l'écriture au plus grand `Timestamp` (R6).
    fn merge(&mut self, other: &Self) {
        todo!("merge {:?}", other.todo)
    }
}

/// Une valeur et l'étiquette qui distingue cette insertion de toutes les autres.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tagged<T> {
    /// Ce qui a été inséré.
    pub value: T,
    /// L'étiquette, unique.
    pub tag: Timestamp,
}

/// Ensemble dont un retrait ne supprime que les insertions observées (R7, R8).
#[derive(Debug, Clone)]
pub struct ORSet<T: Clone + Eq + Hash> {
    // À vous de choisir.
    todo: PhantomData<T>,
}

impl<T: Clone + Eq + Hash> ORSet<T> {
    /// Crée un ensemble vide, qui insérera au nom de `replica_id` (R7).
    pub fn new(replica_id: ReplicaId) -> Self {
        todo!("ensemble de {replica_id}")
    }

    /// Insère une valeur : une insertion nouvelle, même si la valeur est déjà là (R7, R8).
    pub fn insert(&mut self, value: T) {
        let _ = value;
        todo!()
    }

    /// Retire toutes les insertions observées d'une valeur ; vrai s'il y en avait (R7, R8).
    pub fn remove(&mut self, value: &T) -> bool {
        let _ = value;
        todo!()
    }

    /// Dit si la valeur est présente (R7).
    pub fn contains(&self, value: &T) -> bool {
        let _ = value;
        todo!()
    }

    /// Les valeurs présentes, chacune une fois (R7).
    pub fn values(&self) -> HashSet<T> {
        todo!()
    }

    /// Le nombre de valeurs présentes, chacune comptée une fois (R7).
    pub fn len(&self) -> usize {
        todo!()
    }

    /// Dit s'il n'y a aucune valeur (R7).
    pub fn is_empty(&self) -> bool {
        todo!()
    }
}

impl<T: Clone + Eq + Hash> CRDT for ORSet<T> {
    /// Réunit les insertions, et supprime celles qu'un retrait de l'un ou de l'autre a observées (R8).
    fn merge(&mut self, other: &Self) {
        todo!("merge {:?}", other.todo)
    }
}

/// Dictionnaire où la dernière écriture de chaque clé gagne, insertion ou retrait (R9, R10).
#[derive(Debug, Clone)]
pub struct LWWMap<K: Clone + Eq + Hash, V: Clone> {
    // À vous de choisir.
    todo: PhantomData<(K, V)>,
}

impl<K: Clone + Eq + Hash, V: Clone> LWWMap<K, V> {
    /// Crée un dictionnaire vide, qui écrira au nom de `replica_id` (R9).
    pub fn new(replica_id: ReplicaId) -> Self {
        todo!("dictionnaire de {replica_id}")
    }

    /// Écrit une valeur sous une clé (R9).
    pub fn insert(&mut self, key: K, value: V) {
        let _ = (key, value);
        todo!()
    }

    /// Retire une clé ; c'est une écriture (R9, R10).
    pub fn remove(&mut self, key: &K) {
        let _ = key;
        todo!()
    }

    /// La dernière valeur écrite sous une clé, s'il y en a une (R9).
    pub fn get(&self, key: &K) -> Option<&V> {
        let _ = key;
        todo!()
    }

    /// Dit si la clé a une valeur (R9).
    pub fn contains_key(&self, key: &K) -> bool {
        let _ = key;
        todo!()
    }

    /// Les clés qui ont une valeur, chacune une fois, dans un ordre quelconque (R9).
    pub fn keys(&self) -> Vec<&K> {
        todo!()
    }
}

impl<K: Clone + Eq + Hash, V: Clone> CRDT for LWWMap<K, V> {
    /// Garde, clé par clé, l'écriture au plus grand `Timestamp` (R10).
    fn merge(&mut self, other: &Self) {
        todo!("merge {:?}", other.todo)
    }
}
