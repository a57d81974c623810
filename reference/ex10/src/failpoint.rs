//! Named places in the code where failures can be ordered.

use crate::sync::{Boxed, lock};
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A failpoint.
#[derive(Debug, Clone)]
pub struct Failpoint {
    /// Its name.
    pub name: String,
    /// What happens there.
    pub action: FailpointAction,
    /// When it happens; always if `None`.
    pub condition: Option<FailpointCondition>,
    /// How many times it happens; no limit if `None`.
    pub count: Option<u32>,
}

/// What happens at a failpoint.
#[derive(Clone)]
pub enum FailpointAction {
    /// Nothing.
    Off,
    /// An error.
    Return(String),
    /// The error that stands for a panic.
    Panic(String),
    /// A delay.
    Sleep(Duration),
    /// Another action, now and then.
    Probability {
        /// In how many of a hundred cases.
        percent: u8,
        /// What happens then.
        action: Box<FailpointAction>,
    },
    /// Another action, so many times.
    CountedAction {
        /// How many times it is still done.
        remaining: u32,
        /// What happens then.
        action: Box<FailpointAction>,
    },
    /// Actions in order, up to the first error.
    Sequence(Vec<FailpointAction>),
    /// What the function says.
    Callback(Arc<dyn Fn() -> Result<(), String> + Send + Sync>),
}

impl fmt::Debug for FailpointAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => write!(f, "Off"),
            Self::Return(message) => f.debug_tuple("Return").field(message).finish(),
            Self::Panic(message) => f.debug_tuple("Panic").field(message).finish(),
            Self::Sleep(time) => f.debug_tuple("Sleep").field(time).finish(),
            Self::Probability { percent, action } => f
                .debug_struct("Probability")
                .field("percent", percent)
                .field("action", action)
                .finish(),
            Self::CountedAction { remaining, action } => f
                .debug_struct("CountedAction")
                .field("remaining", remaining)
                .field("action", action)
                .finish(),
            Self::Sequence(actions) => f.debug_tuple("Sequence").field(actions).finish(),
            Self::Callback(_) => write!(f, "Callback(..)"),
        }
    }
}

/// When a failpoint acts.
#[derive(Debug, Clone)]
pub enum FailpointCondition {
    /// Always.
    Always,
    /// On the thread of this name.
    OnThread(String),
    /// With this probability, from 0 to 1.
    WithProbability(f64),
    /// From the hit after this one on.
    AfterCount(u32),
    /// Up to this hit, it included.
    BeforeCount(u32),
    /// From `start` on, before `end`.
    TimeWindow {
        /// The first moment.
        start: Instant,
        /// The first moment that is too late.
        end: Instant,
    },
}

/// The error of a failpoint.
#[derive(Debug, thiserror::Error)]
pub enum FailpointError {
    /// An error was ordered.
    #[error("Failpoint triggered: {0}")]
    Triggered(String),
    /// A panic was ordered.
    #[error("Failpoint panic: {0}")]
    Panic(String),
}

/// An action with the counters that its executions share.
enum Armed {
    Leaf(FailpointAction),
    Probability(u8, Box<Armed>),
    Counted(AtomicU32, Box<Armed>),
    Sequence(Vec<Armed>),
}

struct Entry {
    action: Arc<Armed>,
    condition: Option<FailpointCondition>,
    left: Option<u32>,
    hits: u64,
}

/// The failpoints of a program.
#[derive(Default)]
pub struct FailpointRegistry {
    entries: Mutex<HashMap<String, Entry>>,
}

impl FailpointRegistry {
    /// No failpoints.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a failpoint, or replaces the one of that name. Its hits go on.
    pub async fn register(&self, failpoint: Failpoint) {
        let mut entries = lock(&self.entries);
        let hits = entries.get(&failpoint.name).map_or(0, |entry| entry.hits);
        let entry = Entry {
            action: Arc::new(Armed::new(failpoint.action)),
            condition: failpoint.condition,
            left: failpoint.count,
            hits,
        };
        entries.insert(failpoint.name, entry);
    }

    /// Changes what happens at a failpoint; makes one that always acts if there is none.
    pub async fn set(&self, name: &str, action: FailpointAction) {
        self.arm(name, action);
    }

    /// Lets nothing happen any more.
    pub async fn disable(&self, name: &str) {
        if let Some(entry) = lock(&self.entries).get_mut(name) {
            entry.action = Arc::new(Armed::Leaf(FailpointAction::Off));
        }
    }

