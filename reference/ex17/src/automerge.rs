//! Documents: values under names, where the last write of a name wins.
//!
//! Named after the library whose documents these resemble. There, as here, a write that has seen another one wins over it, and
//! between concurrent writes one wins everywhere.

mod value;

use std::cmp::Ordering;
use std::collections::HashMap;

pub use value::Value;

/// A document that merges.
///
/// Every write of a key has a number, one above that of the write it replaces: so it wins over all that its document had heard
/// of. That is a logical clock; one on the wall is behind sooner or later, and a write then loses against what its author had
/// read. Of two concurrent writes with the same number the larger value wins: all replicas agree on which that is, and no
/// document needs a name.
#[derive(Clone, Debug, Default)]
pub struct Automerge {
    data: HashMap<String, (u64, Value)>,
}

impl Automerge {
    /// An empty document.
    ///
    /// ```
    /// assert!(ex17::automerge::Automerge::new().get("name").is_none());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a value under a key.
    ///
    /// ```
    /// use ex17::automerge::{Automerge, Value};
    ///
    /// let mut document = Automerge::new();
    /// document.put("age", Value::Int(30));
    /// document.put("age", Value::Int(31));
    /// assert!(matches!(document.get("age"), Some(Value::Int(31))));
    /// ```
    pub fn put(&mut self, key: &str, value: Value) {
        let number = self.data.get(key).map_or(0, |(number, _)| *number) + 1;
        self.data.insert(key.to_owned(), (number, value));
    }

    /// The value under a key.
    ///
    /// ```
    /// use ex17::automerge::{Automerge, Value};
    ///
    /// let mut document = Automerge::new();
    /// document.put("done", Value::Bool(true));
    /// assert!(matches!(document.get("done"), Some(Value::Bool(true))));
    /// ```
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.data.get(key).map(|(_, value)| value)
    }

    /// Takes in the writes of another document: under each key the last one wins.
    ///
    /// ```
    /// use ex17::automerge::{Automerge, Value};
    ///
    /// let (mut one, mut two) = (Automerge::new(), Automerge::new());
    /// one.put("a", Value::Int(1));
    /// two.put("b", Value::Int(2));
    /// one.merge(&two);
    /// assert!(one.get("a").is_some() && one.get("b").is_some());
    /// ```
    pub fn merge(&mut self, other: &Self) {
        for (key, (number, value)) in &other.data {
            let wins = self.data.get(key).is_none_or(|(mine, present)| {
                let order = mine.cmp(number).then_with(|| present.compare(value));
                order == Ordering::Less
            });
            if wins {
                self.data.insert(key.clone(), (*number, value.clone()));
            }
        }
    }
}

/// A document that commits each write by itself, in the name of an actor.
#[derive(Clone, Debug, Default)]
pub struct AutoCommit {
    document: Automerge,
    actor: String,
}

impl AutoCommit {
    /// An empty document of nobody in particular.
    ///
    /// ```
    /// assert_eq!(ex17::automerge::AutoCommit::new().keys().count(), 0);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty document of an actor.
    ///
    /// ```
    /// assert_eq!(ex17::automerge::AutoCommit::with_actor("paris").actor(), "paris");
    /// ```
    pub fn with_actor(actor: &str) -> Self {
        Self {
            document: Automerge::new(),
            actor: actor.to_owned(),
        }
    }

    /// In whose name is written.
    ///
    /// ```
    /// assert_eq!(ex17::automerge::AutoCommit::new().actor(), "");
    /// ```
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Writes a value under a key, and commits that. It always succeeds: a document in memory has nowhere to fail.
    ///
    /// ```
    /// use ex17::automerge::{AutoCommit, Value};
    ///
    /// let mut document = AutoCommit::new();
    /// document.put("name", Value::String("Alice".to_string()))?;
    /// assert!(matches!(document.get("name"), Some(Value::String(name)) if name == "Alice"));
    /// # Ok::<(), String>(())
    /// ```
    pub fn put(&mut self, key: &str, value: Value) -> Result<(), String> {
        self.document.put(key, value);
        Ok(())
    }

    /// The value under a key.
    ///
    /// ```
    /// assert!(ex17::automerge::AutoCommit::new().get("name").is_none());
    /// ```
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.document.get(key)
    }

    /// The keys that were written, each once, in no order.
    ///
    /// ```
    /// use ex17::automerge::{AutoCommit, Value};
    ///
    /// let mut document = AutoCommit::new();
    /// document.put("age", Value::Int(30))?;
    /// assert_eq!(document.keys().collect::<Vec<_>>(), ["age"]);
    /// # Ok::<(), String>(())
    /// ```
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.document.data.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(document: &Automerge) -> i64 {
        match document.get("x") {
            Some(Value::Int(number)) => *number,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn concurrent_writes_have_one_winner() {
        let (mut a, mut b) = (Automerge::new(), Automerge::new());
        a.put("x", Value::Int(1));
        b.put("x", Value::Int(2));
        let old = a.clone();
        a.merge(&b);
        b.merge(&old);
        assert_eq!((number(&a), number(&b)), (2, 2));
    }

    #[test]
    fn a_write_wins_over_what_it_has_seen() {
        let (mut a, mut b) = (Automerge::new(), Automerge::new());
        (0..9).for_each(|value| b.put("x", Value::Int(value)));
        a.merge(&b);
        a.put("x", Value::Int(-1));
        b.merge(&a);
        assert_eq!(number(&b), -1);
    }
}
