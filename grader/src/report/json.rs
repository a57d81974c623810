//! The card itself.

use crate::model::scorecard::Scorecard;

/// The card as JSON that ends with a line break. The same card gives the same bytes.
pub fn render(card: &Scorecard) -> String {
    let text = serde_json::to_string_pretty(card).expect("a card is plain data with text keys and finite numbers");
    text + "\n"
}
