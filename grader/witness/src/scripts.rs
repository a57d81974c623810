//! Runs scripts: each in a fresh world, each step so that it cannot end the witness by a panic.

use std::fs::File;
use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::caught::{Caught, caught};
use crate::channel;
use crate::wire::{self, Answer, Batch, Hello, LONGEST, Reply};

/// A script language, made by [`language!`](crate::language).
pub trait Language: 'static {
    /// One step of a script.
    type Step: Serialize + DeserializeOwned + Clone + std::fmt::Debug + std::fmt::Display + PartialEq + Send + Sync + 'static;
    /// What a step returned.
    type Seen: Serialize + DeserializeOwned + Clone + std::fmt::Debug + PartialEq + Send + Sync + 'static;
    /// What carries steps out, `dyn Trait`.
    type World: ?Sized;

    /// Carries one step out.
    fn perform(world: &mut Self::World, step: Self::Step) -> Self::Seen;

    /// What a step returned, as a person reads it; empty for a step that returns nothing.
    fn show(seen: &Self::Seen) -> String;
}

/// Makes a world for each script.
pub type World<L> = fn() -> Box<<L as Language>::World>;

/// Runs one script, telling each answer; it ends at the first step that does not return. The world is made before the first step and dropped
/// after the last; a panic there is the answer of that step.
pub fn perform<L: Language>(make: World<L>, script: Vec<L::Step>, mut tell: impl FnMut(Answer<L::Seen>)) {
    let mut world = match caught(make) {
        Ok(world) => world,
        Err(failed) => return if !script.is_empty() { tell(answer(failed)) },
    };
    let last = script.len();
    for (at, step) in script.into_iter().enumerate() {
        if at + 1 < last {
            match caught(|| L::perform(&mut world, step)) {
                Ok(seen) => tell(Answer::Saw(seen)),
                Err(failed) => {
                    tell(answer(failed));
                    // The script is over; whether the world can still be dropped changes nothing.
                    let _ = caught(move || drop(world));
                    return;
                }
            }
        } else {
            let done = caught(|| L::perform(&mut world, step));
            let dropped = caught(move || drop(world));
            tell(match (done, dropped) {
                (Ok(seen), Ok(())) => Answer::Saw(seen),
                (Err(failed), _) | (Ok(_), Err(failed)) => answer(failed),
            });
            return;
        }
    }
}

fn answer<V>(failed: Caught) -> Answer<V> {
    match failed {
        Caught::Panicked { message, .. } => Answer::Panicked(message),
        Caught::Unavailable(reason) => Answer::Unavailable(reason),
    }
}

/// Answers batches of scripts until there are no more.
pub fn serve<L: Language>(make: World<L>) -> io::Result<()> {
    let (mut requests, mut answers) = channel::open();
    let Some(Hello { nonce }) = wire::receive(&mut requests, LONGEST)? else { return Ok(()) };
    while let Some(batch) = wire::receive::<Batch<L::Step>>(&mut requests, LONGEST)? {
        for (script, number) in batch.scripts.into_iter().zip(batch.first..) {
            if batch.careful {
                let mut failed = Ok(());
                perform::<L>(make, script, |answer| {
                    let sent = wire::send(&mut answers, &Reply { nonce, script: number, answers: vec![answer], done: false });
                    failed = std::mem::replace(&mut failed, Ok(())).and(sent);
                });
                failed?;
                finish::<L>(&mut answers, nonce, number, Vec::new())?;
            } else {
                let mut all = Vec::with_capacity(script.len());
                perform::<L>(make, script, |answer| all.push(answer));
                finish::<L>(&mut answers, nonce, number, all)?;
            }
        }
    }
    Ok(())
}

fn finish<L: Language>(answers: &mut File, nonce: u64, script: u64, all: Vec<Answer<L::Seen>>) -> io::Result<()> {
    wire::send(answers, &Reply { nonce, script, answers: all, done: true })
}
