//! Les données qui entrent dans l'anneau et en sortent.

/// Configuration de l'anneau.
#[derive(Debug, Clone)]
pub struct ConsistentHashConfig {
    /// Nombre de nœuds virtuels d'un nœud de poids 1.
    pub virtual_nodes: usize,
    /// Nombre de nœuds qui tiennent une clé.
    pub replication_factor: usize,
}

impl Default for ConsistentHashConfig {
    fn default() -> Self {
        Self {
            virtual_nodes: 150,
            replication_factor: 3,
        }
    }
}

/// Un nœud physique.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhysicalNode {
    /// Son nom.
    pub id: String,
    /// Son adresse.
    pub address: String,
    /// Son poids.
    pub weight: u32,
}

/// Les nœuds responsables d'une clé.
#[derive(Debug, Clone)]
pub struct LookupResult {
    /// Le nœud primaire.
    pub primary: PhysicalNode,
    /// Les autres, dans l'ordre du parcours.
    pub replicas: Vec<PhysicalNode>,
    /// Position du nœud virtuel trouvé, entre 0.0 et 1.0.
    pub ring_position: f64,
}
