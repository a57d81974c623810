//! The script language of EX05: what one can ask of a lock service, and what one sees of it.
//!
//! Time is told and not judged here. Each step says between which two moments it was carried out, and instants of the
//! contract are told as moments too, so that a judge can say what must hold at any speed: a lease that ends after the
//! later moment was in force, one that ended before the earlier was over, and of what lies between nothing is said.
//! Moments are shown in whole minutes: what a student reads does not depend on the day.
//!
//! Tokens have slots: each acquisition puts its token into one, and later steps show the token of a slot, or a
//! neighbour of it. A slot without a token holds 0, which no service gives out.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

/// The number of a token, or of a guard.
pub type Slot = u8;

/// A moment, or a time: nanoseconds, since the script began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct At(pub u64);

impl At {
    /// A millisecond.
    pub const MS: Self = Self(1_000_000);
    /// What is left out of account around each moment: a clock that counts milliseconds is a good clock.
    pub const SLACK: Self = Self(2 * Self::MS.0);

    /// A time.
    #[must_use]
    pub fn of(time: Duration) -> Self {
        Self(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
    }

    /// So much later.
    #[must_use]
    pub fn plus(self, time: Self) -> Self {
        Self(self.0.saturating_add(time.0))
    }

    /// So much earlier, but not before the script began.
    #[must_use]
    pub fn minus(self, time: Self) -> Self {
        Self(self.0.saturating_sub(time.0))
    }

    /// Whether this is certainly before the other.
    #[must_use]
    pub fn is_well_before(self, other: Self) -> bool {
        self.plus(Self::SLACK) < other
    }
}

impl fmt::Debug for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MINUTE: u64 = 60_000 * At::MS.0;
        match (self.0.saturating_add(MINUTE / 2)) / MINUTE {
            0 => f.write_str("< 1 min"),
            minutes => write!(f, "{minutes} min"),
        }
    }
}

/// What a step returned, and between which moments it was carried out.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Timed<T> {
    /// Before it was called.
    pub from: At,
    /// What it returned.
    pub value: T,
    /// After it returned.
    pub to: At,
}

impl<T: fmt::Debug> fmt::Debug for Timed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// How long a lease shall last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Term {
    /// Not said: as long as the service thinks fit.
    Default,
    /// So many hours, one at least.
    Hours(u8),
    /// So many milliseconds, one at least.
    Millis(u8),
}

impl Term {
    /// The argument of a call.
    #[must_use]
    pub fn duration(self) -> Option<Duration> {
        match self {
            Self::Default => None,
            Self::Hours(hours) => Some(Duration::from_secs(3600 * u64::from(hours.max(1)))),
            Self::Millis(millis) => Some(Duration::from_millis(u64::from(millis.max(1)))),
        }
    }

    fn text(self) -> String {
        match self {
            Self::Default => "None".to_owned(),
            Self::Hours(_) | Self::Millis(_) => format!("Some({})", self.plain()),
        }
    }

    fn plain(self) -> String {
        match self {
            Self::Default => "hours(1)".to_owned(),
            Self::Hours(hours) => format!("hours({})", hours.max(1)),
            Self::Millis(millis) => format!("Duration::from_millis({})", millis.max(1)),
        }
    }
}

/// Which token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Token {
    /// That of a slot.
    Of(Slot),
    /// The next greater one.
    Above(Slot),
    /// The next smaller one.
    Below(Slot),
}

impl Token {
    /// Its number, if slots hold these.
    #[must_use]
    pub fn number(self, slots: &BTreeMap<Slot, u64>) -> u64 {
        let of = |slot| slots.get(&slot).copied().unwrap_or(0);
        match self {
            Self::Of(slot) => of(slot),
            Self::Above(slot) => of(slot).saturating_add(1),
            Self::Below(slot) => of(slot).saturating_sub(1),
        }
    }

    fn text(self) -> String {
        match self {
            Self::Of(slot) => format!("t{slot}"),
            Self::Above(slot) => format!("FencingToken(t{slot}.0 + 1)"),
            Self::Below(slot) => format!("FencingToken(t{slot}.0 - 1)"),
        }
    }
}

