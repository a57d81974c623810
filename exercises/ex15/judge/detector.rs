//! The detector, by laws that any distribution of intervals obeys which knows a mean and a deviation: the normal one, its
//! logistic approximation, with a least deviation of up to 200 ms or a part of the mean, with made-up intervals until real
//! ones take their place. So levels are compared only once the window has been filled and three intervals more.

use std::collections::BTreeMap;

use ex15_protocol::{Script, Seen, Slot, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*};

/// What a detector was told.
#[derive(Clone)]
struct Told {
    threshold: f64,
    samples: usize,
    intervals: Vec<u32>,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            threshold: 8.0,
            samples: 10,
            intervals: Vec::new(),
        }
    }
}

impl Told {
    /// The intervals that count, once there are none but real ones.
    fn window(&self) -> Option<&[u32]> {
        let enough = self.intervals.len() >= self.samples + 3;
        enough.then(|| &self.intervals[self.intervals.len() - self.samples..])
    }

    /// The interval, if it is always the same.
    fn beat(&self) -> Option<u32> {
        let window = self.window()?;
        window
            .iter()
            .all(|interval| *interval == window[0])
            .then_some(window[0])
    }
}

/// A level that was asked for.
struct Level {
    at: usize,
    detector: Slot,
    told: Told,
    silence: u32,
    phi: f64,
}

/// Follows a script, and tells all levels.
fn levels(case: &Case<'_, Script>) -> Result<Vec<Level>, Objection> {
    let mut told = BTreeMap::<Slot, Told>::new();
    let mut levels = Vec::new();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::detector { d, tenths, samples }, _) => {
                let new = Told {
                    threshold: f64::from(*tenths) / 10.0,
                    samples: usize::from((*samples).max(1)),
                    intervals: Vec::new(),
                };
                told.insert(*d, new);
            }
            (Step::beats { d, millis }, _) => told.entry(*d).or_default().intervals.extend(millis),
            (Step::phi { d, millis }, Seen::phi(phi)) => {
                let phi = phi.filter(|phi| *phi >= 0.0);
                levels.push(Level {
                    at,
                    detector: *d,
                    told: told.entry(*d).or_default().clone(),
                    silence: *millis,
                    phi: phi.ok_or_else(|| Objection::at(at, "phi is not a number from 0 up"))?,
                });
            }
            _ => {}
        }
    }
    Ok(levels)
}

fn law(fine: impl Fn(&Level, &Level) -> Result<(), String>) -> impl Fn(&Case<'_, Script>) -> Result<(), Objection> {
    move |case| {
        let levels = levels(case)?;
        for (now, later) in levels.iter().enumerate() {
            for earlier in &levels[..=now] {
                fine(earlier, later).map_err(|text| Objection::at(later.at, text))?;
                fine(later, earlier).map_err(|text| Objection::at(later.at, text))?;
            }
        }
        Ok(())
    }
}

