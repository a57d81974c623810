//! The script language of EX07: contexts, carriers, baggage, builders and spans in numbered slots, one tracer, and the
//! exporter behind it, which keeps what it gets.
//!
//! What the contract leaves open cannot be said, or is not shown: identifiers are told as hexadecimal text, attributes
//! only by the keys that scripts use, exported spans by their names in alphabetical order, a `tracestate` by its members.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The number of a context, a carrier, a baggage, or a builder and the span that comes of it.
pub type Slot = u8;

/// The keys of the attributes that scripts use. A submission may add others of its own.
pub const KEYS: [&str; 4] = ["cart", "coupon", "retries", "user"];

/// Attributes by key.
pub type Attributes = BTreeMap<String, Value>;

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// A text.
    String(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// Several texts.
    StringArray(Vec<String>),
    /// Several whole numbers.
    IntArray(Vec<i64>),
}

/// Which part a service has in an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// None but its own.
    Internal,
    /// Answers a request.
    Server,
    /// Makes one.
    Client,
    /// Sends a message.
    Producer,
    /// Receives one.
    Consumer,
}

/// How an operation went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Nobody said.
    Unset,
    /// Well.
    Ok,
    /// Not well.
    Error(String),
}

/// An event of a span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub name: String,
    /// What is known about it.
    pub attributes: Attributes,
}

/// The identifiers of a context, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ids {
    /// The trace.
    pub trace: String,
    /// The span.
    pub span: String,
    /// The span that caused it.
    pub parent: Option<String>,
}

/// A context as another service knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// The trace, in hexadecimal.
    pub trace: String,
    /// The span, in hexadecimal.
    pub span: String,
    /// Whether the trace is sampled.
    pub sampled: bool,
}

/// A sampler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decider {
    /// Always.
    On,
    /// Never.
    Off,
    /// A share, in thousandths; it may lie beyond none and all.
    Ratio(i16),
    /// As the script says, and it keeps what it was asked.
    Told,
}

/// A propagator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// That of the standard.
    W3C,
    /// One of the checks' own: the same text as `traceparent`, in a header of this number.
    Own(u8),
}

/// What the times of a span are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Whether it has an end.
    pub ended: bool,
    /// Whether start, event and end are moments of this run, give or take a minute.
    pub present: bool,
    /// Whether the end is as long behind the start as the span lasted, or longer.
    pub lasting: bool,
}

/// The name of the span in a slot.
pub fn name(s: Slot) -> String {
    format!("span-{s}")
}

/// The header of a propagator of the checks' own.
pub fn own_header(number: u8) -> String {
    format!("x-way-{number}")
}

/// A context that no script made: each slot has one, always the same.
pub fn stranger(c: Slot) -> (u128, u64) {
    (0x5_0000_0000_0000_0000_0000 + u128::from(c), 0x5000 + u64::from(c))
}

/// Two halves of an identifier as one; zero, which is no identifier, becomes one.
pub fn trace_id(high: u64, low: u64) -> u128 {
    (u128::from(high) << 64 | u128::from(low)).max(1)
}

/// Trace identifiers as a service draws them: uniform, and the same for the same seed (splitmix64, Steele et al. 2014).
pub fn drawn_traces(seed: u64, count: u16) -> impl Iterator<Item = u128> {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    };
    (0..count).map(move |_| trace_id(next(), next()))
}

/// The ratio of so many thousandths.
pub fn ratio(per_mille: i16) -> f64 {
    f64::from(per_mille) / 1000.0
}

/// A sampler as the student would write it.
fn sampler(decider: Decider) -> String {
    match decider {
        Decider::On => "AlwaysOnSampler".to_owned(),
        Decider::Off => "AlwaysOffSampler".to_owned(),
        Decider::Ratio(per_mille) => format!("RatioSampler::new({:?})", ratio(per_mille)),
        Decider::Told => "switch".to_owned(),
    }
}

