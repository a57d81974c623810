//! Events: what they carry, what they cause, and their way through JSON.

use ex00_protocol::{Script, Slot, Step, steps::*};
use judge::{Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::{among, among_nested_ticks, asking_for_a_count, awkward_node, clock, node};

/// The events of most scripts.
fn event() -> impl Strategy<Value = Slot> {
    0..3_u8
}

/// Events made by `new`, with payloads that tell them apart.
fn stamping(origin: impl Strategy<Value = String>) -> impl Strategy<Value = Step> {
    (event(), clock(), origin, any::<u32>()).prop_map(|(e, c, origin, payload)| stamp(e, c, origin, payload))
}

/// Events put together field by field: a mistake in `new` is no matter where they are used.
fn assembling() -> impl Strategy<Value = Step> {
    (event(), clock(), node()).prop_map(|(e, c, origin)| assemble(e, c, origin, 0))
}

/// R6: a new event ticks its origin in the clock of its node, then carries that clock.
pub fn an_event_ticks_its_origin(trial: &mut Trial<Script>) -> Verdict {
    let question = prop_oneof![
        (event(), node()).prop_map(|(e, node)| get_stamped(e, node)),
        asking_for_a_count()
    ];
    trial.forall(among(stamping(node()), question), same)
}

/// R6: an event has the origin and the payload that it was given.
pub fn an_event_keeps_its_origin_and_payload(trial: &mut Trial<Script>) -> Verdict {
    let question = prop_oneof![event().prop_map(origin_of), event().prop_map(payload_of)];
    trial.forall(among(stamping(awkward_node()), question), same)
}

/// R6: `caused` is happened-before of the stamps, so no event causes itself and causes of causes are causes.
pub fn caused_agrees_with_the_stamps(trial: &mut Trial<Script>) -> Verdict {
    let question = prop_oneof![assembling(), (event(), event()).prop_map(|(e, other)| caused(e, other))];
    trial.forall(among_nested_ticks(question), same)
}

/// R7: an event that went through `serde_json` has the clock, the origin and the payload of the one that was sent.
pub fn an_event_survives_json(trial: &mut Trial<Script>) -> Verdict {
    let event = (vec(awkward_node(), 0..6), awkward_node(), any::<u32>());
    let script = event.prop_map(|(ticking, origin, payload)| {
        let ticks = ticking.iter().map(|node| tick(0, node.clone()));
        let sent = [
            assemble(0, 0, origin, payload),
            event_through_json(0, 1),
            origin_of(1),
            payload_of(1),
        ];
        let questions = ticking.iter().map(|node| get_stamped(1, node.clone()));
        ticks.chain(sent).chain(questions).collect()
    });
    trial.forall(script, same)
}
