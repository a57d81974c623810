//! What a service may answer: its locks, as far as the script and the answers so far determine them.
//!
//! The model follows the answers, so that one wrong answer is one objection, and a check objects only to the
//! [`Aspect`]s that it is about. Whether a lease is in force is decided by the moments of each step: before the end it
//! is, after the end it is over, and around the end nothing is said. So no answer is ever called wrong because the
//! machine was slow.

#[path = "model/asking.rs"]
mod asking;
#[path = "model/guards.rs"]
mod guards;
#[path = "model/holding.rs"]
mod holding;
#[path = "model/ticking.rs"]
mod ticking;

use std::collections::{BTreeMap, BTreeSet};

use ex05_protocol::{At, Script, Seen, Settings, Slot, Step, Term, Timed, Token};
use judge::{Case, Objection};

/// What an objection is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// Whether a lock is granted.
    Grant,
    /// What a client is told that is refused.
    Refused,
    /// How long a lease lasts.
    Lease,
    /// That a lease is too long.
    Maximum,
    /// The order of tokens.
    Order,
    /// Whether a holder may release its lock.
    Release,
    /// That nobody else may.
    ReleaseClient,
    /// That no other token may.
    ReleaseToken,
    /// That releasing again is no error.
    ReleaseAgain,
    /// Whether a holder may renew its lease.
    Renew,
    /// That nobody else may.
    RenewClient,
    /// That no other token may.
    RenewToken,
    /// That what is over cannot be renewed.
    RenewOver,
    /// Until when a renewed lease lasts.
    Extension,
    /// That the holder's token is valid.
    Valid,
    /// That no other is.
    Invalid,
    /// What is told of a lock.
    Info,
    /// The metadata of a lock.
    Metadata,
    /// Which locks are listed.
    List,
    /// Which locks of a client are listed.
    ClientList,
    /// That expired locks are cleaned up, once.
    Cleanup,
    /// That no others are.
    CleanupOther,
    /// That expiries are told, once.
    Expiry,
    /// That no others are.
    ExpiryOther,
    /// That a lease which ends soon is told.
    Warning,
    /// That no others are.
    WarningOther,
    /// Whether a client gets a guard.
    Guard,
    /// What a guard says of itself.
    GuardSays,
    /// What remains of the lease of a guard.
    Remaining,
}

/// The moments between which a step was carried out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub from: At,
    pub to: At,
}

impl<T> From<&Timed<T>> for Window {
    fn from(timed: &Timed<T>) -> Self {
        Self {
            from: timed.from,
            to: timed.to,
        }
    }
}

/// A grant, as far as it is known.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// Tells grants apart.
    pub serial: u32,
    pub holder: String,
    /// Not known of a guard that was not asked.
    pub token: Option<u64>,
    pub since: Window,
    pub until: At,
    /// `until` is only the earliest end: a guard may be renewed at any time.
    pub at_least: bool,
    /// The least and the greatest time that may be called the duration of this lease.
    pub lease: (At, At),
    pub metadata: BTreeMap<String, String>,
    /// Its holder asked again: whether that was a grant, a renewal or nothing is open.
    pub again: bool,
    pub renewed: bool,
    /// Its guard was dropped, so it is free at the next tick.
    pub dropped: bool,
    pub warned: bool,
}

/// Whether a lease is in force during a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    InForce,
    Over,
    Unsure,
}

impl Held {
    pub(super) fn phase(&self, window: Window) -> Phase {
        if self.dropped {
            Phase::Unsure
        } else if window.to.is_well_before(self.until) {
            Phase::InForce
        } else if self.until.is_well_before(window.from) && !self.at_least {
            Phase::Over
        } else {
            Phase::Unsure
        }
    }
}

/// Who holds a lock.
#[derive(Debug, Clone, Default)]
pub(super) enum State {
    #[default]
    Free,
    Held(Box<Held>),
    /// Nothing is known.
    Open,
}

