//! A proposer on its own: its numbers, the promises it counts, and what it offers.

use std::collections::{BTreeMap, BTreeSet};

use ex12_protocol::{Number, Order, Script, Seen, Slot, Step, Word, steps::*, word_of};
use judge::{Case, Objection, Trial, Verdict};
use proptest::{collection::vec, option, prelude::*};

use crate::{is_majority, number, slot};

/// The first of the values that proposers want; those told of are smaller.
const OWN: Word = 9000;

/// Proposals that come first, so that their number exceeds all that acceptors may have accepted.
const EARLIER: usize = 5;

/// R1: numbers compare by round, and within a round by proposer.
pub fn numbers_compare_by_round_first(trial: &mut Trial<Script>) -> Verdict {
    let script = vec(
        (number(), number()).prop_map(|(left, right)| compare(left, right)),
        1..6,
    );
    trial.cases(64).forall(script, |case| {
        for (at, step, seen) in case.steps() {
            if let (Step::compare { left, right }, Seen::compare(order)) = (step, seen) {
                let truth = match left.cmp(right) {
                    std::cmp::Ordering::Less => Order::Less,
                    std::cmp::Ordering::Equal => Order::Equal,
                    std::cmp::Ordering::Greater => Order::Greater,
                };
                if *order != truth {
                    return Err(Objection::at(
                        at,
                        format!("by round, then by proposer, it is {truth:?}"),
                    ));
                }
            }
        }
        Ok(())
    })
}

/// R1: each proposal of a proposer has a higher number than the one before, which carries its name.
pub fn a_proposal_has_a_number_of_its_own(trial: &mut Trial<Script>) -> Verdict {
    let script = vec(slot().prop_map(prepare), 1..10);
    trial.cases(64).forall(script, |case| believe(case, Aspect::Numbers))
}

/// R6: after a refusal, also of an older proposal, the next number exceeds the one that was seen.
pub fn a_refusal_is_outbid(trial: &mut Trial<Script>) -> Verdict {
    let seen = (0..40_u64, 0..6_u64).prop_map(|(round, proposer)| Number { round, proposer });
    let script = slot().prop_flat_map(move |p| {
        let refusal = (0..5_u8, 0..2_u8, seen.clone()).prop_map(move |(from, age, seen)| nack(p, from, age, seen));
        let attempt = vec(refusal, 0..4).prop_map(move |refusals| [vec![prepare(p)], refusals].concat());
        vec(attempt, 2..5).prop_map(|attempts| attempts.concat())
    });
    trial.forall(script, |case| believe(case, Aspect::Numbers))
}

/// R5: more than half of the acceptors, counted once each, are a quorum, and no fewer.
pub fn promises_are_counted_by_acceptor(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=7_u8).prop_flat_map(|(p, total)| {
        let promised = (0..total).prop_map(move |from| vec![promise(p, from, 0, None), quorum(p, total)]);
        vec(promised, 1..12).prop_map(move |steps| [vec![quorum(p, total), prepare(p)], steps.concat()].concat())
    });
    trial.forall(script, |case| believe(case, Aspect::Quorum))
}

/// R5: refusals are no promises, nor is a message of another kind; and they take no promise away.
pub fn refusals_do_not_count(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 2..=5_u8).prop_flat_map(|(p, total)| {
        let answer = (0..total, 0..4_u8, number()).prop_map(move |(from, kind, seen)| match kind {
            0 | 1 => promise(p, from, 0, None),
            2 => nack(p, from, 0, seen),
            _ => echo(p, from),
        });
        vec(answer.prop_map(move |answer| vec![answer, quorum(p, total)]), 1..10)
            .prop_map(move |steps| [vec![prepare(p)], steps.concat()].concat())
    });
    trial.forall(script, |case| believe(case, Aspect::Quorum))
}

/// R5: promises of an older proposal do not count, whenever they arrive.
pub fn older_promises_do_not_count(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=5_u8).prop_flat_map(|(p, total)| {
        let event = prop_oneof![
            1 => Just(prepare(p)),
            4 => (0..total, 0..3_u8).prop_map(move |(from, age)| promise(p, from, age, None)),
        ];
        vec(event.prop_map(move |event| vec![event, quorum(p, total)]), 1..14)
            .prop_map(move |steps| [vec![prepare(p), prepare(p)], steps.concat()].concat())
    });
    trial.forall(script, |case| believe(case, Aspect::Quorum))
}

