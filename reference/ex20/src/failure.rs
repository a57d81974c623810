//! How parts of a system fail.

/// A failure, and whom it concerns.
#[derive(Debug, Clone)]
pub enum FailureMode {
    /// These nodes stop while the others go on.
    Partial(Vec<String>),
    /// A node behaves arbitrarily (Lamport, Shostak and Pease, *The Byzantine Generals Problem*, 1982).
    Byzantine {
        /// Which node.
        node_id: String,
        /// What it does.
        behavior: ByzantineBehavior,
    },
    /// A node stops for good, and others can find out (Schlichting and Schneider, *Fail-Stop Processors*, 1983).
    FailStop {
        /// Which node.
        node_id: String,
    },
}

/// What a Byzantine node does.
#[derive(Debug, Clone)]
pub enum ByzantineBehavior {
    /// It lies.
    SendWrongData,
    /// It tells each a different story.
    SendConflictingMessages,
    /// It answers some and not others.
    SelectivelyRespond,
    /// It pretends to be another.
    Impersonate,
}
