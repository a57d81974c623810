//! Spans: building, changing and ending them, and reading what they recorded.

use super::recorder::Recorder;
use super::{World, contexts, sampling};
use ex07::{AlwaysOnSampler, AttributeValue, Span, SpanBuilder, SpanKind, SpanStatus, Tracer};
use ex07_protocol::{Attributes, Event, KEYS, Kind, Remote, Slot, Status, Times, Value, name};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

pub(super) fn build(world: &mut World, s: Slot) {
    let builder = sampling::tracer(world).span(name(s));
    world.builders.insert(s, builder);
}

pub(super) fn build_alone(world: &mut World, s: Slot) {
    world.builders.insert(s, SpanBuilder::new(name(s)));
}

pub(super) fn build_under(world: &mut World, s: Slot, c: Slot) {
    let parent = contexts::known(world, c).clone();
    let builder = sampling::tracer(world).span_with_parent(name(s), &parent);
    world.builders.insert(s, builder);
}

/// Takes the builder of a slot.
pub(super) fn builder(world: &mut World, s: Slot) -> SpanBuilder {
    if let Some(builder) = world.builders.remove(&s) {
        return builder;
    }
    sampling::tracer(world).span(name(s))
}

pub(super) fn start(world: &mut World, s: Slot) {
    drop(world.active.remove(&s));
    let span = builder(world, s).start();
    world.active.insert(s, span);
}

fn to_kind(kind: Kind) -> SpanKind {
    match kind {
        Kind::Internal => SpanKind::Internal,
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
        Kind::Producer => SpanKind::Producer,
        Kind::Consumer => SpanKind::Consumer,
    }
}

fn to_value(value: Value) -> AttributeValue {
    match value {
        Value::String(text) => AttributeValue::String(text),
        Value::Int(number) => AttributeValue::Int(number),
        Value::Float(number) => AttributeValue::Float(number),
        Value::Bool(flag) => AttributeValue::Bool(flag),
        Value::StringArray(texts) => AttributeValue::StringArray(texts),
        Value::IntArray(numbers) => AttributeValue::IntArray(numbers),
    }
}

fn from_value(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::String(text) => Value::String(text.clone()),
        AttributeValue::Int(number) => Value::Int(*number),
        AttributeValue::Float(number) => Value::Float(*number),
        AttributeValue::Bool(flag) => Value::Bool(*flag),
        AttributeValue::StringArray(texts) => Value::StringArray(texts.clone()),
        AttributeValue::IntArray(numbers) => Value::IntArray(numbers.clone()),
    }
}

/// The attributes that scripts speak of.
fn from_attributes(attributes: &HashMap<String, AttributeValue>) -> Attributes {
    let ours = attributes.iter().filter(|(key, _)| KEYS.contains(&key.as_str()));
    ours.map(|(key, value)| (key.clone(), from_value(value))).collect()
}

pub(super) fn with_kind(world: &mut World, s: Slot, kind: Kind) {
    let builder = builder(world, s).with_kind(to_kind(kind));
    world.builders.insert(s, builder);
}

pub(super) fn with_attribute(world: &mut World, s: Slot, key: String, value: Value) {
    let builder = builder(world, s).with_attribute(key, to_value(value));
    world.builders.insert(s, builder);
}

pub(super) fn set_attribute(world: &mut World, s: Slot, key: String, value: Value) {
    if let Some(span) = world.active.get_mut(&s) {
        span.set_attribute(key, to_value(value));
    }
}

pub(super) fn add_event_with(world: &mut World, s: Slot, event: String, attributes: Attributes) {
    if let Some(span) = world.active.get_mut(&s) {
        let attributes = attributes.into_iter().map(|(key, value)| (key, to_value(value)));
        span.add_event_with_attrs(event, attributes.collect());
    }
}

pub(super) fn set_status(world: &mut World, s: Slot, to: Status) {
    if let Some(span) = world.active.get_mut(&s) {
        span.set_status(match to {
            Status::Unset => SpanStatus::Unset,
            Status::Ok => SpanStatus::Ok,
            Status::Error(message) => SpanStatus::Error { message },
        });
    }
}

