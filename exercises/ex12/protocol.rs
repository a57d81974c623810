//! The script language of EX12: a simulated cluster of proposers, acceptors and learners, and beside it roles on their own
//! that get messages by hand.
//!
//! In the cluster a step is something that happens to Paxos: a proposer prepares or offers and reaches some acceptors, what
//! was on its way arrives late. What happened is told as a list of [`Happening`]s, of which the laws are made. Messages are
//! never invented: each was sent by a role, and may be lost, late or repeated.
//!
//! Roles on their own are in slots: a submission that lacks a role loses the cluster, but not what can be asked of the
//! others. Values are numbers here; the driver turns them into bytes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of a role or of an engine on its own.
pub type Slot = u8;

/// An acceptor, proposer or learner of the cluster, from 0. A number that is too large wraps around.
pub type Place = u8;

/// A set of acceptors of the cluster: bit `k` is acceptor `k`.
pub type Reach = u8;

/// A value.
pub type Word = u64;

/// What the driver says for bytes that it never proposed.
pub const NO_WORD: Word = u64::MAX;

/// The proposers of a cluster.
pub const PROPOSERS: Place = 3;

/// The learners of a cluster. The first hears of each acceptance at once, the other only by `tell`.
pub const LEARNERS: Place = 2;

/// A proposal number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Number {
    /// Its round.
    pub round: u64,
    /// Its proposer.
    pub proposer: u64,
}

/// The value that goes with a number when an acceptor gets messages by hand: always the same.
pub fn word_of(number: Number) -> Word {
    number.round.wrapping_mul(100).wrapping_add(number.proposer)
}

/// How two numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// The first is smaller.
    Less,
    /// They are the same.
    Equal,
    /// The first is larger.
    Greater,
}

/// An answer of phase 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// A promise.
    Promise {
        /// For which number.
        number: Number,
        /// What was accepted last.
        accepted: Option<(Number, Word)>,
    },
    /// A refusal.
    Nack {
        /// Of which number.
        number: Number,
        /// The highest number seen.
        seen: Number,
    },
    /// Something that is no answer.
    Nonsense,
}

/// An answer of phase 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Vote {
    /// Accepted, under this number.
    Accepted(Number),
    /// Rejected.
    Rejected,
    /// Something that is no answer.
    Nonsense,
}

/// What an engine says of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// A value is chosen.
    Chosen(Word),
    /// There is no majority.
    NoQuorum,
    /// There is a rival.
    Conflict(Number),
}

/// Something that happened in the cluster.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happening {
    /// A proposer began a proposal; no number, if it did not say *prepare*.
    Began(Place, Option<Number>),
    /// An acceptor was asked about a number, and answered.
    Asked(Place, Number, Reply),
    /// An answer of an acceptor, the second, arrived at a proposer, the first.
    Heard(Place, Place, Reply),
    /// A proposer was to offer, with this value of its own; what it offered, if anything.
    Offered(Place, Word, Option<(Number, Word)>),
    /// An acceptor was offered a value, and answered.
    Voted(Place, Number, Word, Vote),
    /// A learner, the first, heard that an acceptor accepted a value.
    Told(Place, Place, Number, Word),
    /// What a learner then knows.
    Learned(Place, Option<Word>),
}

/// What happened in a step, in order.
pub type Events = Vec<Happening>;

