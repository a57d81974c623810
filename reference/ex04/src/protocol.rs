//! A member: what it does when something arrives, and when time passes.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::index;

use crate::gossip::Rumours;
use crate::probe::{Awaited, Prober};
use crate::roster::Roster;
use crate::{GossipAction, GossipConfig, GossipMessage, Member, MemberId, MemberState, MemberUpdate};

/// The timer of a probe: no answer came.
const PROBE: &str = "probe_timeout_";
/// The timer of the questions to others: no answer came that way either.
const INDIRECT: &str = "indirect_timeout_";
/// The timer of a suspicion: it was not refuted.
const SUSPICION: &str = "suspicion_timeout_";
/// The timer of a member that is gone: it is forgotten.
const RETENTION: &str = "retention_timeout_";

/// Draws members to talk to.
pub trait MemberSelector {
    /// Up to `count` different members that take part, at random: none of `exclude`, and not the local one.
    fn select_random(&self, exclude: &HashSet<MemberId>, count: usize) -> Vec<MemberId>;
}

/// One member of a cluster.
#[derive(Debug)]
pub struct GossipProtocol {
    config: GossipConfig,
    local: Member,
    roster: Roster,
    rumours: Rumours,
    prober: Prober,
    rng: RefCell<StdRng>,
}

impl GossipProtocol {
    /// A member that knows nobody.
    #[must_use]
    pub fn new(self_id: MemberId, self_addr: SocketAddr, config: GossipConfig) -> Self {
        // Different for each member, the same in each run.
        let mut hasher = DefaultHasher::new();
        self_id.hash(&mut hasher);
        let local = Member {
            id: self_id,
            address: self_addr,
            state: MemberState::Alive,
            incarnation: 0,
            metadata: HashMap::new(),
            last_update: Instant::now(),
        };
        Self {
            config,
            local,
            roster: Roster::default(),
            rumours: Rumours::default(),
            prober: Prober::default(),
            rng: RefCell::new(StdRng::seed_from_u64(hasher.finish())),
        }
    }

    /// Asks members at some addresses for all that they know.
    pub fn bootstrap(&mut self, seeds: Vec<SocketAddr>) -> Vec<GossipAction> {
        let ask = |to| GossipAction::Send {
            to,
            message: GossipMessage::SyncRequest {
                from: self.local.id.clone(),
            },
        };
        seeds.into_iter().map(ask).collect()
    }

    /// A probe interval has passed: probes the next member and passes on what is new.
    pub fn tick(&mut self) -> Vec<GossipAction> {
        if self.local.state == MemberState::Left {
            return Vec::new();
        }
        let mut actions = Vec::new();
        let takes_part = |id: &MemberId| self.roster.get(id).is_some_and(|member| member.state.takes_part());
        if let Some(target) = self.prober.next(self.roster.active(), takes_part, self.rng.get_mut()) {
            self.probe(&target, &mut actions);
        }
        let updates = self
            .rumours
            .next(self.config.max_piggyback, self.roster.active().len() + 1);
        self.spread(&updates, &mut actions);
        actions
    }

    /// A message arrived from an address.
    pub fn handle_message(&mut self, from: SocketAddr, message: GossipMessage) -> Vec<GossipAction> {
        let mut actions = Vec::new();
        match message {
            GossipMessage::Ping { seq, .. } => {
                let from_us = self.local.id.clone();
                actions.push(send(from, GossipMessage::Ack { seq, from: from_us }));
            }
            GossipMessage::Ack { seq, from: who } => {
                if let Some(Awaited::Relayed { asker, seq, .. }) = self.prober.answered(seq, &who) {
                    actions.push(send(asker, GossipMessage::Ack { seq, from: who }));
                }
            }
            GossipMessage::PingReq { seq, target, .. } => self.probe_for(from, seq, &target, &mut actions),
            GossipMessage::Gossip { updates } => {
                for update in updates {
                    self.hear(&update, from, &mut actions);
                }
            }
            GossipMessage::Sync { members } => {
                for member in &members {
                    self.hear(&MemberUpdate::from(member), from, &mut actions);
                }
            }
            GossipMessage::SyncRequest { from: who } => {
                let newcomer = MemberUpdate {
                    id: who,
                    state: MemberState::Alive,
                    incarnation: 0,
                    address: Some(from),
                    metadata: None,
                };
                self.hear(&newcomer, from, &mut actions);
                let members = self.roster.all().chain([&self.local]).cloned().collect();
                actions.push(send(from, GossipMessage::Sync { members }));
            }
        }
        actions
    }

