//! One ring for several threads.

use std::sync::{Arc, RwLock};

use crate::ConsistentHashRing;

/// A ring that several threads use at once: lookups run side by side, a change of the membership runs alone, and whoever
/// holds the read lock sees one membership until letting go of it.
///
/// ```
/// use ex01::{ConsistentHashConfig, ConsistentHashRing, PhysicalNode, SharedRing};
/// use std::sync::{Arc, RwLock};
/// use std::thread;
///
/// let mut ring = ConsistentHashRing::new(ConsistentHashConfig::default());
/// ring.add_node(PhysicalNode { id: "a".into(), address: "10.0.0.1:80".into(), weight: 1 });
/// let ring: SharedRing = Arc::new(RwLock::new(ring));
///
/// let reader = Arc::clone(&ring);
/// let owner = thread::spawn(move || {
///     let ring = reader.read().expect("no writer panicked");
///     ring.lookup("key").map(|found| found.primary.id)
/// });
/// assert_eq!(owner.join().expect("lookups do not panic"), Some("a".to_string()));
/// ```
pub type SharedRing = Arc<RwLock<ConsistentHashRing>>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConsistentHashConfig, PhysicalNode};
    use std::thread;

    fn node(id: &str) -> PhysicalNode {
        PhysicalNode {
            id: id.to_owned(),
            address: format!("{id}:8080"),
            weight: 1,
        }
    }

    #[test]
    fn readers_see_a_membership_before_or_after_a_change() {
        let ring = SharedRing::new(RwLock::new(ConsistentHashRing::new(ConsistentHashConfig::default())));
        ring.write().unwrap().add_node(node("a"));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for number in 0..200 {
                        let ring = ring.read().unwrap();
                        let found = ring.lookup(&format!("key{number}")).unwrap();
                        assert_eq!(found.replicas.len() + 1, ring.node_count());
                    }
                });
            }
            scope.spawn(|| {
                ring.write().unwrap().add_node(node("b"));
                ring.write().unwrap().remove_node("a");
            });
        });
        assert_eq!(ring.read().unwrap().nodes(), [&node("b")]);
    }
}
