//! Several clients at once, while the network is cut and mended.
//!
//! A client asks one node for the leader, and tries that one once. Only a success says what happened: an error or
//! silence may hide a write that was carried out, or will be.

use super::cluster::{Cluster, set_request};
use super::{World, answered};
use ex13::{RaftNode, Request};
use ex13_protocol::{Act, Answered, Deed, Reply};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use witness::aio::{Call, Operation as Task};

/// How long a client waits, in virtual time: less than a failover, so that it comes back in time.
const ATTEMPT: Duration = Duration::from_millis(400);

/// A cluster that several tasks use, and the node that is cut off.
struct Shared {
    cluster: Cluster,
    isolated: Mutex<Option<u64>>,
}

impl Shared {
    /// The node that this one takes for the leader.
    fn target(&self, via: u8) -> Option<Arc<RaftNode>> {
        let nodes = self.cluster.nodes();
        let asked = nodes.get(&(u64::from(via % 3) + 1))?;
        let leader = asked.current_leader().and_then(|leader| nodes.get(&leader));
        Some(Arc::clone(leader.unwrap_or(asked)))
    }

    fn reconnect(&self) {
        if let Some(id) = self.isolated.lock().ok().and_then(|mut isolated| isolated.take()) {
            self.cluster.router().reconnect(id);
        }
    }

    fn isolate(&self, n: u8) {
        let id = match n {
            0 => self
                .cluster
                .nodes()
                .values()
                .find(|node| node.is_leader())
                .map(|node| node.metrics().id),
            n => Some(u64::from(n % 3) + 1),
        };
        self.reconnect();
        if let (Some(id), Ok(mut isolated)) = (id, self.isolated.lock()) {
            *isolated = Some(id);
            self.cluster.router().isolate(id);
        }
    }
}

async fn attempt(node: &RaftNode, deed: Deed) -> Option<Reply> {
    let written = match deed {
        Deed::Set(key, value) => node.client_write(set_request(&key, vec![value])).await,
        Deed::Delete(key) => node.client_write(Request::Delete { key }).await,
        Deed::Get(key) => return node.client_read(&key).await.ok().map(Reply::Value),
        Deed::Isolate(_) | Deed::Reconnect => return Some(Reply::Done),
    };
    written.ok().map(answered)
}

async fn perform(shared: &Shared, act: Act) -> Answered {
    let Act { wait, via, deed } = act;
    sleep(Duration::from_millis(wait.into())).await;
    match &deed {
        Deed::Isolate(n) => shared.isolate(*n),
        Deed::Reconnect => shared.reconnect(),
        _ => {}
    }
    let reply = match shared.target(via) {
        Some(node) => timeout(ATTEMPT, attempt(&node, deed.clone())).await.ok().flatten(),
        None => None,
    };
    Answered { deed, reply }
}

pub(super) fn together(world: &mut World, programs: Vec<Vec<Act>>) -> Vec<Call<Answered>> {
    let cluster = world.runtime.block_on(Cluster::found(3, 0));
    let shared = Arc::new(Shared {
        cluster,
        isolated: Mutex::new(None),
    });
    let task = |act: Act| -> Task<Answered> {
        let shared = Arc::clone(&shared);
        Box::new(move || Box::pin(async move { perform(&shared, act).await }))
    };
    let tasks = programs.into_iter().map(|acts| acts.into_iter().map(task).collect());
    world.runtime.together(tasks.collect())
}
