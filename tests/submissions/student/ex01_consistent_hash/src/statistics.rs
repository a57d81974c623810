//! Répartition des clés, et effet d'une arrivée ou d'un départ.

use std::collections::HashMap;

use crate::{ConsistentHashRing, PhysicalNode, hash_key};

/// Répartition d'un ensemble de clés sur les nœuds.
#[derive(Debug, Clone)]
pub struct DistributionStats {
    /// Nombre de clés par nœud ; un nœud qui n'en tient aucune n'y figure pas.
    pub keys_per_node: HashMap<String, usize>,
    /// Écart-type d'échantillon de ces nombres.
    pub standard_deviation: f64,
    /// Rapport de l'écart-type à la moyenne.
    pub coefficient_of_variation: f64,
}

impl ConsistentHashRing {
    /// Compte les clés de chaque nœud.
    pub fn distribution_stats(&self, keys: &[String]) -> DistributionStats {
        let mut keys_per_node = HashMap::new();
        for key in keys {
            if let Some((node, _)) = self.nearest(hash_key(key)) {
                match keys_per_node.get_mut(&node.id) {
                    Some(count) => *count += 1,
                    None => {
                        keys_per_node.insert(node.id.clone(), 1);
                    }
                }
            }
        }
        let nodes = self.node_count();
        if nodes < 2 || keys.is_empty() {
            return DistributionStats {
                keys_per_node,
                standard_deviation: 0.0,
                coefficient_of_variation: 0.0,
            };
        }
        let mean = keys.len() as f64 / nodes as f64;
        let idle = nodes - keys_per_node.len();
        let squares: f64 = keys_per_node.values().map(|&count| (count as f64 - mean).powi(2)).sum();
        let variance = (squares + idle as f64 * mean * mean) / (nodes - 1) as f64;
        DistributionStats {
            keys_per_node,
            standard_deviation: variance.sqrt(),
            coefficient_of_variation: variance.sqrt() / mean,
        }
    }

    /// Fraction des clés qu'un nœud prendrait : celles dont un de ses points serait le plus proche.
    pub fn simulate_add(&self, node: &PhysicalNode, sample_keys: &[String]) -> f64 {
        if self.nodes().iter().any(|member| member.id == node.id) {
            return 0.0;
        }
        let mut positions = self.positions_of(node);
        positions.sort_unstable();
        let taken = sample_keys.iter().map(|key| hash_key(key)).filter(|&hash| {
            let after = positions.partition_point(|&position| position <= hash);
            let point = if after == 0 {
                positions.last()
            } else {
                positions.get(after - 1)
            };
            let distance = point.map(|position| hash.wrapping_sub(*position));
            match (distance, self.nearest(hash)) {
                (Some(distance), Some((_, present))) => distance < present,
                (distance, _) => distance.is_some(),
            }
        });
        fraction(taken.count(), sample_keys)
    }

    /// Fraction des clés dont ce nœud est le primaire.
    pub fn simulate_remove(&self, node_id: &str, sample_keys: &[String]) -> f64 {
        let held = sample_keys.iter().filter(|key| {
            let nearest = self.nearest(hash_key(key));
            nearest.is_some_and(|(node, _)| node.id == node_id)
        });
        fraction(held.count(), sample_keys)
    }
}

fn fraction(part: usize, keys: &[String]) -> f64 {
    if keys.is_empty() {
        0.0
    } else {
        part as f64 / keys.len() as f64
    }
}
