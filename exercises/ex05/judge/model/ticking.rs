//! What is told of expiries, against what is known.
//!
//! Each expiry is told once. If another call came between the end of a lease and the question, that call may have swept
//! the table and kept quiet about it; then nothing is asked. A tick may skip its work if it comes less than the
//! configured millisecond after the last.

use std::collections::BTreeSet;

use ex05_protocol::{At, Timed};

use super::{Aspect, Held, Model, Phase, State, Window};

impl Model<'_> {
    pub(super) fn cleaned(&mut self, answer: &Timed<Vec<String>>) {
        let window = Window::from(answer);
        for name in &answer.value {
            self.reported(name, None, window, (Aspect::Cleanup, Aspect::CleanupOther));
        }
        let seen = self.touched.max(self.ticked);
        self.missed(window, Aspect::Cleanup, |held| seen.plus(At::SLACK) >= held.until);
        self.touched = window.to;
        self.ticked = window.to;
    }

    pub(super) fn told_expired(&mut self, answer: &Timed<Vec<(String, String)>>) {
        let window = Window::from(answer);
        for (name, holder) in &answer.value {
            self.reported(name, Some(holder), window, (Aspect::Expiry, Aspect::ExpiryOther));
        }
        let (touched, is_due) = (self.touched, self.is_due(window));
        if is_due {
            self.missed(window, Aspect::Expiry, |held| touched.plus(At::SLACK) >= held.until);
        }
        self.end_tick(window);
    }

    pub(super) fn warned(&mut self, answer: &Timed<Vec<(String, String, At)>>) {
        let window = Window::from(answer);
        let mut names = BTreeSet::new();
        for (name, holder, remaining) in &answer.value {
            if !names.insert(name.clone()) {
                self.object(Aspect::WarningOther, format!("{name:?} is warned of twice"));
            }
            let (state, phase) = self.look(name, window);
            match (&state, phase) {
                (State::Held(_), Some(Phase::Over)) => {
                    self.object(Aspect::WarningOther, format!("the lease of {name:?} is over"));
                }
                (State::Free, _) => self.object(Aspect::WarningOther, format!("nobody holds {name:?}")),
                (State::Held(held), Some(phase)) => {
                    let right = *holder == held.holder;
                    self.expect(right, Aspect::Warning, "another client is the holder");
                    let (least, most) = (held.until.minus(window.to), held.until.minus(window.from));
                    let right = !remaining.is_well_before(least) && !most.is_well_before(*remaining);
                    let known = phase == Phase::InForce && !held.at_least;
                    self.expect(
                        right || !known,
                        Aspect::Warning,
                        "`remaining` is not what remains of the lease",
                    );
                    let early = window.to.is_well_before(self.margin(held, held.lease.1));
                    if early && known && !held.again {
                        let text = format!("more than the margin remains of the lease of {name:?}");
                        self.object(Aspect::WarningOther, text);
                    }
                }
                _ => {}
            }
            if let Some(held) = self.held(name) {
                held.warned = true;
            }
        }
        if self.is_due(window) {
            self.unwarned(window);
        }
        self.touched = window.to;
        self.end_tick(window);
    }

    /// The moment at which the margin of a lease of such a duration begins.
    fn margin(&self, held: &Held, lease: At) -> At {
        let part = u128::from(lease.0) * u128::from(self.settings.margin_ppm) / 1_000_000;
        held.until.minus(At(u64::try_from(part).unwrap_or(u64::MAX)))
    }

    fn unwarned(&mut self, window: Window) {
        let missing = self.locks.iter().find(|(_, lock)| match &lock.state {
            State::Held(held) => {
                held.phase(window) == Phase::InForce
                    && !held.warned
                    && !held.at_least
                    && !held.again
                    && self.margin(held, held.lease.0).is_well_before(window.from)
            }
            State::Free | State::Open => false,
        });
        if let Some(text) = missing.map(|(name, _)| format!("the lease of {name:?} ends soon, and nobody is warned")) {
            self.object(Aspect::Warning, text);
        }
    }

    /// A lock is said to have expired.
    fn reported(&mut self, name: &str, holder: Option<&String>, window: Window, aspects: (Aspect, Aspect)) {
        let (state, phase) = self.look(name, window);
        let lock = self.lock(name);
        match (state, phase) {
            (State::Open, _) => {}
            (State::Held(held), Some(Phase::Over | Phase::Unsure))
                if holder.is_none_or(|told| *told == held.holder) =>
            {
                lock.state = State::Free;
                lock.was_told = true;
            }
            // This is the expiry of an earlier lease.
            _ if lock.maybe_lapsed => lock.maybe_lapsed = false,
            (State::Held(_), Some(Phase::InForce)) => {
                self.object(aspects.1, format!("the lease of {name:?} is not over"));
            }
            (State::Held(held), _) => {
                self.object(aspects.0, format!("the holder of {name:?} was {}", held.holder));
            }
            (State::Free, _) if lock.was_told => {
                self.object(aspects.0, format!("the expiry of {name:?} was told before"));
            }
            (State::Free, _) => self.object(aspects.1, format!("nobody held {name:?}")),
        }
    }

    /// Locks that have expired must have been told, unless somebody may have swept them before.
    fn missed(&mut self, window: Window, aspect: Aspect, swept: impl Fn(&Held) -> bool) {
        let mut missed = None;
        for (name, lock) in &mut self.locks {
            let State::Held(held) = &lock.state else { continue };
            if held.phase(window) != Phase::Over {
                continue;
            }
            if swept(held) {
                lock.maybe_lapsed = true;
            } else if missed.is_none() {
                missed = Some(format!("the lease of {name:?} is over, and that is not told"));
            }
            lock.state = State::Free;
        }
        if let Some(text) = missed {
            self.object(aspect, text);
        }
    }

    /// Whether a tick must do its work.
    fn is_due(&self, window: Window) -> bool {
        self.ticked.plus(At::MS).is_well_before(window.from)
    }

    /// At a tick, the locks of dropped guards are free at the latest.
    fn end_tick(&mut self, window: Window) {
        self.ticked = window.to;
        for lock in self.locks.values_mut() {
            lock.released = None;
            if matches!(&lock.state, State::Held(held) if held.dropped) {
                lock.state = State::Free;
                lock.maybe_lapsed = true;
            }
        }
    }
}
