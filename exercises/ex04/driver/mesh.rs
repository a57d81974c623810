//! A simulated cluster: messages arrive at once and in order, timers run on virtual time.

use super::single::Timers;
use super::{address, config, id, known, meant, member, told};
use ex04::{GossipAction, GossipMessage, GossipProtocol, MemberUpdate};
use ex04_protocol::{INTERVAL, News, Peer, State, Tuning, peer_at, peer_named};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// No wait for something to become true lasts longer, in rounds.
const LONGEST: u64 = 400;

/// Members, and what time it is.
pub(super) struct Cluster {
    nodes: Vec<Node>,
    now: u64,
    /// In which rounds somebody told which news: by teller and news, the rounds.
    told: BTreeMap<(Peer, News), BTreeSet<u64>>,
}

struct Node {
    protocol: GossipProtocol,
    timers: Timers,
    lives: bool,
}

/// A message on its way.
struct Mail {
    from: Peer,
    to: Peer,
    message: GossipMessage,
}

impl Cluster {
    pub(super) fn empty() -> Self {
        Self {
            nodes: Vec::new(),
            now: 0,
            told: BTreeMap::new(),
        }
    }

    fn of(members: u8, tuning: Tuning) -> Self {
        let node = |peer| Node {
            protocol: GossipProtocol::new(id(peer), address(peer), config(tuning)),
            timers: Timers::default(),
            lives: true,
        };
        Self {
            nodes: (0..members).map(node).collect(),
            ..Self::empty()
        }
    }

    /// Members that know each other.
    pub(super) fn acquainted(members: u8, tuning: Tuning) -> Self {
        let mut cluster = Self::of(members, tuning);
        for to in 0..members {
            let others = (0..members).filter(|peer| *peer != to).map(|peer| {
                member(News {
                    peer,
                    state: State::Alive,
                    incarnation: 0,
                })
            });
            let members = others.collect();
            let from = u8::from(to == 0);
            let mail = Mail {
                from,
                to,
                message: GossipMessage::Sync { members },
            };
            cluster.deliver(VecDeque::from([mail]));
        }
        cluster
    }

    /// Members that know the first one's address.
    pub(super) fn seeded(members: u8) -> Self {
        let roomy = Tuning {
            piggyback: members,
            ..Tuning::default()
        };
        let mut cluster = Self::of(members, roomy);
        for peer in 1..members {
            let actions = cluster.nodes[usize::from(peer)].protocol.bootstrap(vec![address(0)]);
            let mail = cluster.carry_out(peer, actions);
            cluster.deliver(mail);
        }
        cluster
    }

    /// Starts the timers that somebody wants, and takes its mail.
    fn carry_out(&mut self, from: Peer, actions: Vec<GossipAction>) -> VecDeque<Mail> {
        let mut mail = VecDeque::new();
        for action in actions {
            match action {
                GossipAction::Send { to, message } => {
                    if let GossipMessage::Gossip { updates } = &message {
                        self.note(from, updates);
                    }
                    let to = peer_at(to.port());
                    mail.push_back(Mail { from, to, message });
                }
                GossipAction::ScheduleTimer { name, delay } => {
                    let at = self.now + delay.as_millis() as u64;
                    self.nodes[usize::from(from)].timers.start(name, at);
                }
                GossipAction::MembershipChange { .. } => {}
            }
        }
        mail
    }

    fn note(&mut self, from: Peer, updates: &[MemberUpdate]) {
        let round = self.now / INTERVAL;
        for update in updates {
            let news = News {
                peer: peer_named(&update.id.0),
                state: told(update.state),
                incarnation: update.incarnation,
            };
            self.told.entry((from, news)).or_default().insert(round);
        }
    }

    /// Delivers mail, and the mail that this makes.
    fn deliver(&mut self, mut mail: VecDeque<Mail>) {
        // A cluster that never stops talking is cut short: nothing will be as it should then.
        let mut left = 200_000_u32;
        while let Some(Mail { from, to, message }) = mail.pop_front() {
            left = left.saturating_sub(1);
            let Some(node) = self.nodes.get_mut(usize::from(to)).filter(|node| node.lives) else {
                continue;
            };
            if left == 0 {
                return;
            }
            let actions = node.protocol.handle_message(address(from), message);
            mail.extend(self.carry_out(to, actions));
        }
    }

