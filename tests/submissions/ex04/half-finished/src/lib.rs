//! A member that answers and probes; it cannot leave, describes nothing, and draws nobody for others.

mod types;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub use types::*;

/// Draws members.
trait MemberSelector {
    /// Up to `count` different members.
    fn select_random(&self, exclude: &HashSet<MemberId>, count: usize) -> Vec<MemberId>;
}

/// What is known of somebody, and since when.
struct Entry {
    member: Member,
    /// The tick of its last change.
    since: u64,
    /// The tick in which news about it were first to be told.
    news_since: Option<u64>,
}

/// A probe on its way.
struct Probe {
    target: String,
    seq: u64,
    sent: u64,
    /// Whether others were asked, and when.
    asked: Option<u64>,
}

/// A member, counted in ticks.
pub struct GossipProtocol {
    local: Member,
    config: GossipConfig,
    ticks: u64,
    seq: u64,
    /// By name: an order to go through.
    others: BTreeMap<String, Entry>,
    /// Names that take part, in order.
    round: Vec<String>,
    cursor: usize,
    probes: Vec<Probe>,
    /// Questions asked for others: number, target, asker, its number, tick.
    errands: Vec<(u64, MemberId, SocketAddr, u64, u64)>,
    own_news: Option<u64>,
    draws: std::cell::Cell<u64>,
}

fn takes_part(state: MemberState) -> bool {
    matches!(state, MemberState::Alive | MemberState::Suspect)
}

fn rank(state: MemberState) -> u8 {
    match state {
        MemberState::Alive => 0,
        MemberState::Suspect => 1,
        MemberState::Dead | MemberState::Left => 2,
    }
}

fn update_of(member: &Member) -> MemberUpdate {
    MemberUpdate {
        id: member.id.clone(),
        state: member.state,
        incarnation: member.incarnation,
        address: Some(member.address),
        metadata: Some(member.metadata.clone()),
    }
}

