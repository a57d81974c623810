//! What an application sends along for its own use.

use std::collections::HashMap;

/// Names and values that travel with a request: the user, the tenant, an experiment. They are for services to read, and
/// unlike the attributes of a span nobody records them.
#[derive(Debug, Clone, Default)]
pub struct Baggage {
    items: HashMap<String, String>,
}

impl Baggage {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an item, in place of one of the same name.
    ///
    /// ```
    /// use ex07::Baggage;
    ///
    /// let mut baggage = Baggage::new();
    /// baggage.set("tenant", "acme");
    /// assert_eq!(baggage.get("tenant"), Some("acme"));
    /// ```
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.items.insert(key.into(), value.into());
    }

    /// The value of an item.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.items.get(key).map(String::as_str)
    }

    /// Takes an item away. One that is not there is away already.
    pub fn remove(&mut self, key: &str) {
        self.items.remove(key);
    }

    /// All items, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.items.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}
