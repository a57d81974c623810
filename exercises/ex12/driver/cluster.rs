//! The cluster: roles, and the messages between them.
//!
//! A message is what a role returned. It arrives at once, late, never or more than once, as the script says.

use super::words::{number, reply, value, vote, word};
use ex12::{Acceptor, Learner, Phase1Message, Phase2Message, ProposalNumber, Proposer, Value};
use ex12_protocol::{Events, Happening, LEARNERS, PROPOSERS, Place, Reach, Vote, Word};
use std::collections::BTreeMap;

/// How often a proposer tries that is alone.
const ATTEMPTS: usize = 2;

/// Roles and the network between them.
pub struct Cluster {
    acceptors: Vec<Acceptor>,
    seats: Vec<Seat>,
    learners: Vec<Learner>,
    /// What each acceptor has accepted, in order.
    accepted: Vec<Vec<(ProposalNumber, Value)>>,
    events: Events,
}

/// A proposer, and what is under way between it and each acceptor.
struct Seat {
    proposer: Proposer,
    prepares: BTreeMap<usize, Vec<ProposalNumber>>,
    replies: BTreeMap<usize, Vec<Phase1Message>>,
    /// The last answer of each acceptor that arrived.
    arrived: BTreeMap<usize, Phase1Message>,
    offers: BTreeMap<usize, Vec<(ProposalNumber, Value)>>,
    /// How often it was to offer.
    wishes: Word,
}

impl Seat {
    fn new(id: u64) -> Self {
        Self {
            proposer: Proposer::new(id),
            prepares: BTreeMap::new(),
            replies: BTreeMap::new(),
            arrived: BTreeMap::new(),
            offers: BTreeMap::new(),
            wishes: 0,
        }
    }
}

fn is_in(a: usize, reach: Reach) -> bool {
    reach >> a & 1 == 1
}

fn proposer(p: Place) -> usize {
    usize::from(p % PROPOSERS)
}

impl Cluster {
    /// New roles.
    pub fn new(acceptors: u8) -> Self {
        Self {
            acceptors: (0..u64::from(acceptors)).map(Acceptor::new).collect(),
            seats: (0..u64::from(PROPOSERS)).map(Seat::new).collect(),
            learners: (0..u64::from(LEARNERS)).map(Learner::new).collect(),
            accepted: vec![Vec::new(); usize::from(acceptors)],
            events: Events::new(),
        }
    }

    /// A proposer prepares.
    pub fn campaign(&mut self, p: Place, reach: Reach, back: Reach) -> Events {
        let p = proposer(p);
        self.begin(p, reach, back);
        self.events()
    }

    /// Late prepares arrive.
    pub fn prepares_arrive(&mut self, p: Place, a: Place) -> Events {
        let (p, a) = (proposer(p), self.acceptor(a));
        for proposal in self.seats[p].prepares.remove(&a).unwrap_or_default() {
            self.ask(p, a, proposal);
        }
        self.events()
    }

    /// Answers under way arrive, or the last one again.
    pub fn replies_arrive(&mut self, p: Place, a: Place) -> Events {
        let (p, a) = (proposer(p), self.acceptor(a));
        let under_way = self.seats[p].replies.remove(&a).unwrap_or_default();
        let again = self.seats[p].arrived.get(&a).filter(|_| under_way.is_empty()).cloned();
        for message in under_way.into_iter().chain(again) {
            self.hear(p, a, message);
        }
        self.events()
    }

    /// A proposer offers.
    pub fn offer(&mut self, p: Place, reach: Reach) -> Events {
        self.spread(proposer(p), reach);
        self.events()
    }

    /// Late offers arrive.
    pub fn offers_arrive(&mut self, p: Place, a: Place) -> Events {
        let (p, a) = (proposer(p), self.acceptor(a));
        for (proposal, value) in self.seats[p].offers.remove(&a).unwrap_or_default() {
            self.vote(a, proposal, value);
        }
        self.events()
    }

    /// A learner hears of all that an acceptor accepted.
    pub fn tell(&mut self, l: Place, a: Place) -> Events {
        let a = self.acceptor(a);
        self.tell_all(usize::from(l % LEARNERS), a);
        self.events()
    }

