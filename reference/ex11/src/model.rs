//! The words of the theorem, and how an operation may fail.

/// A property of the CAP theorem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapProperty {
    /// All nodes show the same data.
    Consistency,
    /// Every request is answered.
    Availability,
    /// The system goes on though the network is split.
    PartitionTolerance,
}

/// The two properties that a system keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapClassification {
    /// Consistent, and unavailable where a partition leaves no quorum.
    CP,
    /// Available, and inconsistent during a partition.
    AP,
    /// Both, as long as there is no partition.
    CA,
}

impl CapClassification {
    /// The two properties, in the order of the name.
    pub fn properties(self) -> [CapProperty; 2] {
        match self {
            Self::CP => [CapProperty::Consistency, CapProperty::PartitionTolerance],
            Self::AP => [CapProperty::Availability, CapProperty::PartitionTolerance],
            Self::CA => [CapProperty::Consistency, CapProperty::Availability],
        }
    }
}

/// PACELC: what is given up under a partition, and what without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(non_camel_case_types, reason = "the names of the literature")]
pub enum PacelcBehavior {
    /// Consistency in both cases.
    PC_EC,
    /// Availability, else latency.
    PA_EL,
    /// Consistency, else latency.
    PC_EL,
    /// Availability, else consistency.
    PA_EC,
}

/// What a read asks for, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConsistencyLevel {
    /// Whatever a replica has.
    Eventual,
    /// What one client may rely on.
    Session,
    /// Causes before effects.
    Causal,
    /// One order for all.
    Sequential,
    /// The latest write.
    Linearizable,
}

/// Why an operation is refused.
#[derive(Debug, thiserror::Error)]
pub enum CapError {
    /// The client's side is too small.
    #[error("Quorum not met: needed {needed}, got {got}")]
    QuorumNotMet {
        /// The nodes that the operation needs.
        needed: u32,
        /// The nodes that can be reached.
        got: u32,
    },
    /// The partition forbids the operation.
    #[error("Partition detected")]
    PartitionUnavailable,
}
