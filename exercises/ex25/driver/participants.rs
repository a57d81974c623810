//! Participants of known habits.

use ex25::{ParticipantHandle, ParticipantRequest, ParticipantVote};
use ex25_protocol::{Habit, Heard, Message, Outcome, Phase, Run, TIMEOUT};
use std::any::Any;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::sleep;

/// Says whether a log has a decision.
pub(super) type Logged = Box<dyn Fn(Phase) -> bool + Send + Sync>;

/// What participants share: who heard what.
pub(super) struct Board {
    heard: Mutex<Vec<Heard>>,
    news: Notify,
    logged: Option<Logged>,
    participants: usize,
}

impl Board {
    /// Nobody looks at a log.
    pub(super) fn unlogged() -> Self {
        Self {
            heard: Mutex::default(),
            news: Notify::new(),
            logged: None,
            participants: 0,
        }
    }

    /// Each decision that is heard is looked for in a log.
    pub(super) fn logged(logged: Logged) -> Self {
        Self {
            logged: Some(logged),
            ..Self::unlogged()
        }
    }

    fn all(&self) -> Vec<Heard> {
        self.heard.lock().map(|heard| heard.clone()).unwrap_or_default()
    }

    fn note(&self, place: usize, message: Message, txn: &str) {
        let decision = match message {
            Message::Commit => Some(Phase::Commit),
            Message::Abort => Some(Phase::Abort),
            _ => None,
        };
        let logged = match (&self.logged, decision) {
            (Some(logged), Some(decision)) => logged(decision),
            _ => true,
        };
        if let Ok(mut heard) = self.heard.lock() {
            heard.push(Heard {
                place: place as u8,
                message,
                txn: number(txn),
                logged,
            });
        }
        self.news.notify_waiters();
    }

    /// Waits until something is true of what was heard.
    async fn until(&self, holds: impl Fn(&[Heard]) -> bool) {
        loop {
            let news = self.news.notified();
            if holds(&self.all()) {
                return;
            }
            news.await;
        }
    }

    fn asked(&self, heard: &[Heard]) -> bool {
        let votes = heard
            .iter()
            .filter(|heard| matches!(heard.message, Message::Prepare | Message::CanCommit));
        votes.count() >= self.participants
    }
}

/// The number in the name of a transaction.
pub(super) fn number(txn: &str) -> Option<u8> {
    txn.strip_prefix("txn-")?.parse().ok()
}

/// All participants of a coordinator.
pub(super) struct Party {
    handles: Vec<ParticipantHandle>,
    board: Arc<Board>,
}

impl Party {
    /// One participant for each habit.
    pub(super) fn gather(habits: &[Habit], board: Board) -> Self {
        let board = Arc::new(Board {
            participants: habits.len(),
            ..board
        });
        let handles = habits.iter().enumerate().map(|(place, habit)| {
            let (handle, requests) = ParticipantHandle::new(&format!("p{place}"));
            tokio::spawn(live(place, *habit, requests, Arc::clone(&board)));
            handle
        });
        Self {
            handles: handles.collect(),
            board: Arc::clone(&board),
        }
    }

    /// Participants that vote as a table says: for each transaction, who is for it.
    pub(super) fn voting(votes: &[Vec<bool>], participants: usize) -> Self {
        let handles = (0..participants).map(|place| {
            let (handle, mut requests) = ParticipantHandle::new(&format!("p{place}"));
            let mine: Vec<bool> = votes.iter().map(|votes| votes.get(place) != Some(&false)).collect();
            tokio::spawn(async move {
                while let Some(request) = requests.recv().await {
                    let agrees = |txn: &str| number(txn).is_some_and(|txn| mine.get(usize::from(txn)) == Some(&true));
                    let habit = |txn: &str| if agrees(txn) { Habit::Yes } else { Habit::No };
                    let (_, txn, reply) = taken_apart(request);
                    reply.give(habit(&txn), &mut Vec::new());
                }
            });
            handle
        });
        Self {
            handles: handles.collect(),
            board: Arc::new(Board::unlogged()),
        }
    }

    pub(super) fn handles(&self) -> Vec<ParticipantHandle> {
        self.handles.clone()
    }

    /// What was heard so far.
    pub(super) fn heard(&self) -> Vec<Heard> {
        self.board.all()
    }

    /// Waits until so many messages were heard.
    pub(super) async fn heard_so_many(&self, messages: u8) {
        self.board.until(|heard| heard.len() >= usize::from(messages)).await;
    }

    /// What came of a transaction, and of its aftermath.
    pub(super) async fn run(self, outcome: Outcome, took: Duration, aftermath: Duration) -> Run {
        sleep(aftermath).await;
        Run {
            outcome,
            heard: self.heard(),
            took: took.as_millis() as u64,
        }
    }
}

/// The way to answer a request.
enum Reply {
    Vote(oneshot::Sender<ParticipantVote>),
    Acknowledgement(oneshot::Sender<()>),
}

impl Reply {
    /// Answers as a habit wants; what is not answered is kept.
    fn give(self, habit: Habit, kept: &mut Vec<Box<dyn Any + Send>>) {
        match self {
            Self::Vote(reply) => match habit {
                Habit::Silent => kept.push(Box::new(reply)),
                Habit::HangsUp => drop(reply),
                Habit::No => drop(reply.send(ParticipantVote::VoteAbort)),
                Habit::OutOfTime => drop(reply.send(ParticipantVote::Timeout)),
                _ => drop(reply.send(ParticipantVote::VoteCommit)),
            },
            Self::Acknowledgement(reply) => match habit {
                Habit::Silent | Habit::Deaf => kept.push(Box::new(reply)),
                Habit::HangsUp => drop(reply),
                _ => drop(reply.send(())),
            },
        }
    }
}

fn taken_apart(request: ParticipantRequest) -> (Message, String, Reply) {
    match request {
        ParticipantRequest::Prepare { txn, reply } => (Message::Prepare, txn, Reply::Vote(reply)),
        ParticipantRequest::CanCommit { txn, reply } => (Message::CanCommit, txn, Reply::Vote(reply)),
        ParticipantRequest::PreCommit { txn, reply } => (Message::PreCommit, txn, Reply::Acknowledgement(reply)),
        ParticipantRequest::Commit { txn, reply } => (Message::Commit, txn, Reply::Acknowledgement(reply)),
        ParticipantRequest::Abort { txn, reply } => (Message::Abort, txn, Reply::Acknowledgement(reply)),
    }
}

/// Receives requests and notes them at once, whatever else it is doing.
async fn live(
    place: usize,
    habit: Habit,
    mut requests: mpsc::UnboundedReceiver<ParticipantRequest>,
    board: Arc<Board>,
) {
    let mut kept = Vec::new();
    while let Some(request) = requests.recv().await {
        let (message, txn, reply) = taken_apart(request);
        board.note(place, message, &txn);
        let Reply::Vote(_) = reply else {
            reply.give(habit, &mut kept);
            continue;
        };
        match habit {
            Habit::Slow | Habit::Late => {
                let wait = if habit == Habit::Slow { TIMEOUT / 2 } else { 3 * TIMEOUT };
                tokio::spawn(async move {
                    sleep(Duration::from_millis(wait)).await;
                    reply.give(habit, &mut Vec::new());
                });
            }
            Habit::Waits => {
                let board = Arc::clone(&board);
                tokio::spawn(async move {
                    board.until(|heard| board.asked(heard)).await;
                    reply.give(habit, &mut Vec::new());
                });
            }
            Habit::Leaves => {
                reply.give(habit, &mut kept);
                return;
            }
            _ => reply.give(habit, &mut kept),
        }
    }
}
