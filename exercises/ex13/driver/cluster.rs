//! A cluster of up to five nodes, at most one of them away at a time.

use super::{PATIENCE, answered, outcome};
use ex13::{MemStorage, RaftMetrics, RaftNode, RaftState, Request, Router};
use ex13_protocol::{Look, Reply, Role, voters};
use openraft::storage::RaftLogStorage;
use openraft::{Config, SnapshotPolicy};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often somebody who waits looks again, in virtual time.
pub(super) const STEP: Duration = Duration::from_millis(10);
/// How long followers may take to hear of the last commit: some heartbeats.
const QUIET: Duration = Duration::from_secs(3);

/// A cluster.
pub(super) struct Cluster {
    router: Router,
    config: Config,
    nodes: BTreeMap<u64, Arc<RaftNode>>,
    disks: BTreeMap<u64, MemStorage>,
    members: BTreeSet<u64>,
    away: Option<Away>,
}

/// The node that is away, and how.
#[derive(Clone, Copy, PartialEq)]
enum Away {
    Isolated(u64),
    Stopped(u64),
}

impl Away {
    fn id(self) -> u64 {
        match self {
            Self::Isolated(id) | Self::Stopped(id) => id,
        }
    }
}

pub(super) fn set_request(key: &str, value: Vec<u8>) -> Request {
    Request::Set {
        key: key.to_owned(),
        value,
    }
}

/// What a node says of itself.
pub(super) fn said(node: &RaftNode) -> Look {
    let RaftMetrics {
        id,
        state,
        current_term,
        current_leader,
        last_log_index,
        last_applied,
        membership,
        ..
    } = node.metrics();
    let mut voters = membership;
    voters.sort_unstable();
    Look {
        id,
        role: match state {
            RaftState::Follower => Role::Follower,
            RaftState::Candidate => Role::Candidate,
            RaftState::Leader => Role::Leader,
        },
        term: current_term,
        leader: current_leader,
        last_log: last_log_index,
        last_applied,
        voters,
        is_leader: node.is_leader(),
        current_leader: node.current_leader(),
    }
}

/// Timeouts are the library's own. Logs are cut at every snapshot, if there are any.
fn config(every: u8) -> Config {
    let snapshot_policy = match every {
        0 => SnapshotPolicy::Never,
        every => SnapshotPolicy::LogsSinceLast(every.into()),
    };
    Config {
        snapshot_policy,
        max_in_snapshot_log_to_keep: 0,
        ..Config::default()
    }
}

impl Cluster {
    pub(super) async fn found(size: u8, every: u8) -> Self {
        let mut cluster = Self {
            router: Router::new(),
            config: config(every),
            nodes: BTreeMap::new(),
            disks: BTreeMap::new(),
            members: (1..=u64::from(size.clamp(1, 5))).collect(),
            away: None,
        };
        for id in cluster.members.clone() {
            cluster.start(id).await;
        }
        let members = cluster.members.iter().copied().collect();
        let initialized = cluster.nodes[&1].initialize(members).await;
        initialized.expect("`initialize` fails");
        cluster.settle().await;
        cluster
    }

    pub(super) fn router(&self) -> &Router {
        &self.router
    }

    pub(super) fn nodes(&self) -> &BTreeMap<u64, Arc<RaftNode>> {
        &self.nodes
    }

    /// Starts a node on its disk.
    async fn start(&mut self, id: u64) {
        let disk = self.disks.entry(id).or_default().clone();
        let node = RaftNode::start(id, self.config.clone(), &self.router, disk).await;
        self.nodes.insert(id, Arc::new(node.expect("`start` fails")));
    }

    async fn shut(&mut self, id: u64) {
        if let Some(node) = self.nodes.remove(&id) {
            let _ = node.shutdown().await;
        }
    }

    /// The members that are not away.
    fn present(&self) -> Vec<Arc<RaftNode>> {
        let away = self.away.map(Away::id);
        let present = self.members.iter().filter(|id| Some(**id) != away);
        present.filter_map(|id| self.nodes.get(id).cloned()).collect()
    }

    /// The node that all present ones agree on.
    pub(super) fn leader(&self) -> Option<(u64, Arc<RaftNode>)> {
        let present = self.present();
        let leader = present.first()?.current_leader()?;
        let node = self.nodes.get(&leader)?;
        let agreed = present.iter().all(|node| node.current_leader() == Some(leader));
        let alone = present.iter().filter(|node| node.is_leader()).count() == 1;
        (agreed && alone && node.is_leader() && self.away.map(Away::id) != Some(leader))
            .then(|| (leader, Arc::clone(node)))
    }

    fn is_quiet(&self) -> bool {
        let present = self.present();
        let logs = present.iter().map(|node| node.metrics());
        let ends: BTreeSet<u64> = logs
            .flat_map(|metrics| [metrics.last_log_index, metrics.last_applied])
            .collect();
        ends.len() == 1
    }