    /// A timer ran out. One that has lost its reason does nothing.
    pub fn handle_timer(&mut self, timer_name: &str) -> Vec<GossipAction> {
        let mut actions = Vec::new();
        let of = |prefix| timer_name.strip_prefix(prefix).map(|id| MemberId(id.to_owned()));
        if let Some(target) = of(PROBE) {
            self.probe_timed_out(&target, &mut actions);
        } else if let Some(target) = of(INDIRECT) {
            if self.prober.unanswered(&target).is_some() {
                self.suspect(&target, &mut actions);
            }
        } else if let Some(target) = of(SUSPICION) {
            if self.state(&target) == Some(MemberState::Suspect) {
                self.declare(&target, MemberState::Dead, &mut actions);
            }
        } else if let Some(target) = of(RETENTION)
            && self.state(&target).is_some_and(|state| !state.takes_part())
        {
            self.roster.remove(&target);
        }
        actions
    }

    /// Changes what this member says of itself, and tells.
    pub fn update_metadata(&mut self, key: String, value: String) -> Vec<GossipAction> {
        self.local.metadata.insert(key, value);
        self.local.incarnation += 1;
        self.announce(self.local.address)
    }

    /// Leaves, and tells.
    pub fn leave(&mut self) -> Vec<GossipAction> {
        self.local.state = MemberState::Left;
        self.announce(self.local.address)
    }

    /// The members that are alive, without the local one.
    #[must_use]
    pub fn alive_members(&self) -> Vec<&Member> {
        let is_alive = |member: &&Member| member.state == MemberState::Alive;
        self.roster.all().filter(is_alive).collect()
    }

    /// All members that are known, without the local one.
    #[must_use]
    pub fn all_members(&self) -> Vec<&Member> {
        self.roster.all().collect()
    }

    /// How many members are alive, as `alive_members` counts.
    #[must_use]
    pub fn cluster_size(&self) -> usize {
        self.alive_members().len()
    }

    /// Whether a member is alive.
    #[must_use]
    pub fn is_alive(&self, id: &MemberId) -> bool {
        self.member(id).is_some_and(|member| member.state == MemberState::Alive)
    }

    /// What a member says of itself.
    #[must_use]
    pub fn get_metadata(&self, id: &MemberId) -> Option<&HashMap<String, String>> {
        self.member(id).map(|member| &member.metadata)
    }

    fn member(&self, id: &MemberId) -> Option<&Member> {
        if *id == self.local.id {
            Some(&self.local)
        } else {
            self.roster.get(id)
        }
    }

    fn state(&self, id: &MemberId) -> Option<MemberState> {
        self.roster.get(id).map(|member| member.state)
    }

    fn probe(&mut self, target: &MemberId, actions: &mut Vec<GossipAction>) {
        let Some(address) = self.roster.get(target).map(|member| member.address) else {
            return;
        };
        let seq = self.prober.ask(Awaited::Own(target.clone()));
        let from = self.local.id.clone();
        actions.push(send(address, GossipMessage::Ping { seq, from }));
        actions.push(timer(PROBE, target, Duration::from_millis(self.config.probe_timeout)));
    }

    /// Probes a member for somebody else; the answer is passed on when it comes.
    fn probe_for(&mut self, asker: SocketAddr, seq: u64, target: &MemberId, actions: &mut Vec<GossipAction>) {
        if *target == self.local.id {
            let from = self.local.id.clone();
            actions.push(send(asker, GossipMessage::Ack { seq, from }));
        } else if let Some(address) = self.roster.get(target).map(|member| member.address) {
            let relayed = Awaited::Relayed {
                target: target.clone(),
                asker,
                seq,
            };
            let seq = self.prober.ask(relayed);
            let from = self.local.id.clone();
            actions.push(send(address, GossipMessage::Ping { seq, from }));
        }
    }

    /// No direct answer: others are asked, and if there are none the member is suspected.
    fn probe_timed_out(&mut self, target: &MemberId, actions: &mut Vec<GossipAction>) {
        let Some(seq) = self.prober.unanswered(target) else {
            return;
        };
        let exclude = HashSet::from([target.clone()]);
        let helpers = self.select_random(&exclude, self.config.indirect_probes);
        if helpers.is_empty() {
            self.suspect(target, actions);
            return;
        }
        for helper in helpers.iter().filter_map(|helper| self.roster.get(helper)) {
            let message = GossipMessage::PingReq {
                seq,
                from: self.local.id.clone(),
                target: target.clone(),
            };
            actions.push(send(helper.address, message));
        }
        let delay = Duration::from_millis(self.config.probe_timeout);
        actions.push(timer(INDIRECT, target, delay));
    }