witness::language! {
    /// A cluster, and roles and engines on their own. What was not mentioned before is new: a cluster of five acceptors, a
    /// proposer named like its slot, engines of five acceptors.
    pub trait Paxos {
        /// A new cluster of one to seven acceptors.
        fn cluster(acceptors: u8) => { format!("let mut cluster = cluster_of({} acceptors);", acceptors.clamp(&1, &7)) };
        /// A proposer prepares. Its message reaches some acceptors now, and the others late, if ever; the answers of some
        /// come back now, and those of the others late, if ever.
        fn campaign(p: Place, reach: Reach, back: Reach) -> Events => { lines::campaign(*p, *reach, *back) };
        /// What a proposer prepared before, and has not reached an acceptor, does so now. The answers are under way.
        fn prepares_arrive(p: Place, a: Place) -> Events => {
            format!("// late prepares of {} arrive at a{a}", lines::name(*p))
        };
        /// The answers of an acceptor that are under way arrive at a proposer; if there is none, its last one once more.
        fn replies_arrive(p: Place, a: Place) -> Events => {
            format!("// answers of a{a} under way arrive at {}, or the last one again", lines::name(*p))
        };
        /// A proposer offers, with another value of its own each time. It reaches some acceptors now, the others late, if
        /// ever.
        fn offer(p: Place, reach: Reach) -> Events => { lines::offer(*p, *reach) };
        /// What a proposer offered before, and has not reached an acceptor, does so now.
        fn offers_arrive(p: Place, a: Place) -> Events => {
            format!("// late offers of {} arrive at a{a}", lines::name(*p))
        };
        /// A learner hears of all that an acceptor ever accepted, perhaps again.
        fn tell(l: Place, a: Place) -> Events => { format!("// learner {} hears all that a{a} has accepted", l % LEARNERS) };
        /// A proposer and some acceptors can talk, and nobody else proposes: it prepares and offers, twice at most, until a
        /// majority accepts. Then both learners hear all that these acceptors accepted.
        fn settle(p: Place, reach: Reach) -> Events => { lines::settle(*p, *reach) };

        /// Compares two numbers.
        fn compare(left: Number, right: Number) -> Order => "{left}.cmp(&{right})";

        /// An acceptor is asked about a number.
        fn receive_prepare(a: Slot, number: Number) -> Reply => "acceptor{a}.receive_prepare({number})";
        /// An acceptor is offered the value that goes with a number.
        fn receive_accept(a: Slot, number: Number) -> Vote => {
            format!("acceptor{a}.receive_accept({number}, {})", lines::value(word_of(*number)))
        };

        /// A proposer begins a proposal. No number, if it does not say *prepare*.
        fn prepare(p: Slot) -> Option<Number> => "proposer{p}.prepare()";
        /// An acceptor promises a proposal, the last one or as many before it as `age` says; nothing, if there is none. It
        /// has accepted what goes with a number, or nothing.
        fn promise(p: Slot, from: u8, age: u8, accepted: Option<Number>) => {
            lines::promise(*p, *from, *age, accepted.as_ref())
        };
        /// An acceptor refuses a proposal.
        fn nack(p: Slot, from: u8, age: u8, seen: Number) => {
            let message = format!("Phase1Message::Nack {{ proposal: {}, highest_seen: {seen} }}", lines::own(*age));
            format!("proposer{p}.receive_promise({from}, {message});")
        };
        /// A proposer gets its own message.
        fn echo(p: Slot, from: u8) => {
            format!("proposer{p}.receive_promise({from}, Phase1Message::Prepare {{ proposal: {} }});", lines::own(0))
        };
        /// Whether a majority has promised.
        fn quorum(p: Slot, total: u8) -> bool => "proposer{p}.has_promise_quorum({total})";
        /// Phase 2a, with a value of its own.
        fn accept(p: Slot, own: Word, total: u8) -> Option<(Number, Word)> => {
            format!("proposer{p}.accept({}, {total})", lines::value(*own))
        };

        /// A learner hears of an acceptance.
        fn learn(l: Slot, number: Number, word: Word, from: u8) => {
            format!("learner{l}.learn({number}, {}, {from});", lines::value(*word))
        };
        /// What it knows.
        fn learned(l: Slot, total: u8) -> Option<Word> => "learner{l}.learned_value({total})";

        /// A new instance, with two learners.
        fn instance(i: Slot, proposer: u8, acceptors: u8) => "let mut instance{i} = PaxosInstance::new({proposer}, {acceptors}, 2);";
        /// An acceptor of an instance stops.
        fn fail(i: Slot, acceptor: u8) => "instance{i}.fail_acceptor({acceptor});";
        /// A value is proposed to an instance.
        fn decide(i: Slot, word: Word) -> Decision => {
            format!("instance{i}.propose({}).await", lines::value(*word))
        };

        /// A new log.
        fn new_log(m: Slot, acceptors: u8) => "let mut log{m} = MultiPaxos::new({acceptors});";
        /// A leader appends: 1, then 2 and so on, whoever it is.
        fn append(m: Slot, leader: u8) -> Decision => "log{m}.append({leader}, value).await // 1, 2, 3..";
        /// The chosen values.
        fn log(m: Slot) -> Vec<Word> => "log{m}.log()";
        /// How often phase 1 was run.
        fn prepares(m: Slot) -> u64 => "log{m}.prepares()";
        /// An acceptor stops.
        fn stop(m: Slot, acceptor: u8) => "log{m}.fail_acceptor({acceptor});";
        /// An acceptor goes on.
        fn recover(m: Slot, acceptor: u8) => "log{m}.recover_acceptor({acceptor});";
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { round, proposer } = self;
        write!(f, "ProposalNumber {{ round: {round}, proposer_id: {proposer} }}")
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, {})", self.round, self.proposer)
    }
}

