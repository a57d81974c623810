//! Spans as a document that collectors read: OTLP/JSON, the JSON form of OpenTelemetry's protocol. Jaeger takes it on port
//! 4318 at `/v1/traces`.
//!
//! As protobuf's JSON mapping has it, 64-bit numbers are texts; identifiers are hexadecimal, an exception of OTLP.

use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::{AttributeValue, Span, SpanEvent, SpanKind, SpanStatus};

/// The document for a batch of spans.
pub(crate) struct Document<'a>(pub(crate) &'a [Span]);

impl Display for Document<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let spans = List(|| self.0.iter().map(OneSpan));
        write!(f, r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":{spans}}}]}}]}}"#)
    }
}

struct OneSpan<'a>(&'a Span);

impl Display for OneSpan<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let span = self.0;
        let (trace, id) = (span.context.trace_id.to_hex(), span.context.span_id.to_hex());
        write!(f, r#"{{"traceId":"{trace}","spanId":"{id}""#)?;
        if let Some(parent) = span.context.parent_span_id {
            write!(f, r#","parentSpanId":"{}""#, parent.to_hex())?;
        }
        let kind = match span.kind {
            SpanKind::Internal => 1,
            SpanKind::Server => 2,
            SpanKind::Client => 3,
            SpanKind::Producer => 4,
            SpanKind::Consumer => 5,
        };
        let state = Text(&span.context.trace_state);
        write!(f, r#","name":{},"kind":{kind},"traceState":{state}"#, Text(&span.name))?;
        let (start, end) = (Nanos(span.start_time), Nanos(span.end_time.unwrap_or(span.start_time)));
        write!(f, r#","startTimeUnixNano":"{start}","endTimeUnixNano":"{end}""#)?;
        let events = List(|| span.events.iter().map(OneEvent));
        let links = List(|| {
            span.links
                .iter()
                .map(|link| OneLink(&link.context.trace_id, &link.context.span_id))
        });
        write!(
            f,
            r#","attributes":{},"events":{events},"links":{links}"#,
            Attributes(&span.attributes)
        )?;
        match &span.status {
            SpanStatus::Unset => write!(f, r#","status":{{"code":0}}}}"#),
            SpanStatus::Ok => write!(f, r#","status":{{"code":1}}}}"#),
            SpanStatus::Error { message } => write!(f, r#","status":{{"code":2,"message":{}}}}}"#, Text(message)),
        }
    }
}

struct OneEvent<'a>(&'a SpanEvent);

impl Display for OneEvent<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (name, time) = (Text(&self.0.name), Nanos(self.0.timestamp));
        let attributes = Attributes(&self.0.attributes);
        write!(
            f,
            r#"{{"name":{name},"timeUnixNano":"{time}","attributes":{attributes}}}"#
        )
    }
}

struct OneLink<'a>(&'a crate::TraceId, &'a crate::SpanId);

impl Display for OneLink<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"{{"traceId":"{}","spanId":"{}"}}"#,
            self.0.to_hex(),
            self.1.to_hex()
        )
    }
}

struct Attributes<'a>(&'a HashMap<String, AttributeValue>);

impl Display for Attributes<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let pairs = List(|| self.0.iter().map(|(key, value)| OneAttribute(key, value)));
        pairs.fmt(f)
    }
}

struct OneAttribute<'a>(&'a str, &'a AttributeValue);

impl Display for OneAttribute<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, r#"{{"key":{},"value":{}}}"#, Text(self.0), Value(self.1))
    }
}

struct Value<'a>(&'a AttributeValue);

impl Display for Value<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            AttributeValue::String(text) => write!(f, r#"{{"stringValue":{}}}"#, Text(text)),
            AttributeValue::Int(number) => write!(f, r#"{{"intValue":"{number}"}}"#),
            AttributeValue::Float(number) if number.is_finite() => write!(f, r#"{{"doubleValue":{number:?}}}"#),
            AttributeValue::Float(number) => write!(f, r#"{{"doubleValue":"{number}"}}"#),
            AttributeValue::Bool(flag) => write!(f, r#"{{"boolValue":{flag}}}"#),
            AttributeValue::StringArray(texts) => {
                let values = List(|| texts.iter().map(|text| format!(r#"{{"stringValue":{}}}"#, Text(text))));
                write!(f, r#"{{"arrayValue":{{"values":{values}}}}}"#)
            }
            AttributeValue::IntArray(numbers) => {
                let values = List(|| numbers.iter().map(|number| format!(r#"{{"intValue":"{number}"}}"#)));
                write!(f, r#"{{"arrayValue":{{"values":{values}}}}}"#)
            }
        }
    }
}

/// Some values between brackets.
struct List<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Display>> Display for List<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = (self.0)().map(|value| value.to_string()).collect();
        write!(f, "[{}]", texts.join(","))
    }
}

/// A text between quotation marks.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let escaped = self.0.chars().map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            '\0'..='\u{1f}' => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        });
        write!(f, "\"{}\"", escaped.collect::<String>())
    }
}

/// Nanoseconds since 1970; none before.
struct Nanos(SystemTime);

impl Display for Nanos {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SpanBuilder, SpanId, TraceContext, TraceFlags, TraceId};

    #[test]
    fn a_span_is_written_as_the_protocol_wants_it() {
        let parent = TraceContext {
            trace_id: TraceId(1),
            span_id: SpanId(2),
            parent_span_id: None,
            flags: TraceFlags::new(),
            trace_state: "a=1".to_owned(),
        };
        let builder = SpanBuilder::new("a \"b\"\n")
            .with_kind(SpanKind::Client)
            .with_attribute("n", 7_i64);
        let mut active = builder.with_parent(&parent).with_link(parent.clone()).start();
        active.add_event("e");
        active.set_error("no");
        let mut span = active.end();
        span.context.span_id = SpanId(3);
        span.start_time = UNIX_EPOCH;
        span.end_time = Some(UNIX_EPOCH);
        span.events[0].timestamp = UNIX_EPOCH;
        let expected = concat!(
            r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00000000000000000000000000000001","#,
            r#""spanId":"0000000000000003","parentSpanId":"0000000000000002","name":"a \"b\"\u000a","kind":3,"#,
            r#""traceState":"a=1","startTimeUnixNano":"0","endTimeUnixNano":"0","#,
            r#""attributes":[{"key":"n","value":{"intValue":"7"}}],"#,
            r#""events":[{"name":"e","timeUnixNano":"0","attributes":[]}],"#,
            r#""links":[{"traceId":"00000000000000000000000000000001","spanId":"0000000000000002"}],"#,
            r#""status":{"code":2,"message":"no"}}]}]}]}"#,
        );
        assert_eq!(Document(&[span]).to_string(), expected);
    }
}
