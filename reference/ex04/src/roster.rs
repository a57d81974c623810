//! Who is known, and which news is newer (SWIM, section 4.2).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Instant;

use crate::{Member, MemberId, MemberState, MemberUpdate};

/// The other members, by name and in a list to draw from.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    members: HashMap<MemberId, Member>,
    /// Names of members that take part. Unordered: removal swaps.
    active: Vec<MemberId>,
    places: HashMap<MemberId, usize>,
}

/// What an update changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// How the member was before; a newcomer was nothing.
    pub old: Option<MemberState>,
    /// How it is.
    pub new: MemberState,
}

/// Whether an update is newer than what is known. On equal incarnations the worse story wins, since only the member itself can
/// raise the number and so refute it.
fn is_news(known: &Member, update: &MemberUpdate) -> bool {
    use MemberState::{Alive, Dead, Left, Suspect};
    let (new, old) = (update.incarnation, known.incarnation);
    match (known.state, update.state) {
        (_, Alive) => new > old,
        (Alive, Suspect) => new >= old,
        (Suspect, Suspect) | (Dead | Left, Suspect) => new > old,
        (Alive | Suspect, Dead | Left) => new >= old,
        (Dead | Left, Dead | Left) => new > old,
    }
}

impl Roster {
    /// What is known of a member.
    pub(crate) fn get(&self, id: &MemberId) -> Option<&Member> {
        self.members.get(id)
    }

    /// All members.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// The names of members that take part.
    pub(crate) fn active(&self) -> &[MemberId] {
        &self.active
    }

    /// Takes an update if it is news. Who is not known and does not take part is not worth knowing.
    pub(crate) fn take(&mut self, update: &MemberUpdate) -> Option<Change> {
        let change = match self.members.get_mut(&update.id) {
            Some(known) => {
                if !is_news(known, update) {
                    return None;
                }
                let old = known.state;
                known.state = update.state;
                known.incarnation = update.incarnation;
                known.last_update = Instant::now();
                if let Some(address) = update.address {
                    known.address = address;
                }
                if let Some(metadata) = &update.metadata {
                    known.metadata.clone_from(metadata);
                }
                Change {
                    old: Some(old),
                    new: update.state,
                }
            }
            None => {
                let address = update.address.filter(|_| update.state.takes_part())?;
                self.insert(update, address);
                Change {
                    old: None,
                    new: update.state,
                }
            }
        };
        self.list(&update.id, update.state.takes_part());
        Some(change)
    }

    /// Forgets a member.
    pub(crate) fn remove(&mut self, id: &MemberId) {
        self.members.remove(id);
        self.list(id, false);
    }

    fn insert(&mut self, update: &MemberUpdate, address: SocketAddr) {
        let member = Member {
            id: update.id.clone(),
            address,
            state: update.state,
            incarnation: update.incarnation,
            metadata: update.metadata.clone().unwrap_or_default(),
            last_update: Instant::now(),
        };
        self.members.insert(update.id.clone(), member);
    }

    /// Keeps the list of those that take part.
    fn list(&mut self, id: &MemberId, takes_part: bool) {
        match (self.places.get(id).copied(), takes_part) {
            (None, true) => {
                self.places.insert(id.clone(), self.active.len());
                self.active.push(id.clone());
            }
            (Some(place), false) => {
                self.places.remove(id);
                self.active.swap_remove(place);
                if let Some(moved) = self.active.get(place) {
                    self.places.insert(moved.clone(), place);
                }
            }
            _ => {}
        }
    }
}