    fn living(&self) -> Vec<Peer> {
        let nodes = (0..).zip(&self.nodes);
        nodes.filter(|(_, node)| node.lives).map(|(peer, _)| peer).collect()
    }

    fn round(&mut self) {
        for peer in self.living() {
            let actions = self.nodes[usize::from(peer)].protocol.tick();
            let mail = self.carry_out(peer, actions);
            self.deliver(mail);
        }
        let end = self.now + INTERVAL;
        loop {
            let due = self.living().into_iter().filter_map(|peer| {
                let timers = &mut self.nodes[usize::from(peer)].timers;
                timers.due(end).map(|(at, name)| (at, peer, name))
            });
            // All that are due, in the order of their times; what they start is looked at next.
            let mut due: Vec<(u64, Peer, String)> = due.collect();
            if due.is_empty() {
                break;
            }
            due.sort();
            for (at, peer, name) in due {
                self.now = self.now.max(at);
                let actions = self.nodes[usize::from(peer)].protocol.handle_timer(&name);
                let mail = self.carry_out(peer, actions);
                self.deliver(mail);
            }
        }
        self.now = end;
    }

    /// Rounds until something holds.
    fn wait(&mut self, holds: impl Fn(&Self) -> bool) -> Option<u64> {
        for round in 0..=LONGEST {
            if holds(self) {
                return Some(round);
            }
            self.round();
        }
        None
    }

    /// How a living member is seen by another.
    fn view(&self, by: Peer, of: Peer) -> Option<State> {
        let protocol = &self.nodes[usize::from(by)].protocol;
        let members = protocol.all_members();
        let member = members.iter().find(|member| member.id == id(of))?;
        Some(told(member.state))
    }

    pub(super) fn run(&mut self, rounds: u16) -> u64 {
        let mut alarms = 0;
        for _ in 0..rounds {
            self.round();
            for by in self.living() {
                let others = known(&self.nodes[usize::from(by)].protocol, by);
                alarms += others.iter().filter(|news| news.state != State::Alive).count() as u64;
            }
        }
        alarms
    }

    pub(super) fn spread(&mut self, member: Peer) -> Option<u64> {
        let (key, value) = ("role".to_owned(), format!("{}", self.now));
        let node = self.nodes.get_mut(usize::from(member))?;
        let actions = node.protocol.update_metadata(key.clone(), value.clone());
        let mail = self.carry_out(member, actions);
        self.deliver(mail);
        self.wait(|cluster| {
            cluster.living().into_iter().filter(|by| *by != member).all(|by| {
                let metadata = cluster.nodes[usize::from(by)].protocol.get_metadata(&id(member));
                metadata.is_some_and(|metadata| metadata.get(&key) == Some(&value))
            })
        })
    }

    pub(super) fn kill(&mut self, member: Peer) {
        if let Some(node) = self.nodes.get_mut(usize::from(member)) {
            node.lives = false;
        }
    }

    pub(super) fn depart(&mut self, member: Peer) {
        let Some(node) = self.nodes.get_mut(usize::from(member)) else {
            return;
        };
        let actions = node.protocol.leave();
        node.lives = false;
        let mail = self.carry_out(member, actions);
        self.deliver(mail);
    }

    pub(super) fn until(&mut self, member: Peer, state: State) -> Option<u64> {
        let wanted = meant(state);
        self.wait(|cluster| {
            let others = cluster.living().into_iter().filter(|by| *by != member);
            { others }.all(|by| cluster.view(by, member) == Some(told(wanted)))
        })
    }

    pub(super) fn until_met(&mut self) -> Option<u64> {
        self.wait(|cluster| {
            let living = cluster.living();
            let knows = |by: Peer, of: Peer| by == of || cluster.view(by, of) == Some(State::Alive);
            living.iter().all(|by| living.iter().all(|of| knows(*by, *of)))
        })
    }

    pub(super) fn talk(&mut self, member: Peer, rounds: u16) -> u64 {
        self.told.clear();
        for _ in 0..rounds {
            self.round();
        }
        let about = self.told.iter().filter(|((_, news), _)| news.peer == member);
        about.map(|(_, rounds)| rounds.len() as u64).max().unwrap_or(0)
    }
}
