//! Contextes, avec des erreurs de type.

/// Identifiant d'une trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(pub u128);

impl TraceId {
    /// L'identifiant en 32 chiffres.
    pub fn to_hex(&self) -> String {
        self.0.to_be_bytes()
    }

    /// Relit un identifiant.
    pub fn from_hex(s: &str) -> Option<Self> {
        u128::from_str_radix(s, 16).map(Self)
    }
}
