//! Le registre à valeurs multiples.

use crate::{StateCrdt, VectorClock};

/// Les dernières écritures.
#[derive(Clone, Debug)]
pub struct MVReg<T: Clone> {
    writes: Vec<(VectorClock, T)>,
}

impl<T: Clone> MVReg<T> {
    /// Un registre vide.
    pub fn new() -> Self {
        Self { writes: Vec::new() }
    }

    /// Une écriture : un registre qui n'a qu'elle est fusionné.
    pub fn set(&mut self, value: T, clock: VectorClock) {
        self.merge(&Self {
            writes: vec![(clock, value)],
        });
    }

    /// Les valeurs.
    pub fn read(&self) -> Vec<&T> {
        self.writes.iter().map(|(_, value)| value).collect()
    }
}

impl<T: Clone> Default for MVReg<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> StateCrdt for MVReg<T> {
    fn merge(&mut self, other: &Self) {
        let mut all = self.writes.clone();
        for write in &other.writes {
            if all.iter().all(|(clock, _)| *clock != write.0) {
                all.push(write.clone());
            }
        }
        let is_last = |write: &&(VectorClock, T)| !all.iter().any(|(clock, _)| write.0.happens_before(clock));
        self.writes = all.iter().filter(is_last).cloned().collect();
    }
}
