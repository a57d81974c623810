//! Turns what a round decided into a new text.

use std::collections::BTreeMap;

use super::{Action, Loss, Round};
use crate::stages::partial::outline::{Kind, StandIn, Start};
use crate::stages::partial::text::{blank, instead, patch};

/// What a round comes to.
pub(in crate::stages::partial) struct Edited {
    pub text: String,
    pub lost: BTreeMap<String, Loss>,
    pub causes: BTreeMap<String, Loss>,
}

impl Round<'_> {
    /// Makes the changes.
    pub fn finish(self) -> Edited {
        let mut patches: Vec<_> = self
            .outline
            .imports
            .iter()
            .flat_map(|import| import.patches(self.text))
            .collect();
        let mut lost = BTreeMap::new();
        for (index, (action, loss)) in &self.actions {
            let part = &self.outline.parts[*index];
            lost.insert(part.key.clone(), loss.clone());
            patches.push(match (action, &part.kind) {
                (
                    Action::Replace,
                    Kind::Function {
                        body: Some(body),
                        stand_in,
                    },
                ) => (body.clone(), stub(&self.text[body.clone()], *stand_in, loss)),
                (Action::Replace, Kind::Field(bytes)) => (bytes.clone(), instead(&self.text[bytes.clone()], "(", ")")),
                _ => (part.whole.clone(), blank(&self.text[part.whole.clone()])),
            });
            if let (Kind::Field(_), Some(parent)) = (&part.kind, part.parent)
                && self.outline.parts[parent].keep
            {
                let starts = self.outline.starts.iter().filter(|start| start.field == part.name);
                let unit = |start: &Start| {
                    (
                        start.whole.clone(),
                        instead(&self.text[start.whole.clone()], &format!("{}: ()", start.field), ""),
                    )
                };
                patches.extend(starts.map(unit));
            }
        }
        Edited {
            text: patch(self.text, patches),
            lost,
            causes: self.gone,
        }
    }
}

/// What a body becomes.
fn stub(body: &str, stand_in: StandIn, loss: &Loss) -> String {
    let call = format!("witness::unavailable({:?})", loss.to_string());
    match stand_in {
        StandIn::Future => instead(body, &format!("{{ async move {{ {call} "), "} }"),
        _ => instead(body, &format!("{{ {call} "), "}"),
    }
}
