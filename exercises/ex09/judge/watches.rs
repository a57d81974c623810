//! Watches: every event once, in order, without holes, and only so many watchers.

use std::collections::BTreeMap;

use ex09_protocol::{Delivery, End, Event, Refusal, Script, Seen, Slot, Step, Wanted, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{key, moment, one_of_two, operations, prefix, script, slot, value};

/// Changes of one key each, with values that tell them apart.
fn changing() -> impl Strategy<Value = Step> {
    prop_oneof![3 => (key(), any::<u8>()).prop_map(|(key, value)| put(key, value)), 1 => key().prop_map(delete)]
}

/// R8: a watch delivers each change of its key or prefix from its beginning on, once, in order.
pub fn a_watch_delivers_each_event_once_in_order(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        1 => (slot(), key()).prop_map(|(w, key)| watch(w, key)),
        1 => (slot(), prefix()).prop_map(|(w, prefix)| watch_prefix(w, prefix)),
        5 => changing(),
        2 => slot().prop_map(drain),
    ];
    trial.forall(script(steps, 24), same)
}

/// R8: when one commit changes several keys, each change is delivered, in whatever order.
pub fn changes_of_many_keys_are_all_heard(trial: &mut Trial<Script>) -> Verdict {
    let many = prefix().prop_map(delete_prefix);
    trial.forall(watching_prefixes(many), same_events)
}

/// R7, R8: so are the changes of a transaction.
pub fn changes_of_a_transaction_are_all_heard(trial: &mut Trial<Script>) -> Verdict {
    trial.forall(watching_prefixes(operations().prop_map(commit)), same_events)
}

/// Watches of prefixes, changes of one key, and others.
fn watching_prefixes(others: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    let steps = prop_oneof![
        1 => (slot(), prefix()).prop_map(|(w, prefix)| watch_prefix(w, prefix)),
        3 => changing(),
        3 => others,
        1 => slot().prop_map(drain),
    ];
    script(steps, 24)
}

/// Compares with the reference, but deliveries as sets: the contract gives the events of one commit no order.
pub fn same_events(case: &Case<'_, Script>) -> Result<(), Objection> {
    let sorted = |delivery: &Delivery| {
        let mut events = delivery.events.clone();
        events.sort();
        (events, delivery.end)
    };
    for ((at, _, seen), expected) in case.steps().zip(case.expected()) {
        let agree = match (seen, expected) {
            (Seen::drain(seen), Seen::drain(expected)) => sorted(seen) == sorted(expected),
            _ => seen == expected,
        };
        if !agree {
            return Err(Objection::at(
                at,
                "apart from their order, the events differ from what the contract determines",
            ));
        }
    }
    Ok(())
}

/// R8: a watch with a start delivers what happened from that revision on, it included, then what happens.
pub fn a_watch_replays_from_its_start(trial: &mut Trial<Script>) -> Verdict {
    // One key begins like another.
    let key = || select(vec!["/a", "/a/b", "/b"]).prop_map(str::to_owned);
    let steps = prop_oneof![
        4 => (key(), any::<u8>()).prop_map(|(key, value)| write(key, value)),
        1 => key().prop_map(erase),
        1 => (slot(), key(), moment()).prop_map(|(w, key, moment)| watch_from(w, key, moment)),
        1 => (slot(), prefix(), moment()).prop_map(|(w, prefix, moment)| watch_prefix_from(w, prefix, moment)),
        1 => slot().prop_map(drain),
    ];
    trial.forall(script(steps, 24), same)
}

/// R8: events of a kind that is filtered do not arrive, all others do.
pub fn filtered_events_stay_away(trial: &mut Trial<Script>) -> Verdict {
    let wanted = select(vec![Wanted::All, Wanted::Puts, Wanted::Deletes]);
    let steps = prop_oneof![
        1 => (slot(), prefix(), wanted).prop_map(|(w, prefix, wanted)| watch_filtered(w, prefix, wanted)),
        5 => changing(),
        1 => slot().prop_map(drain),
    ];
    trial.forall(script(steps, 24), same)
}

/// R8: with `prev_kv`, a deletion tells what the key held.
pub fn deletions_tell_what_was_there(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        1 => (slot(), prefix()).prop_map(|(w, prefix)| watch_asking(w, prefix)),
        3 => changing(),
        2 => key().prop_map(delete),
        1 => slot().prop_map(drain_deletions),
    ];
    trial.forall(script(steps, 24), same)
}

/// R8: no response has a smaller revision than one of its writes, or than the response before it.
pub fn responses_never_step_back(trial: &mut Trial<Script>) -> Verdict {
    let watching = Just(watch_prefix(0, "/".to_owned()));
    let steps = prop_oneof![1 => watching, 5 => changing(), 1 => Just(drain_revisions(0))];
    trial.forall(script(steps, 20), |case| {
        let mut before = 0;
        for (at, _, seen) in case.steps() {
            let Seen::drain_revisions(responses) = seen else {
                continue;
            };
            for (revision, modified) in responses {
                if revision < modified {
                    let text = format!("a response of revision {revision} has a write of revision {modified}");
                    return Err(Objection::at(at, text));
                }
                if *revision < before {
                    return Err(Objection::at(
                        at,
                        format!("revision {revision} is delivered after revision {before}"),
                    ));
                }
                before = *revision;
            }
        }
        Ok(())
    })
}

