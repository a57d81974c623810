//! How keys are spread over the nodes, and what a change of the membership would move.

use std::collections::HashMap;

use crate::{ConsistentHashRing, PhysicalNode};

/// How evenly a set of keys is spread over the nodes of a ring.
#[derive(Debug, Clone)]
pub struct DistributionStats {
    /// How many of the keys each node is the primary of. Every member has an entry, also one that holds none.
    pub keys_per_node: HashMap<String, usize>,
    /// The population standard deviation of these numbers; 0 if there are none.
    pub standard_deviation: f64,
    /// The standard deviation relative to the mean, so that rings of different sizes compare; 0 if there are no keys.
    pub coefficient_of_variation: f64,
}

impl ConsistentHashRing {
    /// Counts which node is the primary of how many of `keys`.
    ///
    /// ```
    /// use ex01::{ConsistentHashConfig, ConsistentHashRing, PhysicalNode};
    ///
    /// let mut ring = ConsistentHashRing::new(ConsistentHashConfig::default());
    /// ring.add_node(PhysicalNode { id: "a".into(), address: "10.0.0.1:80".into(), weight: 1 });
    /// let stats = ring.distribution_stats(&["x".to_string(), "y".to_string()]);
    /// assert_eq!(stats.keys_per_node["a"], 2);
    /// assert_eq!(stats.coefficient_of_variation, 0.0);
    /// ```
    pub fn distribution_stats(&self, keys: &[String]) -> DistributionStats {
        let mut held: HashMap<&str, usize> = self.nodes().iter().map(|node| (&*node.id, 0)).collect();
        for key in keys {
            if let Some(count) = self.owner(key).and_then(|owner| held.get_mut(owner)) {
                *count += 1;
            }
        }
        let counts: Vec<usize> = held.values().copied().collect();
        let mean = mean(&counts);
        let standard_deviation = deviation(&counts, mean);
        DistributionStats {
            keys_per_node: held.into_iter().map(|(id, count)| (id.to_owned(), count)).collect(),
            standard_deviation,
            coefficient_of_variation: if mean > 0.0 { standard_deviation / mean } else { 0.0 },
        }
    }

    /// The fraction of `sample_keys` whose primary would change if `node` joined, from 0.0 to 1.0. The ring stays as it
    /// is.
    ///
    /// ```
    /// use ex01::{ConsistentHashConfig, ConsistentHashRing, PhysicalNode};
    ///
    /// let mut ring = ConsistentHashRing::new(ConsistentHashConfig::default());
    /// ring.add_node(PhysicalNode { id: "a".into(), address: "10.0.0.1:80".into(), weight: 1 });
    /// let b = PhysicalNode { id: "b".into(), address: "10.0.0.2:80".into(), weight: 1 };
    /// let keys: Vec<String> = (0..1000).map(|i| format!("key{i}")).collect();
    /// let moved = ring.simulate_add(&b, &keys);
    /// assert!((0.3..0.7).contains(&moved), "about half");
    /// assert_eq!(ring.node_count(), 1);
    /// ```
    pub fn simulate_add(&self, node: &PhysicalNode, sample_keys: &[String]) -> f64 {
        let mut changed = self.clone();
        changed.add_node(node.clone());
        self.moved(&changed, sample_keys)
    }

    /// The fraction of `sample_keys` whose primary would change if the node named `node_id` left. The ring stays as it
    /// is.
    ///
    /// ```
    /// use ex01::{ConsistentHashConfig, ConsistentHashRing};
    ///
    /// let ring = ConsistentHashRing::new(ConsistentHashConfig::default());
    /// assert_eq!(ring.simulate_remove("nobody", &["key".to_string()]), 0.0);
    /// ```
    pub fn simulate_remove(&self, node_id: &str, sample_keys: &[String]) -> f64 {
        let mut changed = self.clone();
        changed.remove_node(node_id);
        self.moved(&changed, sample_keys)
    }

    /// The fraction of `keys` that have another primary in `changed` than here; 0 of no keys.
    fn moved(&self, changed: &Self, keys: &[String]) -> f64 {
        let moved = keys.iter().filter(|key| self.owner(key) != changed.owner(key)).count();
        moved as f64 / keys.len().max(1) as f64
    }
}

/// The mean of `counts`; 0 if there are none.
fn mean(counts: &[usize]) -> f64 {
    counts.iter().sum::<usize>() as f64 / counts.len().max(1) as f64
}

/// The population standard deviation of `counts` around their `mean`; 0 if there are none.
fn deviation(counts: &[usize], mean: f64) -> f64 {
    let squares: f64 = counts.iter().map(|&count| (count as f64 - mean).powi(2)).sum();
    (squares / counts.len().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ConsistentHashConfig;

    fn node(id: &str) -> PhysicalNode {
        PhysicalNode {
            id: id.to_owned(),
            address: format!("{id}:8080"),
            weight: 1,
        }
    }

    fn ring(ids: &[&str]) -> ConsistentHashRing {
        let mut ring = ConsistentHashRing::new(ConsistentHashConfig {
            virtual_nodes: 50,
            replication_factor: 1,
        });
        for id in ids {
            ring.add_node(node(id));
        }
        ring
    }

    fn keys(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("key{number}")).collect()
    }

    #[test]
    fn mean_and_deviation_of_known_numbers() {
        let counts = [2, 4, 4, 4, 5, 5, 7, 9];
        assert_eq!(mean(&counts), 5.0);
        assert_eq!(deviation(&counts, 5.0), 2.0);
    }

    #[test]
    fn nothing_to_count_is_zero_and_never_nan() {
        let none = ring(&[]).distribution_stats(&keys(10));
        assert!(none.keys_per_node.is_empty());
        let idle = ring(&["a", "b"]).distribution_stats(&[]);
        assert_eq!(idle.keys_per_node["a"], 0);
        for stats in [none, idle] {
            assert_eq!(stats.standard_deviation, 0.0);
            assert_eq!(stats.coefficient_of_variation, 0.0);
        }
        assert_eq!(ring(&["a"]).simulate_add(&node("b"), &[]), 0.0);
    }

    #[test]
    fn every_key_is_counted_once() {
        let stats = ring(&["a", "b", "c"]).distribution_stats(&keys(500));
        assert_eq!(stats.keys_per_node.values().sum::<usize>(), 500);
    }

    #[test]
    fn adding_and_removing_move_the_same_keys() {
        let (small, large) = (ring(&["a", "b"]), ring(&["a", "b", "c"]));
        let keys = keys(400);
        let moved = small.simulate_add(&node("c"), &keys);
        assert_eq!(moved, large.simulate_remove("c", &keys));
        let held = large.distribution_stats(&keys).keys_per_node["c"];
        assert_eq!(moved, held as f64 / 400.0);
    }
}
