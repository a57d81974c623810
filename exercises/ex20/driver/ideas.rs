//! Texts and enumerations.

use super::systems::name;
use ex20::{ByzantineBehavior, DistributedChallenge, FailureMode, Fallacies, NodeState, distribution_reasons};
use ex20_protocol::{Failure, Node};

pub(super) fn fallacies() -> Vec<String> {
    let texts: [&'static str; 8] = [
        Fallacies::network_is_reliable(),
        Fallacies::latency_is_zero(),
        Fallacies::bandwidth_is_infinite(),
        Fallacies::network_is_secure(),
        Fallacies::topology_doesnt_change(),
        Fallacies::one_administrator(),
        Fallacies::transport_cost_is_zero(),
        Fallacies::network_is_homogeneous(),
    ];
    texts.map(str::to_owned).to_vec()
}

pub(super) fn reasons() -> Vec<String> {
    let texts: [&'static str; 5] = [
        distribution_reasons::SCALABILITY,
        distribution_reasons::AVAILABILITY,
        distribution_reasons::LATENCY,
        distribution_reasons::DATA_LOCALITY,
        distribution_reasons::RESOURCE_SHARING,
    ];
    texts.map(str::to_owned).to_vec()
}

pub(super) fn challenges() -> Vec<u8> {
    let all = [
        DistributedChallenge::NetworkPartition,
        DistributedChallenge::ClockSkew,
        DistributedChallenge::ProcessCrash,
        DistributedChallenge::MessageLoss,
        DistributedChallenge::MessageDelay,
        DistributedChallenge::MessageReorder,
        DistributedChallenge::MessageDuplication,
    ];
    all.iter().map(|challenge| number(challenge.clone())).collect()
}

#[allow(unreachable_patterns, reason = "a submission may have more variants")]
fn number(challenge: DistributedChallenge) -> u8 {
    match challenge {
        DistributedChallenge::NetworkPartition => 0,
        DistributedChallenge::ClockSkew => 1,
        DistributedChallenge::ProcessCrash => 2,
        DistributedChallenge::MessageLoss => 3,
        DistributedChallenge::MessageDelay => 4,
        DistributedChallenge::MessageReorder => 5,
        DistributedChallenge::MessageDuplication => 6,
        _ => u8::MAX,
    }
}

pub(super) fn failure(failure: Failure) -> FailureMode {
    match failure {
        Failure::Partial(nodes) => FailureMode::Partial(nodes.into_iter().map(name).collect()),
        Failure::Byzantine(node, behavior) => FailureMode::Byzantine {
            node_id: name(node),
            behavior: match behavior % 4 {
                0 => ByzantineBehavior::SendWrongData,
                1 => ByzantineBehavior::SendConflictingMessages,
                2 => ByzantineBehavior::SelectivelyRespond,
                _ => ByzantineBehavior::Impersonate,
            },
        },
        Failure::FailStop(node) => FailureMode::FailStop { node_id: name(node) },
        Failure::Other => FailureMode::Partial(Vec::new()),
    }
}

#[allow(unreachable_patterns, reason = "a submission may have more variants")]
pub(super) fn read(failure: FailureMode) -> Failure {
    match failure {
        FailureMode::Partial(names) => Failure::Partial(names.iter().map(|name| node(name)).collect()),
        FailureMode::Byzantine { node_id, behavior } => Failure::Byzantine(
            node(&node_id),
            match behavior {
                ByzantineBehavior::SendWrongData => 0,
                ByzantineBehavior::SendConflictingMessages => 1,
                ByzantineBehavior::SelectivelyRespond => 2,
                ByzantineBehavior::Impersonate => 3,
                _ => u8::MAX,
            },
        ),
        FailureMode::FailStop { node_id } => Failure::FailStop(node(&node_id)),
        _ => Failure::Other,
    }
}

fn node(name: &str) -> Node {
    name.trim_start_matches('n').parse().unwrap_or(u8::MAX)
}

pub(super) fn states() -> Vec<bool> {
    let all = [
        NodeState::Healthy,
        NodeState::Degraded,
        NodeState::Failed,
        NodeState::Partitioned,
    ];
    let others = all.clone();
    all.iter()
        .flat_map(|state| others.iter().map(move |other| state == other))
        .collect()
}
