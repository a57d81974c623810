//! Spans as a document that collectors read: OTLP/JSON, the JSON form of OpenTelemetry's protocol. Jaeger takes it on port
//! 4318 at `/v1/traces`.
//!
//! As protobuf's JSON mapping has it, 64-bit numbers are texts, and other numbers may be; identifiers are hexadecimal, an
//! exception of OTLP.

use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::{AttributeValue, Span, SpanKind, SpanStatus};

/// The document for a batch of spans.
pub(crate) struct Document<'a>(pub(crate) &'a [Span]);

impl Display for Document<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let spans: Vec<String> = self.0.iter().map(|span| OneSpan(span).to_string()).collect();
        write!(
            f,
            r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{}]}}]}}]}}"#,
            spans.join(",")
        )
    }
}

struct OneSpan<'a>(&'a Span);

impl Display for OneSpan<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let nanos = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let (span, context) = (self.0, &self.0.context);
        let (trace, id) = (context.trace_id.to_hex(), context.span_id.to_hex());
        // An empty parent is none.
        let parent = context.parent_span_id.map(|parent| parent.to_hex()).unwrap_or_default();
        write!(f, r#"{{"traceId":"{trace}","spanId":"{id}","parentSpanId":"{parent}""#)?;
        let kind = match span.kind {
            SpanKind::Internal => 1,
            SpanKind::Server => 2,
            SpanKind::Client => 3,
            SpanKind::Producer => 4,
            SpanKind::Consumer => 5,
        };
        let (state, name) = (Text(&context.trace_state), Text(&span.name));
        write!(f, r#","traceState":{state},"name":{name},"kind":{kind}"#)?;
        let (start, end) = (nanos(span.start_time), nanos(span.end_time.unwrap_or(span.start_time)));
        write!(f, r#","startTimeUnixNano":"{start}","endTimeUnixNano":"{end}""#)?;
        let events = span.events.iter().map(|event| {
            let (name, time) = (Text(&event.name), nanos(event.timestamp));
            let attributes = Attributes(&event.attributes);
            format!(r#"{{"name":{name},"timeUnixNano":"{time}","attributes":{attributes}}}"#)
        });
        let links = span.links.iter().map(|link| {
            let (trace, id) = (link.context.trace_id.to_hex(), link.context.span_id.to_hex());
            let attributes = Attributes(&link.attributes);
            format!(r#"{{"traceId":"{trace}","spanId":"{id}","attributes":{attributes}}}"#)
        });
        let (events, links): (Vec<String>, Vec<String>) = (events.collect(), links.collect());
        write!(f, r#","attributes":{}"#, Attributes(&span.attributes))?;
        write!(f, r#","events":[{}],"links":[{}]"#, events.join(","), links.join(","))?;
        let (code, message) = match &span.status {
            SpanStatus::Unset => (0, ""),
            SpanStatus::Ok => (1, ""),
            SpanStatus::Error { message } => (2, message.as_str()),
        };
        write!(f, r#","status":{{"code":{code},"message":{}}}}}"#, Text(message))
    }
}

/// What is known about something, key by key.
struct Attributes<'a>(&'a HashMap<String, AttributeValue>);

impl Display for Attributes<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = |text: &String| format!(r#"{{"stringValue":{}}}"#, Text(text));
        let int = |number: &i64| format!(r#"{{"intValue":"{number}"}}"#);
        let array = |values: Vec<String>| format!(r#"{{"arrayValue":{{"values":[{}]}}}}"#, values.join(","));
        let attributes = self.0.iter().map(|(key, value)| {
            let value = match value {
                AttributeValue::String(value) => text(value),
                AttributeValue::Int(number) => int(number),
                AttributeValue::Float(number) => {
                    let number = number.to_string().replace("inf", "Infinity");
                    format!(r#"{{"doubleValue":"{number}"}}"#)
                }
                AttributeValue::Bool(flag) => format!(r#"{{"boolValue":{flag}}}"#),
                AttributeValue::StringArray(values) => array(values.iter().map(text).collect()),
                AttributeValue::IntArray(numbers) => array(numbers.iter().map(int).collect()),
            };
            format!(r#"{{"key":{},"value":{value}}}"#, Text(key))
        });
        write!(f, "[{}]", attributes.collect::<Vec<_>>().join(","))
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
            r#""spanId":"0000000000000003","parentSpanId":"0000000000000002","traceState":"a=1","#,
            r#""name":"a \"b\"\u000a","kind":3,"startTimeUnixNano":"0","endTimeUnixNano":"0","#,
            r#""attributes":[{"key":"n","value":{"intValue":"7"}}],"#,
            r#""events":[{"name":"e","timeUnixNano":"0","attributes":[]}],"#,
            r#""links":[{"traceId":"00000000000000000000000000000001","spanId":"0000000000000002","attributes":[]}],"#,
            r#""status":{"code":2,"message":"no"}}]}]}]}"#,
        );
        assert_eq!(Document(&[span]).to_string(), expected);
    }
}
