//! The network: rates, latencies, limits.

use crate::believable;
use ex20_protocol::{Fate, Script, Seen, Step, Tally, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*, sample::select};

/// Draws of one case: enough to tell a rate from one that is off by a tenth.
const DRAWS: u16 = 2000;

/// A timer may be off by a tick at each end.
const TICKS: u64 = 2;

/// The network that the steps so far have made: rates in percent, latencies in milliseconds.
#[derive(Clone, Copy, Default)]
struct Network {
    loss: u8,
    cut: u8,
    least: u64,
    most: u64,
}

impl Network {
    fn rates(self) -> (f64, f64) {
        (f64::from(self.loss) / 100.0, f64::from(self.cut) / 100.0)
    }
}

/// Judges each step by the network that it happens on.
fn each(case: &Case<'_, Script>, law: impl Fn(Network, &Step, &Seen) -> Result<(), String>) -> Result<(), Objection> {
    let mut now = Network::default();
    for (at, step, seen) in case.steps() {
        if let Step::network { loss, cut, min, max } = step {
            now = Network {
                loss: *loss,
                cut: *cut,
                least: u64::from(*min.min(max)),
                most: u64::from(*min.max(max)),
            };
        }
        law(now, step, seen).map_err(|text| Objection::at(at, text))?;
    }
    Ok(())
}

/// R4, R5: `reliable()` loses nothing and takes no time; `unreliable()` has the values of the statement.
pub fn the_presets_are_those_of_the_statement(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![reliable(), unreliable()], same)
}

/// R4: what has probability 0 never happens, what has probability 1 always does.
pub fn rates_of_zero_and_one_are_certain(trial: &mut Trial<Script>) -> Verdict {
    let rates = select(vec![(0, 0), (100, 0), (0, 100_u8)]);
    let script = vec(rates, 1..4).prop_map(|all| {
        all.into_iter()
            .flat_map(|(loss, cut)| [network(loss, cut, 0, 0), traffic(100)])
            .collect::<Vec<_>>()
    });
    trial.cases(16).forall(script, same)
}

/// Whether the number of messages that share a fate fits its probability.
fn fits(what: &str, count: u32, sent: u16, probability: f64) -> Result<(), String> {
    if believable(count, usize::from(sent), probability) {
        return Ok(());
    }
    let expected = f64::from(sent) * probability;
    Err(format!(
        "of {sent} messages about {expected:.0} should be {what}, not {count}"
    ))
}

/// Nothing but arrivals, losses and partitions.
fn is_whole(tally: &Tally, sent: u16) -> Result<(), String> {
    if tally.arrived + tally.lost + tally.partitioned == u32::from(sent) {
        return Ok(());
    }
    Err(format!(
        "a message arrives unchanged, is `PacketLost` or `Partitioned`; these are {tally:?}"
    ))
}

/// R4: without partitions, as many messages are lost as the rate says.
pub fn losses_follow_their_rate(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..100_u8).prop_map(|loss| vec![network(loss, 0, 0, 0), traffic(DRAWS)]);
    trial.cases(10).forall(script, |case: &Case<'_, Script>| {
        each(case, |network, step, seen| {
            let (Step::traffic { times }, Seen::traffic(tally)) = (step, seen) else {
                return Ok(());
            };
            is_whole(tally, *times)?;
            let (loss, cut) = network.rates();
            if cut > 0.0 {
                return Ok(());
            }
            fits("lost", tally.lost, *times, loss)?;
            fits("partitioned", tally.partitioned, *times, 0.0)
        })
    })
}

/// R4: without losses, as many messages meet a partition as the probability says.
pub fn partitions_follow_their_rate(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..100_u8).prop_map(|cut| vec![network(0, cut, 0, 0), traffic(DRAWS)]);
    trial.cases(10).forall(script, |case: &Case<'_, Script>| {
        each(case, |network, step, seen| {
            let (Step::traffic { times }, Seen::traffic(tally)) = (step, seen) else {
                return Ok(());
            };
            is_whole(tally, *times)?;
            let (loss, cut) = network.rates();
            if loss > 0.0 {
                return Ok(());
            }
            fits("partitioned", tally.partitioned, *times, cut)?;
            fits("lost", tally.lost, *times, 0.0)
        })
    })
}

