//! The first words of a check's documentation: the requirements it checks, then what it says.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// `/// R1, R3: every tick counts.`: which requirements, and the sentence after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The requirements, `R1`, `R3`, in the order given.
    pub requirements: Vec<String>,
    /// The first paragraph without the requirements, on one line.
    pub summary: String,
}

impl Header {
    /// The header in a function's attributes. The error says what is wrong with "it".
    pub(super) fn of(attributes: &[Attribute]) -> Result<Self, String> {
        let paragraph = first_paragraph(attributes);
        let (ids, summary) = paragraph
            .split_once(':')
            .ok_or("names no requirement: start its documentation with `/// R1: what it checks`")?;
        let requirements: Vec<_> = ids.split(',').map(|id| id.trim().to_owned()).collect();
        if let Some(wrong) = requirements.iter().find(|id| !is_requirement(id)) {
            return Err(format!(
                "names `{wrong}` where a requirement is expected: start its documentation with `/// R1: what it checks`"
            ));
        }
        let summary = summary.trim();
        if summary.is_empty() {
            return Err("does not say what it checks: write a sentence after the requirement".to_owned());
        }
        Ok(Self {
            requirements,
            summary: summary.to_owned(),
        })
    }
}

/// `R` and a number without leading zeros.
fn is_requirement(id: &str) -> bool {
    id.strip_prefix('R').is_some_and(|number| {
        !number.is_empty() && !number.starts_with('0') && number.bytes().all(|c| c.is_ascii_digit())
    })
}

/// The documentation up to its first empty line, on one line.
fn first_paragraph(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(doc_line);
    let lines = lines.flat_map(|line| line.split('\n').map(|line| line.trim().to_owned()).collect::<Vec<_>>());
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The text of a `///` comment.
fn doc_line(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text), ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}
