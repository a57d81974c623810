//! Changes to a text that keep its line numbers.

use std::ops::Range;

use syn::spanned::Spanned;

/// A replacement of some bytes of a text.
pub(in crate::stages) type Patch = (Range<usize>, String);

/// The bytes of a piece of syntax, attributes and comments of documentation included.
pub(in crate::stages) fn bytes(piece: &impl Spanned) -> Range<usize> {
    piece.span().byte_range()
}

/// Nothing, on as many lines.
pub(in crate::stages) fn blank(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect()
}

/// Something else, on as many lines: `front` stands on the first line, `back` on the last.
pub(super) fn instead(text: &str, front: &str, back: &str) -> String {
    let lines: String = text.chars().filter(|c| *c == '\n').collect();
    format!("{front}{lines}{back}")
}

/// The text with replacements, which may not overlap; one inside another gives way to it.
pub(in crate::stages) fn patch(text: &str, mut patches: Vec<Patch>) -> String {
    patches.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (range, replacement) in patches {
        if range.start >= done && range.end >= range.start {
            out.push_str(&text[done..range.start]);
            out.push_str(&replacement);
            done = range.end;
        }
    }
    out.push_str(&text[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_apply_in_any_order_and_the_outer_one_wins() {
        let patches = vec![(8..9, "c".to_owned()), (0..5, "a".to_owned()), (2..3, "b".to_owned())];
        assert_eq!(patch("01234567_9", patches), "a567c9");
        assert_eq!(patch("ab", vec![(1..1, "x".to_owned())]), "axb");
    }

    #[test]
    fn blanking_keeps_lines() {
        assert_eq!(blank("é{\n  a\r\n}"), "  \n    \n ");
        assert_eq!(instead("a\nb\nc", "{ x ", "}"), "{ x \n\n}");
    }
}