    /// Hits a failpoint: does what is ordered there.
    ///
    /// # Errors
    /// Those that are ordered.
    pub async fn check(&self, name: &str) -> Result<(), FailpointError> {
        match self.hit(name) {
            Some(action) => action.perform().await,
            None => Ok(()),
        }
    }

    /// The same as [`check`](Self::check), for use with `?`.
    ///
    /// # Errors
    /// Those that are ordered.
    pub async fn maybe_fail(&self, name: &str) -> Result<(), FailpointError> {
        self.check(name).await
    }

    /// How many times a failpoint was hit, whether it acted or not.
    pub async fn hit_count(&self, name: &str) -> u64 {
        lock(&self.entries).get(name).map_or(0, |entry| entry.hits)
    }

    /// Sets all hits to zero.
    pub async fn reset_counts(&self) {
        lock(&self.entries).values_mut().for_each(|entry| entry.hits = 0);
    }

    pub(crate) fn arm(&self, name: &str, action: FailpointAction) {
        let action = Arc::new(Armed::new(action));
        let mut entries = lock(&self.entries);
        match entries.get_mut(name) {
            Some(entry) => entry.action = action,
            None => {
                let entry = Entry {
                    action,
                    condition: None,
                    left: None,
                    hits: 0,
                };
                entries.insert(name.to_owned(), entry);
            }
        }
    }

    /// Counts a hit. The action, if one is to be done.
    fn hit(&self, name: &str) -> Option<Arc<Armed>> {
        let mut entries = lock(&self.entries);
        let entry = entries.get_mut(name)?;
        entry.hits += 1;
        if matches!(*entry.action, Armed::Leaf(FailpointAction::Off)) {
            return None;
        }
        if let Some(condition) = &entry.condition
            && !condition.holds(entry.hits)
        {
            return None;
        }
        if let Some(left) = &mut entry.left {
            *left = left.checked_sub(1)?;
        }
        Some(Arc::clone(&entry.action))
    }
}

impl FailpointCondition {
    /// Whether it holds at this hit, the first being 1.
    fn holds(&self, hit: u64) -> bool {
        match self {
            Self::Always => true,
            Self::OnThread(name) => std::thread::current().name() == Some(name),
            Self::WithProbability(probability) => rand::random::<f64>() < *probability,
            Self::AfterCount(count) => hit > u64::from(*count),
            Self::BeforeCount(count) => hit <= u64::from(*count),
            Self::TimeWindow { start, end } => (*start..*end).contains(&Instant::now()),
        }
    }
}

impl Armed {
    fn new(action: FailpointAction) -> Self {
        match action {
            FailpointAction::Probability { percent, action } => {
                Self::Probability(percent, Box::new(Self::new(*action)))
            }
            FailpointAction::CountedAction { remaining, action } => {
                Self::Counted(AtomicU32::new(remaining), Box::new(Self::new(*action)))
            }
            FailpointAction::Sequence(actions) => Self::Sequence(actions.into_iter().map(Self::new).collect()),
            leaf => Self::Leaf(leaf),
        }
    }

    /// Does it. No lock is held: an action may sleep, and a function may call anything.
    fn perform(&self) -> Boxed<'_, Result<(), FailpointError>> {
        Box::pin(async move {
            match self {
                Self::Leaf(action) => perform_leaf(action).await,
                Self::Probability(percent, action) => {
                    if rand::random::<f64>() * 100.0 < f64::from(*percent) {
                        return action.perform().await;
                    }
                    Ok(())
                }
                Self::Counted(remaining, action) => {
                    let one_less = |remaining: u32| remaining.checked_sub(1);
                    match remaining.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less) {
                        Ok(_) => action.perform().await,
                        Err(_) => Ok(()),
                    }
                }
                Self::Sequence(actions) => {
                    for action in actions {
                        action.perform().await?;
                    }
                    Ok(())
                }
            }
        })
    }
}

async fn perform_leaf(action: &FailpointAction) -> Result<(), FailpointError> {
    match action {
        FailpointAction::Return(message) => Err(FailpointError::Triggered(message.clone())),
        FailpointAction::Panic(message) => Err(FailpointError::Panic(message.clone())),
        FailpointAction::Sleep(time) => {
            tokio::time::sleep(*time).await;
            Ok(())
        }
        FailpointAction::Callback(function) => function().map_err(FailpointError::Triggered),
        // The others are not leaves.
        _ => Ok(()),
    }
}
