//! Le baggage, en liste triée.

/// Métadonnées qui voyagent avec la requête.
#[derive(Debug, Clone, Default)]
pub struct Baggage {
    sorted: Vec<(String, String)>,
}

impl Baggage {
    /// Rien.
    pub fn new() -> Self {
        Self { sorted: Vec::new() }
    }

    fn place(&self, key: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|(other, _)| other.as_str().cmp(key))
    }

    /// Met un élément.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let key = key.into();
        match self.place(&key) {
            Ok(at) => self.sorted[at].1 = value.into(),
            Err(at) => self.sorted.insert(at, (key, value.into())),
        }
    }

    /// La valeur d'un élément.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.place(key).ok().map(|at| self.sorted[at].1.as_str())
    }

    /// Retire un élément.
    pub fn remove(&mut self, key: &str) {
        if let Ok(at) = self.place(key) {
            self.sorted.remove(at);
        }
    }

    /// Tous les éléments.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sorted.iter().map(|(key, value)| (&**key, &**value))
    }
}
