//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

mod mesh;
mod single;

use ex04::{GossipConfig, GossipMessage, GossipProtocol, Member, MemberId, MemberState, MemberUpdate};
use ex04_protocol::{Answers, Deed, INTERVAL, Mesh, News, Peer, State, Tuning, name, peer_named, port};
use mesh::Cluster;
use single::Single;
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

/// A member on its own, and a cluster.
pub struct World {
    single: Single,
    cluster: Cluster,
}

impl Default for World {
    fn default() -> Self {
        Self {
            single: Single::new(Tuning::default()),
            cluster: Cluster::empty(),
        }
    }
}

fn id(peer: Peer) -> MemberId {
    MemberId(name(peer))
}

fn address(peer: Peer) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port(peer)))
}

fn config(tuning: Tuning) -> GossipConfig {
    GossipConfig {
        probe_interval: INTERVAL,
        probe_timeout: INTERVAL / 5,
        indirect_probes: usize::from(tuning.indirect),
        suspicion_multiplier: u32::from(tuning.suspicion),
        fanout: usize::from(tuning.fanout),
        max_piggyback: usize::from(tuning.piggyback),
        dead_retention: u64::from(tuning.retention) * INTERVAL,
    }
}

fn told(state: MemberState) -> State {
    match state {
        MemberState::Alive => State::Alive,
        MemberState::Suspect => State::Suspect,
        MemberState::Dead => State::Dead,
        MemberState::Left => State::Left,
    }
}

fn meant(state: State) -> MemberState {
    match state {
        State::Alive => MemberState::Alive,
        State::Suspect => MemberState::Suspect,
        State::Dead => MemberState::Dead,
        State::Left => MemberState::Left,
    }
}

fn member(news: News) -> Member {
    Member {
        id: id(news.peer),
        address: address(news.peer),
        state: meant(news.state),
        incarnation: news.incarnation,
        metadata: HashMap::new(),
        last_update: Instant::now(),
    }
}

fn update(news: News) -> MemberUpdate {
    MemberUpdate {
        id: id(news.peer),
        state: meant(news.state),
        incarnation: news.incarnation,
        address: Some(address(news.peer)),
        metadata: Some(HashMap::new()),
    }
}

/// The members that somebody knows, but for itself, sorted.
fn known(node: &GossipProtocol, itself: Peer) -> Vec<News> {
    let news = |member: &&Member| News {
        peer: peer_named(&member.id.0),
        state: told(member.state),
        incarnation: member.incarnation,
    };
    let mut known: Vec<News> = node.all_members().iter().map(news).collect();
    known.retain(|news| news.peer != itself);
    known.sort_unstable();
    known
}

impl Mesh for World {
    fn tuned(&mut self, tuning: Tuning) {
        self.single = Single::new(tuning);
    }

    fn bootstrap(&mut self, seeds: Vec<Peer>) -> Vec<Deed> {
        let actions = self.single.node.bootstrap(seeds.into_iter().map(address).collect());
        self.single.deeds(actions)
    }

    fn sync(&mut self, news: Vec<News>) -> Vec<Deed> {
        let from = news.first().map_or(1, |news| news.peer);
        let members = news.into_iter().map(member).collect();
        self.single.hear(from, GossipMessage::Sync { members })
    }

    fn gossip(&mut self, from: Peer, news: Vec<News>) -> Vec<Deed> {
        let updates = news.into_iter().map(update).collect();
        self.single.hear(from, GossipMessage::Gossip { updates })
    }

    fn asked_for_all(&mut self, from: Peer) -> Vec<Deed> {
        self.single.hear(from, GossipMessage::SyncRequest { from: id(from) })
    }

    fn ping(&mut self, from: Peer, seq: u64) -> Vec<Deed> {
        self.single.hear(from, GossipMessage::Ping { seq, from: id(from) })
    }

    fn ping_req(&mut self, from: Peer, target: Peer, seq: u64, answers: bool) -> Vec<Deed> {
        self.single.ping_req(from, target, seq, answers)
    }

    fn ping_reqs(&mut self, requests: Vec<(Peer, Peer, u64)>) -> Vec<Deed> {
        self.single.ping_reqs(requests)
    }

    fn behave(&mut self, peer: Peer, answers: Answers) {
        self.single.behave(peer, answers);
    }

    fn pass(&mut self, rounds: u16) -> Vec<Deed> {
        (0..rounds).flat_map(|_| self.single.round()).collect()
    }

    fn describe(&mut self, key: u8, value: u8) -> Vec<Deed> {
        let actions = self.single.node.update_metadata(format!("k{key}"), format!("v{value}"));
        self.single.deeds(actions)
    }

    fn described(&mut self, peer: Peer, incarnation: u64, key: u8, value: u8) {
        let news = News {
            peer,
            state: State::Alive,
            incarnation,
        };
        let described = MemberUpdate {
            metadata: Some(HashMap::from([(format!("k{key}"), format!("v{value}"))])),
            ..update(news)
        };
        let updates = vec![described];
        self.single.hear(peer, GossipMessage::Gossip { updates });
    }

    fn metadata(&mut self, peer: Peer) -> Option<Vec<(String, String)>> {
        let metadata = self.single.node.get_metadata(&id(peer))?;
        let mut pairs: Vec<(String, String)> = metadata
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        pairs.sort();
        Some(pairs)
    }

    fn leave(&mut self) -> Vec<Deed> {
        let actions = self.single.node.leave();
        self.single.deeds(actions)
    }

    fn members(&mut self) -> Vec<News> {
        known(&self.single.node, ex04_protocol::SELF)
    }

    fn is_alive(&mut self, peer: Peer) -> bool {
        self.single.node.is_alive(&id(peer))
    }

    fn alive(&mut self) -> (Vec<Peer>, bool) {
        let alive = self.single.node.alive_members();
        let agree = self.single.node.cluster_size() == alive.len();
        let mut alive: Vec<Peer> = alive.iter().map(|member| peer_named(&member.id.0)).collect();
        alive.retain(|peer| *peer != ex04_protocol::SELF);
        alive.sort_unstable();
        (alive, agree)
    }

    fn select(&mut self, exclude: Vec<Peer>, count: u8) -> Vec<Peer> {
        self.single.select(&exclude, usize::from(count))
    }

    fn cluster(&mut self, members: u8, tuning: Tuning) {
        self.cluster = Cluster::acquainted(members, tuning);
    }

    fn seeded(&mut self, members: u8) {
        self.cluster = Cluster::seeded(members);
    }

    fn run(&mut self, rounds: u16) -> u64 {
        self.cluster.run(rounds)
    }

    fn spread(&mut self, member: Peer) -> Option<u64> {
        self.cluster.spread(member)
    }

    fn kill(&mut self, member: Peer) {
        self.cluster.kill(member);
    }

    fn depart(&mut self, member: Peer) {
        self.cluster.depart(member);
    }

    fn until(&mut self, member: Peer, state: State) -> Option<u64> {
        self.cluster.until(member, state)
    }

    fn until_met(&mut self) -> Option<u64> {
        self.cluster.until_met()
    }

    fn talk(&mut self, member: Peer, rounds: u16) -> u64 {
        self.cluster.talk(member, rounds)
    }
}
