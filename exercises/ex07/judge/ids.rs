//! Identifiers: how they are written, read and drawn.

use std::collections::BTreeSet;

use ex07_protocol::{Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::{one_of, script, span, trace};

/// R1: `to_hex` writes 32 and 16 hexadecimal digits in lower case, leading zeros included.
pub fn ids_are_written_in_hexadecimal(trial: &mut Trial<Script>) -> Verdict {
    let question = prop_oneof![
        trace().prop_map(|(high, low)| trace_to_hex(high, low)),
        span().prop_map(span_to_hex),
    ];
    trial.cases(128).forall(script(question, 6), same)
}

/// Digits of an identifier, as `to_hex` writes them.
fn digits() -> impl Strategy<Value = (String, String)> {
    (trace(), span()).prop_map(|((high, low), span)| (format!("{high:016x}{low:016x}"), format!("{span:016x}")))
}

/// R1: `from_hex` reads what `to_hex` writes.
pub fn hexadecimal_is_read_back(trial: &mut Trial<Script>) -> Verdict {
    let question = digits().prop_map(|(trace, span)| vec![trace_from_hex(trace), span_from_hex(span)]);
    trial.cases(128).forall(question, same)
}

/// R1: texts of another length, or with anything but hexadecimal digits in them, are `None` and never a panic.
pub fn other_texts_are_no_ids(trial: &mut Trial<Script>) -> Verdict {
    let odd = one_of(&["+", "-", " ", "g", "_", ".", "é", "0x", "\n", "\0", "٣"]);
    let spoilt = (digits(), odd, 0..16_usize, any::<bool>()).prop_map(|((trace, span), odd, at, first)| {
        let at = if first { 0 } else { at };
        // In place of as many digits, so that the length in bytes stays right.
        let spoil = |digits: &str| {
            let at = at.min(digits.len() - odd.len());
            format!("{}{odd}{}", &digits[..at], &digits[at + odd.len()..])
        };
        vec![trace_from_hex(spoil(&trace)), span_from_hex(spoil(&span))]
    });
    let other_lengths = (digits(), 1..=16_usize).prop_map(|((trace, span), cut)| {
        vec![
            trace_from_hex(trace[..32 - cut].to_owned()),
            span_from_hex(span[..16 - cut].to_owned()),
            trace_from_hex(format!("{trace}{}", &trace[..cut])),
            span_from_hex(format!("{span}{}", &trace[..cut])),
        ]
    });
    trial.forall(prop_oneof![2 => spoilt, 1 => other_lengths], same)
}

/// R1: what `generate` gives is never zero and never comes twice, whichever threads ask. By chance alone 64 bits come
/// twice among the 2048 of a script with a probability below `2048^2 / 2^65`, and in one of 16 scripts below 2e-12.
pub fn generated_ids_never_repeat(trial: &mut Trial<Script>) -> Verdict {
    let (threads, count) = (|| 1..=4_u8, || 1..=128_u16);
    let question = prop_oneof![
        (threads(), count()).prop_map(|(threads, count)| generate_traces(threads, count)),
        (threads(), count()).prop_map(|(threads, count)| generate_spans(threads, count)),
    ];
    trial.cases(16).forall(vec(question, 1..=4), |case: &Case<'_, Script>| {
        let (mut traces, mut spans) = (BTreeSet::new(), BTreeSet::new());
        for (at, _, seen) in case.steps() {
            let is_new = match seen {
                Seen::generate_traces(drawn) => drawn.iter().all(|id| *id != (0, 0) && traces.insert(*id)),
                Seen::generate_spans(drawn) => drawn.iter().all(|id| *id != 0 && spans.insert(*id)),
                _ => true,
            };
            if !is_new {
                return Err(Objection::at(at, "an identifier is zero, or was given before"));
            }
        }
        Ok(())
    })
}

/// How many identifiers are drawn to look at their bits.
const SAMPLE: u16 = 512;

/// R1: identifiers are drawn from all there are: each bit is about as often one as zero.
pub fn generated_ids_use_all_bits(trial: &mut Trial<Script>) -> Verdict {
    let drawing = vec![generate_traces(1, SAMPLE), generate_spans(1, SAMPLE)];
    trial.once(drawing, |case: &Case<'_, Script>| {
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (Step::generate_traces { count: SAMPLE, .. }, Seen::generate_traces(drawn)) => {
                    balanced(at, "the first 64 bits", drawn.iter().map(|(high, _)| *high))?;
                    balanced(at, "the last 64 bits", drawn.iter().map(|(_, low)| *low))?;
                }
                (Step::generate_spans { count: SAMPLE, .. }, Seen::generate_spans(drawn)) => {
                    balanced(at, "64 bits", drawn.iter().copied())?;
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// A bit is one in 256 of 512 draws on average. That it strays by 128 has a probability below `2 exp(-2 * 128^2 / 512)`,
/// or 4e-28 (Hoeffding), and that one of 192 bits does, below 1e-25.
fn balanced(at: usize, what: &str, drawn: impl Iterator<Item = u64> + Clone) -> Result<(), Objection> {
    for bit in 0..u64::BITS {
        let ones = drawn.clone().filter(|id| id >> bit & 1 == 1).count();
        if !(128..=384).contains(&ones) {
            let text = format!("of {what}, number {bit} from the right is one in {ones} of {SAMPLE} identifiers");
            return Err(Objection::at(at, text));
        }
    }
    Ok(())
}