/// R7: an offer needs the promises of a majority, of the current proposal.
pub fn nothing_is_offered_without_a_majority(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=5_u8).prop_flat_map(|(p, total)| {
        let event = prop_oneof![
            1 => Just(prepare(p)),
            3 => (0..total, 0..2_u8).prop_map(move |(from, age)| promise(p, from, age, None)),
        ];
        vec(event.prop_map(move |event| vec![event, accept(p, OWN, total)]), 1..8)
            .prop_map(move |steps| [vec![accept(p, OWN, total)], steps.concat()].concat())
    });
    trial.forall(script, |case| believe(case, Aspect::Readiness))
}

/// R7: the value of the highest number told of is offered, whatever the proposer wants, in whichever order it was told.
pub fn the_highest_value_told_of_is_offered(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=7_u8).prop_flat_map(|(p, total)| {
        promised(p, total, option::weighted(0.8, number()).boxed())
            .prop_map(move |steps| [begun(p), steps, vec![accept(p, OWN, total)]].concat())
    });
    trial.forall(script, |case| believe(case, Aspect::Offer))
}

/// R7: a proposer that is told of nothing offers its own value.
pub fn its_own_value_if_told_of_none(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=5_u8, OWN..OWN + 9).prop_flat_map(|(p, total, own)| {
        promised(p, total, Just(None).boxed())
            .prop_map(move |steps| [vec![prepare(p)], steps, vec![accept(p, own, total)]].concat())
    });
    trial.cases(64).forall(script, |case| believe(case, Aspect::Offer))
}

/// R7: what was offered under a number is offered again, though the proposer wants something else or was told more since.
pub fn an_offer_is_never_changed(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 2..=5_u8).prop_flat_map(|(p, total)| {
        let told = option::weighted(0.3, number()).boxed();
        let offers = promised(p, total, told).prop_map(move |steps| {
            let offered = |(step, own)| [step, accept(p, own, total)];
            steps.into_iter().zip(OWN..).flat_map(offered).collect::<Vec<_>>()
        });
        offers.prop_map(move |offers| [begun(p), offers].concat())
    });
    trial.forall(script, |case| believe(case, Aspect::Offer))
}

/// R5, R7: a new proposal begins without promises, and without what they told.
pub fn a_new_proposal_begins_anew(trial: &mut Trial<Script>) -> Verdict {
    let script = (slot(), 1..=5_u8).prop_flat_map(|(p, total)| {
        let before = promised(p, total, option::of(number()).boxed());
        let after = promised(p, total, option::weighted(0.2, number()).boxed());
        (before, after).prop_map(move |(before, after)| {
            let ask = vec![accept(p, OWN, total)];
            let again = vec![prepare(p), accept(p, OWN + 1, total)];
            [begun(p), before, ask, again, after, vec![accept(p, OWN + 2, total)]].concat()
        })
    });
    trial.forall(script, |case| believe(case, Aspect::Offer))
}

/// A proposal with an own number above all that is told of.
fn begun(p: Slot) -> Vec<Step> {
    vec![prepare(p); EARLIER]
}

/// Acceptors promise the current proposal, in some order, most often enough of them.
fn promised(p: Slot, total: u8, told: BoxedStrategy<Option<Number>>) -> impl Strategy<Value = Vec<Step>> {
    let acceptors = Just((0..total).collect::<Vec<u8>>()).prop_shuffle();
    let total = usize::from(total);
    (acceptors, vec(told, total), total / 3..=total).prop_map(move |(acceptors, told, count)| {
        let answers = acceptors.into_iter().zip(told).take(count);
        answers.map(|(from, told)| promise(p, from, 0, told)).collect()
    })
}

/// What a check looks at.
#[derive(Clone, Copy, PartialEq)]
enum Aspect {
    Numbers,
    Quorum,
    /// Whether something is offered.
    Readiness,
    /// What is offered.
    Offer,
}

