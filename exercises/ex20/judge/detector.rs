//! The failure detector. All silences are whole hours, so that each is far from where the answer changes, or beyond it.

use ex20_protocol::{Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

/// R8: `new` makes a detector that misses three heartbeats in its timeout.
pub fn a_new_detector_misses_three_beats(trial: &mut Trial<Script>) -> Verdict {
    let script = vec((0..100_000_u32).prop_map(new_detector), 1..4);
    trial.cases(24).forall(script, |case: &Case<'_, Script>| {
        for (at, step, seen) in case.steps() {
            let (Step::new_detector { timeout }, Seen::new_detector(detector)) = (step, seen) else {
                continue;
            };
            let micros = u64::from(*timeout) * 1000;
            if detector.timeout != micros || detector.threshold != 3 {
                return Err(Objection::at(at, "expected this timeout and a threshold of 3"));
            }
            // A third may be cut to whole milliseconds.
            if detector.interval * 3 > micros || (detector.interval + 1000) * 3 < micros {
                return Err(Objection::at(at, "expected the interval to be a third of the timeout"));
            }
        }
        Ok(())
    })
}

/// R8: with a new detector, a node is alive until the timeout and dead from then on, whatever its name.
pub fn silence_ends_in_death(trial: &mut Trial<Script>) -> Verdict {
    let step = (1..40_u8, 0..5_u8, 0..80_u8).prop_map(|(timeout, node, silence)| alive(timeout, node, silence));
    let edge = (1..40_u8, 0..5_u8, any::<bool>())
        .prop_map(|(timeout, node, late)| alive(timeout, node, if late { timeout } else { timeout - 1 }));
    trial
        .cases(16)
        .forall(vec(prop_oneof![1 => step, 1 => edge], 1..6), same)
}

/// R8: a node is alive as long as fewer heartbeats are missing than the threshold says, though the timeout is over.
pub fn one_late_beat_kills_nobody(trial: &mut Trial<Script>) -> Verdict {
    // The timeout is shorter than the missing heartbeats take.
    let step = (1..8_u8, 2..8_u8, 0..5_u8).prop_flat_map(|(interval, threshold, node)| {
        let missing = interval * threshold;
        let silence = prop_oneof![2 => 0..missing, 1 => Just(missing - 1), 1 => missing..missing + 20];
        (1..missing, silence).prop_map(move |(timeout, silence)| alive_by(timeout, interval, threshold, node, silence))
    });
    trial.cases(48).forall(vec(step, 1..6), same)
}

/// R8: a node is alive within the timeout, though more heartbeats are missing than the threshold says.
pub fn the_timeout_is_the_least_patience(trial: &mut Trial<Script>) -> Verdict {
    let step = (1..4_u8, 1..4_u8, 1..30_u8, 0..5_u8).prop_flat_map(|(interval, threshold, more, node)| {
        let timeout = interval * threshold + more;
        let silence = prop_oneof![2 => 0..timeout, 1 => Just(timeout - 1), 1 => timeout..timeout + 20];
        silence.prop_map(move |silence| alive_by(timeout, interval, threshold, node, silence))
    });
    trial.cases(48).forall(vec(step, 1..6), same)
}