/// R4: a message arrives if neither of two independent draws is against it.
pub fn the_two_draws_are_independent(trial: &mut Trial<Script>) -> Verdict {
    let script = (45..65_u8, 45..65_u8).prop_map(|(loss, cut)| vec![network(loss, cut, 0, 0), traffic(DRAWS)]);
    trial.cases(8).forall(script, |case: &Case<'_, Script>| {
        each(case, |network, step, seen| {
            let (Step::traffic { times }, Seen::traffic(tally)) = (step, seen) else {
                return Ok(());
            };
            is_whole(tally, *times)?;
            let (loss, cut) = network.rates();
            fits("delivered", tally.arrived, *times, (1.0 - loss) * (1.0 - cut))
        })
    })
}

/// Every latency is between the bounds.
fn within_bounds(case: &Case<'_, Script>) -> Result<(), Objection> {
    each(case, |network, step, seen| {
        let (Step::latencies { times }, Seen::latencies(all)) = (step, seen) else {
            return Ok(());
        };
        let Network { least, most, .. } = network;
        if let Some(off) = all.iter().find(|one| **one < least || **one > most + TICKS) {
            return Err(format!("a message took {off} ms; the bounds are {least} and {most} ms"));
        }
        if all.len() < usize::from(*times) && network.loss == 0 && network.cut == 0 {
            return Err(format!(
                "{} of {times} messages arrived, and nothing loses any",
                all.len()
            ));
        }
        Ok(())
    })
}

/// R5: a message takes no less and no more than the bounds say, also when they are equal.
pub fn latencies_stay_within_their_bounds(trial: &mut Trial<Script>) -> Verdict {
    let script = vec((0..400_u32, prop_oneof![1 => Just(0), 2 => 0..400_u32]), 1..4).prop_map(|all| {
        all.into_iter()
            .flat_map(|(least, width)| [network(0, 0, least, least + width), latencies(20)])
            .collect::<Vec<_>>()
    });
    trial.cases(24).forall(script, within_bounds)
}

/// R5: bounds that come in the other order mean the same.
pub fn the_bounds_come_in_either_order(trial: &mut Trial<Script>) -> Verdict {
    let script = vec((0..400_u32, 1..400_u32), 1..4).prop_map(|all| {
        all.into_iter()
            .flat_map(|(least, width)| [network(0, 0, least + width, least), latencies(20)])
            .collect::<Vec<_>>()
    });
    trial.cases(16).forall(script, within_bounds)
}

/// R5: a quarter of the latencies is in the first quarter between the bounds, a half in the first half.
pub fn latencies_are_uniform(trial: &mut Trial<Script>) -> Verdict {
    let script = (0..1000_u32, 1000..5000_u32)
        .prop_map(|(least, width)| vec![network(0, 0, least, least + width), latencies(DRAWS / 2)]);
    trial.cases(5).forall(script, |case: &Case<'_, Script>| {
        each(case, |network, _, seen| {
            let Seen::latencies(all) = seen else {
                return Ok(());
            };
            let width = network.most - network.least;
            // Narrow ranges, made by shrinking, are too coarse for milliseconds.
            if width < 1000 {
                return Ok(());
            }
            for quarter in 1..4 {
                let bound = network.least + width * quarter / 4;
                // Timers are rounded up: a tick to one side or the other.
                let below = |bound: u64| all.iter().filter(|one| **one < bound).count() as u32;
                let share = quarter as f64 / 4.0;
                if !believable(below(bound), all.len(), share) && !believable(below(bound + TICKS), all.len(), share) {
                    let (count, of) = (below(bound), all.len());
                    return Err(format!(
                        "{count} of {of} latencies are below {bound} ms, it should be {quarter} in 4"
                    ));
                }
            }
            Ok(())
        })
    })
}

/// R4: a message of any type arrives, and as it was sent.
pub fn what_arrives_is_what_was_sent(trial: &mut Trial<Script>) -> Verdict {
    let step = "[a-z]{0,12}".prop_map(carry);
    trial.cases(32).forall(vec(step, 1..4), same)
}