impl fmt::Debug for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Began(p, Some(number)) => write!(f, "{} prepares {number:?}", lines::name(*p)),
            Self::Began(p, None) => write!(f, "{} does not prepare", lines::name(*p)),
            Self::Asked(a, _, reply) => write!(f, "a{a}: {reply:?}"),
            Self::Heard(p, a, _) => write!(f, "{} hears a{a}", lines::name(*p)),
            Self::Offered(p, own, Some((number, word))) => {
                write!(f, "{} wants {own}, offers {word} under {number:?}", lines::name(*p))
            }
            Self::Offered(p, own, None) => write!(f, "{} wants {own}, offers nothing", lines::name(*p)),
            Self::Voted(a, number, word, vote) => write!(f, "a{a}: {word} under {number:?}: {vote:?}"),
            Self::Told(l, a, _, word) => write!(f, "learner {l} hears of {word} at a{a}"),
            Self::Learned(l, word) => write!(f, "learner {l} knows {word:?}"),
        }
    }
}

/// The lines of Rust, and the words, that steps are shown as.
mod lines {
    use super::{Number, PROPOSERS, Place, Reach, Slot, Word, word_of};

    pub fn name(p: Place) -> String {
        format!("p{}", p % PROPOSERS)
    }

    fn names(reach: Reach) -> String {
        let reached = (0..Reach::BITS as Place).filter(|place| reach >> place & 1 == 1);
        let names: Vec<String> = reached.map(|place| format!("a{place}")).collect();
        if names.is_empty() {
            "nobody".to_owned()
        } else {
            names.join(", ")
        }
    }

    pub fn campaign(p: Place, reach: Reach, back: Reach) -> String {
        let (asked, heard) = (names(reach), names(reach & back));
        format!("{}.prepare(); // reaches {asked}, hears {heard}", name(p))
    }

    pub fn offer(p: Place, reach: Reach) -> String {
        format!("{}.accept(own, n); // reaches {}", name(p), names(reach))
    }

    pub fn settle(p: Place, reach: Reach) -> String {
        format!(
            "// {} and {} can talk: it prepares and offers until a value is chosen",
            name(p),
            names(reach)
        )
    }

    pub fn value(word: Word) -> String {
        format!("Value(b\"{word}\".to_vec())")
    }

    /// The number of a proposal of one's own.
    pub fn own(age: u8) -> String {
        match age {
            0 => "current".to_owned(),
            1 => "previous".to_owned(),
            age => format!("{age}_before"),
        }
    }

    pub fn promise(p: Slot, from: u8, age: u8, accepted: Option<&Number>) -> String {
        let accepted = match accepted {
            Some(number) => format!("Some(({number}, {}))", value(word_of(*number))),
            None => "None".to_owned(),
        };
        let message = format!(
            "Phase1Message::Promise {{ proposal: {}, accepted: {accepted} }}",
            own(age)
        );
        format!("proposer{p}.receive_promise({from}, {message});")
    }
}
