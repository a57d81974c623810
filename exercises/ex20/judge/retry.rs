//! Retries. Time is virtual, so that every moment is exact to a tick.

use crate::believable;
use ex20_protocol::{Attempt, Script, Seen, Step, Tale, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

/// A timer may be off by a tick at each end.
const TICKS: u64 = 2;

/// The longest wait without jitter, in milliseconds.
const LONGEST: u64 = 60_000;

/// What is known of a retry before it begins.
struct Plan<'a> {
    count: u8,
    base: u64,
    attempts: &'a [Attempt],
}

impl Plan<'_> {
    /// How often the operation may be called.
    fn limit(&self) -> usize {
        usize::from(self.count).max(1)
    }

    /// What the call with this number, from 0, gives.
    fn answer(&self, number: usize) -> Result<u32, u32> {
        let attempt = self.attempts.get(number).or(self.attempts.last());
        attempt.map_or(Ok(0), |attempt| attempt.answer)
    }

    /// How many calls there should be, and the answer.
    fn outcome(&self) -> (usize, Result<u32, u32>) {
        let success = (0..self.limit()).find(|number| self.answer(*number).is_ok());
        let calls = success.map_or(self.limit(), |number| number + 1);
        (calls, self.answer(calls - 1))
    }

    /// The wait after the call with this number, from 0, without jitter.
    fn wait(&self, number: usize) -> u64 {
        let factor = 2_u64.saturating_pow(u32::try_from(number).unwrap_or(u32::MAX));
        self.base.saturating_mul(factor).min(LONGEST)
    }
}

/// Judges each retry of a script.
fn each(case: &Case<'_, Script>, law: impl Fn(&Plan<'_>, &Tale) -> Result<(), String>) -> Result<(), Objection> {
    for (at, step, seen) in case.steps() {
        let (
            Step::retry { count, base, attempts } | Step::retry_in_a_task { count, base, attempts },
            Seen::retry(tale) | Seen::retry_in_a_task(tale),
        ) = (step, seen)
        else {
            continue;
        };
        let plan = Plan {
            count: *count,
            base: *base,
            attempts,
        };
        law(&plan, tale).map_err(|text| Objection::at(at, text))?;
    }
    Ok(())
}

/// The waits between calls: the number of the call before it, and how long it was.
fn waits(tale: &Tale) -> Result<Vec<(usize, u64)>, String> {
    let mut waits = Vec::new();
    for (number, pair) in tale.calls.windows(2).enumerate() {
        match (pair[0].1, pair[1].0) {
            (Some(ended), called) if ended <= called => waits.push((number, called - ended)),
            _ => {
                return Err(format!(
                    "call {} was made before the one before it had ended",
                    number + 2
                ));
            }
        }
    }
    Ok(waits)
}

fn failure() -> impl Strategy<Value = Attempt> {
    (0..50_u16, 1..1000_u32).prop_map(|(takes, error)| Attempt {
        takes,
        answer: Err(error),
    })
}

fn success() -> impl Strategy<Value = Attempt> {
    (0..50_u16, 1..1000_u32).prop_map(|(takes, value)| Attempt {
        takes,
        answer: Ok(value),
    })
}

/// A retry whose calls all fail, each with an error of its own.
fn hopeless() -> impl Strategy<Value = Step> {
    (1..8_usize, 10..200_u64).prop_flat_map(|(count, base)| {
        vec(failure(), count).prop_map(move |attempts| retry(count as u8, base, attempts))
    })
}

/// A retry that succeeds in the end, not always before its last call.
fn hopeful() -> impl Strategy<Value = Step> {
    (1..8_usize, 10..200_u64).prop_flat_map(|(count, base)| {
        (vec(failure(), 0..count), success()).prop_map(move |(mut attempts, last)| {
            attempts.push(last);
            retry(count as u8, base, attempts)
        })
    })
}

/// R9: `new` makes a handler that calls three times and waits 100 ms after the first.
pub fn a_new_handler_is_that_of_the_statement(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![new_handler()], same)
}

/// R9: the first success is returned at once, and nothing is called after it.
pub fn the_first_success_ends_it(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(32)
        .forall(hopeful().prop_map(|step| vec![step]), |case: &Case<'_, Script>| {
            each(case, |plan, tale| {
                let (calls, Ok(value)) = plan.outcome() else {
                    return Ok(());
                };
                if tale.answer != Some(Ok(value)) {
                    return Err(format!("expected the value of the first success, {value}"));
                }
                if tale.calls.len() != calls {
                    return Err(format!(
                        "call {calls} succeeds and is the last; there were {}",
                        tale.calls.len()
                    ));
                }
                match tale.calls.last() {
                    Some((_, Some(ended))) if tale.returned > ended + TICKS => Err(format!(
                        "the success came at {ended} ms and was returned at {} ms",
                        tale.returned
                    )),
                    _ => Ok(()),
                }
            })
        })
}

/// What is returned is what the last call gave.
fn gives_the_last_answer(case: &Case<'_, Script>) -> Result<(), Objection> {
    each(case, |plan, tale| {
        match tale.calls.len().checked_sub(1).map(|last| plan.answer(last)) {
            Some(expected) if tale.answer == Some(expected) => Ok(()),
            Some(expected) => Err(format!(
                "expected what the last call gave, {expected:?}, got {:?}",
                tale.answer
            )),
            None => Err("the operation was never called".to_owned()),
        }
    })
}

/// R9: if all calls fail, the error of the last one is returned.
pub fn the_last_error_is_returned(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(32)
        .forall(hopeless().prop_map(|step| vec![step]), gives_the_last_answer)
}

