//! Acquiring, releasing and renewing.

use super::World;
use ex05::{AcquireResult, LockError};
use ex05_protocol::{Answer, Asked, At, Refusal, Slot, Term, Timed, Token};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

fn refusal(error: LockError) -> Refusal {
    match error {
        LockError::NotHolder(_) => Refusal::NotHolder,
        LockError::InvalidFencingToken { expected, actual } => Refusal::InvalidToken { expected, actual },
        _ => Refusal::Other,
    }
}

fn too_long(error: LockError) -> Asked {
    match error {
        LockError::LeaseTooLong { requested, max } => Asked::TooLong { requested, max },
        _ => Asked::Error,
    }
}

fn hours(hours: u16) -> Option<Duration> {
    Some(Duration::from_secs(3600 * u64::from(hours.max(1))))
}

pub(super) fn acquire(
    world: &mut World,
    t: Slot,
    lock: String,
    client: String,
    term: Term,
    metadata: BTreeMap<String, String>,
) -> Timed<Answer> {
    let (epoch, metadata): (_, HashMap<String, String>) = (world.epoch, metadata.into_iter().collect());
    let service = &mut world.service;
    let answer = epoch.timed(|| match service.try_acquire(lock, client, term.duration(), metadata) {
        Ok(AcquireResult::Acquired {
            fencing_token,
            expires_at,
        }) => Answer::Acquired {
            token: fencing_token.0,
            until: epoch.at(expires_at),
        },
        Ok(AcquireResult::AlreadyHeld { holder, expires_at }) => Answer::Held {
            holder,
            until: epoch.at(expires_at),
        },
        Ok(_) => Answer::Other,
        Err(_) => Answer::Error,
    });
    if let Answer::Acquired { token, .. } = answer.value {
        world.tokens.insert(t, token);
    }
    world.note(term);
    answer
}

pub(super) fn ask_for_hours(world: &mut World, lock: String, client: String, asked: u16) -> Timed<Asked> {
    let (epoch, service) = (world.epoch, &mut world.service);
    epoch.timed(|| {
        let answer = service.try_acquire(lock, client, hours(asked), HashMap::new());
        answer.map_or_else(too_long, |_| Asked::Allowed)
    })
}

pub(super) fn release(world: &mut World, lock: &String, client: &String, token: Token) -> Timed<Result<(), Refusal>> {
    let (epoch, token) = (world.epoch, world.token(token));
    epoch.timed(|| world.service.release(lock, client, token).map_err(refusal))
}

pub(super) fn renew(
    world: &mut World,
    lock: &String,
    client: &String,
    token: Token,
    term: Term,
) -> Timed<Result<At, Refusal>> {
    let (epoch, token) = (world.epoch, world.token(token));
    let service = &mut world.service;
    let answer = epoch.timed(|| {
        let renewed = service.renew(lock, client, token, term.duration());
        renewed.map(|until| epoch.at(until)).map_err(refusal)
    });
    world.note(term);
    answer
}

pub(super) fn renew_for_hours(
    world: &mut World,
    lock: &String,
    client: &String,
    token: Token,
    asked: u16,
) -> Timed<Asked> {
    let (epoch, token) = (world.epoch, world.token(token));
    let service = &mut world.service;
    epoch.timed(|| {
        let answer = service.renew(lock, client, token, hours(asked));
        answer.map_or_else(too_long, |_| Asked::Allowed)
    })
}