fn rhythm(times: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u32>> {
    vec(500..2000_u32, times)
}

/// R1: phi is at least 0 and never NaN, with no interval, with intervals of zero, and before the last heartbeat.
pub fn phi_is_a_number(trial: &mut Trial<Script>) -> Verdict {
    let interval = prop_oneof![Just(0), 0..3_u32, 500..2000_u32];
    let silence = prop_oneof![Just(0), 0..3000_u32, Just(1_000_000)];
    let scripts = (1..6_u8, vec(interval, 0..8), silence, any::<bool>()).prop_map(|(samples, all, silence, heard)| {
        let mut script = vec![detector(0, 80, samples)];
        script.extend(heard.then(|| beats(0, all)));
        script.extend([phi(0, silence), phi(0, 0), phi_before(0, 500)]);
        script
    });
    trial.cases(96).forall(scripts, |case| {
        let levels = levels(case)?;
        for (at, _, seen) in case.steps() {
            let Seen::phi_before(phi) = seen else { continue };
            let zero = levels.iter().find(|level| level.silence == 0);
            match phi.filter(|phi| *phi >= 0.0) {
                None => return Err(Objection::at(at, "phi is not a number from 0 up")),
                Some(phi) if zero.is_some_and(|zero| (phi - zero.phi).abs() > 1e-6) => {
                    return Err(Objection::at(
                        at,
                        "a moment before the last heartbeat is no silence: phi is not that of silence 0",
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    })
}

/// R1: phi never falls while a node is silent.
pub fn phi_rises_with_silence(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (2..8_u8, rhythm(1..14), vec(0..20_000_u32, 2..8)).prop_map(|(samples, all, silences)| {
        let mut script = vec![detector(0, 80, samples), beats(0, all)];
        script.extend(silences.into_iter().map(|silence| phi(0, silence)));
        script
    });
    trial.cases(96).forall(
        scripts,
        law(|one, other| {
            let is_same = one.told.intervals == other.told.intervals;
            let falls = is_same && one.silence < other.silence && one.phi > other.phi + 1e-6;
            let text = || {
                format!(
                    "phi falls between {} ms and {} ms of silence",
                    one.silence, other.silence
                )
            };
            if falls { Err(text()) } else { Ok(()) }
        }),
    )
}

/// R1: a silence of hundreds of intervals is beyond every threshold.
pub fn a_long_silence_is_suspicious(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (10..120_u16, 2..8_u8, rhythm(3..14)).prop_map(|(tenths, samples, all)| {
        vec![
            detector(0, tenths, samples),
            beats(0, all),
            phi(0, 1_000_000),
            suspects(0, 1_000_000),
        ]
    });
    trial.cases(64).forall(scripts, |case| {
        let levels = levels(case)?;
        if let Some(low) = levels
            .iter()
            .find(|level| level.told.intervals.len() > 1 && level.phi < 20.0)
        {
            let text = "after 1000 s of silence of a node that was heard every second or two, phi should be over 20";
            return Err(Objection::at(low.at, text));
        }
        let heard = case
            .steps()
            .any(|(_, step, _)| matches!(step, Step::beats { millis, .. } if millis.len() > 1));
        let calm = case.steps().find(|(_, _, seen)| **seen == Seen::suspects(false));
        match calm {
            Some((at, _, _)) if heard => Err(Objection::at(at, "1000 s of silence should be suspicious")),
            _ => Ok(()),
        }
    })
}

/// R1: a silence no longer than each of the last intervals leaves phi below 1.
pub fn the_usual_rhythm_is_not_suspicious(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (2..8_u8, rhythm(11..16), 0..2000_u32).prop_map(|(samples, all, silence)| {
        vec![
            detector(0, 80, samples),
            beats(0, all),
            phi(0, silence),
            phi(0, 0),
            phi(0, 500),
        ]
    });
    trial.cases(96).forall(
        scripts,
        law(|level, _| {
            let least = level.told.window().and_then(|window| window.iter().min());
            match least {
                Some(least) if level.silence <= *least && level.phi >= 1.0 => Err(format!(
                    "every one of the last intervals lasted {least} ms at least: {} ms of silence are nothing special",
                    level.silence
                )),
                _ => Ok(()),
            }
        }),
    )
}

/// R1: `is_suspected` says whether phi reaches the threshold.
pub fn the_threshold_decides(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (5..120_u16, 2..8_u8, rhythm(1..12), 0..6000_u32).prop_map(|(tenths, samples, all, silence)| {
        vec![
            detector(0, tenths, samples),
            beats(0, all),
            phi(0, silence),
            suspects(0, silence),
        ]
    });
    trial.cases(128).forall(scripts, |case| {
        let levels = levels(case)?;
        let Some(level) = levels.last() else { return Ok(()) };
        let threshold = level.told.threshold;
        for (at, step, seen) in case.steps() {
            let (Step::suspects { millis, .. }, Seen::suspects(suspects)) = (step, seen) else {
                continue;
            };
            let is_near = (level.phi - threshold).abs() < 1e-6;
            if at > level.at && *millis == level.silence && !is_near && *suspects != (level.phi > threshold) {
                return Err(Objection::at(
                    at,
                    format!("compare phi with the threshold, {threshold:.1}"),
                ));
            }
        }
        Ok(())
    })
}

/// R2: of two regular rhythms, the slower one is allowed a longer silence.
pub fn a_slower_rhythm_is_allowed_more(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (2..8_u8, 500..1500_u32, 3..6_u32).prop_map(|(samples, beat, times)| {
        let (quick, slow) = (vec![beat; 12], vec![beat * times; 12]);
        let make = [
            detector(0, 80, samples),
            beats(0, quick),
            detector(1, 80, samples),
            beats(1, slow),
        ];
        [make.to_vec(), vec![phi(0, 2 * beat), phi(1, 2 * beat)]].concat()
    });
    trial.cases(64).forall(
        scripts,
        law(|quick, slow| {
            let (Some(a), Some(b)) = (quick.told.beat(), slow.told.beat()) else { return Ok(()) };
            let is_about = a >= 500 && b >= 3 * a && quick.silence == 2 * a && slow.silence == 2 * a;
            if is_about && quick.phi < slow.phi + 0.2 {
                return Err(format!(
                    "{} ms of silence are more suspicious of a node that is heard every {a} ms than of one every {b} ms",
                    2 * a
                ));
            }
            Ok(())
        }),
    )
}

/// R2: of two rhythms with the same mean, the irregular one is allowed a longer silence.
pub fn an_irregular_rhythm_is_allowed_more(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (1..5_u8, 10..20_u32).prop_map(|(pairs, tenths)| {
        let beat = 100 * tenths;
        let (even, odd) = (vec![beat; 14], [beat / 2, beat * 3 / 2].repeat(7));
        let make = [
            detector(0, 80, 2 * pairs),
            beats(0, even),
            detector(1, 80, 2 * pairs),
            beats(1, odd),
        ];
        [make.to_vec(), vec![phi(0, 5 * beat / 2), phi(1, 5 * beat / 2)]].concat()
    });
    trial.cases(48).forall(
        scripts,
        law(|even, odd| {
            let (Some(beat), Some(window)) = (even.told.beat(), odd.told.window()) else { return Ok(()) };
            let is_odd = window.len() % 2 == 0 && window.windows(2).all(|two| two[0].abs_diff(two[1]) == beat);
            let is_mean = window.iter().take(2).sum::<u32>() == 2 * beat;
            let is_late = even.silence == 5 * beat / 2 && odd.silence == even.silence;
            if is_odd && is_mean && is_late && beat >= 1000 && even.phi < odd.phi + 0.5 {
                return Err(format!(
                    "{} ms of silence are more suspicious of a node heard every {beat} ms than of one that is irregular",
                    even.silence
                ));
            }
            Ok(())
        }),
    )
}

/// R2: what was before the last `max_samples` intervals is forgotten.
pub fn only_the_last_intervals_count(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (2..8_u8, rhythm(11..13), 8000..20_000_u32, 1..9_usize, 500..3000_u32).prop_map(
        |(samples, last, slow, times, silence)| {
            vec![
                detector(0, 80, samples),
                beats(0, vec![slow; times]),
                beats(0, last.clone()),
                detector(1, 80, samples),
                beats(1, last),
                phi(0, silence),
                phi(1, silence),
            ]
        },
    );
    trial.cases(64).forall(
        scripts,
        law(|one, other| {
            let (Some(a), Some(b)) = (one.told.window(), other.told.window()) else {
                return Ok(());
            };
            let is_about = one.detector != other.detector && a == b && one.silence == other.silence;
            let is_near = one.phi == other.phi || (one.phi - other.phi).abs() < 0.05 + 0.01 * one.phi;
            if is_about && !is_near {
                let text =
                    "the last {} intervals of both detectors are the same, and phi is not: what was before counts";
                return Err(text.replace("{}", &a.len().to_string()));
            }
            Ok(())
        }),
    )
}

/// R2: the oldest of the last `max_samples` intervals still counts: one that was long makes silence less suspicious.
pub fn all_of_the_last_intervals_count(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (2..8_u8).prop_map(|samples| {
        let quick = |times: u8| vec![1000; usize::from(times)];
        let counts = [quick(5), vec![10_000], quick(samples - 1)].concat();
        let is_past = [vec![10_000], quick(samples + 3)].concat();
        let make = [
            detector(0, 80, samples),
            beats(0, counts),
            detector(1, 80, samples),
            beats(1, is_past),
        ];
        [make.to_vec(), vec![phi(0, 2500), phi(1, 2500)]].concat()
    });
    trial.cases(16).forall(
        scripts,
        law(|one, other| {
            let (Some(window), Some(1000)) = (one.told.window(), other.told.beat()) else {
                return Ok(());
            };
            let is_about = window.len() > 1 && window[0] == 10_000 && window[1..].iter().all(|quick| *quick == 1000);
            let is_late = one.silence == 2500 && other.silence == 2500;
            if is_about && is_late && one.phi + 0.3 > other.phi {
                let text = "the oldest of the last intervals lasted 10 s, and counts for nothing";
                return Err(text.to_owned());
            }
            Ok(())
        }),
    )
}
