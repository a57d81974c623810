//! One round of editing: which parts go, and why.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Loss;
use super::imports::Leaf;
use super::names::is_distinctive;
use super::outline::{Kind, Outline, Part, StandIn, Start};
use crate::stages::diagnostics::Message;

mod finish;

/// Codes of errors about a member that a trait does not have: taking out the member is enough.
const NO_SUCH_MEMBER: [&str; 3] = ["E0407", "E0437", "E0438"];

/// How a body begins that was taken out.
const STUBS: [&str; 2] = ["{ witness::unavailable(", "{ async move { witness::unavailable("];

/// What happens to a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Action {
    /// The body of a function is replaced, or the type of a field.
    Replace,
    /// All of it disappears.
    Remove,
}

/// Which half of a part an error lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    /// The body of a function.
    Body,
    /// Everything else.
    Head,
}

/// An error in a source.
pub(super) struct Hit<'m> {
    /// The compiler's message.
    pub message: &'m Message,
    /// What it is about.
    pub places: Vec<Range<usize>>,
    /// What it mentions beside.
    pub mentioned: Vec<Range<usize>>,
}

/// One round of editing a source.
pub(super) struct Round<'a> {
    text: &'a str,
    outline: &'a mut Outline,
    /// What earlier rounds took out, by name.
    earlier: &'a BTreeMap<String, Loss>,
    actions: BTreeMap<usize, (Action, Loss)>,
    /// Names that are gone since this round.
    gone: BTreeMap<String, Loss>,
    /// Those of them whose mentions are still to be looked for.
    pending: Vec<String>,
    first: Option<Loss>,
}

impl<'a> Round<'a> {
    pub fn new(text: &'a str, outline: &'a mut Outline, earlier: &'a BTreeMap<String, Loss>) -> Self {
        Self {
            text,
            outline,
            earlier,
            actions: BTreeMap::new(),
            gone: BTreeMap::new(),
            pending: Vec::new(),
            first: None,
        }
    }

    /// Takes out what an error is about; false if nothing can be.
    pub fn hit(&mut self, hit: &Hit<'_>) -> bool {
        let mut done = false;
        for place in &hit.places {
            done |= match self.outline.imports.iter().position(|import| import.contains(place)) {
                Some(import) if self.outline.imports[import].is_ours() => false,
                Some(import) => self.lose_import(import, place, hit.message),
                None => self
                    .outline
                    .part_at(place)
                    .is_some_and(|part| self.hit_part(part, place, hit)),
            };
        }
        done
    }

    fn lose_import(&mut self, import: usize, place: &Range<usize>, message: &Message) -> bool {
        let leaves = self.outline.imports[import].lose(place);
        for Leaf { name, path } in leaves {
            let mut loss = Loss::of(message);
            // One message may be about several leaves; each user is told about its own.
            if message.code == "E0432" || message.code == "E0433" {
                loss.message = format!("unresolved import `{path}`");
            }
            // What another module of ours lost, it lost for a reason.
            if path.starts_with("super::") || path.starts_with("crate::") {
                let known = path.rsplit("::").next().and_then(|imported| self.earlier.get(imported));
                loss = known.cloned().unwrap_or(loss);
            }
            self.first.get_or_insert_with(|| loss.clone());
            if !name.is_empty() {
                self.lose_name(name, &loss);
            }
        }
        true
    }

    fn hit_part(&mut self, index: usize, place: &Range<usize>, hit: &Hit<'_>) -> bool {
        let part = &self.outline.parts[index];
        let half = match &part.kind {
            Kind::Function { body: Some(body), .. } if body.start <= place.start && place.start < body.end => {
                Half::Body
            }
            _ => Half::Head,
        };
        let loss = self.cause(part, place, hit.message);
        self.first.get_or_insert_with(|| loss.clone());
        if part.kind == Kind::Data {
            // A derive fails because of a field; the message points at the derive and mentions the field.
            let mentioned = hit.mentioned.iter().filter_map(|place| self.outline.part_at(place));
            let fields: Vec<_> = mentioned
                .filter(|field| self.outline.parts[*field].parent == Some(index))
                .collect();
            if !fields.is_empty() {
                let mut done = false;
                for field in fields {
                    done |= self.take(field, Half::Head, &loss, "");
                }
                return done;
            }
        }
        if half == Half::Body
            && let Some(field) = self.started_at(place)
        {
            return self.take(field, Half::Head, &loss, "");
        }
        self.take(index, half, &loss, &hit.message.code)
    }

