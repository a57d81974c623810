//! Scripts in which replicas hear of each other: directly, by messages that come late or twice, and in meetings.
//!
//! A replica has a slot of [`REPLICAS`]; a message is a copy of a state in a slot of [`MESSAGES`], where scripts write nothing.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;
use witness::Language;

use super::{Replicas, Slot};

/// The replicas of most scripts: as many as the subtlest mistakes need.
pub const REPLICAS: Range<Slot> = 0..3;

/// Copies, that is messages which are late or come twice. Scripts write nothing there.
pub const MESSAGES: Range<Slot> = 50..53;

impl<L: Language> Replicas<L>
where
    L::Step: 'static,
{
    /// One replica hears of another.
    pub fn merging(self, replicas: Range<Slot>) -> impl Strategy<Value = L::Step> {
        let merge = self.merge;
        pairs(replicas).prop_map(move |(c, other)| merge(c, other))
    }

    /// A message is written, or arrives, not for the first time perhaps.
    pub fn messages(self, replicas: Range<Slot>) -> impl Strategy<Value = L::Step> {
        let (copy, merge) = (self.copy, self.merge);
        (replicas, MESSAGES, any::<bool>()).prop_map(move |(c, message, is_sent)| {
            let send_or_receive = if is_sent { copy } else { merge };
            send_or_receive(c, message)
        })
    }

    /// Writes among merges and messages.
    pub fn among(
        self,
        replicas: Range<Slot>,
        writes: impl Strategy<Value = L::Step>,
    ) -> impl Strategy<Value = L::Step> {
        let (copy, merge, look) = (self.copy, self.merge, self.look);
        let merging = Self { copy, merge, look }.merging(replicas.clone());
        prop_oneof![4 => writes, 3 => merging, 2 => self.messages(replicas)]
    }

    /// Two replicas hear of each other, and both are looked at: where they disagree most often.
    pub fn meeting(self, replicas: Range<Slot>, look: impl Fn(Slot) -> L::Step) -> impl Strategy<Value = Vec<L::Step>> {
        let merge = self.merge;
        pairs(replicas).prop_map(move |(c, other)| vec![merge(c, other), merge(other, c), look(c), look(other)])
    }
}

/// Two different slots.
pub fn pairs(slots: Range<Slot>) -> impl Strategy<Value = (Slot, Slot)> {
    let (count, first) = (slots.end - slots.start, slots.start);
    (slots, 1..count).prop_map(move |(c, further)| (c, first + (c - first + further) % count))
}

/// A few steps of a kind.
pub fn some<S: Strategy>(step: S) -> impl Strategy<Value = Vec<S::Value>>
where
    S::Value: Clone,
{
    vec(step, 1..24)
}

/// Meetings among a few steps of a kind.
pub fn some_meetings<S: Strategy>(
    step: S,
    meeting: impl Strategy<Value = Vec<S::Value>>,
) -> impl Strategy<Value = Vec<S::Value>>
where
    S::Value: Clone,
{
    vec(prop_oneof![5 => step.prop_map(|step| vec![step]), 1 => meeting], 1..24).prop_map(|steps| steps.concat())
}

/// Whether copies are made into the slots of messages only, and nothing is written there: shortening a script may have turned a replica into
/// a message, and then the history is another one. `written` tells which slot a step writes to, and whether by copying.
pub fn plays_by_the_rules<'s, T: 's>(
    written: impl Fn(&T) -> Option<(Slot, bool)>,
    steps: impl IntoIterator<Item = &'s T>,
) -> bool {
    steps
        .into_iter()
        .filter_map(written)
        .all(|(slot, is_copied)| (slot >= MESSAGES.start) == is_copied)
}

#[cfg(test)]
mod tests {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    use super::*;

    #[test]
    fn nobody_hears_of_itself() {
        let mut runner = TestRunner::deterministic();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let pair = pairs(2..5).new_tree(&mut runner).unwrap().current();
            assert!(
                pair.0 != pair.1 && (2..5).contains(&pair.0) && (2..5).contains(&pair.1),
                "{pair:?}"
            );
            seen.insert(pair);
        }
        assert_eq!(seen.len(), 6);
    }

    #[test]
    fn messages_are_copied_into_and_replicas_written_to() {
        let slot = |written: &(Slot, bool)| Some(*written);
        assert!(plays_by_the_rules(slot, &[(0, false), (50, true)]));
        assert!(!plays_by_the_rules(slot, &[(0, true)]));
        assert!(!plays_by_the_rules(slot, &[(52, false)]));
    }
}
