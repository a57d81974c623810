//! Clients: attempts and their waits, and how calls are spread.

use ex08_protocol::{Balance, Outcome, Policy, Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::select};

/// Codes for attempts: two that are always in `codes` and others.
const RETRYABLE: [u8; 2] = [14, 8];
const OTHERS: [u8; 4] = [3, 5, 13, 16];

fn policy() -> impl Strategy<Value = Policy> {
    (0..5_u32, 1..300_u64, 50..2000_u64, select(vec![1.0, 1.5, 2.0, 3.0])).prop_map(
        |(retries, initial, longest, multiplier)| Policy {
            retries,
            initial,
            longest,
            multiplier,
            codes: RETRYABLE.to_vec(),
        },
    )
}

/// What an attempt with this policy must come to.
fn expected(policy: &Policy, codes: &[u8]) -> (Outcome, usize) {
    for attempt in 0..=policy.retries as usize {
        match codes.get(attempt) {
            None => return (Outcome::Done, attempt + 1),
            Some(code) if !policy.codes.contains(code) => return (Outcome::Refused(*code), attempt + 1),
            Some(_) => {}
        }
    }
    (Outcome::Exhausted, policy.retries as usize + 1)
}

fn counted(case: &Case<'_, Script>) -> Result<(), Objection> {
    for (at, step, seen) in case.steps() {
        if let (Step::retry { policy, codes }, Seen::retry(tried)) = (step, seen) {
            let (outcome, attempts) = expected(policy, codes);
            if tried.outcome != outcome || tried.waits.len() + 1 != attempts {
                let text = format!(
                    "expected {outcome:?} after {attempts} attempts, got {:?} after {}",
                    tried.outcome,
                    tried.waits.len() + 1
                );
                return Err(Objection::at(at, text));
            }
        }
    }
    Ok(())
}

/// R9: there are at most `max_retries` attempts after the first; a success ends them, and the last failure exhausts them.
pub fn attempts_are_counted(trial: &mut Trial<Script>) -> Verdict {
    let script =
        (policy(), vec(select(RETRYABLE.to_vec()), 0..7)).prop_map(|(policy, codes)| vec![retry(policy, codes)]);
    trial.cases(40).forall(script, counted)
}

/// R9: a code that is not in `retryable_codes` ends the call at once, as `GrpcError` with that code.
pub fn only_retryable_codes_are_retried(trial: &mut Trial<Script>) -> Verdict {
    let codes = (vec(select(RETRYABLE.to_vec()), 0..3), select(OTHERS.to_vec()));
    let script = (policy(), codes).prop_map(|(policy, (mut codes, last))| {
        codes.push(last);
        vec![retry(policy, codes)]
    });
    trial.cases(40).forall(script, counted)
}

/// R10: waits are those of the policy, of which at most half may be left out at random, and never above the limit.
pub fn waits_grow_up_to_a_limit(trial: &mut Trial<Script>) -> Verdict {
    let script = (policy(), 1..6_usize).prop_map(|(policy, failures)| vec![retry(policy, vec![14; failures])]);
    trial.cases(40).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::retry { policy, codes }, Seen::retry(tried)) = (step, seen) else {
                continue;
            };
            let (_, attempts) = expected(policy, codes);
            if tried.waits.len() + 1 != attempts {
                return Err(Objection::at(
                    at,
                    format!("there are {} attempts, not {attempts}", tried.waits.len() + 1),
                ));
            }
            let mut wait = policy.initial as f64;
            for (retry, taken) in tried.waits.iter().enumerate() {
                let right = wait.min(policy.longest as f64);
                // The timers of tokio count whole milliseconds and round up.
                if (*taken as f64) < right / 2.0 - 2.0 || *taken as f64 > right + 3.0 {
                    let text = format!(
                        "the wait before retry {} is {right} ms by the policy, and was {taken} ms",
                        retry + 1
                    );
                    return Err(Objection::at(at, text));
                }
                wait *= policy.multiplier;
            }
        }
        Ok(())
    })
}

/// R9: an attempt that takes longer than `request_timeout_ms` is given up: `Timeout` if that is not retryable.
pub fn an_attempt_has_a_limit(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![stalled()], |case| match case.steps().next() {
        Some((at, _, Seen::stalled(tried))) if tried.outcome != Outcome::TimedOut => {
            Err(Objection::at(at, format!("expected Timeout, got {:?}", tried.outcome)))
        }
        _ => Ok(()),
    })
}