    /// A proposer is alone with some acceptors.
    pub fn settle(&mut self, p: Place, reach: Reach) -> Events {
        let p = proposer(p);
        for _ in 0..ATTEMPTS {
            self.begin(p, reach, reach);
            if 2 * self.spread(p, reach) > self.acceptors.len() {
                break;
            }
        }
        for a in (0..self.acceptors.len()).filter(|a| is_in(*a, reach)) {
            for l in 0..self.learners.len() {
                self.tell_all(l, a);
            }
        }
        self.events()
    }

    fn acceptor(&self, a: Place) -> usize {
        usize::from(a) % self.acceptors.len()
    }

    fn events(&mut self) -> Events {
        std::mem::take(&mut self.events)
    }

    /// Phase 1a, and what comes of it at once.
    fn begin(&mut self, p: usize, reach: Reach, back: Reach) {
        let Phase1Message::Prepare { proposal } = self.seats[p].proposer.prepare() else {
            self.events.push(Happening::Began(p as Place, None));
            return;
        };
        self.events.push(Happening::Began(p as Place, Some(number(proposal))));
        for a in 0..self.acceptors.len() {
            if !is_in(a, reach) {
                self.seats[p].prepares.entry(a).or_default().push(proposal);
                continue;
            }
            self.ask(p, a, proposal);
            if is_in(a, back) {
                // Older answers stay under way: this one overtakes them.
                let latest = self.seats[p].replies.get_mut(&a).and_then(Vec::pop);
                if let Some(message) = latest {
                    self.hear(p, a, message);
                }
            }
        }
    }

    /// Phase 1b.
    fn ask(&mut self, p: usize, a: usize, proposal: ProposalNumber) {
        let message: Phase1Message = self.acceptors[a].receive_prepare(proposal);
        self.events
            .push(Happening::Asked(a as Place, number(proposal), reply(&message)));
        self.seats[p].replies.entry(a).or_default().push(message);
    }

    fn hear(&mut self, p: usize, a: usize, message: Phase1Message) {
        self.events
            .push(Happening::Heard(p as Place, a as Place, reply(&message)));
        self.seats[p].arrived.insert(a, message.clone());
        self.seats[p].proposer.receive_promise(a as u64, message);
    }

    /// Phase 2a, and what comes of it at once; how many accept.
    fn spread(&mut self, p: usize, reach: Reach) -> usize {
        let total = self.acceptors.len();
        let seat = &mut self.seats[p];
        seat.wishes += 1;
        let own = 100 * (p as Word + 1) + seat.wishes;
        let Some(Phase2Message::Accept { proposal, value }) = seat.proposer.accept(value(own), total) else {
            self.events.push(Happening::Offered(p as Place, own, None));
            return 0;
        };
        let offered = (number(proposal), word(&value));
        self.events.push(Happening::Offered(p as Place, own, Some(offered)));
        let mut accepting = 0;
        for a in 0..total {
            if is_in(a, reach) {
                accepting += usize::from(self.vote(a, proposal, value.clone()));
            } else {
                self.seats[p]
                    .offers
                    .entry(a)
                    .or_default()
                    .push((proposal, value.clone()));
            }
        }
        accepting
    }

    /// Phase 2b; whether the acceptor accepts. The first learner hears of it.
    fn vote(&mut self, a: usize, proposal: ProposalNumber, value: Value) -> bool {
        let message: Phase2Message = self.acceptors[a].receive_accept(proposal, value.clone());
        let vote = vote(&message);
        self.events
            .push(Happening::Voted(a as Place, number(proposal), word(&value), vote));
        let accepts = matches!(vote, Vote::Accepted(_));
        if accepts {
            self.accepted[a].push((proposal, value.clone()));
            self.inform(0, a, proposal, value);
            self.look(0);
        }
        accepts
    }

    /// Newest first: a learner is not to mind, and what it knows is asked each time.
    fn tell_all(&mut self, l: usize, a: usize) {
        for (proposal, value) in self.accepted[a].clone().into_iter().rev() {
            self.inform(l, a, proposal, value);
            self.look(l);
        }
    }

    fn inform(&mut self, l: usize, a: usize, proposal: ProposalNumber, value: Value) {
        let told = Happening::Told(l as Place, a as Place, number(proposal), word(&value));
        self.events.push(told);
        self.learners[l].learn(proposal, value, a as u64);
    }

    fn look(&mut self, l: usize) {
        let learned: Option<Value> = self.learners[l].learned_value(self.acceptors.len());
        self.events
            .push(Happening::Learned(l as Place, learned.as_ref().map(word)));
    }
}
