//! Who belongs to whom, by what a script did: contexts and spans with identifiers that only the submission knows.

use std::collections::{BTreeMap, BTreeSet};

use ex07_protocol::{Ids, Slot, Step};
use judge::Objection;

/// A person of the family: a context or a span, as the script made it.
type Person = usize;

/// Where somebody comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// From outside: nothing is known of its parent.
    Stranger,
    /// The first of a trace.
    Root,
    /// Caused by another.
    Child(Person),
}

/// All persons so far, and who is where.
#[derive(Debug, Default)]
pub struct Kin {
    origins: Vec<Origin>,
    known: BTreeMap<Person, Ids>,
    contexts: BTreeMap<Slot, Person>,
    /// Contexts that came by way of a header, which does not tell a parent.
    received: BTreeSet<Slot>,
    carriers: BTreeMap<Slot, Person>,
    /// Parents of spans that are being built.
    parents: BTreeMap<Slot, Option<Person>>,
    active: BTreeMap<Slot, Person>,
    /// The span that was last started in a slot.
    last: BTreeMap<Slot, Person>,
}

impl Kin {
    /// Follows a step.
    pub fn apply(&mut self, step: &Step) {
        match step {
            Step::new_root { c } => {
                let root = self.born(Origin::Root);
                self.keep(*c, root);
            }
            Step::child { c, of } => {
                let parent = self.context(*of);
                let child = self.born(Origin::Child(parent));
                self.keep(*c, child);
            }
            Step::inject { k, c } => {
                let sent = self.context(*c);
                self.carriers.insert(*k, sent);
            }
            Step::receive { c, k } => {
                if let Some(sent) = self.carriers.get(k) {
                    self.contexts.insert(*c, *sent);
                    self.received.insert(*c);
                }
            }
            Step::build { s } => {
                self.parents.insert(*s, None);
            }
            Step::build_under { s, c } | Step::with_parent { s, c } => {
                let parent = self.context(*c);
                self.parents.insert(*s, Some(parent));
            }
            Step::start { s } => {
                let origin = self.parents.remove(s).flatten().map_or(Origin::Root, Origin::Child);
                let span = self.born(origin);
                self.active.insert(*s, span);
                self.last.insert(*s, span);
            }
            Step::note { c, s } => {
                if let Some(span) = self.active.get(s) {
                    self.keep(*c, *span);
                }
            }
            Step::finish { s } => {
                self.active.remove(s);
            }
            _ => {}
        }
    }

    fn born(&mut self, origin: Origin) -> Person {
        self.origins.push(origin);
        self.origins.len() - 1
    }

    fn keep(&mut self, c: Slot, person: Person) {
        self.contexts.insert(c, person);
        self.received.remove(&c);
    }

    fn context(&mut self, c: Slot) -> Person {
        if let Some(person) = self.contexts.get(&c) {
            return *person;
        }
        let stranger = self.born(Origin::Stranger);
        self.contexts.insert(c, stranger);
        stranger
    }

    /// Whether a span was started in a slot, and none is active there.
    pub fn was_dropped(&self, s: Slot) -> bool {
        self.last.contains_key(&s) && !self.active.contains_key(&s)
    }

    /// Learns the identifiers of the context in a slot.
    pub fn learn_context(&mut self, at: usize, c: Slot, ids: &Ids) -> Result<(), Objection> {
        let person = self.context(c);
        self.learn(at, person, ids, !self.received.contains(&c))
    }

    /// Learns those of the span that was last started in a slot.
    pub fn learn_span(&mut self, at: usize, s: Slot, ids: &Ids) -> Result<(), Objection> {
        match self.last.get(&s).copied() {
            Some(person) => self.learn(at, person, ids, true),
            None => Ok(()),
        }
    }

    fn learn(&mut self, at: usize, person: Person, ids: &Ids, tells_parent: bool) -> Result<(), Objection> {
        let wrong = |text: String| Err(Objection::at(at, text));
        if let Some(before) = self.known.get(&person)
            && (&before.trace, &before.span) != (&ids.trace, &ids.span)
        {
            return wrong(format!("it was span {} of trace {} before", before.span, before.trace));
        }
        self.known.insert(person, ids.clone());
        if [&ids.trace, &ids.span]
            .iter()
            .any(|id| id.chars().all(|digit| digit == '0'))
        {
            return wrong("an identifier is zero".to_owned());
        }
        match self.origins[person] {
            Origin::Root if tells_parent && ids.parent.is_some() => {
                return wrong("the root of a trace has no parent".to_owned());
            }
            Origin::Child(parent) => match self.known.get(&parent) {
                Some(parent) if parent.trace != ids.trace => {
                    return wrong(format!("its parent is in trace {}", parent.trace));
                }
                Some(parent) if tells_parent && ids.parent.as_ref() != Some(&parent.span) => {
                    return wrong(format!("its parent is span {}", parent.span));
                }
                _ => {}
            },
            _ => {}
        }
        let mut others = self.known.iter().filter(|(other, _)| **other != person);
        let is_root = |person: &Person| self.origins[*person] == Origin::Root;
        let meets = |(other, theirs): (&Person, &Ids)| {
            theirs.span == ids.span || (is_root(other) && is_root(&person) && theirs.trace == ids.trace)
        };
        if others.any(meets) {
            return wrong("another span has this identifier, or another root this trace".to_owned());
        }
        Ok(())
    }

    /// The slots whose last span belongs to the same tree, for each root that was started.
    pub fn trees(&self) -> Vec<Vec<Slot>> {
        let mut trees = BTreeMap::<Person, Vec<Slot>>::new();
        for (slot, person) in &self.last {
            trees.entry(self.root_of(*person)).or_default().push(*slot);
        }
        trees.into_values().collect()
    }

    fn root_of(&self, person: Person) -> Person {
        match self.origins[person] {
            Origin::Child(parent) => self.root_of(parent),
            Origin::Root | Origin::Stranger => person,
        }
    }
}