/// What a proposer has to know.
#[derive(Default)]
struct Belief {
    issued: Vec<Number>,
    /// Who promised the current proposal, and what it told.
    promises: BTreeMap<u8, Option<Number>>,
    refused: BTreeSet<u8>,
    seen: Option<Number>,
    offered: Option<Word>,
}

impl Belief {
    fn begin(&mut self, p: Slot, number: Option<Number>) -> Result<(), String> {
        let number = number.ok_or("it does not return a Prepare message")?;
        let last = self.issued.last().copied();
        self.issued.push(number);
        self.promises.clear();
        self.refused.clear();
        self.offered = None;
        if number.proposer != u64::from(p) {
            return Err(format!("{number:?} is a number of another proposer: this one is {p}"));
        }
        match last.max(self.seen) {
            Some(limit) if limit >= number => Err(format!("{number:?} does not exceed {limit:?}")),
            _ => Ok(()),
        }
    }

    /// Whether the message is about the current proposal, an older one, or none.
    fn is_current(&self, age: u8) -> Option<bool> {
        (usize::from(age) < self.issued.len()).then_some(age == 0)
    }

    fn is_ready(&self, total: u8) -> bool {
        is_majority(self.promises.len(), usize::from(total))
    }

    /// What is to be offered.
    fn offer(&mut self, own: Word, total: u8) -> Option<(Number, Word)> {
        let current = self.issued.last().copied().filter(|_| self.is_ready(total))?;
        let told = self.promises.values().flatten().max().map(|number| word_of(*number));
        Some((current, *self.offered.get_or_insert(told.unwrap_or(own))))
    }
}

/// Walks through the calls with what the proposers have to know, and compares an aspect of their answers.
///
/// An acceptor that both promises and refuses the same proposal is one whose answers overtook each other. Whether it counts
/// is open, so that such a script proves nothing.
fn believe(case: &Case<'_, Script>, aspect: Aspect) -> Result<(), Objection> {
    let mut beliefs = BTreeMap::<Slot, Belief>::new();
    for (at, step, seen) in case.steps() {
        let objection = match (step, seen) {
            (Step::prepare { p }, Seen::prepare(number)) => {
                let said = beliefs.entry(*p).or_default().begin(*p, *number);
                if aspect == Aspect::Numbers { said } else { Ok(()) }
            }
            (Step::promise { p, from, age, accepted }, _) => {
                let belief = beliefs.entry(*p).or_default();
                if belief.is_current(*age) == Some(true) {
                    let told = *belief.promises.entry(*from).or_insert(*accepted);
                    if belief.refused.contains(from) || told != *accepted {
                        return Ok(());
                    }
                }
                Ok(())
            }
            (Step::nack { p, from, age, seen }, _) => {
                let belief = beliefs.entry(*p).or_default();
                if let Some(is_current) = belief.is_current(*age) {
                    belief.seen = belief.seen.max(Some(*seen));
                    if is_current && belief.promises.contains_key(from) {
                        return Ok(());
                    }
                    belief.refused.extend(is_current.then_some(*from));
                }
                Ok(())
            }
            (Step::quorum { p, total }, Seen::quorum(answer)) if aspect == Aspect::Quorum => {
                let belief = beliefs.entry(*p).or_default();
                let count = belief.promises.len();
                let text = || format!("{count} of {total} acceptors have promised the current proposal: {answer}");
                (*answer == belief.is_ready(*total)).then_some(()).ok_or_else(text)
            }
            (Step::accept { p, own, total }, Seen::accept(offer)) => {
                let belief = beliefs.entry(*p).or_default();
                let right = belief.offer(*own, *total);
                let is_right = match aspect {
                    Aspect::Offer => *offer == right,
                    Aspect::Readiness => offer.is_some() == right.is_some(),
                    Aspect::Numbers | Aspect::Quorum => true,
                };
                is_right
                    .then_some(())
                    .ok_or_else(|| format!("by what it was told, it has to offer {right:?}, and offers {offer:?}"))
            }
            _ => Ok(()),
        };
        objection.map_err(|text| Objection::at(at, text))?;
    }
    Ok(())
}
