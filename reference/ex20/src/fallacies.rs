//! Why one distributes, what makes it hard, and what one wrongly believes.

/// Reasons to distribute.
pub mod distribution_reasons {
    /// More machines carry more load.
    pub const SCALABILITY: &str = "more nodes carry more load";
    /// The service outlives its machines.
    pub const AVAILABILITY: &str = "the service survives the failure of a node";
    /// The speed of light is a limit.
    pub const LATENCY: &str = "users are served from a place near them";
    /// Laws bind data to places.
    pub const DATA_LOCALITY: &str = "data stay where the law wants them";
    /// What is dear is bought once.
    pub const RESOURCE_SHARING: &str = "what is expensive is shared";
}

/// What makes distributed systems hard.
#[derive(Debug, Clone)]
pub enum DistributedChallenge {
    /// Some nodes cannot reach some others.
    NetworkPartition,
    /// Clocks disagree.
    ClockSkew,
    /// A process ends in the middle of its work.
    ProcessCrash,
    /// A message never arrives.
    MessageLoss,
    /// A message arrives late.
    MessageDelay,
    /// Messages arrive in another order.
    MessageReorder,
    /// A message arrives twice.
    MessageDuplication,
}

/// The eight fallacies of distributed computing: each function is named after the belief and says what is true.
#[derive(Debug)]
pub struct Fallacies;

impl Fallacies {
    /// Fallacy 1: the network is reliable.
    pub fn network_is_reliable() -> &'static str {
        "messages are lost, connections break, routers die: send again, and make it harmless to receive twice"
    }

    /// Fallacy 2: latency is zero.
    pub fn latency_is_zero() -> &'static str {
        "a call to another machine takes a thousand times longer than one at home: ask rarely, ask for much"
    }

    /// Fallacy 3: bandwidth is infinite.
    pub fn bandwidth_is_infinite() -> &'static str {
        "a link carries so many bytes a second, shared with others: send what is needed"
    }

    /// Fallacy 4: the network is secure.
    pub fn network_is_secure() -> &'static str {
        "anybody on the way may read and write: encrypt, and ask who is speaking"
    }

    /// Fallacy 5: topology doesn't change.
    pub fn topology_doesnt_change() -> &'static str {
        "nodes come, go and move: look addresses up, never write them down"
    }

    /// Fallacy 6: there is one administrator.
    pub fn one_administrator() -> &'static str {
        "every domain has its own rules and its own night shift: expect changes that nobody told you of"
    }

    /// Fallacy 7: transport cost is zero.
    pub fn transport_cost_is_zero() -> &'static str {
        "writing, carrying and reading a message costs time, memory and money"
    }

    /// Fallacy 8: the network is homogeneous.
    pub fn network_is_homogeneous() -> &'static str {
        "machines, links and versions differ: agree on formats, never on memory layouts"
    }
}