/// The settings of a service. Its longest lease is in hours, its shortest pause between two looks for expired locks is
/// a millisecond.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The default lease, in hours.
    pub default_hours: u8,
    /// The longest lease, in hours.
    pub max_hours: u16,
    /// The margin of renewal, in millionths of a lease.
    pub margin_ppm: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            default_hours: 1,
            max_hours: 5000,
            margin_ppm: 500_000,
        }
    }
}

/// The answer to an acquisition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// `Acquired`.
    Acquired {
        /// The token.
        token: u64,
        /// `expires_at`.
        until: At,
    },
    /// `AlreadyHeld`.
    Held {
        /// The holder.
        holder: String,
        /// `expires_at`.
        until: At,
    },
    /// `Waiting`, or another variant.
    Other,
    /// An error.
    Error,
}

/// The kind of an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// `NotHolder`.
    NotHolder,
    /// `InvalidFencingToken`.
    InvalidToken {
        /// The token that was expected.
        expected: u64,
        /// The token that was given.
        actual: u64,
    },
    /// Another one.
    Other,
}

/// The answer to a lease that may be too long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    /// It was not refused.
    Allowed,
    /// `LeaseTooLong`.
    TooLong {
        /// What was asked for, in milliseconds.
        requested: u64,
        /// What may be asked for, in milliseconds.
        max: u64,
    },
    /// Another error.
    Error,
}

/// A lock as it is told. The metadata has steps of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Info {
    /// Which lock.
    pub lock: String,
    /// Who holds it.
    pub holder: String,
    /// By which token.
    pub token: u64,
    /// `acquired_at`.
    pub since: At,
    /// `expires_at`.
    pub until: At,
}

/// How a lock fared whose guard lived longer than its lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outlived {
    /// It was held all the time.
    Kept,
    /// It was lost.
    Lost,
    /// It was lost on a machine that stood still for so long that nothing can be said.
    Unsure,
}

/// How threads fared that wanted the same lock again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contest {
    /// The tokens, in the order in which the lock was acquired.
    pub tokens: Vec<u64>,
    /// How many threads held the lock at once, at most.
    pub holders: u32,
    /// Releases that were refused.
    pub refused: u32,
}

/// When a script began: what its moments are counted from.
#[derive(Debug, Clone, Copy)]
pub struct Epoch(Instant);

impl Default for Epoch {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Epoch {
    /// An instant as a moment.
    #[must_use]
    pub fn at(&self, instant: Instant) -> At {
        At::of(instant.saturating_duration_since(self.0))
    }

