//! Guarantees: at most once, at least once, exactly once.

use ex06_protocol::{Script, Seen, Semantics, Step, steps::*};
use judge::{Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::sharing::{each_message_once, nothing_lost, nothing_twice};
use crate::{after, consumer, joining, publishing_to, some};

fn polling() -> impl Strategy<Value = Step> {
    (consumer(), some()).prop_map(|(c, max)| poll(0, c, max))
}

/// R7: as long as nothing fails, each guarantee delivers each message once.
pub fn no_guarantee_loses_or_repeats_without_failures(trial: &mut Trial<Script>) -> Verdict {
    let all = vec![Semantics::AtMostOnce, Semantics::AtLeastOnce, Semantics::ExactlyOnce];
    let steps = prop_oneof![3 => publishing_to(0..1_u8), 2 => polling()];
    let script = (select(all), vec(steps, 1..20)).prop_map(|(semantics, steps)| {
        let joins = (0..2).map(|c| join(0, c, vec![0], semantics));
        [create(0, 3)].into_iter().chain(joins).chain(steps).collect::<Vec<_>>()
    });
    let ending = [poll(0, 0, u8::MAX), poll(0, 1, u8::MAX)];
    trial.forall_then(script, &ending, each_message_once)
}

/// R7: at most once, nothing comes twice: neither after the time to acknowledge is over nor when members come and go.
pub fn at_most_once_never_repeats(trial: &mut Trial<Script>) -> Verdict {
    let joins = || consumer().prop_map(|c| join(0, c, vec![0], Semantics::AtMostOnce));
    let steps = prop_oneof![
        6 => publishing_to(0..1_u8),
        2 => joins(),
        1 => consumer().prop_map(|c| leave(0, c)),
        1 => Just(wait()),
        6 => polling(),
    ];
    let beginning = vec![hurry(), create(0, 2), join(0, 0, vec![0], Semantics::AtMostOnce)];
    trial.cases(32).forall(after(beginning, steps, 30), nothing_twice)
}

/// R8: what a consumer held and did not acknowledge comes to others when it leaves; what was acknowledged does not.
pub fn what_a_leaving_consumer_held_is_not_lost(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        5 => publishing_to(0..1_u8),
        1 => consumer().prop_map(|c| joining(0, c, &[0])),
        1 => consumer().prop_map(|c| leave(0, c)),
        4 => polling(),
        2 => consumer().prop_map(|c| acknowledge(0, c)),
    ];
    let beginning = vec![create(0, 2), joining(0, 0, &[0]), joining(0, 1, &[0])];
    let ending = [joining(0, 0, &[0]), leave(0, 1), leave(0, 2), poll(0, 0, u8::MAX)];
    trial.forall_then(after(beginning, steps, 24), &ending, nothing_lost)
}

/// R8: at least once, what is not acknowledged in time comes again, in order; what was acknowledged does not.
pub fn what_is_neglected_comes_again(trial: &mut Trial<Script>) -> Verdict {
    let script =
        (1..6_u8, 0..6_u8).prop_map(|(messages, acknowledged)| vec![neglect(messages, acknowledged.min(messages))]);
    trial.cases(4).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::neglect { messages, acknowledged }, Seen::neglect(Some(again))) = (step, seen) else {
                continue;
            };
            // As the driver counts: the last one acknowledged is taken from those that there are.
            let first = acknowledged
                .checked_sub(1)
                .and_then(|last| last.checked_rem(*messages))
                .map_or(0, |last| last + 1);
            if !again.iter().copied().eq(u64::from(first)..u64::from(*messages)) {
                let text = format!(
                    "of offsets 0 to {messages} (excluded), those from {first} on were not acknowledged in time"
                );
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}
