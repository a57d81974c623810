//! Des documents datés par l'horloge murale.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// Une valeur.
#[derive(Clone, Debug)]
pub enum Value {
    /// Rien.
    Null,
    /// Un booléen.
    Bool(bool),
    /// Un entier.
    Int(i64),
    /// Un flottant.
    Float(f64),
    /// Un texte.
    String(String),
    /// Une liste.
    List(Vec<Value>),
    /// Un dictionnaire.
    Map(HashMap<String, Value>),
}

/// Les nanosecondes depuis 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// Un document qui ne fusionne pas ; son acteur et son numéro ne servent à rien.
#[derive(Clone, Debug, Default)]
pub struct AutoCommit {
    values: HashMap<String, Value>,
    actor: String,
    number: u64,
}

impl AutoCommit {
    /// Un document vide.
    pub fn new() -> Self {
        Self::with_actor(&format!("{:x}", now()))
    }

    /// Le document d'un acteur.
    pub fn with_actor(actor: &str) -> Self {
        AutoCommit {
            values: HashMap::new(),
            actor: actor.to_owned(),
            number: 0,
        }
    }

    /// Écrit.
    pub fn put(&mut self, key: &str, value: Value) -> Result<(), String> {
        self.number += 1;
        self.values.insert(key.to_owned(), value);
        Ok(())
    }

    /// Lit.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// Les clés.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.values.keys()
    }
}

/// Un document qui fusionne ; à date égale, chacun garde la sienne.
#[derive(Clone, Debug, Default)]
pub struct Automerge {
    values: HashMap<String, (u64, Value)>,
}

impl Automerge {
    /// Un document vide.
    pub fn new() -> Self {
        Automerge::default()
    }

    /// Écrit.
    pub fn put(&mut self, key: &str, value: Value) {
        self.values.insert(key.to_owned(), (now(), value));
    }

    /// Lit.
    pub fn get(&self, key: &str) -> Option<&Value> {
        Some(&self.values.get(key)?.1)
    }

    /// Garde la plus récente de deux écritures.
    pub fn merge(&mut self, other: &Self) {
        for (key, theirs) in &other.values {
            let keeps = matches!(self.values.get(key), Some(mine) if theirs.0 <= mine.0);
            if !keeps {
                self.values.insert(key.clone(), theirs.clone());
            }
        }
    }
}