/// R9: an operation that fails is called `retry_count` times.
pub fn calls_are_limited(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(32)
        .forall(hopeless().prop_map(|step| vec![step]), |case: &Case<'_, Script>| {
            each(case, |plan, tale| {
                let (calls, _) = plan.outcome();
                if plan.count > 0 && tale.calls.len() != calls {
                    return Err(format!("expected {calls} calls, there were {}", tale.calls.len()));
                }
                Ok(())
            })
        })
}

/// R9: a call is made when the one before it has ended.
pub fn calls_follow_one_another(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(24)
        .forall(hopeless().prop_map(|step| vec![step]), |case: &Case<'_, Script>| {
            each(case, |_, tale| waits(tale).map(drop))
        })
}

/// R10: the wait after the first failure is the base at least, and it doubles with each failure.
pub fn waits_double(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(32)
        .forall(hopeless().prop_map(|step| vec![step]), |case: &Case<'_, Script>| {
            each(case, |plan, tale| {
                for (number, wait) in waits(tale)? {
                    let least = plan.wait(number);
                    if wait < least {
                        return Err(format!(
                            "expected at least {least} ms after failure {}, it was {wait}",
                            number + 1
                        ));
                    }
                }
                Ok(())
            })
        })
}

/// R10: a wait is at most one and a half times what doubling makes it.
pub fn waits_are_not_much_longer(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(32)
        .forall(hopeless().prop_map(|step| vec![step]), |case: &Case<'_, Script>| {
            each(case, |plan, tale| {
                for (number, wait) in waits(tale)? {
                    let most = plan.wait(number) * 3 / 2 + TICKS;
                    if wait > most {
                        return Err(format!(
                            "expected at most {most} ms after failure {}, it was {wait}",
                            number + 1
                        ));
                    }
                }
                Ok(())
            })
        })
}

/// R10: after the last failure the error is returned at once.
pub fn nothing_is_waited_for_after_the_last_call(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(32)
        .forall(hopeless().prop_map(|step| vec![step]), |case: &Case<'_, Script>| {
            each(case, |_, tale| match tale.calls.last() {
                Some((_, Some(ended))) if tale.returned > ended + TICKS => Err(format!(
                    "the last failure came at {ended} ms and was returned at {} ms",
                    tale.returned
                )),
                _ => Ok(()),
            })
        })
}

/// R10: no wait is longer than a minute, but for the jitter, however many failures there were and however large the base is.
pub fn waits_end_at_a_minute(trial: &mut Trial<Script>) -> Verdict {
    let many = (66..90_u8, 1..5_u64);
    let large = (2..6_u8, prop_oneof![100_000..1_000_000_u64, u64::MAX / 2..u64::MAX]);
    let script =
        (prop_oneof![many, large], failure()).prop_map(|((count, base), one)| vec![retry(count, base, vec![one])]);
    trial.cases(12).forall(script, |case: &Case<'_, Script>| {
        each(case, |plan, tale| {
            for (number, wait) in waits(tale)? {
                let (least, most) = (plan.wait(number), plan.wait(number) * 3 / 2 + TICKS);
                if wait < least || wait > most {
                    let after = number + 1;
                    return Err(format!(
                        "expected {least} to {most} ms after failure {after}, it was {wait}"
                    ));
                }
            }
            if tale.answer.is_none() {
                let (calls, at) = (tale.calls.len(), tale.returned);
                return Err(format!(
                    "after {calls} calls it still waits at {at} ms: no wait may last two minutes"
                ));
            }
            Ok(())
        })
    })
}

/// R9: with a count of 0 the operation is called once all the same, and what it gives is returned.
pub fn without_retries_there_is_one_call(trial: &mut Trial<Script>) -> Verdict {
    let attempt = prop_oneof![failure(), success()];
    let script = (10..200_u64, attempt).prop_map(|(base, one)| vec![retry(0, base, vec![one])]);
    trial.cases(16).forall(script, |case: &Case<'_, Script>| {
        each(case, |plan, tale| {
            let (calls, answer) = plan.outcome();
            if plan.count == 0 && (tale.calls.len() != calls || tale.answer != Some(answer)) {
                return Err(format!("expected one call and its answer, {answer:?}"));
            }
            Ok(())
        })
    })
}

/// R6, R9: the future of `with_retry` can be given to `tokio::spawn`, and returns there what the last call gave.
pub fn a_retry_can_run_in_a_task(trial: &mut Trial<Script>) -> Verdict {
    let script = prop_oneof![hopeless(), hopeful()].prop_map(|step| match step {
        Step::retry { count, base, attempts } => vec![retry_in_a_task(count, base, attempts)],
        other => vec![other],
    });
    trial.cases(16).forall(script, gives_the_last_answer)
}

/// R6, R9: messages that are retried arrive more often: only those fail of which every copy was lost.
pub fn retries_hide_losses(trial: &mut Trial<Script>) -> Verdict {
    let script = (58..70_u8).prop_map(|loss| vec![network(loss, 0, 0, 0), retry_messages(1500, 2)]);
    trial.cases(3).forall(script, |case: &Case<'_, Script>| {
        let mut rate = 0.0;
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                // The two are independent, see R4.
                (Step::network { loss, cut, .. }, _) => {
                    rate = 1.0 - (1.0 - f64::from(*loss) / 100.0) * (1.0 - f64::from(*cut) / 100.0);
                }
                (Step::retry_messages { times, count }, Seen::retry_messages(tally)) => {
                    let arrive = 1.0 - f64::powi(rate, i32::from(*count).max(1));
                    if !believable(tally.arrived, usize::from(*times), arrive) {
                        let (expected, arrived) = (f64::from(*times) * arrive, tally.arrived);
                        let text = format!("of {times} messages about {expected:.0} should arrive, not {arrived}");
                        return Err(Objection::at(at, text));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}
