//! News on their way: each is passed on for about log n rounds, the least told first (SWIM, section 4.1).

use std::collections::HashMap;

use crate::{MemberId, MemberUpdate};

/// News to pass on, the latest about each member.
#[derive(Debug, Default)]
pub(crate) struct Rumours {
    rumours: HashMap<MemberId, Rumour>,
    /// Numbers rumours in the order in which they were heard.
    heard: u64,
}

#[derive(Debug)]
struct Rumour {
    update: MemberUpdate,
    rounds: u32,
    heard: u64,
}

/// In how many rounds a member of a cluster of so many passes on what it heard.
fn rounds(cluster: usize) -> u32 {
    // log2, rounded up, of one more than there are; twice, to survive a few losses.
    2 * (usize::BITS - cluster.leading_zeros())
}

impl Rumours {
    /// Something is to be passed on, in place of what was to be told of the same member.
    pub(crate) fn hear(&mut self, update: MemberUpdate) {
        self.heard += 1;
        let rumour = Rumour {
            rounds: 0,
            heard: self.heard,
            update,
        };
        self.rumours.insert(rumour.update.id.clone(), rumour);
    }

    /// Up to `most` updates for a round in a cluster of so many; those told often enough are forgotten.
    pub(crate) fn next(&mut self, most: usize, cluster: usize) -> Vec<MemberUpdate> {
        let limit = rounds(cluster);
        self.rumours.retain(|_, rumour| rumour.rounds < limit);
        let mut fresh: Vec<&mut Rumour> = self.rumours.values_mut().collect();
        fresh.sort_by_key(|rumour| (rumour.rounds, rumour.heard));
        let told = fresh.into_iter().take(most).map(|rumour| {
            rumour.rounds += 1;
            rumour.update.clone()
        });
        told.collect()
    }
}