    fn suspect(&mut self, target: &MemberId, actions: &mut Vec<GossipAction>) {
        self.prober.give_up(target);
        if self.state(target) == Some(MemberState::Alive) {
            self.declare(target, MemberState::Suspect, actions);
        }
    }

    /// Decides on a member: that is news as if it had been heard.
    fn declare(&mut self, target: &MemberId, state: MemberState, actions: &mut Vec<GossipAction>) {
        if let Some(member) = self.roster.get(target) {
            let update = MemberUpdate {
                state,
                ..MemberUpdate::from(member)
            };
            self.take(&update, actions);
        }
    }

    /// Hears news about somebody, perhaps about the local member.
    fn hear(&mut self, update: &MemberUpdate, from: SocketAddr, actions: &mut Vec<GossipAction>) {
        if update.id != self.local.id {
            self.take(update, actions);
            return;
        }
        let accuses = matches!(update.state, MemberState::Suspect | MemberState::Dead);
        if accuses && update.incarnation >= self.local.incarnation && self.local.state == MemberState::Alive {
            self.local.incarnation = update.incarnation + 1;
            actions.extend(self.announce(from));
        }
    }

    /// Takes news into the roster, passes them on, and starts the timers that they need.
    fn take(&mut self, update: &MemberUpdate, actions: &mut Vec<GossipAction>) {
        let Some(change) = self.roster.take(update) else {
            return;
        };
        if let Some(member) = self.roster.get(&update.id) {
            self.rumours.hear(MemberUpdate::from(member));
        }
        if change.old != Some(change.new) {
            actions.push(GossipAction::MembershipChange {
                member: update.id.clone(),
                // A newcomer was nothing; dead comes closest.
                old_state: change.old.unwrap_or(MemberState::Dead),
                new_state: change.new,
            });
        }
        match change.new {
            MemberState::Alive => {}
            MemberState::Suspect => actions.push(timer(SUSPICION, &update.id, self.suspicion())),
            MemberState::Dead | MemberState::Left => {
                self.prober.give_up(&update.id);
                let delay = Duration::from_millis(self.config.dead_retention);
                actions.push(timer(RETENTION, &update.id, delay));
            }
        }
    }

    /// How long a suspicion lasts: longer in a larger cluster, where a refutation takes longer to arrive.
    fn suspicion(&self) -> Duration {
        let members = (self.roster.active().len() + 1) as f64;
        let interval = Duration::from_millis(self.config.probe_interval);
        (interval * self.config.suspicion_multiplier).mul_f64(members.log10().max(1.0))
    }

    /// Tells about the local member at once; to `otherwise` if nobody is known.
    fn announce(&mut self, otherwise: SocketAddr) -> Vec<GossipAction> {
        self.local.last_update = Instant::now();
        let update = MemberUpdate::from(&self.local);
        self.rumours.hear(update.clone());
        let mut actions = Vec::new();
        self.spread(std::slice::from_ref(&update), &mut actions);
        if actions.is_empty() {
            let updates = vec![update];
            actions.push(send(otherwise, GossipMessage::Gossip { updates }));
        }
        actions
    }

    /// Sends updates to as many members as a round reaches.
    fn spread(&self, updates: &[MemberUpdate], actions: &mut Vec<GossipAction>) {
        if updates.is_empty() {
            return;
        }
        let listeners = self.select_random(&HashSet::new(), self.config.fanout);
        for listener in listeners.iter().filter_map(|listener| self.roster.get(listener)) {
            let updates = updates.to_vec();
            actions.push(send(listener.address, GossipMessage::Gossip { updates }));
        }
    }
}

impl MemberSelector for GossipProtocol {
    fn select_random(&self, exclude: &HashSet<MemberId>, count: usize) -> Vec<MemberId> {
        let active = self.roster.active();
        // A few more than needed, so that those excluded leave enough; no walk over all members.
        let drawn = active.len().min(count.saturating_add(exclude.len()));
        index::sample(&mut *self.rng.borrow_mut(), active.len(), drawn)
            .into_iter()
            .map(|at| &active[at])
            .filter(|id| !exclude.contains(*id))
            .take(count)
            .cloned()
            .collect()
    }
}

fn send(to: SocketAddr, message: GossipMessage) -> GossipAction {
    GossipAction::Send { to, message }
}

fn timer(prefix: &str, target: &MemberId, delay: Duration) -> GossipAction {
    let name = format!("{prefix}{}", target.0);
    GossipAction::ScheduleTimer { name, delay }
}