/// A lock.
#[derive(Debug, Clone, Default)]
pub(super) struct Lock {
    pub state: State,
    /// Every client that had the lock, and by which token.
    pub grants: BTreeSet<(String, u64)>,
    /// Who released it last, while it is free.
    pub released: Option<(String, u64)>,
    /// That an earlier lease ran out may or may not be told.
    pub maybe_lapsed: bool,
    /// It is free since its expiry was told.
    pub was_told: bool,
}

/// The service of a script.
pub(super) struct Model<'w> {
    wanted: &'w [Aspect],
    pub objection: Option<Objection>,
    /// The number of the step at hand.
    pub at: usize,
    pub settings: Settings,
    pub locks: BTreeMap<String, Lock>,
    pub tokens: BTreeMap<Slot, u64>,
    pub guards: BTreeMap<Slot, (String, u32)>,
    /// The greatest token so far.
    pub greatest: u64,
    pub serial: u32,
    /// When a call last could have noticed expired locks, and said nothing of them.
    pub touched: At,
    /// When the service ticked or cleaned up last.
    pub ticked: At,
    /// What guards said of the time that remains, until it is compared: step, lock, grant, moments, time, end.
    pub remaining: Vec<(usize, String, u32, Window, At, At)>,
    /// The end of a lock's lease that was told last, and of which grant.
    pub told: BTreeMap<String, (u32, At)>,
}

/// The law of a check that is about these aspects.
pub fn law(wanted: &'static [Aspect]) -> impl Fn(&Case<'_, Script>) -> Result<(), Objection> {
    move |case| {
        let mut model = Model::new(wanted);
        for (at, step, seen) in case.steps() {
            model.at = at;
            model.take(step, seen);
            if let Some(objection) = model.objection.take() {
                return Err(objection);
            }
        }
        Ok(())
    }
}

/// The duration of a lease that was asked for.
pub(super) fn asked(term: Term, settings: &Settings) -> At {
    term.duration()
        .map_or_else(|| hours(u16::from(settings.default_hours.max(1))), At::of)
}

/// So many hours, one at least.
pub(super) fn hours(hours: u16) -> At {
    At(u64::from(hours.max(1)) * 3_600_000 * At::MS.0)
}

/// Whether a moment is what it should be, within the slack.
pub(super) fn about(moment: At, right: At) -> bool {
    !moment.is_well_before(right) && !right.is_well_before(moment)
}

impl<'w> Model<'w> {
    fn new(wanted: &'w [Aspect]) -> Self {
        Self {
            wanted,
            objection: None,
            at: 0,
            settings: Settings::default(),
            locks: BTreeMap::new(),
            tokens: BTreeMap::new(),
            guards: BTreeMap::new(),
            greatest: 0,
            serial: 0,
            touched: At::default(),
            ticked: At::default(),
            remaining: Vec::new(),
            told: BTreeMap::new(),
        }
    }

    /// Objects to the step at hand, if the check is about this.
    pub(super) fn object(&mut self, aspect: Aspect, text: impl Into<String>) {
        if self.wanted.contains(&aspect) && self.objection.is_none() {
            self.objection = Some(Objection::at(self.at, text));
        }
    }

    pub(super) fn expect(&mut self, right: bool, aspect: Aspect, text: &str) {
        if !right {
            self.object(aspect, text);
        }
    }

    pub(super) fn lock(&mut self, name: &str) -> &mut Lock {
        self.locks.entry(name.to_owned()).or_default()
    }

    /// The lock's state, its grant and phase if it has one.
    pub(super) fn look(&mut self, name: &str, window: Window) -> (State, Option<Phase>) {
        let state = self.lock(name).state.clone();
        let phase = match &state {
            State::Held(held) => Some(held.phase(window)),
            State::Free | State::Open => None,
        };
        (state, phase)
    }

