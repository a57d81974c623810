//! What travels from service to service, and its standard form `traceparent`.
//!
//! W3C Trace Context (level 1 of 2021, level 2 a candidate), section 3.2 "Traceparent Header":
//!
//! ```text
//! 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
//! version  trace-id                   parent-id        trace-flags
//! ```
//!
//! Every version after 00 promises to begin with these four fields and to go on, if at all, with another `-` (section
//! "Versioning of traceparent"): that is how a service understands a caller that is newer than itself.

use crate::{SpanId, TraceId};

/// The flags of a trace: one bit each, of which this version of the standard reads one.
#[derive(Debug, Clone, Copy)]
pub struct TraceFlags(u8);

impl TraceFlags {
    /// The bit of a trace that the caller records.
    pub const SAMPLED: u8 = 0x01;

    /// No flag: the trace is not sampled, as far as anybody knows.
    ///
    /// ```
    /// use ex07::TraceFlags;
    ///
    /// assert!(!TraceFlags::new().is_sampled());
    /// ```
    #[expect(
        clippy::new_without_default,
        reason = "the contract names its traits, and this is none of them"
    )]
    pub fn new() -> Self {
        Self::with_sampled(false)
    }

    /// The flags of a trace that is sampled, or not.
    ///
    /// ```
    /// use ex07::TraceFlags;
    ///
    /// assert!(TraceFlags::with_sampled(true).is_sampled());
    /// ```
    pub fn with_sampled(sampled: bool) -> Self {
        Self(if sampled { Self::SAMPLED } else { 0 })
    }

    /// Whether the trace is sampled. Other bits do not matter: a later version may set them.
    ///
    /// ```
    /// use ex07::TraceFlags;
    ///
    /// assert!(!TraceFlags::with_sampled(false).is_sampled());
    /// ```
    pub fn is_sampled(&self) -> bool {
        self.0 & Self::SAMPLED != 0
    }
}

/// Where in which trace something happens: a span, as others may know it.
#[derive(Debug, Clone)]
pub struct TraceContext {
    /// The trace.
    pub trace_id: TraceId,
    /// The span.
    pub span_id: SpanId,
    /// The span that caused it. None for the root of a trace, and for a context from outside, which does not tell.
    pub parent_span_id: Option<SpanId>,
    /// Whether the trace is recorded.
    pub flags: TraceFlags,
    /// What vendors added: the members of `tracestate`, separated by commas; empty if there are none.
    pub trace_state: String,
}

impl TraceContext {
    /// The root of a new trace. Nobody decided yet whether it is recorded, so it is not.
    ///
    /// ```
    /// use ex07::TraceContext;
    ///
    /// assert!(TraceContext::new_root().parent_span_id.is_none());
    /// ```
    pub fn new_root() -> Self {
        Self {
            trace_id: TraceId::generate(),
            span_id: SpanId::generate(),
            parent_span_id: None,
            flags: TraceFlags::new(),
            trace_state: String::new(),
        }
    }

    /// A new span that this one causes: of the same trace, with the same decision and the same additions of vendors.
    ///
    /// ```
    /// use ex07::TraceContext;
    ///
    /// let parent = TraceContext::new_root();
    /// let child = parent.child();
    /// assert_eq!(child.trace_id, parent.trace_id);
    /// assert_eq!(child.parent_span_id, Some(parent.span_id));
    /// ```
    pub fn child(&self) -> Self {
        Self {
            span_id: SpanId::generate(),
            parent_span_id: Some(self.span_id),
            ..self.clone()
        }
    }

    /// The header that tells another service about this span, in version 00.
    ///
    /// ```
    /// use ex07::{SpanId, TraceContext, TraceFlags, TraceId};
    ///
    /// let context = TraceContext {
    ///     trace_id: TraceId(0x4bf92f3577b34da6a3ce929d0e0e4736),
    ///     span_id: SpanId(0x00f067aa0ba902b7),
    ///     parent_span_id: None,
    ///     flags: TraceFlags::with_sampled(true),
    ///     trace_state: String::new(),
    /// };
    /// assert_eq!(context.to_traceparent(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    /// ```
    pub fn to_traceparent(&self) -> String {
        let Self {
            trace_id,
            span_id,
            flags,
            ..
        } = self;
        format!("00-{}-{}-{:02x}", trace_id.to_hex(), span_id.to_hex(), flags.0)
    }

