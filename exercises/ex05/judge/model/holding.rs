//! Acquisitions, releases and renewals, against what is known.

use std::collections::BTreeMap;

use ex05_protocol::{Answer, Asked, At, Refusal, Slot, Term, Timed, Token};

use super::{Aspect, Held, Model, Phase, State, Window, about, asked, hours};

impl Model<'_> {
    pub(super) fn acquired(
        &mut self,
        t: Slot,
        name: &str,
        client: &str,
        term: Term,
        metadata: &BTreeMap<String, String>,
        answer: &Timed<Answer>,
    ) {
        let window = Window::from(answer);
        let lease = asked(term, &self.settings);
        let (state, phase) = self.look(name, window);
        match (&state, phase) {
            (State::Free, _) | (_, Some(Phase::Over)) => {
                let granted = matches!(answer.value, Answer::Acquired { .. });
                let text = if phase.is_some() {
                    "the lease is over, so the lock is free and must be granted"
                } else {
                    "nobody holds the lock, so it must be granted"
                };
                self.expect(granted, Aspect::Grant, text);
            }
            (State::Held(held), Some(Phase::InForce)) if held.holder != client => {
                let refused = matches!(answer.value, Answer::Held { .. });
                let text = format!(
                    "{} holds the lock and its lease is not over: `AlreadyHeld`",
                    held.holder
                );
                self.expect(refused, Aspect::Grant, &text);
            }
            _ => {}
        }
        match &answer.value {
            Answer::Acquired { token, until } => {
                self.note_token(&state, phase, client, *token);
                self.tokens.insert(t, *token);
                let mut new = self.held_by(client, window, *until, lease);
                new.token = Some(*token);
                new.metadata.clone_from(metadata);
                match &state {
                    // Whether this is the former grant, renewed, nobody says.
                    State::Held(held) if held.holder == client && phase != Some(Phase::Over) => new.again = true,
                    State::Open => new.again = true,
                    State::Free | State::Held(_) => {
                        let right = about_between(*until, window, lease);
                        self.expect(
                            right,
                            Aspect::Lease,
                            "the lease must last, from now on, as long as was asked for",
                        );
                    }
                }
                if phase.is_some_and(|phase| phase != Phase::InForce) {
                    self.lock(name).maybe_lapsed = true;
                }
                self.grant(name, new);
            }
            Answer::Held { holder, until } => {
                if let State::Held(held) = &state {
                    self.expect(*holder == held.holder, Aspect::Refused, "another client is the holder");
                    let right = held.dropped || is_end(held, *until);
                    self.expect(
                        right,
                        Aspect::Refused,
                        "`expires_at` is not the end of the holder's lease",
                    );
                }
            }
            Answer::Other | Answer::Error => {}
        }
        self.touched = window.to;
    }

    /// Tokens rise, over all locks; a client that held the lock already may be given its token again.
    fn note_token(&mut self, state: &State, phase: Option<Phase>, client: &str, token: u64) {
        let same = match state {
            State::Held(held) => {
                phase != Some(Phase::Over) && held.holder == client && held.token.is_none_or(|held| held == token)
            }
            State::Open => true,
            State::Free => false,
        };
        if self.greatest == 0 && self.serial == 0 {
            self.expect(token == 1, Aspect::Order, "the first token of a service is 1");
        }
        if token <= self.greatest && !same {
            let greatest = self.greatest;
            self.object(
                Aspect::Order,
                format!("token {token} is not greater than {greatest}, which was given out before"),
            );
        }
        self.greatest = self.greatest.max(token);
    }

    pub(super) fn asked_for(&mut self, name: &str, client: &str, asked: u16, answer: &Timed<Asked>) {
        let window = Window::from(answer);
        let (state, phase) = self.look(name, window);
        let is_free = matches!(state, State::Free) || phase == Some(Phase::Over);
        match self.too_long(asked) {
            Some(refusal) => {
                // Of a lock that somebody holds, that may be what is said first.
                let right = answer.value == refusal || (!is_free && answer.value == Asked::Allowed);
                self.expect(
                    right,
                    Aspect::Maximum,
                    "the lease is longer than the maximum: `LeaseTooLong`",
                );
            }
            None => self.expect(
                answer.value == Asked::Allowed,
                Aspect::Maximum,
                "the lease is not longer than the maximum",
            ),
        }
        if answer.value == Asked::Allowed {
            if is_free {
                let mut new = self.held_by(client, window, window.from.plus(hours(asked)), hours(asked));
                new.at_least = true;
                self.grant(name, new);
            } else {
                // Its holder may have asked again.
                self.lock(name).state = match state {
                    State::Held(held) if held.holder != client => State::Held(held),
                    _ => State::Open,
                };
            }
        }
        self.touched = window.to;
    }

    /// What must be said of a lease of so many hours, if it is too long.
    fn too_long(&self, asked: u16) -> Option<Asked> {
        let max = self.settings.max_hours.max(1);
        (asked > max).then(|| Asked::TooLong {
            requested: hours(asked).0 / At::MS.0,
            max: hours(max).0 / At::MS.0,
        })
    }

    pub(super) fn released(&mut self, name: &str, client: &str, token: Token, answer: &Timed<Result<(), Refusal>>) {
        let (window, token) = (Window::from(answer), self.token(token));
        let (state, phase) = self.look(name, window);
        let answer = &answer.value;
        let own = (client.to_owned(), token);
        let had_it = self.lock(name).grants.contains(&own);
        match (&state, phase) {
            (State::Held(held), Some(Phase::InForce)) => match relation(held, client, token) {
                Relation::Holder => {
                    self.expect(answer.is_ok(), Aspect::Release, "the holder may release its lock");
                    if answer.is_ok() {
                        let again = held.again;
                        let lock = self.lock(name);
                        lock.released = (!again).then_some(own);
                        lock.state = if again { State::Open } else { State::Free };
                    }
                }
                Relation::Unknown if held.holder == client => {
                    if answer.is_ok() {
                        self.lock(name).state = State::Open;
                    }
                }
                Relation::Unknown => {
                    let text = "another client holds the lock";
                    self.expect(answer.is_err(), Aspect::ReleaseClient, text);
                }
                Relation::OtherToken if had_it || held.again => {
                    if held.again && answer.is_ok() {
                        self.lock(name).state = State::Open;
                    }
                }
                Relation::OtherToken => {
                    let right = *answer == Err(wrong_token(held, token));
                    let text = "the client holds the lock by another token: `InvalidFencingToken`";
                    self.expect(right, Aspect::ReleaseToken, text);
                }
                Relation::OtherClient => {
                    let right = *answer == Err(Refusal::NotHolder);
                    self.expect(
                        right,
                        Aspect::ReleaseClient,
                        "another client holds the lock: `NotHolder`",
                    );
                }
                Relation::Stranger => {
                    let text = "another client holds the lock, by another token";
                    self.expect(had_it || answer.is_err(), Aspect::ReleaseClient, text);
                }
            },
            (State::Held(held), Some(_)) => {
                // The lease was over, or ended meanwhile, or nobody knows: an answer is as good as another.
                let is_gone = answer.is_ok() || phase == Some(Phase::Over);
                if relation(held, client, token) == Relation::Holder && is_gone {
                    let lock = self.lock(name);
                    lock.state = State::Free;
                    lock.maybe_lapsed = true;
                }
            }
            (State::Free, _) if self.lock(name).released.as_ref() == Some(&own) => {
                let text = "nobody has the lock since it was released by this token: doing so again is no error";
                self.expect(answer.is_ok(), Aspect::ReleaseAgain, text);
            }
            _ => {}
        }
        self.touched = window.to;
    }

    pub(super) fn renewed(
        &mut self,
        name: &str,
        client: &str,
        token: Token,
        term: Term,
        answer: &Timed<Result<At, Refusal>>,
    ) {
        let (window, token) = (Window::from(answer), self.token(token));
        let (state, phase) = self.look(name, window);
        let given = asked(term, &self.settings);
        match (&state, phase) {
            (State::Held(held), Some(Phase::InForce)) => {
                self.judge_renewal(
                    held,
                    client,
                    token,
                    &answer.value.as_ref().map(drop).map_err(Clone::clone),
                );
                if let (Ok(until), Relation::Holder) = (&answer.value, relation(held, client, token)) {
                    let open = term == Term::Default;
                    // Without a duration, that of the grant may count as well as the default.
                    let least = if open { given.min(held.lease.0) } else { given };
                    let most = if open { given.max(held.lease.1) } else { given };
                    let early = until.is_well_before(window.from.plus(least));
                    let last = window.to.max(held.until).plus(most);
                    let late = !held.at_least && last.is_well_before(*until);
                    let text = "the lease must last so much longer, from now or from its former end";
                    self.expect(!early && !late, Aspect::Extension, text);
                }
            }
            (State::Free, _) | (State::Held(_), Some(Phase::Over)) => {
                let text = "nobody holds the lock: there is no lease to renew";
                self.expect(answer.value.is_err(), Aspect::RenewOver, text);
            }
            _ => {}
        }
        if let Ok(until) = &answer.value {
            self.prolong(name, client, token, *until, given);
        }
        self.touched = window.to;
    }

    pub(super) fn renewed_for(&mut self, name: &str, client: &str, token: Token, asked: u16, answer: &Timed<Asked>) {
        let (window, token) = (Window::from(answer), self.token(token));
        let (state, phase) = self.look(name, window);
        let allowed = answer.value == Asked::Allowed;
        match (&state, phase) {
            (State::Held(held), Some(Phase::InForce)) if relation(held, client, token) == Relation::Holder => {
                match self.too_long(asked) {
                    Some(refusal) => self.expect(
                        answer.value == refusal,
                        Aspect::Maximum,
                        "the extension is longer than the maximum: `LeaseTooLong`",
                    ),
                    None => self.expect(allowed, Aspect::Maximum, "the extension is not longer than the maximum"),
                }
            }
            (State::Free, _) | (State::Held(_), Some(Phase::Over)) => {
                let text = "nobody holds the lock: there is no lease to renew";
                self.expect(!allowed, Aspect::RenewOver, text);
            }
            _ => {}
        }
        if allowed {
            self.prolong(name, client, token, window.from.plus(hours(asked)), hours(asked));
            if let Some(held) = self.held(name) {
                held.at_least = true;
            }
        }
        self.touched = window.to;
    }

    fn judge_renewal(&mut self, held: &Held, client: &str, token: u64, answer: &Result<(), Refusal>) {
        match relation(held, client, token) {
            Relation::Holder => self.expect(answer.is_ok(), Aspect::Renew, "the holder may renew its lease"),
            Relation::Unknown => {}
            Relation::OtherToken if held.again => {}
            Relation::OtherToken => {
                let right = *answer == Err(wrong_token(held, token));
                let text = "the client holds the lock by another token: `InvalidFencingToken`";
                self.expect(right, Aspect::RenewToken, text);
            }
            Relation::OtherClient => {
                let right = *answer == Err(Refusal::NotHolder);
                self.expect(right, Aspect::RenewClient, "another client holds the lock: `NotHolder`");
            }
            Relation::Stranger => self.expect(
                answer.is_err(),
                Aspect::RenewClient,
                "another client holds the lock, by another token",
            ),
        }
    }

    /// A lease was renewed, if it was that of this client.
    fn prolong(&mut self, name: &str, client: &str, token: u64, until: At, given: At) {
        let Some(held) = self.held(name) else { return };
        if relation(held, client, token) == Relation::Holder {
            let whole = until.minus(held.since.from);
            held.until = until;
            held.lease = (held.lease.0.min(given), held.lease.1.max(whole));
            held.renewed = true;
            held.warned = false;
        }
    }
}

/// How who asks relates to who holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// The same client, the same token.
    Holder,
    /// The same client, another token.
    OtherToken,
    /// Another client, the same token.
    OtherClient,
    /// Another client, another token.
    Stranger,
    /// The token of the holder is not known.
    Unknown,
}

fn relation(held: &Held, client: &str, token: u64) -> Relation {
    match (held.holder == client, held.token.map(|held| held == token)) {
        (_, None) => Relation::Unknown,
        (true, Some(true)) => Relation::Holder,
        (true, Some(false)) => Relation::OtherToken,
        (false, Some(true)) => Relation::OtherClient,
        (false, Some(false)) => Relation::Stranger,
    }
}

fn wrong_token(held: &Held, token: u64) -> Refusal {
    Refusal::InvalidToken {
        expected: held.token.unwrap_or_default(),
        actual: token,
    }
}

/// Whether this is the end of a lease.
pub(super) fn is_end(held: &Held, until: At) -> bool {
    about(until, held.until) || (held.at_least && until > held.until)
}

/// Whether a moment lies so much after the step.
fn about_between(moment: At, window: Window, time: At) -> bool {
    !moment.is_well_before(window.from.plus(time)) && !window.to.plus(time).is_well_before(moment)
}
