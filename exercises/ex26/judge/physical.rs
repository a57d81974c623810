//! Physical clocks: skew, drift, and setting one clock by another.

use ex26_protocol::{Moment, Sample, Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*};

/// A moment within about thirty years, to the nanosecond.
fn moment() -> impl Strategy<Value = Moment> {
    prop_oneof![0..4_u64, 0..1_000_000_000_u64, 0..1_000_000_000_000_000_000_u64]
}

fn minus(later: Moment, earlier: Moment) -> i128 {
    i128::from(later) - i128::from(earlier)
}

/// An exchange with a server that is ahead by `offset`; the ways there and back take `there` and `back`.
fn exchange(offset: i64, there: u64, back: u64, thinking: u64) -> Sample {
    let start = 1_000_000_000_000_000_u64;
    let server = |client: u64| client.saturating_add_signed(offset);
    let (arrives, leaves) = (start + there, start + there + thinking);
    Sample {
        t1: start,
        t2: server(arrives),
        t3: server(leaves),
        t4: leaves + back,
    }
}

/// R2: skew is how far the remote clock is ahead, negative if it is behind.
pub fn skew_has_a_sign(trial: &mut Trial<Script>) -> Verdict {
    let script = (moment(), moment()).prop_map(|(local, remote)| vec![skew(local, remote)]);
    trial.cases(96).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            if let (Step::skew { local, remote }, Seen::skew(found)) = (step, seen)
                && *found != minus(*remote, *local)
            {
                let text = format!(
                    "the remote clock is ahead by {} ns, not {found}",
                    minus(*remote, *local)
                );
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R2: seen from the other side, skew is the opposite.
pub fn skews_are_opposite(trial: &mut Trial<Script>) -> Verdict {
    let script = (moment(), moment()).prop_map(|(local, remote)| vec![skew(local, remote), skew(remote, local)]);
    trial.cases(48).forall(script, |case| {
        let mut before: Option<(Moment, Moment, i128)> = None;
        for (at, step, seen) in case.steps() {
            let (Step::skew { local, remote }, Seen::skew(found)) = (step, seen) else {
                continue;
            };
            if let Some((other_local, other_remote, other)) = before
                && (other_local, other_remote) == (*remote, *local)
                && other != -*found
            {
                return Err(Objection::at(
                    at,
                    format!("one side sees {other} ns, the other {found} ns"),
                ));
            }
            before = Some((*local, *remote, *found));
        }
        Ok(())
    })
}

/// What a clock drifts, in ns, with a sign.
fn drifted(rate: i64, millis: u64) -> i128 {
    // Thousandths of a millionth of milliseconds: 10^-12 of a second each.
    i128::from(rate) * i128::from(millis) / 1000
}

/// Whether two are the same but for the rounding of floating point numbers.
fn is_close(found: i128, right: i128) -> bool {
    (found - right).unsigned_abs() <= right.unsigned_abs() / 1_000_000_000 + 2
}

/// Rates up to 1000 ppm and times up to a century.
fn drifts() -> impl Strategy<Value = (i64, u64)> {
    let millis = prop_oneof![0..1000_u64, 0..100_000_000_u64, 0..3_000_000_000_000_u64];
    (-1_000_000..=1_000_000_i64, millis)
}

/// R3: drift is elapsed time by the rate, whichever way.
pub fn drift_follows_its_rate(trial: &mut Trial<Script>) -> Verdict {
    let script = drifts().prop_map(|(rate, millis)| vec![drift(rate, millis)]);
    trial.cases(96).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            if let (Step::drift { rate, millis }, Seen::drift(found)) = (step, seen)
                && !is_close(*found, drifted(*rate, *millis).abs())
            {
                let text = format!("it drifts {} ns, not {found}", drifted(*rate, *millis).abs());
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R3: a clock that runs slow falls behind: its drift is negative.
pub fn drift_has_a_sign(trial: &mut Trial<Script>) -> Verdict {
    let script = drifts().prop_map(|(rate, millis)| vec![signed_drift(rate, millis)]);
    trial.cases(96).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            if let (Step::signed_drift { rate, millis }, Seen::signed_drift(found)) = (step, seen)
                && !is_close(*found, drifted(*rate, *millis))
            {
                let text = format!("it drifts {} ns, not {found}", drifted(*rate, *millis));
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// The offset that four readings tell.
fn told(sample: &Sample) -> i128 {
    (minus(sample.t2, sample.t1) + minus(sample.t3, sample.t4)) / 2
}

/// Looks at each offset; half a nanosecond may be rounded either way.
fn offsets(case: &Case<'_, Script>) -> Result<(), Objection> {
    for (at, step, seen) in case.steps() {
        if let (Step::offset { sample }, Seen::offset(found)) = (step, seen)
            && (found - told(sample)).abs() > 1
        {
            let text = format!("the offset is {} ns, not {found}", told(sample));
            return Err(Objection::at(at, text));
        }
    }
    Ok(())
}

fn exchanges(offset: impl Strategy<Value = i64>) -> impl Strategy<Value = Sample> {
    (offset, 0..2_000_000_000_u64, 0..2_000_000_000_u64, 0..1_000_000_000_u64)
        .prop_map(|(offset, there, back, thinking)| exchange(offset, there, back, thinking))
}

/// R4: the offset is ((t2 - t1) + (t3 - t4)) / 2.
pub fn an_offset_comes_from_four_readings(trial: &mut Trial<Script>) -> Verdict {
    let script = exchanges(0..500_000_000_000_i64).prop_map(|sample| vec![offset(sample)]);
    trial.cases(96).forall(script, offsets)
}

/// R4: a server that is behind has a negative offset.
pub fn a_server_that_is_behind_has_a_negative_offset(trial: &mut Trial<Script>) -> Verdict {
    let script = exchanges(-500_000_000_000..-5_000_000_000_i64).prop_map(|sample| vec![offset(sample)]);
    trial.cases(96).forall(script, offsets)
}

/// R4, R5: a clock that is right stays where it is, however long the messages take, if both ways take as long.
pub fn a_right_clock_is_not_moved(trial: &mut Trial<Script>) -> Verdict {
    let script = (0..2_000_000_000_u64, 0..1_000_000_000_u64, moment())
        .prop_map(|(way, thinking, local)| vec![apply(vec![exchange(0, way, way, thinking)], local)]);
    trial.cases(64).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::apply { samples, .. }, Seen::apply((_, moved))) = (step, seen) else {
                continue;
            };
            if samples.last().is_some_and(|sample| told(sample) == 0) && *moved != 0 {
                return Err(Objection::at(
                    at,
                    format!("the clock was right, and is moved by {moved} ns"),
                ));
            }
        }
        Ok(())
    })
}

/// R4: delay is (t4 - t1) - (t3 - t2): what the messages took, without what the server took.
pub fn delay_is_the_time_on_the_way(trial: &mut Trial<Script>) -> Verdict {
    let script = exchanges(-500_000_000_000..500_000_000_000_i64).prop_map(|sample| vec![delay(sample)]);
    trial.cases(96).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::delay { sample }, Seen::delay(found)) = (step, seen) else {
                continue;
            };
            let right = minus(sample.t4, sample.t1) - minus(sample.t3, sample.t2);
            // A script made smaller may have an answer before its question: that is no exchange.
            if right >= 0 && *found != right {
                return Err(Objection::at(at, format!("the messages took {right} ns, not {found}")));
            }
        }
        Ok(())
    })
}

