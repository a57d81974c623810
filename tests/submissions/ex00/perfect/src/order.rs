//! La relation causale entre deux horloges.

use std::cmp::Ordering;

/// Relation entre deux horloges, donc entre les événements qu'elles estampillent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CausalOrder {
    /// La première précède causalement la seconde.
    Before,
    /// La seconde précède causalement la première.
    After,
    /// Aucune ne précède l'autre.
    Concurrent,
    /// Le même passé.
    Equal,
}

impl CausalOrder {
    /// Tient compte d'une composante de plus.
    pub(crate) fn and(self, component: Ordering) -> Self {
        match (self, component) {
            (order, Ordering::Equal) => order,
            (Self::Equal | Self::Before, Ordering::Less) => Self::Before,
            (Self::Equal | Self::After, Ordering::Greater) => Self::After,
            _ => Self::Concurrent,
        }
    }
}