    /// The span of another service, from its header. Unknown flags are forgotten, as the standard asks of a service that
    /// does not know what they mean.
    ///
    /// `None` for anything but a header of version 00, or one of a later version that begins like it.
    ///
    /// ```
    /// use ex07::TraceContext;
    ///
    /// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    /// assert!(TraceContext::from_traceparent(header).is_some_and(|context| context.flags.is_sampled()));
    /// assert!(TraceContext::from_traceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01").is_none());
    /// ```
    pub fn from_traceparent(header: &str) -> Option<Self> {
        let mut fields = header.splitn(5, '-');
        let version = field(fields.next()?, 2)?;
        let trace_id = field(fields.next()?, 32).filter(|id| *id != 0)?;
        let span_id = field(fields.next()?, 16).filter(|id| *id != 0)?;
        let flags = field(fields.next()?, 2)?;
        let more = fields.next();
        // Version ff is the one that will never be; 00 has four fields and no more.
        if version == 0xff || (version == 0 && more.is_some()) {
            return None;
        }
        Some(Self {
            trace_id: TraceId(trace_id),
            span_id: SpanId(u64::try_from(span_id).ok()?),
            parent_span_id: None,
            flags: TraceFlags(u8::try_from(flags).ok()? & TraceFlags::SAMPLED),
            trace_state: String::new(),
        })
    }
}

/// The number in a field of so many lower-case hexadecimal digits; the standard knows no upper case ("HEXDIGLC").
fn field(text: &str, digits: usize) -> Option<u128> {
    let is_field = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_field.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "12345678901234567890123456789012";
    const SPAN: &str = "1234567890123456";

    /// Whether the header is understood.
    fn reads(header: &str) -> bool {
        TraceContext::from_traceparent(header).is_some()
    }

    #[test]
    fn the_standard_header_is_read() {
        let context = TraceContext::from_traceparent(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
        assert_eq!(context.trace_id.to_hex(), TRACE);
        assert_eq!(context.span_id.to_hex(), SPAN);
        assert!(context.flags.is_sampled());
        assert_eq!(context.to_traceparent(), format!("00-{TRACE}-{SPAN}-01"));
    }

    #[test]
    fn later_versions_may_say_more_behind_a_dash() {
        for version in ["01", "02", "12", "cc", "fe"] {
            assert!(reads(&format!("{version}-{TRACE}-{SPAN}-01")));
            assert!(reads(&format!(
                "{version}-{TRACE}-{SPAN}-01-what-the-future-will-be-like"
            )));
            assert!(!reads(&format!(
                "{version}-{TRACE}-{SPAN}-01.what-the-future-will-be-like"
            )));
        }
        assert!(!reads(&format!("00-{TRACE}-{SPAN}-01-what-the-future-will-be-like")));
        assert!(!reads(&format!("00-{TRACE}-{SPAN}-01-")));
    }

    #[test]
    fn malformed_fields_are_refused() {
        for version in ["ff", ".0", "0.", "000", "0000", "0", "", "0x", "CC", "+0"] {
            assert!(!reads(&format!("{version}-{TRACE}-{SPAN}-01")), "version {version:?}");
        }
        for trace in [
            "00000000000000000000000000000000",
            ".2345678901234567890123456789012",
            &TRACE[1..],
            "A2345678901234567890123456789012",
        ] {
            assert!(!reads(&format!("00-{trace}-{SPAN}-01")), "trace {trace:?}");
        }
        for span in [
            "0000000000000000",
            ".234567890123456",
            &SPAN[1..],
            "12345678901234567",
            "A234567890123456",
        ] {
            assert!(!reads(&format!("00-{TRACE}-{span}-01")), "span {span:?}");
        }
        for flags in [".0", "0.", "001", "1", "", "0A"] {
            assert!(!reads(&format!("00-{TRACE}-{SPAN}-{flags}")), "flags {flags:?}");
        }
        assert!(!reads(&format!("00-{TRACE}-{SPAN}")));
        assert!(!reads("é"));
    }

    #[test]
    fn all_flags_are_read_and_one_is_understood() {
        for flags in 0..=u8::MAX {
            let context = TraceContext::from_traceparent(&format!("00-{TRACE}-{SPAN}-{flags:02x}")).unwrap();
            assert_eq!(context.flags.is_sampled(), flags % 2 == 1);
        }
    }
}