/// R6: messages that are sent at the same time do not wait for each other.
pub fn messages_travel_at_the_same_time(trial: &mut Trial<Script>) -> Verdict {
    let script = (10..500_u32).prop_map(|latency| vec![network(0, 0, latency, latency), four_together()]);
    trial.cases(8).forall(script, |case: &Case<'_, Script>| {
        each(case, |network, _, seen| {
            let Seen::four_together((fates, took)) = seen else {
                return Ok(());
            };
            let all = [0, 1, 2, 3].map(Fate::Arrived);
            if network.loss == 0 && network.cut == 0 && *fates != all {
                return Err(format!(
                    "expected four arrivals, each with its own content, got {fates:?}"
                ));
            }
            if *took > network.most + TICKS {
                let most = network.most;
                return Err(format!("four messages of {most} ms, sent together, took {took} ms"));
            }
            Ok(())
        })
    })
}

/// R6: the future of `send_message` can be given to `tokio::spawn`.
pub fn messages_can_be_sent_from_tasks(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..300_u32, 1..40_u8).prop_map(|(most, count)| vec![network(0, 0, 1, most), tasks(count)]);
    trial.cases(12).forall(script, |case: &Case<'_, Script>| {
        each(case, |network, step, seen| {
            let (Step::tasks { count }, Seen::tasks((tally, took))) = (step, seen) else {
                return Ok(());
            };
            if network.loss == 0 && network.cut == 0 && tally.arrived != u32::from(*count) {
                return Err(format!("expected {count} arrivals from {count} tasks, got {tally:?}"));
            }
            if *took > network.most + TICKS {
                return Err(format!(
                    "{count} tasks took {took} ms for messages of at most {} ms",
                    network.most
                ));
            }
            Ok(())
        })
    })
}

/// R7: a message that takes longer than the limit is a `Timeout` at the limit, one that does not arrives at its time.
pub fn late_messages_are_timeouts(trial: &mut Trial<Script>) -> Verdict {
    let pair = (0..1000_u32, 10..1000_u32, any::<bool>());
    let script = vec(pair, 1..4).prop_map(|all| {
        let each = |(shorter, more, late)| {
            let (latency, limit) = if late {
                (shorter + more, shorter)
            } else {
                (shorter, shorter + more)
            };
            [network(0, 0, latency, latency), within(limit)]
        };
        all.into_iter().flat_map(each).collect::<Vec<_>>()
    });
    trial.cases(32).forall(script, |case: &Case<'_, Script>| {
        each(case, |network, step, seen| {
            let (Step::within { limit }, Seen::within((fate, took))) = (step, seen) else {
                return Ok(());
            };
            let (limit, latency) = (u64::from(*limit), network.least);
            let certain = network.loss == 0 && network.cut == 0 && network.least == network.most;
            if !certain || limit.abs_diff(latency) <= 2 * TICKS {
                return Ok(());
            }
            let expected = if latency > limit {
                Fate::TimedOut
            } else {
                Fate::Arrived(7)
            };
            if *fate != expected {
                return Err(format!(
                    "expected {expected:?}: the message takes {latency} ms; got {fate:?}"
                ));
            }
            let moment = latency.min(limit);
            if *took < moment || *took > moment + TICKS {
                return Err(format!(
                    "expected the answer after {moment} ms, it came after {took} ms"
                ));
            }
            Ok(())
        })
    })
}

/// R7: a message that is lost or meets a partition is that error, not a `Timeout`.
pub fn errors_come_before_the_timeout(trial: &mut Trial<Script>) -> Verdict {
    let script = (select(vec![(100, 0), (0, 100_u8)]), 10..100_u32, 1000..2000_u32)
        .prop_map(|((loss, cut), latency, limit)| vec![network(loss, cut, latency, latency), within(limit)]);
    trial.cases(8).forall(script, |case: &Case<'_, Script>| {
        each(case, |network, _, seen| {
            let Seen::within((fate, _)) = seen else {
                return Ok(());
            };
            let expected = match (network.loss, network.cut) {
                (100, 0) => Fate::Lost,
                (0, 100) => Fate::Partitioned,
                _ => return Ok(()),
            };
            if *fate != expected {
                return Err(format!(
                    "expected {expected:?}, as `send_message` returns; got {fate:?}"
                ));
            }
            Ok(())
        })
    })
}
