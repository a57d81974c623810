//! Nodes and the network between them.

use crate::failure::FailureMode;
use crate::network::{NetworkError, NetworkSimulator};

/// A collection of independent computers that appears to its users as one.
#[derive(Debug)]
pub struct DistributedSystem {
    /// The computers.
    pub nodes: Vec<Node>,
    /// What is between them.
    pub network: NetworkSimulator,
}

/// A computer.
#[derive(Debug)]
pub struct Node {
    /// Its name.
    pub id: String,
    /// How it does.
    pub state: NodeState,
}

/// How a node does.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeState {
    /// Well.
    Healthy,
    /// It answers, but not always as it should.
    Degraded,
    /// It has stopped.
    Failed,
    /// It runs, and nobody can reach it.
    Partitioned,
}

impl DistributedSystem {
    /// Makes a failure happen to the nodes that it names; nodes that do not exist are passed over.
    ///
    /// What stops does not recover. A Byzantine node still answers: nobody can tell it from one that is merely slow.
    pub fn inject(&mut self, failure: &FailureMode) {
        match failure {
            FailureMode::Partial(names) => names.iter().for_each(|name| self.stop(name)),
            FailureMode::FailStop { node_id } => self.stop(node_id),
            FailureMode::Byzantine { node_id, .. } => {
                let healthy = |node: &&mut Node| node.id == *node_id && node.state == NodeState::Healthy;
                if let Some(node) = self.nodes.iter_mut().find(healthy) {
                    node.state = NodeState::Degraded;
                }
            }
        }
    }

    /// Sends a message from a node to another; the states of these two decide whether the network sees it at all.
    pub async fn send<T>(&self, from: &str, to: &str, msg: T) -> Result<T, NetworkError> {
        let ends = [self.state(from), self.state(to)];
        if ends.iter().any(|state| matches!(state, None | Some(NodeState::Failed))) {
            return Err(NetworkError::ConnectionRefused);
        }
        if ends.contains(&Some(&NodeState::Partitioned)) {
            return Err(NetworkError::Partitioned);
        }
        self.network.send_message(msg).await
    }

    fn stop(&mut self, name: &str) {
        if let Some(node) = self.nodes.iter_mut().find(|node| node.id == name) {
            node.state = NodeState::Failed;
        }
    }

    fn state(&self, name: &str) -> Option<&NodeState> {
        let node = self.nodes.iter().find(|node| node.id == name)?;
        Some(&node.state)
    }
}