/// Propagators as the student would write them.
fn composite(ways: &[Way]) -> String {
    let ways = ways.iter().map(|way| match way {
        Way::W3C => "Arc::new(W3CTraceContextPropagator)".to_owned(),
        Way::Own(number) => format!("by({:?})", own_header(*number)),
    });
    format!(
        "CompositePropagator::new(vec![{}])",
        ways.collect::<Vec<_>>().join(", ")
    )
}

/// A status as the student would write it.
fn status(status: &Status) -> String {
    match status {
        Status::Unset => "SpanStatus::Unset".to_owned(),
        Status::Ok => "SpanStatus::Ok".to_owned(),
        Status::Error(message) => format!("SpanStatus::Error {{ message: {message:?}.into() }}"),
    }
}

witness::language! {
    /// A tracer that samples everything unless another is asked for, and slots. A context that was not made is a fixed
    /// one, a builder that was not made is the tracer's, a span that was not started is not there.
    pub trait Tracing {
        /// A trace identifier in hexadecimal.
        fn trace_to_hex(high: u64, low: u64) -> String => {
            format!("TraceId(0x{:x}).to_hex()", u128::from(*high) << 64 | u128::from(*low))
        };
        /// A span identifier in hexadecimal.
        fn span_to_hex(id: u64) -> String => "SpanId(0x{id:x}).to_hex()";
        /// The trace identifier of a text.
        fn trace_from_hex(text: String) -> Option<String> => "TraceId::from_hex({text:?})";
        /// The span identifier of a text.
        fn span_from_hex(text: String) -> Option<String> => "SpanId::from_hex({text:?})";
        /// So many new trace identifiers from each of some threads, as two halves.
        fn generate_traces(threads: u8, count: u16) -> Vec<(u64, u64)> =>
            "TraceId::generate() // {count} times on each of {threads} threads";
        /// So many new span identifiers from each of some threads.
        fn generate_spans(threads: u8, count: u16) -> Vec<u64> =>
            "SpanId::generate() // {count} times on each of {threads} threads";

        /// The root of a new trace.
        fn new_root(c: Slot) => "let mut ctx{c} = TraceContext::new_root();";
        /// A child of a context.
        fn child(c: Slot, of: Slot) => "let mut ctx{c} = ctx{of}.child();";
        /// The context with these fields.
        fn context(c: Slot, high: u64, low: u64, span: u64, sampled: bool) => {
            format!(
                "let mut ctx{c} = TraceContext {{ trace_id: TraceId(0x{:x}), span_id: SpanId(0x{:x}), \
                 parent_span_id: None, flags: TraceFlags::with_sampled({sampled}), trace_state: String::new() }};",
                trace_id(*high, *low), (*span).max(1)
            )
        };
        /// Gives a context a `tracestate`.
        fn set_state(c: Slot, state: String) => "ctx{c}.trace_state = {state:?}.into();";
        /// The identifiers of a context.
        fn ids(c: Slot) -> Ids => "(ctx{c}.trace_id, ctx{c}.span_id, ctx{c}.parent_span_id)";
        /// Whether a context is sampled.
        fn sampled(c: Slot) -> bool => "ctx{c}.flags.is_sampled()";
        /// The members of a context's `tracestate`.
        fn state(c: Slot) -> Vec<String> => "ctx{c}.trace_state";
        /// The header of a context.
        fn traceparent(c: Slot) -> String => "ctx{c}.to_traceparent()";
        /// The context of a header.
        fn read(header: String) -> Option<Remote> => "TraceContext::from_traceparent({header:?})";
        /// The context of the header of a context.
        fn reread(c: Slot) -> Option<Remote> => "TraceContext::from_traceparent(&ctx{c}.to_traceparent())";

        /// Writes a header.
        fn header(k: Slot, key: String, value: String) => "headers{k}.set({key:?}, {value:?}.into());";
        /// A header that was written; none if it is empty.
        fn sent(k: Slot, key: String) -> Option<String> => "headers{k}.get({key:?})";
        /// The members of the header `tracestate`.
        fn sent_state(k: Slot) -> Vec<String> => "headers{k}.get(\"tracestate\") // members";
        /// Writes a context into a carrier.
        fn inject(k: Slot, c: Slot) => "W3CTraceContextPropagator.inject(&ctx{c}, &mut headers{k});";
        /// Reads the context of a carrier.
        fn extract(k: Slot) -> Option<Remote> => "W3CTraceContextPropagator.extract(&headers{k})";
        /// The members of its `tracestate`.
        fn extract_state(k: Slot) -> Option<Vec<String>> =>
            "W3CTraceContextPropagator.extract(&headers{k}).map(|ctx| ctx.trace_state) // members";
        /// Reads the context of a carrier, and keeps it if there is one.
        fn receive(c: Slot, k: Slot) => "let ctx{c} = W3CTraceContextPropagator.extract(&headers{k}).unwrap();";
        /// Writes a context in several ways.
        fn inject_all(k: Slot, c: Slot, ways: Vec<Way>) => {
            format!("{}.inject(&ctx{c}, &mut headers{k});", composite(ways))
        };
        /// Reads the context of a carrier in one of several ways.
        fn extract_any(k: Slot, ways: Vec<Way>) -> Option<Remote> => {
            format!("{}.extract(&headers{k})", composite(ways))
        };

        /// Adds an item.
        fn set_item(b: Slot, key: String, value: String) => "bag{b}.set({key:?}, {value:?});";
        /// The value of an item.
        fn item(b: Slot, key: String) -> Option<String> => "bag{b}.get({key:?})";
        /// Takes an item away.
        fn remove_item(b: Slot, key: String) => "bag{b}.remove({key:?});";
        /// All items. Sorted: the contract fixes no order.
        fn items(b: Slot) -> Vec<(String, String)> => "bag{b}.iter()";
        /// A copy.
        fn copy_baggage(b: Slot, copy: Slot) => "let mut bag{copy} = bag{b}.clone();";

        /// A new tracer and exporter in place of those before; spans are forgotten.
        fn trace_with(decider: Decider) => {
            format!("let tracer = Tracer::new(\"service\", Arc::new({}), exporter.clone());", sampler(*decider))
        };
        /// A builder of the tracer's.
        fn build(s: Slot) => { format!("let build{s} = tracer.span({:?});", name(*s)) };
        /// A builder of no tracer's.
        fn build_alone(s: Slot) => { format!("let build{s} = SpanBuilder::new({:?});", name(*s)) };
        /// A builder of the tracer's for a child.
        fn build_under(s: Slot, c: Slot) => {
            format!("let build{s} = tracer.span_with_parent({:?}, &ctx{c});", name(*s))
        };
        /// Says which kind.
        fn with_kind(s: Slot, kind: Kind) => "let build{s} = build{s}.with_kind(SpanKind::{kind:?});";
        /// Gives a span to be an attribute.
        fn with_attribute(s: Slot, key: String, value: Value) =>
            "let build{s} = build{s}.with_attribute({key:?}, AttributeValue::{value:?});";
        /// Gives it a link.
        fn with_link(s: Slot, c: Slot) => "let build{s} = build{s}.with_link(ctx{c}.clone());";
        /// Gives it a parent.
        fn with_parent(s: Slot, c: Slot) => "let build{s} = build{s}.with_parent(&ctx{c});";
        /// Starts a span; one that is active in the slot ends before.
        fn start(s: Slot) => "let mut span{s} = build{s}.start();";
        /// Keeps the context of a span.
        fn note(c: Slot, s: Slot) => "let ctx{c} = span{s}.context().clone();";
        /// Gives a span an attribute.
        fn set_attribute(s: Slot, key: String, value: Value) =>
            "span{s}.set_attribute({key:?}, AttributeValue::{value:?});";
        /// Notes an event.
        fn add_event(s: Slot, event: String) => "span{s}.add_event({event:?});";
        /// Notes an event with attributes.
        fn add_event_with(s: Slot, event: String, attributes: Attributes) =>
            "span{s}.add_event_with_attrs({event:?}, HashMap::from({attributes:?}));";
        /// Says how it went.
        fn set_status(s: Slot, to: Status) => { format!("span{s}.set_status({});", status(to)) };
        /// Says that it failed.
        fn set_error(s: Slot, message: String) => "span{s}.set_error({message:?});";
        /// Drops a span.
        fn finish(s: Slot) => "drop(span{s});";
        /// Ends a span and keeps its data.
        fn end(s: Slot) => "let data{s} = span{s}.end();";
        /// Panics while a span is there.
        fn panic_with(s: Slot) => "catch_unwind(move || {{ let _span = span{s}; panic!() }});";

        /// Flushes; the names of all spans that were ever exported, in alphabetical order.
        fn flush() -> Vec<String> => "tracer.flush(); exported.names()";
        /// The kind of a span whose data was kept or, after a flush, exported.
        fn kind(s: Slot) -> Option<Kind> => "data{s}.kind // or that of the exported span";
        /// Its attributes.
        fn attributes(s: Slot) -> Option<Attributes> => "data{s}.attributes // or those of the exported span";
        /// Its events.
        fn events(s: Slot) -> Option<Vec<Event>> => "data{s}.events // or those of the exported span";
        /// Its status.
        fn status(s: Slot) -> Option<Status> => "data{s}.status // or that of the exported span";
        /// The contexts of its links.
        fn links(s: Slot) -> Option<Vec<Remote>> => "data{s}.links // or those of the exported span";
        /// Its identifiers.
        fn span_ids(s: Slot) -> Option<Ids> => "data{s}.context // or that of the exported span";
        /// The times of a span that lasted for a while: dropped, or ended by `end`.
        fn times(by_drop: bool) -> Times => "span.start_time, event.timestamp, span.end_time // by_drop: {by_drop}";

        /// What a sampler says to a span.
        fn should_sample(decider: Decider, high: u64, low: u64, span: u64, called: String) -> bool => {
            format!(
                "{}.should_sample(&ctx, {called:?}) // trace 0x{:x}, span 0x{span:x}",
                sampler(*decider), trace_id(*high, *low)
            )
        };
        /// How many of these traces a ratio samples.
        fn count_sampled(per_mille: i16, seed: u64, count: u16) -> u32 => {
            format!(
                "RatioSampler::new({:?}).should_sample(&ctx, \"any\") // on {count} random traces, number {seed}",
                ratio(*per_mille)
            )
        };
        /// How many of so many roots a tracer with a ratio exports.
        fn count_recorded(per_mille: i16, count: u16) -> u32 => {
            format!(
                "tracer.span(\"any\").start(); // {count} times, with RatioSampler::new({:?})",
                ratio(*per_mille)
            )
        };
        /// What the sampler that is told says from now on.
        fn tell(sample: bool) => "switch.set({sample});";
        /// What it was asked since the last time: the trace in hexadecimal and the name.
        fn asked() -> Vec<(String, String)> => "switch.asked()";

        /// Whether exports succeed from now on.
        fn exporter_works(works: bool) => "exporter.works({works});";
        /// How many calls of `export` it takes for so many spans that are dropped one after another.
        fn count_exports(spans: u16) -> u32 => "tracer.span(\"any\").start(); // {spans} times, then tracer.flush();";
        /// Drops the tracer before the active spans.
        fn outlive() => "drop(tracer); drop(spans);";
        /// Whether the exporter to standard output takes a span.
        fn print_span() -> bool => "StdoutExporter.export(vec![span]).is_ok()";
        /// Exports a span to where there is no Jaeger.
        fn send_span(endpoint: String) => "let _ = JaegerExporter::new({endpoint:?}).export(vec![span]);";
        /// So many spans on each of some threads, some of which flush meanwhile; the names of all that are exported.
        fn together(threads: u8, spans: u8) -> Vec<String> =>
            "tracer.span(\"t-n\").start(); // {spans} on each of {threads} threads that share the tracer";
    }
}