/// R4: whatever the ways take, the true offset is within half the delay of the one that is told.
pub fn offsets_are_within_half_the_delay(trial: &mut Trial<Script>) -> Verdict {
    let ways = (
        0..4_000_000_000_u64,
        0..4_000_000_000_u64,
        -9_000_000_000..9_000_000_000_i64,
    );
    let script = ways.prop_map(|(there, back, ahead)| {
        let sample = exchange(ahead, there, back, 1000);
        vec![offset(sample), delay(sample)]
    });
    trial.cases(96).forall(script, |case| {
        let mut found = None;
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::offset { sample }, Seen::offset(offset)) => found = Some((*sample, *offset)),
                (Step::delay { sample }, Seen::delay(delay)) => {
                    let Some((same, offset)) = found else { continue };
                    if same != *sample || minus(sample.t4, sample.t1) < minus(sample.t3, sample.t2) {
                        continue;
                    }
                    // Of all offsets that the readings allow, the two farthest: one way took no time.
                    let farthest = [minus(sample.t2, sample.t1), minus(sample.t3, sample.t4)];
                    if farthest.iter().any(|far| (far - offset).abs() > delay / 2 + 2) {
                        let text = format!(
                            "the offset may be anything between {farthest:?}, told are {offset} and a delay of {delay}"
                        );
                        return Err(Objection::at(at, text));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// Looks at what samples do to a client.
fn applied(case: &Case<'_, Script>) -> Result<(), Objection> {
    for (at, step, seen) in case.steps() {
        let (Step::apply { samples, .. }, Seen::apply((offset, moved))) = (step, seen) else {
            continue;
        };
        let right = samples.last().map_or(0, told);
        if (offset - right).abs() > 1 {
            return Err(Objection::at(at, format!("the offset is {right} ns, not {offset}")));
        }
        if (moved - right).abs() > 1 {
            return Err(Objection::at(
                at,
                format!("the clock is off by {right} ns, and moved by {moved}"),
            ));
        }
    }
    Ok(())
}

/// R5: a client's time is the local one moved by the offset, forward or back.
pub fn a_client_moves_its_clock_by_the_offset(trial: &mut Trial<Script>) -> Verdict {
    let sample = exchanges(-500_000_000_000..500_000_000_000_i64);
    let later = 600_000_000_000..900_000_000_000_000_000_u64;
    let script = (sample, later).prop_map(|(sample, local)| vec![apply(vec![sample], local)]);
    trial.cases(96).forall(script, applied)
}

/// R5: the last sample counts; before the first the clock is not moved.
pub fn the_last_sample_counts(trial: &mut Trial<Script>) -> Verdict {
    let samples = vec(exchanges(-500_000_000_000..500_000_000_000_i64), 0..5);
    let later = 600_000_000_000..900_000_000_000_000_000_u64;
    let script = (samples, later).prop_map(|(samples, local)| vec![apply(samples, local)]);
    trial.cases(64).forall(script, applied)
}

/// R6: a client without servers cannot ask, and one with servers can.
pub fn nobody_to_ask_is_an_error(trial: &mut Trial<Script>) -> Verdict {
    let script = (0..4_u8).prop_map(|servers| vec![sync(servers)]);
    trial.cases(12).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            if let (Step::sync { servers }, Seen::sync(answered)) = (step, seen)
                && *answered != (*servers > 0)
            {
                let text = format!(
                    "there are {servers} servers, and the answer is {}",
                    if *answered { "Ok" } else { "an error" }
                );
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}
