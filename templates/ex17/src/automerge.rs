//! Documents : des valeurs sous des noms, où la dernière écriture d'un nom gagne.

use std::collections::HashMap;
use std::iter;

/// Une valeur d'un document.
#[derive(Clone, Debug)]
pub enum Value {
    /// Rien, ce qui n'est pas l'absence de valeur.
    Null,
    /// Vrai ou faux.
    Bool(bool),
    /// Un nombre entier.
    Int(i64),
    /// Un nombre à virgule.
    Float(f64),
    /// Un texte.
    String(String),
    /// Des valeurs en ordre.
    List(Vec<Value>),
    /// Des valeurs par nom.
    Map(HashMap<String, Value>),
}

/// Document qui enregistre chaque écriture, au nom d'un acteur (R16).
#[derive(Clone, Debug, Default)]
pub struct AutoCommit {
    // À vous de choisir.
}

impl AutoCommit {
    /// Crée un document vide (R16).
    pub fn new() -> Self {
        todo!()
    }

    /// Crée le document vide d'un acteur (R16).
    pub fn with_actor(actor: &str) -> Self {
        todo!("with_actor {actor}")
    }

    /// Écrit une valeur sous une clé (R16).
    pub fn put(&mut self, key: &str, value: Value) -> Result<(), String> {
        todo!("put {key} {value:?}")
    }

    /// La dernière valeur écrite sous une clé (R16).
    pub fn get(&self, key: &str) -> Option<&Value> {
        todo!("get {key}")
    }

    /// Les clés écrites, chacune une fois (R16).
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        iter::from_fn(|| todo!())
    }
}

/// Document qui fusionne (R17).
#[derive(Clone, Debug, Default)]
pub struct Automerge {
    // À vous de choisir.
}

impl Automerge {
    /// Crée un document vide (R17).
    pub fn new() -> Self {
        todo!()
    }

    /// Écrit une valeur sous une clé (R17).
    pub fn put(&mut self, key: &str, value: Value) {
        todo!("put {key} {value:?}")
    }

    /// La dernière valeur écrite sous une clé (R17).
    pub fn get(&self, key: &str) -> Option<&Value> {
        todo!("get {key}")
    }

    /// Prend les écritures de l'autre document (R17).
    pub fn merge(&mut self, other: &Self) {
        todo!("merge {other:?}")
    }
}
