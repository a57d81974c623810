//! The card itself.

use std::fmt::Write;

use crate::model::scorecard::Scorecard;

use super::escape;

/// The card as JSON that ends with a line break. The same card gives the same bytes, and a terminal shows them as they are.
pub fn render(card: &Scorecard) -> String {
    let text = serde_json::to_string_pretty(card).expect("a card is plain data with text keys and finite numbers");
    let mut shown = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        // Line ends are the printer's own; inside of strings they are escaped already, as is all that ASCII has of control characters.
        if c == '\n' || !escape::is_harmful(c) {
            shown.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(shown, "\\u{unit:04x}").expect("a string takes all");
            }
        }
    }
    shown.push('\n');
    shown
}