    /// The field of the world whose first value is at a place: without it the rest of the world still starts.
    fn started_at(&self, place: &Range<usize>) -> Option<usize> {
        let around = |start: &&Start| start.whole.start <= place.start && place.end <= start.whole.end;
        let start = self.outline.starts.iter().find(around)?;
        let field = |part: &Part| matches!(part.kind, Kind::Field(_)) && part.name == start.field;
        let of_world = |part: &Part| part.parent.is_some_and(|parent| self.outline.parts[parent].keep);
        self.outline.parts.iter().position(|part| field(part) && of_world(part))
    }

    /// Takes out a part as gently as can be; false if it was already, or must stay.
    fn take(&mut self, index: usize, half: Half, loss: &Loss, code: &str) -> bool {
        if self.is_gone(index) {
            return true;
        }
        let part = &self.outline.parts[index];
        let (parent, keep) = (part.parent, part.keep);
        match &part.kind {
            Kind::Function { .. } => self.take_function(index, half, loss, code),
            Kind::Field(field) => {
                if &self.text[field.clone()] != "()" || self.actions.contains_key(&index) {
                    self.act(index, Action::Replace, loss);
                    return true;
                }
                parent.is_some_and(|parent| self.take(parent, Half::Head, loss, ""))
            }
            Kind::Member if NO_SUCH_MEMBER.contains(&code) => self.act(index, Action::Remove, loss),
            Kind::Member => parent.is_some_and(|parent| self.take(parent, Half::Head, loss, "")),
            Kind::Data if keep => self.blank_fields(index, loss),
            Kind::Data | Kind::TraitImpl | Kind::Other => !keep && self.act(index, Action::Remove, loss),
        }
    }

    fn take_function(&mut self, index: usize, half: Half, loss: &Loss, code: &str) -> bool {
        let part = &self.outline.parts[index];
        let fresh = self.can_stub(part);
        if half == Half::Body && fresh {
            return self.act(index, Action::Replace, loss);
        }
        let parent = part.parent.map(|parent| (parent, &self.outline.parts[parent]));
        match parent {
            Some((_, owner)) if owner.kind == Kind::TraitImpl && owner.keep => {
                fresh && self.act(index, Action::Replace, loss)
            }
            Some((_, owner)) if owner.kind == Kind::TraitImpl && NO_SUCH_MEMBER.contains(&code) => {
                self.act(index, Action::Remove, loss)
            }
            Some((parent, owner)) if owner.kind == Kind::TraitImpl => self.take(parent, Half::Head, loss, ""),
            _ if part.keep => fresh && self.act(index, Action::Replace, loss),
            _ => self.act(index, Action::Remove, loss),
        }
    }

    /// Whether a function has a body that can still be replaced.
    fn can_stub(&self, part: &Part) -> bool {
        match &part.kind {
            Kind::Function {
                body: Some(body),
                stand_in,
            } => {
                let body = &self.text[body.clone()];
                *stand_in != StandIn::Nothing && !STUBS.iter().any(|stub| body.starts_with(stub))
            }
            _ => false,
        }
    }

    /// Blanks every field of a struct that must stay; false if they are blank already.
    fn blank_fields(&mut self, index: usize, loss: &Loss) -> bool {
        let fields: Vec<_> = self.outline.children(index).collect();
        let mut done = false;
        for field in fields {
            if let Kind::Field(bytes) = &self.outline.parts[field].kind
                && &self.text[bytes.clone()] != "()"
            {
                done |= self.act(field, Action::Replace, loss);
            }
        }
        done
    }

    fn act(&mut self, index: usize, action: Action, loss: &Loss) -> bool {
        let known = self.actions.entry(index).or_insert_with(|| (action, loss.clone()));
        known.0 = known.0.max(action);
        let part = &self.outline.parts[index];
        let loses_name = action == Action::Remove || matches!(part.kind, Kind::Field(_));
        if loses_name && !part.name.is_empty() {
            let name = part.name.clone();
            self.lose_name(name, loss);
        }
        if action == Action::Remove {
            let members: Vec<_> = self
                .outline
                .children(index)
                .map(|child| self.outline.parts[child].name.clone())
                .collect();
            for name in members.into_iter().filter(|name| !name.is_empty()) {
                self.gone.entry(name).or_insert_with(|| loss.clone());
            }
        }
        true
    }