    /// Waits until there is a leader, then for a while until all have applied what it has.
    pub(super) async fn settle(&self) -> Option<(u64, Arc<RaftNode>)> {
        let given_up = Instant::now() + PATIENCE;
        while self.leader().is_none() && Instant::now() < given_up {
            sleep(STEP).await;
        }
        self.leader()?;
        let given_up = Instant::now() + QUIET;
        while !self.is_quiet() && Instant::now() < given_up {
            sleep(STEP).await;
        }
        self.leader()
    }

    /// A present node that does not lead, and the leader.
    async fn follower(&self) -> Option<(u64, Arc<RaftNode>)> {
        let (leader, node) = self.settle().await?;
        let present = self.present();
        let follower = present.iter().find(|other| !Arc::ptr_eq(other, &node))?;
        Some((leader, Arc::clone(follower)))
    }

    /// The node that is meant, the leader by 0, if a majority stays without it.
    async fn meant(&mut self, n: u8) -> Option<u64> {
        self.bring_back().await;
        let (leader, _) = self.settle().await?;
        let id = if n == 0 { leader } else { n.into() };
        (self.members.contains(&id) && self.members.len() > 2).then_some(id)
    }

    async fn bring_back(&mut self) {
        match self.away.take() {
            Some(Away::Isolated(id)) => self.router.reconnect(id),
            Some(Away::Stopped(id)) => self.start(id).await,
            None => return,
        }
        self.settle().await;
    }

    fn isolated(&self) -> Option<Arc<RaftNode>> {
        match self.away {
            Some(Away::Isolated(id)) => self.nodes.get(&id).cloned(),
            _ => None,
        }
    }
}

/// The cluster of a script: three nodes, if it founded no other.
async fn of(slot: &mut Option<Cluster>) -> &mut Cluster {
    if slot.is_none() {
        *slot = Some(Cluster::found(3, 0).await);
    }
    slot.as_mut().expect("it was just founded")
}

/// The voters that the leader tells.
async fn told(cluster: &Cluster) -> Vec<u64> {
    let leader = cluster.settle().await;
    leader.map_or(Vec::new(), |(_, node)| said(&node).voters)
}

pub(super) async fn found(slot: &mut Option<Cluster>, size: u8, every: u8) -> Vec<u64> {
    let cluster = Cluster::found(size, every).await;
    told(slot.insert(cluster)).await
}

async fn write(cluster: &Cluster, request: Request) -> Reply {
    match cluster.settle().await {
        Some((id, leader)) => outcome(leader.client_write(request), Some(id), answered).await,
        None => Reply::Nobody,
    }
}

pub(super) async fn set(slot: &mut Option<Cluster>, key: String, value: Vec<u8>) -> Reply {
    write(of(slot).await, set_request(&key, value)).await
}

pub(super) async fn delete(slot: &mut Option<Cluster>, key: String) -> Reply {
    write(of(slot).await, Request::Delete { key }).await
}

pub(super) async fn get(slot: &mut Option<Cluster>, key: &str) -> Reply {
    match of(slot).await.settle().await {
        Some((id, leader)) => outcome(leader.client_read(key), Some(id), Reply::Value).await,
        None => Reply::Nobody,
    }
}

pub(super) async fn fill(slot: &mut Option<Cluster>, count: u8) -> u8 {
    let cluster = of(slot).await;
    let Some((id, leader)) = cluster.settle().await else {
        return 0;
    };
    let mut written = 0;
    for n in 0..count {
        let request = set_request(&format!("k{}", n % 10), vec![n]);
        let reply = outcome(leader.client_write(request), Some(id), answered).await;
        written += u8::from(reply == Reply::Done);
    }
    written
}

pub(super) async fn isolate(slot: &mut Option<Cluster>, n: u8) -> bool {
    let cluster = of(slot).await;
    let Some(id) = cluster.meant(n).await else { return false };
    cluster.router.isolate(id);
    cluster.away = Some(Away::Isolated(id));
    cluster.settle().await.is_some()
}

pub(super) async fn stop(slot: &mut Option<Cluster>, n: u8) -> bool {
    let cluster = of(slot).await;
    let Some(id) = cluster.meant(n).await else { return false };
    cluster.shut(id).await;
    cluster.away = Some(Away::Stopped(id));
    cluster.settle().await.is_some()
}

pub(super) async fn comeback(slot: &mut Option<Cluster>) -> bool {
    let cluster = of(slot).await;
    cluster.bring_back().await;
    cluster.settle().await.is_some()
}

pub(super) async fn reboot(slot: &mut Option<Cluster>) -> bool {
    let cluster = of(slot).await;
    cluster.bring_back().await;
    for id in cluster.members.clone() {
        cluster.shut(id).await;
    }
    for id in cluster.members.clone() {
        cluster.start(id).await;
    }
    cluster.settle().await.is_some()
}

