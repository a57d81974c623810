//! The script language of EX25: transactions with participants of known habits, coordinators that crash, and sagas whose steps
//! succeed or fail as the script says.
//!
//! Participants are played by the driver, in virtual time: what sleeps costs nothing, and what must not wait is seen by the clock. A
//! step tells what every participant heard, in one list, so that laws can speak of order between them. No message is invented.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A participant, from 0.
pub type Place = u8;

/// How long a phase may last, in milliseconds of virtual time.
pub const TIMEOUT: u64 = 1000;

/// What a participant does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Habit {
    /// Votes for the transaction and acknowledges everything.
    Yes,
    /// Votes for it after half the time that a phase may last; acknowledges everything.
    Slow,
    /// Votes for it when all participants have been asked; acknowledges everything.
    Waits,
    /// Votes for it, and acknowledges nothing.
    Deaf,
    /// Votes for it, and is gone.
    Leaves,
    /// Votes against it.
    No,
    /// Does not vote.
    Silent,
    /// Votes for it when it is too late.
    Late,
    /// Fails when it is asked.
    HangsUp,
    /// Says that it ran out of time itself.
    OutOfTime,
}

impl Habit {
    /// Whether it votes for the transaction in time.
    pub fn agrees(self) -> bool {
        matches!(self, Self::Yes | Self::Slow | Self::Waits | Self::Deaf | Self::Leaves)
    }

    /// Whether it can hear what comes after the vote.
    pub fn listens(self) -> bool {
        self != Self::Leaves
    }
}

/// What a participant hears.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// Two-phase commit: vote.
    Prepare,
    /// Three-phase commit: vote.
    CanCommit,
    /// All voted for it.
    PreCommit,
    /// Commit.
    Commit,
    /// Abort.
    Abort,
}

impl Message {
    /// Whether it tells a decision.
    pub fn decides(self) -> bool {
        matches!(self, Self::Commit | Self::Abort)
    }
}

/// A message that arrived.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Where.
    pub place: Place,
    /// What.
    pub message: Message,
    /// Of which transaction: its number, if it is one of the script's.
    pub txn: Option<u8>,
    /// Whether the log had the decision by then, if it is one.
    pub logged: bool,
}

/// What a coordinator says of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is committed.
    Committed,
    /// Aborted: somebody voted against it.
    Aborted,
    /// Aborted: a vote is missing.
    TimedOut,
    /// Aborted: a participant failed.
    ParticipantFailed,
}

/// What a coordinator wrote down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The transaction began.
    Prepare,
    /// It is to be committed.
    Commit,
    /// It is to be aborted.
    Abort,
}

/// How far a participant has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// It has not voted.
    Initial,
    /// It has voted for it.
    Ready,
    /// It knows that all have.
    PreCommitted,
    /// It has committed.
    Committed,
    /// It has aborted.
    Aborted,
}

/// A transaction that was run to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// What the coordinator says.
    pub outcome: Outcome,
    /// What was heard, in the order of arrival.
    pub heard: Vec<Heard>,
    /// How long the coordinator took, in milliseconds of virtual time.
    pub took: u64,
}

/// A coordinator that was stopped, and one that went on with its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// What was heard before.
    pub before: Vec<Heard>,
    /// What the log said then.
    pub log: Vec<Phase>,
    /// What was heard after.
    pub after: Vec<Heard>,
    /// What the recovery says of the transaction; nothing if it does not know it.
    pub decision: Option<Phase>,
}

/// What becomes of a step of a saga.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Whether its action succeeds.
    pub works: bool,
    /// Whether its compensation does.
    pub undoes: bool,
}

/// A call of the saga.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call {
    /// The action of a step.
    Did(u8),
    /// Its compensation.
    Undid(u8),
}

/// How a saga ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// It came to its end.
    Done,
    /// The action of this step failed, and what was done is undone.
    Undone(u8),
    /// The action of this step failed, and so did these compensations.
    Stuck(u8, Vec<u8>),
    /// Some other error.
    Other(String),
}

/// An event of a step of a saga.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Its action begins.
    Started(u8),
    /// It succeeded.
    Completed(u8),
    /// It failed.
    Failed(u8),
    /// Its compensation begins.
    Undoing(u8),
    /// It succeeded.
    Undone(u8),
}

/// Where a saga stands; steps by number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The step that runs.
    pub running: Option<u8>,
    /// The steps whose effects stand.
    pub completed: Vec<u8>,
    /// The step that failed.
    pub failed: Option<u8>,
    /// The step that is being compensated.
    pub compensating: Option<u8>,
    /// The steps that were compensated.
    pub compensated: Vec<u8>,
}

