//! A node that is asked.

use ex14_protocol::{Id, Message, Script, Seen, Step, distance, node_id, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeSet;

use crate::{K, some_id};

/// Who asks.
const ASKER: u16 = 200;

fn says(from: u16, message: Message) -> Step {
    handle(0, node_id(from), message)
}

/// R5: `Ping` is answered with `Pong`, `Store` with `StoreAck`.
pub fn requests_are_answered(trial: &mut Trial<Script>) -> Verdict {
    let script = (some_id(), vec(any::<u8>(), 0..9))
        .prop_map(|(key, value)| vec![says(1, Message::Ping), says(2, Message::Store(key, value))]);
    trial.cases(32).forall(script, same)
}

/// R5: what is an answer itself is not answered.
pub fn answers_are_not_answered(trial: &mut Trial<Script>) -> Verdict {
    let message = prop_oneof![
        Just(Message::Pong),
        Just(Message::StoreAck),
        Just(Message::NodesFound(vec![node_id(7)])),
        Just(Message::ValueFound(vec![1])),
        Just(Message::ValueNotFound(vec![node_id(7)])),
    ];
    trial.cases(32).forall(
        vec(message, 1..6).prop_map(|said| said.into_iter().map(|said| says(1, said)).collect()),
        same,
    )
}

/// Contacts make themselves known, then somebody asks. Few enough that no bucket overflows.
fn asked(question: fn(Id) -> Message) -> impl Strategy<Value = Vec<Step>> {
    let contacts = vec(1..37_u16, 0..60);
    (contacts, some_id()).prop_map(move |(contacts, target)| {
        let pings = contacts.into_iter().map(|n| says(n, Message::Ping));
        pings.chain([says(ASKER, question(target))]).collect()
    })
}

/// The answer names up to 20 of the closest contacts; it may or may not name the asker.
fn names_the_closest(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut known = BTreeSet::new();
    for (at, step, seen) in case.steps() {
        let Step::handle { n, from, message } = step else {
            continue;
        };
        let own = node_id(*n);
        known.insert((*n, *from));
        let (target, named) = match (message, seen) {
            (Message::FindNode(target), Seen::handle(Some(Message::NodesFound(named)))) => (target, named),
            (Message::FindValue(target), Seen::handle(Some(Message::ValueNotFound(named)))) => (target, named),
            (Message::FindNode(_), _) => return Err(Objection::at(at, "expected NodesFound")),
            (Message::FindValue(_), _) => return Err(Objection::at(at, "expected ValueNotFound")),
            _ => continue,
        };
        let with_asker = usize::from(named.contains(from));
        let mut others: Vec<Id> = known
            .iter()
            .filter(|(of, id)| of == n && id != from)
            .map(|(_, id)| *id)
            .collect();
        others.retain(|id| *id != own);
        others.sort_by_key(|id| distance(id, target));
        let mut got: Vec<Id> = named.iter().filter(|id| *id != from).copied().collect();
        got.sort_by_key(|id| distance(id, target));
        let room = K - with_asker;
        let fits = got.len() == room.min(others.len()) || (got.len() + 1 == K && others.len() >= K);
        if !fits || named.len() != got.len() + with_asker {
            return Err(Objection::at(
                at,
                format!("{} of {} contacts are named", named.len(), others.len()),
            ));
        }
        if got != others[..got.len()] {
            return Err(Objection::at(at, "closer contacts are known than those named"));
        }
    }
    Ok(())
}

/// R5, R6: `FindNode` is answered with the 20 closest contacts; whoever sent a message is one.
pub fn the_closest_contacts_are_named(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(96).forall(asked(Message::FindNode), names_the_closest)
}

/// R5, R6: `FindValue` is answered like `FindNode` if the value is not there.
pub fn a_missing_value_names_closer_nodes(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(96).forall(asked(Message::FindValue), names_the_closest)
}

/// R5: `FindValue` is answered with the value stored last under that key.
pub fn a_stored_value_is_handed_out(trial: &mut Trial<Script>) -> Verdict {
    let storing = vec((0..3_u64, vec(any::<u8>(), 0..5)), 1..8);
    let script = storing.prop_map(|storing| {
        let key = ex14_protocol::spread;
        let stores = storing
            .clone()
            .into_iter()
            .map(|(number, value)| says(1, Message::Store(key(number), value)));
        let asks = storing
            .into_iter()
            .map(|(number, _)| says(2, Message::FindValue(key(number))));
        stores.chain(asks).collect::<Vec<Step>>()
    });
    trial.cases(64).forall(script, |case: &Case<'_, Script>| {
        let mut kept = std::collections::BTreeMap::new();
        for (at, step, seen) in case.steps() {
            match (step, seen) {
                (
                    Step::handle {
                        n,
                        message: Message::Store(key, value),
                        ..
                    },
                    _,
                ) => {
                    kept.insert((*n, *key), value);
                }
                (
                    Step::handle {
                        n,
                        message: Message::FindValue(key),
                        ..
                    },
                    Seen::handle(answer),
                ) => {
                    let expected = kept.get(&(*n, *key)).map(|value| Message::ValueFound((*value).clone()));
                    if expected.is_some() && *answer != expected {
                        return Err(Objection::at(at, format!("expected {expected:?}, got {answer:?}")));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    })
}
