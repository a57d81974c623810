//! Quorums: how many of the replicas take part in an operation.

/// Of `n` replicas, `w` take part in a write and `r` in a read.
#[derive(Debug, Clone)]
pub struct QuorumConfig {
    /// The replicas.
    pub n: u32,
    /// The size of a write quorum.
    pub w: u32,
    /// The size of a read quorum.
    pub r: u32,
}

impl QuorumConfig {
    /// Whether each read quorum meets each write quorum: `w + r > n`.
    pub fn is_strongly_consistent(&self) -> bool {
        u64::from(self.w) + u64::from(self.r) > u64::from(self.n)
    }

    /// Majorities.
    pub fn strong(n: u32) -> Self {
        let majority = n / 2 + 1;
        Self {
            n,
            w: majority,
            r: majority,
        }
    }

    /// One replica is enough.
    pub fn available(n: u32) -> Self {
        Self { n, w: 1, r: 1 }
    }
}