    fn lose_name(&mut self, name: String, loss: &Loss) {
        if !self.gone.contains_key(&name) {
            self.gone.insert(name.clone(), loss.clone());
            self.pending.push(name);
        }
    }

    fn is_gone(&self, index: usize) -> bool {
        let removed = |index: &usize| {
            self.actions
                .get(index)
                .is_some_and(|(action, _)| *action == Action::Remove)
        };
        removed(&index) || self.outline.parts[index].parent.is_some_and(|parent| removed(&parent))
    }

    /// Takes out what mentions a type that is gone: without this it would fail in the next round.
    pub fn cascade(&mut self) {
        while let Some(name) = self.pending.pop() {
            let Some(loss) = self.gone.get(&name).filter(|_| is_distinctive(&name)).cloned() else {
                continue;
            };
            for index in 0..self.outline.parts.len() {
                match self.mention(index, &name) {
                    None => {}
                    Some((Half::Head, _)) => {
                        self.take(index, Half::Head, &loss, "");
                    }
                    Some((Half::Body, places)) => places.iter().for_each(|place| {
                        let part = self.started_at(place);
                        self.take(part.unwrap_or(index), Half::Body, &loss, "");
                    }),
                }
            }
        }
    }

    /// Where a part mentions a name: in its head, or where in its body. Parts inside of it answer for themselves.
    fn mention(&self, index: usize, name: &str) -> Option<(Half, Vec<Range<usize>>)> {
        let part = &self.outline.parts[index];
        let inner: Vec<_> = match &part.kind {
            Kind::Function { body, .. } => body.iter().cloned().collect(),
            _ if part.name == name => return None,
            _ => self
                .outline
                .children(index)
                .map(|child| self.outline.parts[child].whole.clone())
                .collect(),
        };
        let names = self.outline.names.within(&part.whole);
        let places = names
            .filter(|found| found.starts_path && found.text == name)
            .map(|found| found.bytes.clone());
        let inside = |place: &Range<usize>| inner.iter().any(|inner| inner.contains(&place.start));
        let (body, head): (Vec<_>, Vec<_>) = places.partition(inside);
        match &part.kind {
            _ if !head.is_empty() => Some((Half::Head, head)),
            Kind::Function { .. } if !body.is_empty() => Some((Half::Body, body)),
            _ => None,
        }
    }

    /// The reason of an error: if it comes from an edit of an earlier round, the reason of that.
    fn cause(&self, part: &Part, place: &Range<usize>, message: &Message) -> Loss {
        let labels = message.spans.iter().map(|span| span.label.as_str());
        let quoted = std::iter::once(message.text.as_str())
            .chain(labels)
            .flat_map(|text| text.split('`').skip(1).step_by(2));
        let mut quoted = quoted.flat_map(|code| code.split(|c: char| !c.is_alphanumeric() && c != '_'));
        let line = self.line_from(place);
        let mut near = [place, &line, &part.whole]
            .into_iter()
            .flat_map(|bytes| self.outline.names.within(bytes));
        quoted
            .find_map(|name| self.earlier.get(name))
            .or_else(|| near.find_map(|name| self.earlier.get(&name.text)))
            .cloned()
            .unwrap_or_else(|| Loss::of(message))
    }

    /// The line of a place, and what the place covers beyond it.
    fn line_from(&self, place: &Range<usize>) -> Range<usize> {
        let text = self.text.as_bytes();
        let start = text[..place.start]
            .iter()
            .rposition(|c| *c == b'\n')
            .map_or(0, |at| at + 1);
        let end = text[place.start..]
            .iter()
            .position(|c| *c == b'\n')
            .map_or(text.len(), |at| place.start + at);
        start..end.max(place.end)
    }

    /// Takes out everything that can be.
    pub fn everything(&mut self) {
        let loss = self.first.clone().unwrap_or_else(|| Loss {
            message: "the checks do not fit this submission".to_owned(),
            code: String::new(),
        });
        for index in 0..self.outline.parts.len() {
            let part = &self.outline.parts[index];
            let loss = self.actions.get(&index).map_or(&loss, |(_, known)| known).clone();
            match (&part.kind, part.keep, part.parent) {
                (Kind::Data, true, _) => self.blank_fields(index, &loss),
                (Kind::Function { .. }, true, _) | (Kind::Function { .. }, false, Some(_)) => {
                    self.take(index, Half::Body, &loss, "")
                }
                (_, false, None) => self.act(index, Action::Remove, &loss),
                _ => false,
            };
        }
    }
}
