//! Exporters: batches, failures, the two that the exercise has, and threads that share a tracer.

use std::collections::BTreeMap;

use ex07_protocol::{Script, Seen, Slot, Step, name, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::{one_of, slot};

/// How many spans are dropped to see whether they are exported one by one.
const MANY: u16 = 200;

/// R11: spans that end one after another share calls of `export`.
pub fn spans_are_exported_in_batches(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![count_exports(MANY)], |case: &Case<'_, Script>| {
        for (at, step, seen) in case.steps() {
            if let (Step::count_exports { spans: MANY }, Seen::count_exports(calls)) = (step, seen)
                && !(1..=u32::from(MANY) / 2).contains(calls)
            {
                let text = format!("{MANY} spans took {calls} calls of `export`: no batches");
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}

/// R11: an exporter that fails makes no panic; spans that end when it works again are exported once.
pub fn a_failing_exporter_stops_nothing(trial: &mut Trial<Script>) -> Verdict {
    let step = prop_oneof![
        4 => slot().prop_map(start),
        3 => slot().prop_map(finish),
        2 => any::<bool>().prop_map(exporter_works),
        2 => Just(flush()),
    ];
    let script = vec(step, 1..24).prop_map(|steps| [steps, vec![exporter_works(true), flush()]].concat());
    trial.forall(script, working_times_count)
}

/// How often a span of some name must have been exported, and how often it may.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    /// Ended while the exporter worked, and flushed before it failed.
    sure: usize,
    /// Ended while it worked, and not flushed yet.
    waiting: usize,
    /// Met a failing exporter, or may have.
    doubtful: usize,
}

fn working_times_count(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut counts = BTreeMap::<String, Count>::new();
    let mut active = BTreeMap::<Slot, ()>::new();
    let mut works = true;
    for (at, step, seen) in case.steps() {
        let mut ended = None;
        match (step, seen) {
            (Step::start { s }, _) => ended = active.insert(*s, ()).map(|()| *s),
            (Step::finish { s }, _) => ended = active.remove(s).map(|()| *s),
            (Step::exporter_works { works: now }, _) => {
                if works && !now {
                    for count in counts.values_mut() {
                        count.doubtful += std::mem::take(&mut count.waiting);
                    }
                }
                works = *now;
            }
            (Step::flush {}, Seen::flush(names)) => {
                for (name, count) in &mut counts {
                    if works {
                        count.sure += std::mem::take(&mut count.waiting);
                    }
                    let exported = names.iter().filter(|exported| *exported == name).count();
                    let most = count.sure + count.waiting + count.doubtful;
                    if !(count.sure..=most).contains(&exported) {
                        let sure = count.sure;
                        let text = format!("{name:?} is to be exported {sure} to {most} times by now, not {exported}");
                        return Err(Objection::at(at, text));
                    }
                }
                if let Some(name) = names.iter().find(|name| !counts.contains_key(*name)) {
                    return Err(Objection::at(at, format!("{name:?} has not ended")));
                }
            }
            _ => {}
        }
        if let Some(s) = ended {
            let count = counts.entry(name(s)).or_default();
            *(if works { &mut count.waiting } else { &mut count.doubtful }) += 1;
        }
    }
    Ok(())
}

/// R11: `StdoutExporter` takes spans without an error.
pub fn standard_output_takes_spans(trial: &mut Trial<Script>) -> Verdict {
    trial.once(vec![print_span()], same)
}

/// R11: `JaegerExporter` does not panic where nobody listens; whether it says so is its own business.
pub fn a_missing_collector_is_no_panic(trial: &mut Trial<Script>) -> Verdict {
    let endpoint = one_of(&["", "127.0.0.1:1", "http://127.0.0.1:1/api/traces"]);
    trial
        .cases(6)
        .forall(vec(endpoint.prop_map(send_span), 1..3), |_: &Case<'_, Script>| Ok(()))
}

/// R12: threads share a tracer: each of their spans is exported once, also while others flush.
pub fn threads_share_a_tracer(trial: &mut Trial<Script>) -> Verdict {
    let script = (2..=4_u8, 1..=40_u8).prop_map(|(threads, spans)| vec![together(threads, spans)]);
    trial.cases(24).forall(script, same)
}
