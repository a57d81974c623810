//! The names of traces and spans, and their hexadecimal form.

use crate::random;

/// The name of a trace: 128 bits that all its spans share, in all services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(pub u128);

/// The name of a span within its trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(pub u64);

impl TraceId {
    /// A name that no other trace has, but for a coincidence that nobody will live to see; never zero.
    ///
    /// ```
    /// use ex07::TraceId;
    ///
    /// assert_ne!(TraceId::generate(), TraceId::generate());
    /// ```
    pub fn generate() -> Self {
        Self(random::id128().get())
    }

    /// 32 hexadecimal digits in lower case, leading zeros included.
    ///
    /// ```
    /// use ex07::TraceId;
    ///
    /// assert_eq!(TraceId(0xbeef).to_hex(), "0000000000000000000000000000beef");
    /// ```
    pub fn to_hex(&self) -> String {
        format!("{:032x}", self.0)
    }

    /// The name that is written so, if it is 32 hexadecimal digits.
    ///
    /// ```
    /// use ex07::TraceId;
    ///
    /// assert_eq!(TraceId::from_hex("0000000000000000000000000000beef"), Some(TraceId(0xbeef)));
    /// assert_eq!(TraceId::from_hex("beef"), None);
    /// ```
    pub fn from_hex(s: &str) -> Option<Self> {
        digits(s, 32).map(Self)
    }
}

impl SpanId {
    /// A name that no other span of the trace has; never zero.
    ///
    /// ```
    /// use ex07::SpanId;
    ///
    /// assert_ne!(SpanId::generate(), SpanId::generate());
    /// ```
    pub fn generate() -> Self {
        Self(random::id64().get())
    }

    /// 16 hexadecimal digits in lower case, leading zeros included.
    ///
    /// ```
    /// use ex07::SpanId;
    ///
    /// assert_eq!(SpanId(0xbeef).to_hex(), "000000000000beef");
    /// ```
    pub fn to_hex(&self) -> String {
        format!("{:016x}", self.0)
    }

    /// The name that is written so, if it is 16 hexadecimal digits.
    ///
    /// ```
    /// use ex07::SpanId;
    ///
    /// assert_eq!(SpanId::from_hex("000000000000beef"), Some(SpanId(0xbeef)));
    /// assert_eq!(SpanId::from_hex("+00000000000beef"), None);
    /// ```
    pub fn from_hex(s: &str) -> Option<Self> {
        digits(s, 16).and_then(|id| u64::try_from(id).ok()).map(Self)
    }
}

/// The number that is written with exactly so many hexadecimal digits of either case.
///
/// That each byte is a digit is asked first: `from_str_radix` alone takes a sign as well.
fn digits(text: &str, count: usize) -> Option<u128> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_number.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_as_it_is_written() {
        for id in [0, 1, 0xbeef, u128::MAX] {
            assert_eq!(TraceId::from_hex(&TraceId(id).to_hex()), Some(TraceId(id)));
        }
        for id in [0, 1, 0xbeef, u64::MAX] {
            assert_eq!(SpanId::from_hex(&SpanId(id).to_hex()), Some(SpanId(id)));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "beef",
            "+00000000000beef",
            "000000000000bee ",
            "000000000000beeg",
            "éééééééé",
        ] {
            assert_eq!(SpanId::from_hex(text), None, "{text:?}");
        }
        assert_eq!(SpanId::from_hex(&TraceId(7).to_hex()), None);
        assert_eq!(TraceId::from_hex(&SpanId(7).to_hex()), None);
    }
}