/// Unwinds through a scope that owns the span, as a panic does.
pub(super) fn panic_with(world: &mut World, s: Slot) {
    let span = world.active.remove(&s);
    let panicked = catch_unwind(AssertUnwindSafe(move || {
        let _span = span;
        resume_unwind(Box::new("a panic of the script's"))
    }));
    let _: Result<(), _> = panicked;
}

/// The data of a span, from `end` or else from the exporter.
pub(super) fn found(world: &mut World, s: Slot) -> Option<Span> {
    if let Some(span) = world.ended.get(&s) {
        return Some(span.clone());
    }
    super::exporting::flush(world);
    let exported = world.recorder.spans();
    exported.iter().find(|span| span.name == name(s)).cloned()
}

pub(super) fn kind(world: &mut World, s: Slot) -> Option<Kind> {
    found(world, s).map(|span| match span.kind {
        SpanKind::Internal => Kind::Internal,
        SpanKind::Server => Kind::Server,
        SpanKind::Client => Kind::Client,
        SpanKind::Producer => Kind::Producer,
        SpanKind::Consumer => Kind::Consumer,
    })
}

pub(super) fn attributes(world: &mut World, s: Slot) -> Option<Attributes> {
    found(world, s).map(|span| from_attributes(&span.attributes))
}

pub(super) fn events(world: &mut World, s: Slot) -> Option<Vec<Event>> {
    let span = found(world, s)?;
    let events = span.events.iter().map(|event| Event {
        name: event.name.clone(),
        attributes: from_attributes(&event.attributes),
    });
    Some(events.collect())
}

pub(super) fn status(world: &mut World, s: Slot) -> Option<Status> {
    found(world, s).map(|span| match span.status {
        SpanStatus::Unset => Status::Unset,
        SpanStatus::Ok => Status::Ok,
        SpanStatus::Error { message } => Status::Error(message),
    })
}

pub(super) fn links(world: &mut World, s: Slot) -> Option<Vec<Remote>> {
    found(world, s).map(|span| span.links.iter().map(|link| contexts::remote(&link.context)).collect())
}

/// How long a span lasts whose times are looked at. Half of it must show: the clock of the wall may run a little slower.
const LASTS: Duration = Duration::from_millis(1);

/// A span that lasts, and an event in the middle of it.
fn lasting_span(by_drop: bool) -> Option<Span> {
    let recorder = Arc::new(Recorder::default());
    let tracer = Tracer::new("service", Arc::new(AlwaysOnSampler), recorder.clone());
    let mut active = tracer.span("lasting").start();
    active.add_event("event");
    let started = Instant::now();
    while started.elapsed() < LASTS {
        std::hint::spin_loop();
    }
    if !by_drop {
        return Some(active.end());
    }
    drop(active);
    tracer.flush();
    recorder.spans().pop()
}

/// Whether a moment is within a minute of now, before or after.
fn is_present(time: SystemTime) -> bool {
    let now = SystemTime::now();
    let distance = now.duration_since(time).or_else(|_| time.duration_since(now));
    distance.is_ok_and(|distance| distance < Duration::from_secs(60))
}

fn times_of(span: &Span) -> Times {
    let (start, end): (SystemTime, Option<SystemTime>) = (span.start_time, span.end_time);
    let events = span.events.iter().map(|event| event.timestamp);
    let lasted = end.and_then(|end| end.duration_since(start).ok());
    Times {
        ended: end.is_some(),
        present: events.chain([start]).chain(end).all(is_present),
        lasting: lasted.is_some_and(|lasted| lasted >= LASTS / 2),
    }
}

/// Somebody may set the machine's clock meanwhile, so a span with odd times gets other chances.
pub(super) fn times(by_drop: bool) -> Times {
    let right = Times {
        ended: true,
        present: true,
        lasting: true,
    };
    let absent = Times {
        ended: false,
        present: false,
        lasting: false,
    };
    let mut seen = absent;
    for _ in 0..5 {
        seen = lasting_span(by_drop).as_ref().map_or(absent, times_of);
        if seen == right {
            break;
        }
    }
    seen
}
