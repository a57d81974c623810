//! An acceptor on its own: what it promises, what it accepts, and what it tells.

use std::collections::BTreeMap;

use ex12_protocol::{Number, Reply, Script, Seen, Slot, Step, Vote, Word, steps::*, word_of};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*};

use crate::{number, slot};

/// What an acceptor has to remember.
#[derive(Default)]
struct Memory {
    promised: Option<Number>,
    accepted: Option<(Number, Word)>,
}

/// R2: a number above all that were promised is promised, and a lower one is refused.
pub fn a_higher_number_is_promised(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(prepares(), |case| {
        remember(case, |step| match step {
            Answer::Reply(memory, asked, reply) => kind(memory, asked, reply),
            Answer::Vote(..) => Ok(()),
        })
    })
}

/// R2: a refusal names the number that was asked about, and the one that was promised.
pub fn a_nack_names_the_promise(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(prepares(), |case| {
        remember(case, |step| match step {
            Answer::Reply(memory, asked, Reply::Nack { number, seen }) => {
                let right = number == asked && Some(seen) == memory.promised;
                right.then_some(()).ok_or_else(|| {
                    format!(
                        "asked about {asked:?}, having promised {:?}, it refuses {number:?} and has seen {seen:?}",
                        memory.promised
                    )
                })
            }
            Answer::Reply(memory, asked, reply) if memory.promised > Some(asked) => Err(format!(
                "{reply:?} is no Nack, though {:?} was promised",
                memory.promised
            )),
            _ => Ok(()),
        })
    })
}

/// R3: what is offered under a number not below the promise is accepted, under that number, and the rest is rejected.
pub fn an_acceptor_keeps_to_its_promise(trial: &mut Trial<Script>) -> Verdict {
    // Offers that were prepared are as frequent as others.
    let step = (slot(), number(), 0..4_u8).prop_map(|(a, number, kind)| match kind {
        0 => vec![receive_prepare(a, number)],
        1 | 2 => vec![receive_accept(a, number)],
        _ => vec![receive_prepare(a, number), receive_accept(a, number)],
    });
    trial.forall(vec(step, 1..10).prop_map(|steps| steps.concat()), |case| {
        remember(case, |step| match step {
            Answer::Vote(memory, offered, vote) => ballot(memory, offered, vote),
            Answer::Reply(..) => Ok(()),
        })
    })
}

/// R3: who accepts promises: it takes part in nothing below what it has accepted, though it was never asked.
pub fn an_acceptance_is_a_promise(trial: &mut Trial<Script>) -> Verdict {
    let script = slot().prop_flat_map(|a| {
        let offers = vec(number().prop_map(move |number| receive_accept(a, number)), 1..5);
        let question = prop_oneof![
            number().prop_map(move |number| receive_prepare(a, number)),
            number().prop_map(move |number| receive_accept(a, number)),
        ];
        (offers, question).prop_map(|(offers, question)| [offers, vec![question]].concat())
    });
    trial.forall(script, |case| {
        remember(case, |step| match step {
            Answer::Reply(memory, asked, reply) => kind(memory, asked, reply),
            Answer::Vote(memory, offered, vote) => ballot(memory, offered, vote),
        })
    })
}

/// R4: a promise tells of what was accepted last and under which number, and of nothing if nothing was.
pub fn a_promise_tells_what_was_accepted(trial: &mut Trial<Script>) -> Verdict {
    let step = (slot(), number(), any::<bool>()).prop_map(|(a, number, is_prepare)| match is_prepare {
        true => receive_prepare(a, number),
        false => receive_accept(a, number),
    });
    // At the end one that exceeds all.
    let last = Number { round: 9, proposer: 0 };
    let script =
        (vec(step, 1..12), slot()).prop_map(move |(steps, a)| [steps, vec![receive_prepare(a, last)]].concat());
    trial.forall(script, |case| {
        remember(case, |step| match step {
            Answer::Reply(memory, _, Reply::Promise { accepted, .. }) if accepted != memory.accepted => Err(format!(
                "it has accepted {:?} last, and tells of {accepted:?}",
                memory.accepted
            )),
            Answer::Reply(memory, asked, Reply::Nack { .. } | Reply::Nonsense) if memory.promised < Some(asked) => {
                Err(format!("{asked:?} exceeds all that it has seen: it owes a promise"))
            }
            _ => Ok(()),
        })
    })
}

fn prepares() -> impl Strategy<Value = Vec<Step>> {
    vec(
        (slot(), number()).prop_map(|(a, number)| receive_prepare(a, number)),
        1..16,
    )
}

/// An answer, and what the acceptor had to remember before it.
enum Answer<'a> {
    Reply(&'a Memory, Number, Reply),
    Vote(&'a Memory, Number, Vote),
}

/// Promises above, refusals below. What becomes of the number that was promised last is open.
fn kind(memory: &Memory, asked: Number, reply: Reply) -> Result<(), String> {
    let promised = memory.promised;
    match reply {
        Reply::Promise { .. } if promised > Some(asked) => {
            Err(format!("it promises {asked:?}, though it is bound to {promised:?}"))
        }
        Reply::Promise { number, .. } if number != asked => {
            Err(format!("it was asked about {asked:?}, and promises {number:?}"))
        }
        Reply::Nack { .. } if promised < Some(asked) => {
            Err(format!("it refuses {asked:?}, though it is bound to {promised:?}"))
        }
        Reply::Nonsense => Err("it is neither a promise nor a refusal".to_owned()),
        Reply::Promise { .. } | Reply::Nack { .. } => Ok(()),
    }
}

fn ballot(memory: &Memory, offered: Number, vote: Vote) -> Result<(), String> {
    let right = match vote {
        Vote::Accepted(number) => memory.promised <= Some(offered) && number == offered,
        Vote::Rejected => memory.promised > Some(offered),
        Vote::Nonsense => false,
    };
    right
        .then_some(())
        .ok_or_else(|| format!("bound to {:?}, offered {offered:?}: {vote:?}", memory.promised))
}

/// Walks through the answers, with what the acceptors have to remember by the contract, until a law objects.
fn remember(case: &Case<'_, Script>, law: impl Fn(Answer<'_>) -> Result<(), String>) -> Result<(), Objection> {
    let mut memories = BTreeMap::<Slot, Memory>::new();
    for (at, step, seen) in case.steps() {
        let objection = match (step, seen) {
            (Step::receive_prepare { a, number }, Seen::receive_prepare(reply)) => {
                let memory = memories.entry(*a).or_default();
                let said = law(Answer::Reply(memory, *number, *reply));
                memory.promised = memory.promised.max(Some(*number));
                said
            }
            (Step::receive_accept { a, number }, Seen::receive_accept(vote)) => {
                let memory = memories.entry(*a).or_default();
                let said = law(Answer::Vote(memory, *number, *vote));
                if memory.promised <= Some(*number) {
                    memory.promised = Some(*number);
                    memory.accepted = Some((*number, word_of(*number)));
                }
                said
            }
            _ => Ok(()),
        };
        objection.map_err(|text| Objection::at(at, text))?;
    }
    Ok(())
}