    /// Carries a call out between two looks at the clock.
    pub fn timed<T>(&self, call: impl FnOnce() -> T) -> Timed<T> {
        let from = self.at(Instant::now());
        let value = call();
        let to = self.at(Instant::now());
        Timed { from, value, to }
    }
}

witness::language! {
    /// A service, guards of its locks, and slots of tokens. A script begins with a service whose default lease lasts an
    /// hour and that looks for expired locks at each tick.
    pub trait Locks {
        /// Starts again with another service. Guards and tokens are gone.
        fn configure(settings: Settings) => {
            let Settings { default_hours, max_hours, margin_ppm } = settings;
            let margin = f64::from(*margin_ppm) / 1e6;
            format!("let mut service = service(/* default */ hours({default_hours}), /* max */ hours({max_hours}), /* margin */ {margin});")
        };

        /// Asks for a lock; the token goes into a slot.
        fn try_acquire(t: Slot, lock: String, client: String, term: Term) -> Timed<Answer> => {
            format!("let t{t} = service.try_acquire({lock:?}, {client:?}, {}, HashMap::new())", term.text())
        };
        /// Asks for a lock, for an hour, with metadata.
        fn try_acquire_with(t: Slot, lock: String, client: String, metadata: BTreeMap<String, String>) -> Timed<Answer> =>
            "let t{t} = service.try_acquire({lock:?}, {client:?}, Some(hours(1)), HashMap::from({metadata:?}))";
        /// Asks for a lock for a time that may be too long. The token is not kept.
        fn ask_for_hours(lock: String, client: String, hours: u16) -> Timed<Asked> =>
            "service.try_acquire({lock:?}, {client:?}, Some(hours({hours})), HashMap::new())";
        /// Releases a lock.
        fn release(lock: String, client: String, token: Token) -> Timed<Result<(), Refusal>> => {
            format!("service.release(&{lock:?}, &{client:?}, {})", token.text())
        };
        /// Renews a lease.
        fn renew(lock: String, client: String, token: Token, term: Term) -> Timed<Result<At, Refusal>> => {
            format!("service.renew(&{lock:?}, &{client:?}, {}, {})", token.text(), term.text())
        };
        /// Renews a lease for a time that may be too long.
        fn renew_for_hours(lock: String, client: String, token: Token, hours: u16) -> Timed<Asked> => {
            format!("service.renew(&{lock:?}, &{client:?}, {}, Some(hours({hours})))", token.text())
        };
        /// Whether a token is valid; an error is a no.
        fn is_valid(lock: String, token: Token) -> Timed<bool> => {
            format!("service.is_valid(&{lock:?}, {}).unwrap_or(false)", token.text())
        };

        /// What is told of a lock.
        fn info(lock: String) -> Timed<Option<Info>> => "service.get_lock_info(&{lock:?})";
        /// The metadata of a lock.
        fn metadata(lock: String) -> Timed<Option<BTreeMap<String, String>>> => "service.get_lock_info(&{lock:?}).map(|info| info.metadata)";
        /// The locks. Sorted: the contract fixes no order.
        fn list() -> Timed<Vec<Info>> => "service.list_locks()";
        /// The locks of a client, sorted.
        fn list_client(client: String) -> Timed<Vec<Info>> => "service.list_client_locks(&{client:?})";

        /// Waits until each lease of milliseconds that was asked for so far is over, also if renewals added up.
        fn wait() => "// wait until all leases of milliseconds are over";
        /// Waits for so many milliseconds.
        fn pause(millis: u8) => "thread::sleep(Duration::from_millis({millis}));";
        /// Cleans up. Sorted.
        fn cleanup() -> Timed<Vec<String>> => "service.cleanup_expired()";
        /// Ticks: which locks of whom have expired. Sorted.
        fn tick_expired() -> Timed<Vec<(String, String)>> => "service.tick() // LockExpired";
        /// Ticks: which locks of whom will expire soon, and what remains. Sorted.
        fn tick_soon() -> Timed<Vec<(String, String, At)>> => "service.tick() // LockExpiringSoon";

        /// A client takes a lock with a guard; whether it got it. A guard that was in the slot is dropped before.
        fn guard(g: Slot, lock: String, client: String, term: Term) -> Timed<bool> => {
            format!("let g{g} = LockClient::new({client:?}).acquire_with_auto_renew(&mut service, {lock:?}, {})", term.plain())
        };
        /// The token of a guard, which goes into the slot of the same number.
        fn guard_token(g: Slot) -> Timed<Option<u64>> => "let t{g} = g{g}.fencing_token();";
        /// The lock of a guard.
        fn guard_lock(g: Slot) -> Option<String> => "g{g}.lock_id()";
        /// What remains of the lease of a guard.
        fn remaining(g: Slot) -> Timed<Option<At>> => "g{g}.time_remaining()";
        /// Drops a guard.
        fn drop_guard(g: Slot) => "drop(g{g});";
        /// Holds a guard for twice as long as its lease of some tenths of a second, while the service ticks.
        fn outlive(lock: String) -> Outlived => "// hold a guard of {lock:?} for longer than its lease, ticking all the time";

        /// Threads that each acquire and release the same lock some times, through an `Arc<Mutex<_>>`.
        fn contest(threads: u8, times: u8) -> Contest =>
            "// {threads} threads acquire and release a lock of an Arc<Mutex<LockService>>, {times} times each";
    }
}
