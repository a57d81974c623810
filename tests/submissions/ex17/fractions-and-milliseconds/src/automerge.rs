//! Les documents, datés par l'horloge murale seule.

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

/// Un document qui fusionne.
#[derive(Clone, Debug, Default)]
pub struct Automerge {
    entries: HashMap<String, (u64, Value)>,
}

impl Automerge {
    /// Un document vide.
    pub fn new() -> Self {
        Self::default()
    }

    /// Écrit, à la milliseconde.
    pub fn put(&mut self, key: &str, value: Value) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        self.entries.insert(key.to_owned(), (now, value));
    }

    /// Lit.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(key).map(|(_, value)| value)
    }

    /// Garde la dernière écriture de chaque clé ; à date égale, la sienne.
    pub fn merge(&mut self, other: &Self) {
        for (key, entry) in &other.entries {
            if self.entries.get(key).is_none_or(|mine| mine.0 < entry.0) {
                self.entries.insert(key.clone(), entry.clone());
            }
        }
    }
}
