//! What is told of locks, against what is known.

use std::collections::{BTreeMap, BTreeSet};

use ex05_protocol::{Info, Timed, Token};

use super::holding::is_end;
use super::{Aspect, Held, Model, Phase, State, Window};

impl Model<'_> {
    pub(super) fn validated(&mut self, name: &str, token: Token, answer: &Timed<bool>) {
        let token = self.token(token);
        let (state, phase) = self.look(name, Window::from(answer));
        let (right, text) = match (&state, phase) {
            (State::Held(held), Some(Phase::InForce)) => match held.token {
                Some(held) if held == token => (true, "the lock is held by this token"),
                Some(_) if !held.again => (false, "the lock is held by another token"),
                _ => return,
            },
            (State::Held(_), Some(Phase::Over)) => (false, "the lease is over: no token is valid"),
            (State::Free, _) => (false, "nobody holds the lock: no token is valid"),
            _ => return,
        };
        let aspect = if right { Aspect::Valid } else { Aspect::Invalid };
        self.expect(answer.value == right, aspect, text);
    }

    pub(super) fn informed(&mut self, name: &str, answer: &Timed<Option<Info>>) {
        let (state, phase) = self.look(name, Window::from(answer));
        match (&state, phase, &answer.value) {
            (State::Held(held), Some(Phase::InForce), None) => {
                let text = format!("{} holds the lock and its lease is not over", held.holder);
                self.object(Aspect::Info, text);
            }
            (State::Held(_), Some(Phase::Over), Some(_)) => {
                self.object(Aspect::Info, "the lease is over: nobody holds the lock");
            }
            (State::Free, _, Some(_)) => self.object(Aspect::Info, "nobody holds the lock"),
            (State::Held(held), _, Some(info)) => {
                if let Some(text) = contradiction(held, name, info) {
                    self.object(Aspect::Info, text);
                }
                self.compare_remaining(name, held.serial, info.until);
                self.told.insert(name.to_owned(), (held.serial, info.until));
            }
            _ => {}
        }
    }

    pub(super) fn described(&mut self, name: &str, answer: &Timed<Option<BTreeMap<String, String>>>) {
        let (state, phase) = self.look(name, Window::from(answer));
        let (State::Held(held), Some(Phase::InForce)) = (&state, phase) else {
            return;
        };
        let right = held.again || answer.value.as_ref() == Some(&held.metadata);
        self.expect(right, Aspect::Metadata, "the holder gave other metadata");
    }

    pub(super) fn listed(&mut self, client: Option<&String>, answer: &Timed<Vec<Info>>) {
        let window = Window::from(answer);
        let aspect = if client.is_some() {
            Aspect::ClientList
        } else {
            Aspect::List
        };
        let mut names = BTreeSet::new();
        for info in &answer.value {
            if !names.insert(info.lock.clone()) {
                self.object(aspect, format!("{:?} is listed twice", info.lock));
            }
            if client.is_some_and(|client| info.holder != *client) {
                self.object(aspect, format!("{} holds {:?}", info.holder, info.lock));
            }
            let (state, phase) = self.look(&info.lock, window);
            let wrong = match (&state, phase) {
                (State::Held(_), Some(Phase::Over)) => Some("its lease is over"),
                (State::Held(held), _) => contradiction(held, &info.lock, info),
                (State::Free, _) => Some("nobody holds it"),
                (State::Open, _) => None,
            };
            if let Some(text) = wrong {
                self.object(aspect, format!("{:?}: {text}", info.lock));
            }
        }
        let missing = self.locks.iter().find(|(name, lock)| match &lock.state {
            State::Held(held) => {
                held.phase(window) == Phase::InForce
                    && client.is_none_or(|client| held.holder == *client)
                    && !names.contains(*name)
            }
            State::Free | State::Open => false,
        });
        if let Some(text) = missing.map(|(name, _)| format!("{name:?} is held, and is not listed")) {
            self.object(aspect, text);
        }
    }
}

/// What is wrong with what is told of a lock that is held.
fn contradiction(held: &Held, name: &str, info: &Info) -> Option<&'static str> {
    let (earliest, latest) = (held.since.from, held.since.to);
    if info.lock != name {
        Some("`lock_id` is that of another lock")
    } else if info.holder != held.holder {
        Some("another client is the holder")
    } else if held.token.is_some_and(|token| info.token != token) {
        Some("another token was given to the holder")
    } else if !is_end(held, info.until) {
        Some("`expires_at` is not the end of the lease")
    } else if !held.again && !held.renewed && (info.since.is_well_before(earliest) || latest.is_well_before(info.since))
    {
        Some("`acquired_at` is not when it was acquired")
    } else {
        None
    }
}