/// R8: a watch cannot start below the compacted revision.
pub fn a_compacted_start_is_refused(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        4 => (one_of_two(), value()).prop_map(|(key, value)| write(key, value)),
        1 => moment().prop_map(compact),
        2 => (one_of_two(), moment()).prop_map(|(key, moment)| watch_compacted(key, moment)),
    ];
    trial.forall(script(steps, 20), same)
}

/// R8: a watch that begins after a compaction delivers what comes.
pub fn a_watch_may_begin_after_compaction(trial: &mut Trial<Script>) -> Verdict {
    let writing = || (key(), any::<u8>()).prop_map(|(key, value)| write(key, value));
    let steps = prop_oneof![
        1 => (slot(), key()).prop_map(|(w, key)| watch(w, key)),
        1 => (slot(), prefix()).prop_map(|(w, prefix)| watch_prefix(w, prefix)),
        4 => writing(),
        2 => slot().prop_map(drain),
    ];
    let script = (vec(writing(), 1..5), moment(), script(steps, 16))
        .prop_map(|(past, moment, steps)| [past, vec![compact(moment)], steps].concat());
    trial.forall(script, same)
}

/// R9: a watch that is read late delivers everything, as long as its buffer has room.
pub fn a_slow_reader_loses_nothing(trial: &mut Trial<Script>) -> Verdict {
    // Eleven events and what the reading itself writes are well below the buffer.
    let round = (vec(any::<u8>(), 6..12), 0..2_u8).prop_map(|(values, w)| {
        let puts = values.into_iter().map(|value| put("/a/b".to_owned(), value));
        puts.chain([drain(w), drain(1 - w)]).collect::<Vec<_>>()
    });
    let beginning = [
        limit_buffer(24),
        watch(0, "/a/b".to_owned()),
        watch_prefix(1, "/a".to_owned()),
    ];
    let script = vec(round, 1..4).prop_map(move |rounds| [beginning.to_vec(), rounds.concat()].concat());
    trial.forall(script, same)
}

/// R9: writes never wait for a watch; one that is read too late delivers everything, or a beginning and then ends.
pub fn a_slower_reader_sees_no_hole(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..6_u8, 2..40_u8).prop_map(|(buffer, writes)| {
        let puts = (0..writes).map(|value| put("/a".to_owned(), value));
        [limit_buffer(buffer), watch(0, "/a".to_owned())]
            .into_iter()
            .chain(puts)
            .chain([drain(0)])
            .collect::<Vec<_>>()
    });
    trial.cases(64).forall(script, no_hole)
}

/// Follows what was put to each watched key, and compares what its watch delivers.
fn no_hole(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut written = BTreeMap::<Slot, (String, Vec<Event>)>::new();
    for (at, step, seen) in case.steps() {
        match (step, seen) {
            (Step::limit_buffer { .. }, _) => written.clear(),
            (Step::watch { w, key }, Seen::watch(Ok(()))) => {
                written.insert(*w, (key.clone(), Vec::new()));
            }
            (Step::put { key, value }, _) => {
                let watches = written.values_mut().filter(|(watched, _)| watched == key);
                watches.for_each(|(_, events)| events.push(Event::Put(key.clone(), vec![*value])));
            }
            (Step::drain { w }, Seen::drain(delivery)) => {
                let Some((_, events)) = written.get_mut(w) else {
                    continue;
                };
                let events = std::mem::take(events);
                let fault = match delivery.end {
                    End::Complete if delivery.events == events => continue,
                    End::Ended if events.starts_with(&delivery.events) => continue,
                    End::Complete => "the watch goes on, but events before are missing",
                    End::Ended => "the watch ended, but what it delivered before has a hole",
                    End::Silent => "the watch neither delivers anything more nor ends",
                    End::NoWatch => continue,
                };
                return Err(Objection::at(at, fault));
            }
            _ => {}
        }
    }
    Ok(())
}

/// R9: a key has so many watchers and no more, whatever the other keys have.
pub fn watchers_are_limited(trial: &mut Trial<Script>) -> Verdict {
    let watches = vec(select(vec!["/a", "/b", "/a/"]), 1..10);
    let script = (1..4_u8, watches).prop_map(|(limit, keys)| {
        let watches = (0..).zip(keys).map(|(w, key)| watch(w, key.to_owned()));
        [limit_watchers(limit)].into_iter().chain(watches).collect::<Vec<_>>()
    });
    trial.forall(script, same)
}

/// R9: a watch that was cancelled or dropped frees its place, at the latest with the next event.
pub fn a_watch_that_ended_frees_its_place(trial: &mut Trial<Script>) -> Verdict {
    let script = (1..4_u8, vec((any::<bool>(), 0..4_u8), 1..6)).prop_map(|(limit, ends)| {
        let key = || "/a".to_owned();
        let mut script = vec![limit_watchers(limit)];
        script.extend((0..limit).map(|w| watch(w, key())));
        for (cancelled, w) in ends {
            let w = w % limit;
            script.push(if cancelled { cancel(w) } else { abandon(w) });
            script.push(watch_in_time(w, key()));
        }
        script
    });
    trial.cases(32).forall(script, |case| {
        match case
            .steps()
            .find(|(_, _, seen)| **seen == Seen::watch_in_time(Err(Refusal::TooManyWatchers)))
        {
            Some((at, _, _)) => Err(Objection::at(
                at,
                "the place of a watch that ended is not free, however many events",
            )),
            None => Ok(()),
        }
    })
}
