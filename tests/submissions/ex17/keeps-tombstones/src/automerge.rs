//! Les documents, datés par l'horloge murale, qui n'est jamais crue en retard sur ce qui est connu.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
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

/// Un document qui garde tout ce qui a été écrit.
#[derive(Clone, Debug, Default)]
pub struct AutoCommit {
    log: Vec<(String, Value)>,
    actor: String,
}

impl AutoCommit {
    /// Un document vide.
    pub fn new() -> Self {
        Self::default()
    }

    /// Le document d'un acteur.
    pub fn with_actor(actor: &str) -> Self {
        Self {
            log: Vec::new(),
            actor: actor.to_owned(),
        }
    }

    /// L'acteur.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Écrit.
    pub fn put(&mut self, key: &str, value: Value) -> Result<(), String> {
        self.log.push((key.to_owned(), value));
        Ok(())
    }

    /// Lit.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.log.iter().rev().find(|(mine, _)| mine == key).map(|(_, value)| value)
    }

    /// Les clés.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        let is_first = |at: usize, key: &String| self.log[..at].iter().all(|(other, _)| other != key);
        let keys = self.log.iter().enumerate().map(|(at, (key, _))| (at, key));
        keys.filter(move |(at, key)| is_first(*at, key)).map(|(_, key)| key)
    }
}

/// La date d'une écriture, et le document où elle a eu lieu.
type Stamp = (u64, u64);

/// Un document qui fusionne.
#[derive(Clone, Debug)]
pub struct Automerge {
    entries: HashMap<String, (Stamp, Value)>,
    /// La plus grande date connue.
    latest: u64,
    name: u64,
}

impl Automerge {
    /// Un document vide, au nom tiré au hasard.
    pub fn new() -> Self {
        Self {
            entries: HashMap::new(),
            latest: 0,
            name: RandomState::new().hash_one(0),
        }
    }

    /// Écrit.
    pub fn put(&mut self, key: &str, value: Value) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        self.latest = now.max(self.latest + 1);
        self.entries.insert(key.to_owned(), ((self.latest, self.name), value));
    }

    /// Lit.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(key).map(|(_, value)| value)
    }

    /// Garde la dernière écriture de chaque clé.
    pub fn merge(&mut self, other: &Self) {
        for (key, entry) in &other.entries {
            if self.entries.get(key).is_none_or(|mine| mine.0 < entry.0) {
                self.entries.insert(key.clone(), entry.clone());
            }
        }
        self.latest = self.latest.max(other.latest);
    }
}

impl Default for Automerge {
    fn default() -> Self {
        Self::new()
    }
}
