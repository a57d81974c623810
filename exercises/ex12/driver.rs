//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

mod cluster;
mod words;

use cluster::Cluster;
use ex12::{Acceptor, Learner, MultiPaxos, PaxosInstance, Phase1Message, Phase2Message, ProposalNumber, Proposer};
use ex12_protocol::{Decision, Events, Number, Order, Paxos, Place, Reach, Reply, Slot, Vote, Word, word_of};
use std::collections::BTreeMap;
use witness::aio::{Flavor, Runtime};
use words::{number, proposal, value, word};

/// The cluster, the roles and the engines of one script.
#[derive(Default)]
pub struct World {
    cluster: Option<Cluster>,
    acceptors: BTreeMap<Slot, Acceptor>,
    proposers: BTreeMap<Slot, Proposer>,
    /// The numbers of each proposer's proposals.
    issued: BTreeMap<Slot, Vec<ProposalNumber>>,
    learners: BTreeMap<Slot, Learner>,
    instances: BTreeMap<Slot, PaxosInstance>,
    logs: BTreeMap<Slot, MultiPaxos>,
    /// How many values were appended to each log.
    appended: BTreeMap<Slot, Word>,
    /// Runs what is async, once something is.
    runtime: Option<Runtime>,
}

impl World {
    fn cluster(&mut self) -> &mut Cluster {
        self.cluster.get_or_insert_with(|| Cluster::new(5))
    }

    fn acceptor(&mut self, a: Slot) -> &mut Acceptor {
        self.acceptors.entry(a).or_insert_with(|| Acceptor::new(u64::from(a)))
    }

    fn proposer(&mut self, p: Slot) -> &mut Proposer {
        self.proposers.entry(p).or_insert_with(|| Proposer::new(u64::from(p)))
    }

    fn learner(&mut self, l: Slot) -> &mut Learner {
        self.learners.entry(l).or_insert_with(|| Learner::new(u64::from(l)))
    }

    fn instance(&mut self, i: Slot) -> &mut PaxosInstance {
        self.instances
            .entry(i)
            .or_insert_with(|| PaxosInstance::new(u64::from(i), 5, 2))
    }

    fn log(&mut self, m: Slot) -> &mut MultiPaxos {
        self.logs.entry(m).or_insert_with(|| MultiPaxos::new(5))
    }

    /// The number of an earlier proposal.
    fn issued(&self, p: Slot, age: u8) -> Option<ProposalNumber> {
        self.issued.get(&p)?.iter().rev().nth(usize::from(age)).copied()
    }
}

impl Paxos for World {
    fn cluster(&mut self, acceptors: u8) {
        self.cluster = Some(Cluster::new(acceptors.clamp(1, 7)));
    }

    fn campaign(&mut self, p: Place, reach: Reach, back: Reach) -> Events {
        self.cluster().campaign(p, reach, back)
    }

    fn prepares_arrive(&mut self, p: Place, a: Place) -> Events {
        self.cluster().prepares_arrive(p, a)
    }

    fn replies_arrive(&mut self, p: Place, a: Place) -> Events {
        self.cluster().replies_arrive(p, a)
    }

    fn offer(&mut self, p: Place, reach: Reach) -> Events {
        self.cluster().offer(p, reach)
    }

    fn offers_arrive(&mut self, p: Place, a: Place) -> Events {
        self.cluster().offers_arrive(p, a)
    }

    fn tell(&mut self, l: Place, a: Place) -> Events {
        self.cluster().tell(l, a)
    }

    fn settle(&mut self, p: Place, reach: Reach) -> Events {
        self.cluster().settle(p, reach)
    }

    fn compare(&mut self, left: Number, right: Number) -> Order {
        match proposal(left).cmp(&proposal(right)) {
            std::cmp::Ordering::Less => Order::Less,
            std::cmp::Ordering::Equal => Order::Equal,
            std::cmp::Ordering::Greater => Order::Greater,
        }
    }

    fn receive_prepare(&mut self, a: Slot, number: Number) -> Reply {
        let reply: Phase1Message = self.acceptor(a).receive_prepare(proposal(number));
        words::reply(&reply)
    }

