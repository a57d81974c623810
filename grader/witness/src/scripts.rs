//! Runs scripts: each in a fresh world, each step so that it cannot end the witness by a panic.

use std::fs::File;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::caught::{Caught, caught};
use crate::channel;
use crate::patience;
use crate::wire::{self, Answer, Batch, Hello, LONGEST, Reply};

/// A script language, made by [`language!`](crate::language).
pub trait Language: 'static {
    /// One step of a script.
    type Step: Serialize
        + DeserializeOwned
        + Clone
        + std::fmt::Debug
        + std::fmt::Display
        + PartialEq
        + Send
        + Sync
        + 'static;
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
/// after the last; a panic there is the answer of that step. Whether [`patience`] ran out is returned.
pub fn perform<L: Language>(make: World<L>, script: Vec<L::Step>, tell: impl FnMut(Answer<L::Seen>)) -> bool {
    patience::begin();
    take_steps::<L>(make, script, tell);
    patience::ran_out()
}

fn take_steps<L: Language>(make: World<L>, script: Vec<L::Step>, mut tell: impl FnMut(Answer<L::Seen>)) {
    let mut world = match caught(make) {
        Ok(world) => world,
        Err(failed) => {
            return if !script.is_empty() {
                tell(answer(failed))
            };
        }
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
    let (mut requests, answers) = channel::open()?;
    let mut answers = Answers {
        to: answers,
        pending: Vec::new(),
        passed_on: Instant::now(),
    };
    let Some(Hello { nonce }) = wire::receive(&mut requests, LONGEST)? else {
        return Ok(());
    };
    wire::send(&mut answers.to, &Hello { nonce })?;
    while let Some(batch) = wire::receive::<Batch<L::Step>>(&mut requests, LONGEST)? {
        answers.passed_on = Instant::now();
        for (script, number) in batch.scripts.into_iter().zip(batch.first..) {
            let mut untold = Vec::new();
            let mut failed = Ok(());
            let gave_up = perform::<L>(make, script, |answer| {
                untold.push(answer);
                if batch.careful {
                    let step = Reply {
                        nonce,
                        script: number,
                        answers: std::mem::take(&mut untold),
                        done: false,
                        gave_up: false,
                    };
                    let told = answers.add(&step).and_then(|()| answers.pass_on());
                    failed = std::mem::replace(&mut failed, Ok(())).and(told);
                }
            });
            failed?;
            answers.add(&Reply {
                nonce,
                script: number,
                answers: untold,
                done: true,
                gave_up,
            })?;
            if batch.careful || answers.are_due() {
                answers.pass_on()?;
            }
            if gave_up {
                break;
            }
        }
        answers.pass_on()?;
    }
    Ok(())
}

/// Answers may wait so long for others, so that the judge is not woken for each.
const LAZY: Duration = Duration::from_millis(1);
/// Nor do more bytes than this wait.
const MANY: usize = 32 << 10;

struct Answers {
    to: File,
    pending: Vec<u8>,
    passed_on: Instant,
}

impl Answers {
    fn add(&mut self, reply: &impl Serialize) -> io::Result<()> {
        wire::send(&mut self.pending, reply)
    }

    fn are_due(&self) -> bool {
        self.pending.len() > MANY || self.passed_on.elapsed() > LAZY
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.to.write_all(&self.pending)?;
        self.pending.clear();
        self.passed_on = Instant::now();
        Ok(())
    }
}
