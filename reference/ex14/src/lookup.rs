//! The iterative lookup.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::{DhtError, KademliaMessage, NodeAddr, NodeId, Transport};

/// How far the lookup got with a candidate. One that failed is no candidate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Heard,
    Asked,
    Answered,
    Failed,
}

/// What a lookup is about and how it may go on.
pub(crate) struct Lookup<'a> {
    pub(crate) local: &'a NodeAddr,
    pub(crate) transport: &'a Arc<dyn Transport>,
    pub(crate) target: NodeId,
    /// `FindNode` or `FindValue`.
    pub(crate) question: KademliaMessage,
    pub(crate) alpha: usize,
    pub(crate) k: usize,
}

/// What it found.
#[derive(Default)]
pub(crate) struct Found {
    /// The nodes that answered, closest first.
    pub(crate) answered: Vec<NodeAddr>,
    /// The value, if somebody had it.
    pub(crate) value: Option<Vec<u8>>,
}

/// Everybody the lookup heard of, by distance.
type Candidates = BTreeMap<[u8; 32], (NodeAddr, Progress)>;

impl Lookup<'_> {
    /// Asks the closest candidates, beginning with `known`, until the `k` closest alive have answered or one has the value.
    pub(crate) async fn run(&self, known: Vec<NodeAddr>) -> Found {
        let mut candidates = Candidates::new();
        self.hear_of(&mut candidates, known);
        let mut asked: JoinSet<([u8; 32], Result<KademliaMessage, DhtError>)> = JoinSet::new();
        let mut value = None;
        loop {
            while asked.len() < self.alpha
                && let Some((distance, node)) = self.next(&mut candidates)
            {
                let reply = self.transport.call(self.local.clone(), node, self.question.clone());
                asked.spawn(async move { (distance, reply.await) });
            }
            let Some(answer) = asked.join_next().await else { break };
            let Ok((distance, answer)) = answer else { continue };
            let progress = match answer {
                Ok(KademliaMessage::NodesFound { nodes } | KademliaMessage::ValueNotFound { closer_nodes: nodes }) => {
                    self.hear_of(&mut candidates, nodes);
                    Progress::Answered
                }
                Ok(KademliaMessage::ValueFound { value: found }) => {
                    value = Some(found);
                    break;
                }
                Ok(_) | Err(_) => Progress::Failed,
            };
            if let Some(candidate) = candidates.get_mut(&distance) {
                candidate.1 = progress;
            }
        }
        let answered = candidates
            .into_values()
            .filter(|(_, progress)| *progress == Progress::Answered);
        Found {
            answered: answered.map(|(node, _)| node).collect(),
            value,
        }
    }

    fn hear_of(&self, candidates: &mut Candidates, nodes: Vec<NodeAddr>) {
        for node in nodes.into_iter().filter(|node| node.id != self.local.id) {
            let distance = node.id.xor_distance(&self.target).0;
            candidates.entry(distance).or_insert((node, Progress::Heard));
        }
    }

    /// The closest candidate that was not asked, if it is among the `k` closest; it is asked now.
    fn next(&self, candidates: &mut Candidates) -> Option<([u8; 32], NodeAddr)> {
        let alive = candidates
            .iter_mut()
            .filter(|(_, (_, progress))| *progress != Progress::Failed);
        let (distance, (node, progress)) = alive
            .take(self.k)
            .find(|(_, (_, progress))| *progress == Progress::Heard)?;
        *progress = Progress::Asked;
        Some((*distance, node.clone()))
    }
}