impl GossipProtocol {
    /// Knows nobody.
    pub fn new(self_id: MemberId, self_addr: SocketAddr, config: GossipConfig) -> Self {
        let seed = self_id
            .0
            .bytes()
            .fold(7_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Self {
            local: Member {
                id: self_id,
                address: self_addr,
                state: MemberState::Alive,
                incarnation: 0,
                metadata: HashMap::new(),
                last_update: Instant::now(),
            },
            config,
            ticks: 0,
            seq: 0,
            others: BTreeMap::new(),
            round: Vec::new(),
            cursor: 0,
            probes: Vec::new(),
            errands: Vec::new(),
            own_news: None,
            draws: std::cell::Cell::new(seed),
        }
    }

    /// Asks seeds.
    pub fn bootstrap(&mut self, seeds: Vec<SocketAddr>) -> Vec<GossipAction> {
        let from = &self.local.id;
        let ask = |to| GossipAction::Send {
            to,
            message: GossipMessage::SyncRequest { from: from.clone() },
        };
        seeds.into_iter().map(ask).collect()
    }

    /// Time passes.
    pub fn tick(&mut self) -> Vec<GossipAction> {
        let mut out = Vec::new();
        if self.local.state == MemberState::Left {
            return out;
        }
        self.ticks += 1;
        self.expire(&mut out);
        self.probe(&mut out);
        self.tell(&mut out);
        out
    }

    /// A message arrives.
    pub fn handle_message(&mut self, from: SocketAddr, message: GossipMessage) -> Vec<GossipAction> {
        let mut out = Vec::new();
        match message {
            GossipMessage::Ping { seq, .. } => out.push(GossipAction::Send {
                to: from,
                message: GossipMessage::Ack {
                    seq,
                    from: self.local.id.clone(),
                },
            }),
            GossipMessage::Ack { seq, from: who } => {
                self.probes.retain(|probe| !(probe.seq == seq && probe.target == who.0));
                let mine = |errand: &(u64, MemberId, SocketAddr, u64, u64)| errand.0 == seq && errand.1 == who;
                if let Some(at) = self.errands.iter().position(mine) {
                    let (_, target, to, seq, _) = self.errands.swap_remove(at);
                    out.push(GossipAction::Send {
                        to,
                        message: GossipMessage::Ack { seq, from: target },
                    });
                }
            }
            GossipMessage::PingReq { seq, target, .. } => {
                if let Some(entry) = self.others.get(&target.0) {
                    self.seq += 1;
                    self.errands.push((self.seq, target, from, seq, self.ticks));
                    let message = GossipMessage::Ping {
                        seq: self.seq,
                        from: self.local.id.clone(),
                    };
                    out.push(GossipAction::Send {
                        to: entry.member.address,
                        message,
                    });
                }
            }
            GossipMessage::Gossip { updates } => updates.iter().for_each(|update| self.learn(update, from, &mut out)),
            GossipMessage::Sync { members } => {
                members
                    .iter()
                    .for_each(|member| self.learn(&update_of(member), from, &mut out));
            }
            GossipMessage::SyncRequest { from: id } => {
                let state = MemberState::Alive;
                let hello = MemberUpdate {
                    id,
                    state,
                    incarnation: 0,
                    address: Some(from),
                    metadata: None,
                };
                self.learn(&hello, from, &mut out);
                let mut members = vec![self.local.clone()];
                members.extend(self.others.values().map(|entry| entry.member.clone()));
                out.push(GossipAction::Send {
                    to: from,
                    message: GossipMessage::Sync { members },
                });
            }
        }
        out
    }

    /// The timer of a probe.
    pub fn handle_timer(&mut self, timer_name: &str) -> Vec<GossipAction> {
        let mut out = Vec::new();
        let Some(name) = timer_name.strip_prefix("probe_timeout_") else {
            return out;
        };
        let Some(at) = self.probes.iter().position(|probe| probe.target == name) else {
            return out;
        };
        if self.probes[at].asked.is_some() {
            self.probes.swap_remove(at);
            self.change(name, MemberState::Suspect, &mut out);
            return out;
        }
        let exclude = HashSet::from([MemberId(name.to_owned())]);
        let helpers = self.select_random(&exclude, self.config.indirect_probes);
        if helpers.is_empty() {
            self.probes.swap_remove(at);
            self.change(name, MemberState::Suspect, &mut out);
            return out;
        }
        let seq = self.probes[at].seq;
        self.probes[at].asked = Some(self.ticks);
        for helper in helpers {
            let (from, target) = (self.local.id.clone(), MemberId(name.to_owned()));
            let to = self.others[&helper.0].member.address;
            out.push(GossipAction::Send {
                to,
                message: GossipMessage::PingReq { seq, from, target },
            });
        }
        // The same timer again: what it means depends on whether others were asked.
        let delay = Duration::from_millis(self.config.probe_timeout);
        out.push(GossipAction::ScheduleTimer {
            name: timer_name.to_owned(),
            delay,
        });
        out
    }

    /// The living, the local member among them.
    pub fn alive_members(&self) -> Vec<&Member> {
        let mut all = self.all_members();
        all.retain(|member| member.state == MemberState::Alive);
        all
    }

    /// Everybody, the local member among them.
    pub fn all_members(&self) -> Vec<&Member> {
        let others = self.others.values().map(|entry| &entry.member);
        std::iter::once(&self.local).chain(others).collect()
    }

    /// How many live.
    pub fn cluster_size(&self) -> usize {
        self.alive_members().len()
    }

    /// Whether it lives.
    pub fn is_alive(&self, id: &MemberId) -> bool {
        self.find(id).is_some_and(|member| member.state == MemberState::Alive)
    }

    fn find(&self, id: &MemberId) -> Option<&Member> {
        if *id == self.local.id {
            return Some(&self.local);
        }
        self.others.get(&id.0).map(|entry| &entry.member)
    }

    /// Suspicions and memories that are over.
    fn expire(&mut self, out: &mut Vec<GossipAction>) {
        let interval = self.config.probe_interval.max(1);
        let retention = self.config.dead_retention.div_ceil(interval);
        let suspicion = u64::from(self.config.suspicion_multiplier);
        let (mut dead, mut over) = (Vec::new(), Vec::new());
        // Few are anything but alive: they are found without going through all.
        for name in self.marked() {
            let Some(entry) = self.others.get(&name) else { continue };
            let age = self.ticks - entry.since;
            match entry.member.state {
                MemberState::Suspect if age > suspicion => dead.push(name),
                MemberState::Dead | MemberState::Left if age > retention => over.push(name),
                _ => {}
            }
        }
        for name in dead {
            self.change(&name, MemberState::Dead, out);
        }
        for name in over {
            self.others.remove(&name);
        }
        let now = self.ticks;
        self.errands.retain(|errand| now - errand.4 < 5);
        self.probes.retain(|probe| now - probe.sent < 5);
    }

    fn marked(&self) -> Vec<String> {
        let marked = self
            .others
            .iter()
            .filter(|(_, entry)| entry.member.state != MemberState::Alive);
        marked.map(|(name, _)| name.clone()).collect()
    }

    /// The next one in order.
    fn probe(&mut self, out: &mut Vec<GossipAction>) {
        if self.round.is_empty() {
            return;
        }
        self.cursor = (self.cursor + 1) % self.round.len();
        let target = self.round[self.cursor].clone();
        self.seq += 1;
        let (seq, from) = (self.seq, self.local.id.clone());
        let to = self.others[&target].member.address;
        out.push(GossipAction::Send {
            to,
            message: GossipMessage::Ping { seq, from },
        });
        let delay = Duration::from_millis(self.config.probe_timeout);
        out.push(GossipAction::ScheduleTimer {
            name: format!("probe_timeout_{target}"),
            delay,
        });
        self.probes.retain(|probe| probe.target != target);
        self.probes.push(Probe {
            target,
            seq,
            sent: self.ticks,
            asked: None,
        });
    }

    /// How long news are told, in ticks.
    fn lasting(&self) -> u64 {
        let members = self.round.len() as u64 + 1;
        2 * u64::from(members.next_power_of_two().trailing_zeros()) + 2
    }

    fn tell(&mut self, out: &mut Vec<GossipAction>) {
        let (now, lasting) = (self.ticks, self.lasting());
        let fresh = |since: &Option<u64>| since.is_some_and(|since| now - since <= lasting);
        let mut news: Vec<(u64, MemberUpdate)> = Vec::new();
        if fresh(&self.own_news) {
            news.push((self.own_news.unwrap_or(0), update_of(&self.local)));
        }
        for entry in self.others.values().filter(|entry| fresh(&entry.news_since)) {
            news.push((entry.news_since.unwrap_or(0), update_of(&entry.member)));
        }
        // The newest first: what was told before has had its turns.
        news.sort_by_key(|(since, _)| std::cmp::Reverse(*since));
        news.truncate(self.config.max_piggyback);
        let updates: Vec<MemberUpdate> = news.into_iter().map(|(_, update)| update).collect();
        self.spread(&updates, out);
    }

    fn spread(&self, updates: &[MemberUpdate], out: &mut Vec<GossipAction>) {
        if updates.is_empty() {
            return;
        }
        for listener in self.select_random(&HashSet::new(), self.config.fanout) {
            let to = self.others[&listener.0].member.address;
            out.push(GossipAction::Send {
                to,
                message: GossipMessage::Gossip {
                    updates: updates.to_vec(),
                },
            });
        }
    }

    fn shout(&mut self, otherwise: SocketAddr) -> Vec<GossipAction> {
        self.own_news = Some(self.ticks);
        let updates = [update_of(&self.local)];
        let mut out = Vec::new();
        self.spread(&updates, &mut out);
        if out.is_empty() {
            out.push(GossipAction::Send {
                to: otherwise,
                message: GossipMessage::Gossip {
                    updates: updates.to_vec(),
                },
            });
        }
        out
    }

    fn change(&mut self, name: &str, state: MemberState, out: &mut Vec<GossipAction>) {
        let Some(entry) = self.others.get(name) else { return };
        if rank(state) > rank(entry.member.state) {
            let update = MemberUpdate {
                state,
                ..update_of(&entry.member)
            };
            self.learn(&update, self.local.address, out);
        }
    }

    fn learn(&mut self, update: &MemberUpdate, from: SocketAddr, out: &mut Vec<GossipAction>) {
        if update.id == self.local.id {
            let accused = matches!(update.state, MemberState::Suspect | MemberState::Dead);
            if accused && update.incarnation >= self.local.incarnation && self.local.state == MemberState::Alive {
                self.local.incarnation = update.incarnation + 1;
                out.extend(self.shout(from));
            }
            return;
        }
        let name = update.id.0.clone();
        let (now, old) = (self.ticks, self.others.get(&name).map(|entry| entry.member.state));
        match self.others.get_mut(&name) {
            Some(entry) => {
                let known = (entry.member.incarnation, rank(entry.member.state));
                let gone = rank(entry.member.state) == 2 && update.state != MemberState::Alive;
                if gone
                    || (update.incarnation, rank(update.state)) <= known
                    || (rank(entry.member.state) == 2 && update.incarnation <= entry.member.incarnation)
                {
                    return;
                }
                entry.member.state = update.state;
                entry.member.incarnation = update.incarnation;
                entry.member.metadata = update.metadata.clone().unwrap_or_else(|| entry.member.metadata.clone());
                entry.member.address = update.address.unwrap_or(entry.member.address);
                entry.news_since = Some(now);
                if old != Some(update.state) {
                    entry.since = now;
                }
            }
            None => {
                let Some(address) = update.address.filter(|_| takes_part(update.state)) else {
                    return;
                };
                let member = Member {
                    id: update.id.clone(),
                    address,
                    state: update.state,
                    incarnation: update.incarnation,
                    metadata: update.metadata.clone().unwrap_or_default(),
                    last_update: Instant::now(),
                };
                self.others.insert(
                    name.clone(),
                    Entry {
                        member,
                        since: now,
                        news_since: Some(now),
                    },
                );
            }
        }
        match (self.round.binary_search(&name), takes_part(update.state)) {
            (Err(at), true) => self.round.insert(at, name.clone()),
            (Ok(at), false) => {
                self.round.remove(at);
            }
            _ => {}
        }
        if old != Some(update.state) {
            out.push(GossipAction::MembershipChange {
                member: update.id.clone(),
                old_state: old.unwrap_or(MemberState::Left),
                new_state: update.state,
            });
        }
    }
}

impl MemberSelector for GossipProtocol {
    fn select_random(&self, exclude: &HashSet<MemberId>, count: usize) -> Vec<MemberId> {
        let mut drawn: Vec<MemberId> = Vec::new();
        // A random place, then on from there by a random stride that reaches everybody.
        let members = self.round.len() as u64;
        if members == 0 {
            return drawn;
        }
        let draw = |below: u64| {
            let mut state = self.draws.get();
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            self.draws.set(state);
            (state >> 11) % below
        };
        let mut left: Vec<&String> = Vec::new();
        let mut tries = 0;
        while drawn.len() < count && tries < 8 * (count as u64 + 4) {
            tries += 1;
            let name = &self.round[draw(members) as usize];
            let id = MemberId(name.clone());
            if !exclude.contains(&id) && !drawn.contains(&id) {
                drawn.push(id);
            }
        }
        if drawn.len() < count {
            left.extend(self.round.iter());
            for name in left {
                let id = MemberId(name.clone());
                if drawn.len() < count && !exclude.contains(&id) && !drawn.contains(&id) {
                    drawn.push(id);
                }
            }
        }
        drawn
    }
}