/// The name of a step.
pub fn step_name(step: u8) -> String {
    format!("step-{step}")
}

/// The step of a name; a number that no script uses for a name that it did not give.
pub fn step_number(name: &str) -> u8 {
    name.strip_prefix("step-")
        .and_then(|number| number.parse().ok())
        .unwrap_or(u8::MAX)
}

/// The name of a transaction.
pub fn txn_name(txn: u8) -> String {
    format!("txn-{txn}")
}

fn habits(all: &[Habit]) -> String {
    format!("{all:?}")
}

witness::language! {
    /// Coordinators and sagas; each step has participants of its own.
    pub trait Deals {
        /// A transaction in two phases.
        fn two_phases(habits: Vec<Habit>) -> Run => {
            format!("TwoPhaseCoordinator::new({}, 1s).execute(txn).await", self::habits(habits))
        };
        /// Transactions one after another, by one coordinator: who votes for which.
        fn in_a_row(votes: Vec<Vec<bool>>) -> Vec<Outcome> => {
            format!("for votes in {votes:?} {{ coordinator.execute(txn).await }}")
        };
        /// What the log says after a transaction in two phases.
        fn log_of(habits: Vec<Habit>) -> Vec<Phase> => {
            format!("TwoPhaseCoordinator::with_log({}, 1s, log).execute(txn).await; log.records()", self::habits(habits))
        };
        /// A coordinator of two phases is dropped when so many messages have been heard, or at its end; another recovers with its log.
        fn recover(habits: Vec<Habit>, messages: u8) -> Recovery => {
            format!("/* {}, crash after {messages} messages */ TwoPhaseCoordinator::with_log(participants, 1s, log).recover().await", self::habits(habits))
        };
        /// A log with these transactions, recovered by a coordinator of `participants`: what it says, in order.
        fn recover_all(transactions: Vec<Phase>, participants: u8) -> Vec<(Option<u8>, Phase)> => {
            format!("/* a log of {transactions:?} */ TwoPhaseCoordinator::with_log(vec![_; {participants}], 1s, log).recover().await")
        };
        /// What survivors of two phases decide.
        fn terminate_two(states: Vec<Progress>) -> Option<Phase> => "TwoPhaseCoordinator::terminate(&{states:?})";

        /// A transaction in three phases.
        fn three_phases(habits: Vec<Habit>) -> Run => {
            format!("ThreePhaseCoordinator::new({}, 1s).execute(txn).await", self::habits(habits))
        };
        /// What survivors of three phases decide: whether they commit.
        fn terminate_three(states: Vec<Progress>) -> Option<Phase> => "ThreePhaseCoordinator::terminate(&{states:?})";

        /// A saga is run: what it called, and how it ended.
        fn saga(plan: Vec<Plan>) -> (Vec<Call>, Ending) => "saga.execute().await // {plan:?}";
        /// A saga with a name of its own is run: its events, up to the first that is not its own.
        fn saga_events(plan: Vec<Plan>) -> Vec<Event> => "SagaOrchestrator::with_id(\"saga-0\"); saga.execute().await; saga.events().events() // {plan:?}";
        /// The state that events lead to, of saga 0; the number before an event is its saga.
        fn rebuild(events: Vec<(u8, Event)>) -> Standing => "store.rebuild_state(\"saga-0\") // {events:?}";
        /// The state that these events lead to one by one.
        fn fold(events: Vec<(u8, Event)>) -> Standing => "for event in {events:?} {{ state.apply(&event) }}";
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prepare => "prepare",
            Self::CanCommit => "can commit?",
            Self::PreCommit => "pre-commit",
            Self::Commit => "commit",
            Self::Abort => "abort",
        })
    }
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}: {:?}", self.place, self.message)?;
        if self.message.decides() && !self.logged {
            f.write_str(" (not in the log)")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.works, self.undoes) {
            (true, true) => "works",
            (true, false) => "works but cannot be undone",
            (false, _) => "fails",
        })
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Did(step) => write!(f, "do {step}"),
            Self::Undid(step) => write!(f, "undo {step}"),
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started(step) => write!(f, "{step} started"),
            Self::Completed(step) => write!(f, "{step} completed"),
            Self::Failed(step) => write!(f, "{step} failed"),
            Self::Undoing(step) => write!(f, "{step} compensation started"),
            Self::Undone(step) => write!(f, "{step} compensation completed"),
        }
    }
}