pub(super) async fn get_isolated(slot: &mut Option<Cluster>, key: &str) -> Reply {
    match of(slot).await.isolated() {
        Some(node) => outcome(node.client_read(key), None, Reply::Value).await,
        None => Reply::Nobody,
    }
}

pub(super) async fn set_isolated(slot: &mut Option<Cluster>, key: String, value: Vec<u8>) -> Reply {
    match of(slot).await.isolated() {
        Some(node) => outcome(node.client_write(set_request(&key, value)), None, answered).await,
        None => Reply::Nobody,
    }
}

pub(super) async fn set_at_follower(slot: &mut Option<Cluster>, key: String, value: Vec<u8>) -> Reply {
    match of(slot).await.follower().await {
        Some((leader, node)) => outcome(node.client_write(set_request(&key, value)), Some(leader), answered).await,
        None => Reply::Nobody,
    }
}

pub(super) async fn get_at_follower(slot: &mut Option<Cluster>, key: &str) -> Reply {
    match of(slot).await.follower().await {
        Some((leader, node)) => outcome(node.client_read(key), Some(leader), Reply::Value).await,
        None => Reply::Nobody,
    }
}

fn done(_: ()) -> Reply {
    Reply::Done
}

pub(super) async fn change(slot: &mut Option<Cluster>, named: &[u8]) -> (Reply, Vec<u64>) {
    let cluster = of(slot).await;
    cluster.bring_back().await;
    let wanted = voters(named);
    for id in &wanted {
        if !cluster.nodes.contains_key(id) {
            cluster.start(*id).await;
        }
    }
    let reply = match cluster.settle().await {
        Some((id, leader)) => outcome(leader.change_membership(wanted.clone()), Some(id), done).await,
        None => Reply::Nobody,
    };
    if reply == Reply::Done {
        let gone: Vec<u64> = cluster
            .members
            .iter()
            .copied()
            .filter(|id| !wanted.contains(id))
            .collect();
        cluster.members = wanted.into_iter().collect();
        // The log is on a majority of those who stay: nobody needs those who go.
        for id in gone {
            cluster.shut(id).await;
        }
    }
    let members = told(cluster).await;
    (reply, members)
}

pub(super) async fn change_at_follower(slot: &mut Option<Cluster>) -> Reply {
    let cluster = of(slot).await;
    let members: Vec<u64> = cluster.members.iter().copied().collect();
    match cluster.follower().await {
        Some((leader, node)) => outcome(node.change_membership(members), Some(leader), done).await,
        None => Reply::Nobody,
    }
}

pub(super) async fn change_to_nobody(slot: &mut Option<Cluster>) -> bool {
    match of(slot).await.settle().await {
        Some((id, leader)) => outcome(leader.change_membership(Vec::new()), Some(id), done).await == Reply::Done,
        None => false,
    }
}

pub(super) async fn initialize_again(slot: &mut Option<Cluster>) -> bool {
    let cluster = of(slot).await;
    let members: Vec<u64> = cluster.members.iter().copied().collect();
    match cluster.settle().await {
        Some((id, leader)) => outcome(leader.initialize(members), Some(id), done).await == Reply::Done,
        None => false,
    }
}

async fn is_purged(mut disk: MemStorage) -> bool {
    let state = disk.get_log_state().await;
    state.is_ok_and(|state| state.last_purged_log_id.is_some())
}

pub(super) async fn purged(slot: &mut Option<Cluster>) -> Vec<bool> {
    let cluster = of(slot).await;
    cluster.bring_back().await;
    let given_up = Instant::now() + PATIENCE;
    loop {
        let mut all = Vec::new();
        for id in &cluster.members {
            all.push(is_purged(cluster.disks[id].clone()).await);
        }
        if all.iter().all(|purged| *purged) || Instant::now() > given_up {
            return all;
        }
        sleep(STEP).await;
    }
}

pub(super) async fn votes_kept(slot: &mut Option<Cluster>) -> Vec<bool> {
    let cluster = of(slot).await;
    cluster.settle().await;
    let mut kept = Vec::new();
    for node in cluster.present() {
        let RaftMetrics { id, current_term, .. } = node.metrics();
        let vote = match cluster.disks.get(&id) {
            Some(disk) => RaftLogStorage::read_vote(&mut disk.clone()).await,
            None => Ok(None),
        };
        let vote = vote.ok().flatten();
        kept.push(vote.is_some_and(|vote| vote.leader_id.term == current_term));
    }
    kept
}

pub(super) async fn look(slot: &mut Option<Cluster>) -> Vec<Look> {
    let cluster = of(slot).await;
    cluster.settle().await;
    cluster.present().iter().map(|node| said(node)).collect()
}
