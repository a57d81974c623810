//! A member on its own: its peers are played here, its timers kept.

use super::{address, config, id, told};
use ex04::{GossipAction, GossipMessage, GossipProtocol, Member, MemberId, MemberSelector, MemberUpdate};
use ex04_protocol::{Answers, Deed, INTERVAL, News, Peer, SELF, Tuning, peer_at, peer_named};
use std::collections::{BTreeMap, HashSet, VecDeque};

/// A member, what time it is, and how its peers behave.
pub(super) struct Single {
    pub(super) node: GossipProtocol,
    now: u64,
    timers: Timers,
    answers: BTreeMap<Peer, Answers>,
    /// Questions that were put to peers and not answered.
    asked: VecDeque<Asked>,
}

/// A question of the member.
struct Asked {
    /// To whom.
    to: Peer,
    seq: u64,
    /// About whom.
    target: Peer,
}

/// Timers by name: a new one of the same name replaces the old.
#[derive(Default)]
pub(super) struct Timers(BTreeMap<String, u64>);

impl Timers {
    pub(super) fn start(&mut self, name: String, at: u64) {
        self.0.insert(name, at);
    }

    /// Takes the timer that runs out first, if it does by then.
    pub(super) fn due(&mut self, now: u64) -> Option<(u64, String)> {
        let (at, name) = self.0.iter().map(|(name, at)| (*at, name)).min()?;
        let due = (at, name.clone());
        (at <= now).then(|| {
            self.0.remove(&due.1);
            due
        })
    }
}

/// Deeds without what a member tells of itself in passing.
fn news(updates: &[MemberUpdate]) -> Vec<News> {
    let mut news: Vec<News> = updates.iter().map(piece).collect();
    news.sort_unstable();
    news
}

fn piece(update: &MemberUpdate) -> News {
    News {
        peer: peer_named(&update.id.0),
        state: told(update.state),
        incarnation: update.incarnation,
    }
}

fn entry(member: &Member) -> News {
    News {
        peer: peer_named(&member.id.0),
        state: told(member.state),
        incarnation: member.incarnation,
    }
}

impl Single {
    pub(super) fn new(tuning: Tuning) -> Self {
        Self {
            node: GossipProtocol::new(id(SELF), address(SELF), config(tuning)),
            now: 0,
            timers: Timers::default(),
            answers: BTreeMap::new(),
            asked: VecDeque::new(),
        }
    }

    /// Notes actions: timers are started, questions remembered, the rest is told.
    pub(super) fn deeds(&mut self, actions: Vec<GossipAction>) -> Vec<Deed> {
        actions.into_iter().filter_map(|action| self.deed(action)).collect()
    }

    fn deed(&mut self, action: GossipAction) -> Option<Deed> {
        match action {
            GossipAction::ScheduleTimer { name, delay } => {
                self.timers.start(name, self.now + delay.as_millis() as u64);
                None
            }
            GossipAction::MembershipChange {
                member,
                old_state,
                new_state,
            } => Some(Deed::Changed(peer_named(&member.0), told(old_state), told(new_state))),
            GossipAction::Send { to, message } => {
                let to = peer_at(to.port());
                Some(match message {
                    GossipMessage::Ping { seq, .. } => {
                        self.asked.push_back(Asked { to, seq, target: to });
                        Deed::Ping(to)
                    }
                    GossipMessage::PingReq { seq, target, .. } => {
                        let target = peer_named(&target.0);
                        self.asked.push_back(Asked { to, seq, target });
                        Deed::PingReq(to, target)
                    }
                    GossipMessage::Ack { seq, from } => Deed::Ack(to, seq, peer_named(&from.0)),
                    GossipMessage::Gossip { updates } => Deed::Gossip(to, news(&updates)),
                    GossipMessage::Sync { members } => {
                        let mut members: Vec<News> = members.iter().map(entry).collect();
                        members.sort_unstable();
                        Deed::Sync(to, members)
                    }
                    GossipMessage::SyncRequest { .. } => Deed::SyncRequest(to),
                })
            }
        }
    }

    /// A message arrives. Questions that it makes the member ask are left open.
    pub(super) fn hear(&mut self, from: Peer, message: GossipMessage) -> Vec<Deed> {
        let actions = self.node.handle_message(address(from), message);
        let deeds = self.deeds(actions);
        self.asked.clear();
        deeds
    }

    pub(super) fn behave(&mut self, peer: Peer, answers: Answers) {
        self.answers.insert(peer, answers);
    }

    /// The member is asked to probe another.
    pub(super) fn ping_req(&mut self, from: Peer, target: Peer, seq: u64, answers: bool) -> Vec<Deed> {
        let request = GossipMessage::PingReq {
            seq,
            from: id(from),
            target: id(target),
        };
        let actions = self.node.handle_message(address(from), request);
        let mut deeds = self.deeds(actions);
        while let Some(asked) = self.asked.pop_front() {
            if answers && asked.to == target {
                let ack = GossipMessage::Ack {
                    seq: asked.seq,
                    from: id(target),
                };
                let actions = self.node.handle_message(address(target), ack);
                deeds.extend(self.deeds(actions));
            }
        }
        deeds
    }

    /// The member is asked to probe several, and they answer when all have been asked, the last one first.
    pub(super) fn ping_reqs(&mut self, requests: Vec<(Peer, Peer, u64)>) -> Vec<Deed> {
        let mut deeds = Vec::new();
        for (from, target, seq) in requests {
            let request = GossipMessage::PingReq {
                seq,
                from: id(from),
                target: id(target),
            };
            let actions = self.node.handle_message(address(from), request);
            deeds.extend(self.deeds(actions));
        }
        while let Some(asked) = self.asked.pop_back() {
            let ack = GossipMessage::Ack {
                seq: asked.seq,
                from: id(asked.to),
            };
            let actions = self.node.handle_message(address(asked.to), ack);
            deeds.extend(self.deeds(actions));
        }
        deeds
    }

    /// One interval: a tick, the answers of peers, the timers that are due with the answers to what they ask.
    pub(super) fn round(&mut self) -> Vec<Deed> {
        let actions = self.node.tick();
        let mut deeds = self.deeds(actions);
        deeds.extend(self.answer());
        let end = self.now + INTERVAL;
        while let Some((at, name)) = self.timers.due(end) {
            self.now = self.now.max(at);
            let actions = self.node.handle_timer(&name);
            deeds.extend(self.deeds(actions));
            deeds.extend(self.answer());
        }
        self.now = end;
        deeds
    }

    /// Peers answer what they were asked, as they behave.
    fn answer(&mut self) -> Vec<Deed> {
        let mut deeds = Vec::new();
        while let Some(Asked { to, seq, target }) = self.asked.pop_front() {
            let behaves = |peer: Peer| self.answers.get(&peer).copied().unwrap_or(Answers::Always);
            let answers = if to == target {
                behaves(to) == Answers::Always
            } else {
                // Somebody who lets nobody reach it helps nobody either.
                behaves(to) == Answers::Always && behaves(target) != Answers::Never
            };
            if answers {
                let ack = GossipMessage::Ack { seq, from: id(target) };
                let actions = self.node.handle_message(address(to), ack);
                deeds.extend(self.deeds(actions));
            }
        }
        deeds
    }

    pub(super) fn select(&self, exclude: &[Peer], count: usize) -> Vec<Peer> {
        let exclude: HashSet<MemberId> = exclude.iter().copied().map(id).collect();
        let drawn = MemberSelector::select_random(&self.node, &exclude, count);
        drawn.iter().map(|member| peer_named(&member.0)).collect()
    }
}