/// The choices of a script, with its number of servers and what is kept.
fn choices(
    case: &Case<'_, Script>,
    law: impl Fn(&[u8], usize, &[bool], &Balance) -> Result<(), String>,
) -> Result<(), Objection> {
    for (at, step, seen) in case.steps() {
        if let (Step::balance { strategy, n, keep }, Seen::balance(chosen)) = (step, seen) {
            let Some(chosen) = chosen else {
                return Err(Objection::at(
                    at,
                    "`connect` failed, or `endpoint` is none of the configuration",
                ));
            };
            law(chosen, usize::from(*n), keep, strategy).map_err(|text| Objection::at(at, text))?;
        }
    }
    Ok(())
}

fn counts(chosen: &[u8], servers: usize) -> Vec<usize> {
    (0..servers)
        .map(|server| chosen.iter().filter(|one| usize::from(**one) == server).count())
        .collect()
}

/// R11: in a row of as many choices as there are servers each is chosen once, whoever begins.
pub fn round_robin_takes_turns(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..6_u8, vec(any::<bool>(), 1..30)).prop_map(|(n, keep)| vec![balance(Balance::RoundRobin, n, keep)]);
    trial.cases(12).forall(script, |case| {
        choices(case, |chosen, n, _, _| {
            match chosen
                .windows(n)
                .find(|row| counts(row, n).iter().any(|count| *count != 1))
            {
                Some(row) => Err(format!(
                    "{row:?} of the choices {chosen:?} are not each of the {n} servers once"
                )),
                None => Ok(()),
            }
        })
    })
}

/// R12: in a round of as many choices as the weights' sum each server is chosen as often as its weight says.
pub fn weights_are_respected(trial: &mut Trial<Script>) -> Verdict {
    let script = (vec(0..5_u32, 1..4), 1..5_u32, 1..4_usize).prop_map(|(mut weights, first, rounds)| {
        weights.insert(0, first);
        let sum: u32 = weights.iter().sum();
        let n = weights.len() as u8;
        vec![balance(
            Balance::Weighted(weights),
            n,
            vec![false; sum as usize * rounds],
        )]
    });
    trial.cases(12).forall(script, |case| {
        choices(case, |chosen, n, _, strategy| {
            let Balance::Weighted(weights) = strategy else {
                return Ok(());
            };
            let sum: u32 = weights.iter().sum();
            for round in chosen.chunks(sum as usize) {
                let counts = counts(round, n);
                if counts
                    .iter()
                    .zip(weights)
                    .any(|(count, weight)| *count != *weight as usize)
                {
                    return Err(format!(
                        "in a round of {sum} choices the servers have {counts:?}, their weights are {weights:?}"
                    ));
                }
            }
            Ok(())
        })
    })
}

/// R13: the chosen server is one of those with the fewest connections in use; a connection is in use until it is dropped.
pub fn the_least_used_server_is_chosen(trial: &mut Trial<Script>) -> Verdict {
    let script = (2..5_u8, vec(any::<bool>(), 1..30)).prop_map(|(n, keep)| vec![balance(Balance::Least, n, keep)]);
    trial.cases(12).forall(script, |case| {
        choices(case, |chosen, n, keep, _| {
            let mut in_use = vec![0; n];
            for (turn, server) in chosen.iter().map(|server| usize::from(*server)).enumerate() {
                if in_use.iter().any(|other| *other < in_use[server]) {
                    return Err(format!(
                        "choice {turn} is server {server}, with connections in use {in_use:?}"
                    ));
                }
                in_use[server] += i32::from(keep[turn]);
            }
            Ok(())
        })
    })
}

/// R13: at random every server gets its share, and the order is no fixed one.
pub fn random_choices_reach_everybody(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![balance(Balance::Random, 3, vec![false; 600])], |case| {
        choices(case, |chosen, n, _, _| {
            let counts = counts(chosen, n);
            // 200 each are expected, with a deviation of 12; a fixed cycle never repeats a server.
            if counts.iter().any(|count| !(110..=290).contains(count)) {
                return Err(format!("of 600 choices among 3 servers they have {counts:?}"));
            }
            if chosen.windows(2).filter(|pair| pair[0] == pair[1]).count() < 60 {
                return Err("a server hardly ever follows itself: this is no chance".to_owned());
            }
            Ok(())
        })
    })
}

/// R11: connections lead to the server that they name.
pub fn calls_reach_all_servers(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![spread(6)], |case| match case.steps().next() {
        Some((at, _, Seen::spread(counts))) if counts != &[3, 3] => Err(Objection::at(
            at,
            format!("of 6 calls in turn the two servers have {counts:?}, not 3 each"),
        )),
        _ => Ok(()),
    })
}
