//! `tracestate`: what vendors add to a context, and what is well-formed.
//!
//! W3C Trace Context, section 3.3 "Tracestate Header": a list of `key=value` members, separated by commas, with optional
//! blanks around each and empty members allowed. One bad member spoils the whole list, since nobody can tell where it
//! begins and ends; `traceparent` stays good.

/// Members of a list, at most.
const MEMBERS: usize = 32;
/// Characters of a key, and of a value, at most.
const LONGEST: usize = 256;

/// The list in its plainest form, `a=1,b=2`, in the same order; `None` if it is malformed.
///
/// A key may stand twice: the standard asks those who change the list to keep keys apart, not those who pass it on.
pub(crate) fn normalized(header: &str) -> Option<String> {
    let blank = [' ', '\t'];
    let members: Vec<&str> = header
        .split(',')
        .map(|member| member.trim_matches(blank))
        .filter(|member| !member.is_empty())
        .collect();
    let is_good = members.len() <= MEMBERS && members.iter().all(|member| is_member(member));
    is_good.then(|| members.join(","))
}

fn is_member(member: &str) -> bool {
    member
        .split_once('=')
        .is_some_and(|(key, value)| is_key(key) && is_value(value))
}

/// Level 2 of the standard: a small letter or a digit, then those and `_ - * / @`. Level 1 allowed a single `@`, between
/// the parts of a key; all its keys are keys of level 2.
fn is_key(key: &str) -> bool {
    let starts_well = key.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let is_key_byte = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@');
    starts_well && key.len() <= LONGEST && key.bytes().all(is_key_byte)
}

/// Printable ASCII but comma and equals sign. Blanks at the end were taken off with those around the member.
fn is_value(value: &str) -> bool {
    let is_value_byte = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'=');
    !value.is_empty() && value.len() <= LONGEST && value.bytes().all(is_value_byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_good(header: &str) -> bool {
        normalized(header).is_some()
    }

    #[test]
    fn blanks_and_empty_members_are_left_out() {
        assert_eq!(normalized("foo=1 \t , \t bar=2, ,").as_deref(), Some("foo=1,bar=2"));
        assert_eq!(normalized("").as_deref(), Some(""));
    }

    #[test]
    fn keys_and_values_are_those_of_the_standard() {
        for good in [
            "foo=1",
            "t3n@vendor=a b",
            "0-_*/=~!",
            "foo=1,foo=2",
            "foo@=1",
            "foo@bar@baz=1",
        ] {
            assert!(is_good(good), "{good}");
        }
        for bad in [
            "foo",
            "foo =1",
            "FOO=1",
            "foo.bar=1",
            "@foo=1",
            "=1",
            "foo=",
            "foo=bar=baz",
            "foo=é",
            "foo=a\tb",
        ] {
            assert!(!is_good(bad), "{bad}");
        }
    }

    #[test]
    fn long_members_and_long_lists_are_refused() {
        assert!(is_good(&format!("{}=1", "k".repeat(256))));
        assert!(!is_good(&format!("{}=1", "k".repeat(257))));
        assert!(is_good(&format!("k={}", "v".repeat(256))));
        assert!(!is_good(&format!("k={}", "v".repeat(257))));
        let list = |members: usize| vec!["k=1"; members].join(",");
        assert!(is_good(&list(32)));
        assert!(!is_good(&list(33)));
    }
}