    fn receive_accept(&mut self, a: Slot, number: Number) -> Vote {
        let vote: Phase2Message = self
            .acceptor(a)
            .receive_accept(proposal(number), value(word_of(number)));
        words::vote(&vote)
    }

    fn prepare(&mut self, p: Slot) -> Option<Number> {
        let Phase1Message::Prepare { proposal } = self.proposer(p).prepare() else {
            return None;
        };
        self.issued.entry(p).or_default().push(proposal);
        Some(number(proposal))
    }

    fn promise(&mut self, p: Slot, from: u8, age: u8, accepted: Option<Number>) {
        let Some(issued) = self.issued(p, age) else { return };
        let message = Phase1Message::Promise {
            proposal: issued,
            accepted: accepted.map(|number| (proposal(number), value(word_of(number)))),
        };
        self.proposer(p).receive_promise(u64::from(from), message);
    }

    fn nack(&mut self, p: Slot, from: u8, age: u8, seen: Number) {
        let Some(issued) = self.issued(p, age) else { return };
        let message = Phase1Message::Nack {
            proposal: issued,
            highest_seen: proposal(seen),
        };
        self.proposer(p).receive_promise(u64::from(from), message);
    }

    fn echo(&mut self, p: Slot, from: u8) {
        let Some(proposal) = self.issued(p, 0) else { return };
        let message = Phase1Message::Prepare { proposal };
        self.proposer(p).receive_promise(u64::from(from), message);
    }

    fn quorum(&mut self, p: Slot, total: u8) -> bool {
        self.proposer(p).has_promise_quorum(usize::from(total))
    }

    fn accept(&mut self, p: Slot, own: Word, total: u8) -> Option<(Number, Word)> {
        match self.proposer(p).accept(value(own), usize::from(total))? {
            Phase2Message::Accept { proposal, value } => Some((number(proposal), word(&value))),
            _ => None,
        }
    }

    fn learn(&mut self, l: Slot, number: Number, word: Word, from: u8) {
        self.learner(l).learn(proposal(number), value(word), u64::from(from));
    }

    fn learned(&mut self, l: Slot, total: u8) -> Option<Word> {
        let learned = self.learner(l).learned_value(usize::from(total))?;
        Some(word(&learned))
    }

    fn instance(&mut self, i: Slot, proposer: u8, acceptors: u8) {
        let instance = PaxosInstance::new(u64::from(proposer), usize::from(acceptors), 2);
        self.instances.insert(i, instance);
    }

    fn fail(&mut self, i: Slot, acceptor: u8) {
        self.instance(i).fail_acceptor(u64::from(acceptor));
    }

    fn decide(&mut self, i: Slot, word: Word) -> Decision {
        let runtime = self
            .runtime
            .take()
            .unwrap_or_else(|| Runtime::new(Flavor::CurrentThread));
        let result = runtime.block_on(self.instance(i).propose(value(word)));
        self.runtime = Some(runtime);
        words::decision(result)
    }

    fn new_log(&mut self, m: Slot, acceptors: u8) {
        self.appended.remove(&m);
        self.logs.insert(m, MultiPaxos::new(usize::from(acceptors)));
    }

    fn append(&mut self, m: Slot, leader: u8) -> Decision {
        let count = self.appended.entry(m).or_default();
        *count += 1;
        let next = value(*count);
        let runtime = self
            .runtime
            .take()
            .unwrap_or_else(|| Runtime::new(Flavor::CurrentThread));
        let result = runtime.block_on(self.log(m).append(u64::from(leader), next));
        self.runtime = Some(runtime);
        words::decision(result)
    }

    fn log(&mut self, m: Slot) -> Vec<Word> {
        self.log(m).log().iter().map(word).collect()
    }

    fn prepares(&mut self, m: Slot) -> u64 {
        self.log(m).prepares()
    }

    fn stop(&mut self, m: Slot, acceptor: u8) {
        self.log(m).fail_acceptor(u64::from(acceptor));
    }

    fn recover(&mut self, m: Slot, acceptor: u8) {
        self.log(m).recover_acceptor(u64::from(acceptor));
    }
}