    /// The grant of a lock, to change it.
    pub(super) fn held(&mut self, name: &str) -> Option<&mut Held> {
        match &mut self.lock(name).state {
            State::Held(held) => Some(held),
            State::Free | State::Open => None,
        }
    }

    pub(super) fn token(&self, token: Token) -> u64 {
        token.number(&self.tokens)
    }

    /// A lock has a new holder.
    pub(super) fn grant(&mut self, name: &str, held: Held) {
        let lock = self.lock(name);
        if let Some(token) = held.token {
            lock.grants.insert((held.holder.clone(), token));
        }
        lock.released = None;
        lock.was_told = false;
        lock.state = State::Held(Box::new(held));
    }

    /// A grant to be completed.
    pub(super) fn held_by(&mut self, holder: &str, window: Window, until: At, lease: At) -> Held {
        self.serial += 1;
        Held {
            serial: self.serial,
            holder: holder.to_owned(),
            token: None,
            since: window,
            until,
            at_least: false,
            lease: (lease, lease),
            metadata: BTreeMap::new(),
            again: false,
            renewed: false,
            dropped: false,
            warned: false,
        }
    }

    fn take(&mut self, step: &Step, seen: &Seen) {
        match (step, seen) {
            (Step::configure { settings }, _) => {
                *self = Model {
                    settings: settings.clone(),
                    ..Model::new(self.wanted)
                }
            }
            (Step::try_acquire { t, lock, client, term }, Seen::try_acquire(answer)) => {
                self.acquired(*t, lock, client, *term, &BTreeMap::new(), answer);
            }
            (
                Step::try_acquire_with {
                    t,
                    lock,
                    client,
                    metadata,
                },
                Seen::try_acquire_with(answer),
            ) => self.acquired(*t, lock, client, Term::Hours(1), metadata, answer),
            (Step::ask_for_hours { lock, client, hours }, Seen::ask_for_hours(answer)) => {
                self.asked_for(lock, client, *hours, answer);
            }
            (Step::release { lock, client, token }, Seen::release(answer)) => {
                self.released(lock, client, *token, answer);
            }
            (
                Step::renew {
                    lock,
                    client,
                    token,
                    term,
                },
                Seen::renew(answer),
            ) => self.renewed(lock, client, *token, *term, answer),
            (
                Step::renew_for_hours {
                    lock,
                    client,
                    token,
                    hours,
                },
                Seen::renew_for_hours(answer),
            ) => self.renewed_for(lock, client, *token, *hours, answer),
            (Step::is_valid { lock, token }, Seen::is_valid(answer)) => self.validated(lock, *token, answer),
            (Step::info { lock }, Seen::info(answer)) => self.informed(lock, answer),
            (Step::metadata { lock }, Seen::metadata(answer)) => self.described(lock, answer),
            (Step::list {}, Seen::list(answer)) => self.listed(None, answer),
            (Step::list_client { client }, Seen::list_client(answer)) => self.listed(Some(client), answer),
            (Step::cleanup {}, Seen::cleanup(answer)) => self.cleaned(answer),
            (Step::tick_expired {}, Seen::tick_expired(answer)) => self.told_expired(answer),
            (Step::tick_soon {}, Seen::tick_soon(answer)) => self.warned(answer),
            (Step::guard { g, lock, client, term }, Seen::guard(answer)) => {
                self.guarded(*g, lock, client, *term, answer);
            }
            (Step::guard_token { g }, Seen::guard_token(answer)) => self.guard_token(*g, answer),
            (Step::guard_lock { g }, Seen::guard_lock(answer)) => self.guard_lock(*g, answer.as_deref()),
            (Step::remaining { g }, Seen::remaining(answer)) => self.remains(*g, answer),
            (Step::drop_guard { g }, _) => self.drop_guard(*g),
            // Waiting shows in the moments; the others have laws of their own.
            _ => {}
        }
    }
}
