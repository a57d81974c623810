//! One operation of a trace, as it is recorded and exported. Plain data.

use std::collections::HashMap;
use std::time::SystemTime;

use crate::TraceContext;

/// One operation: when it began and ended, what it was about, what caused it.
#[derive(Debug, Clone)]
pub struct Span {
    /// Which span of which trace this is, and which span caused it.
    pub context: TraceContext,
    /// What is done, in few words and without values: `GET /orders/{id}`.
    pub name: String,
    /// Which part the service has in it.
    pub kind: SpanKind,
    /// When it began.
    pub start_time: SystemTime,
    /// When it ended; none while it is active.
    pub end_time: Option<SystemTime>,
    /// What is known about it.
    pub attributes: HashMap<String, AttributeValue>,
    /// What happened meanwhile, in order.
    pub events: Vec<SpanEvent>,
    /// How it went.
    pub status: SpanStatus,
    /// Spans that have to do with it and are not its parent.
    pub links: Vec<SpanLink>,
}

/// Which part a service has in an operation.
#[derive(Debug, Clone, Copy)]
pub enum SpanKind {
    /// Nobody else takes part in it.
    Internal,
    /// It answers a request.
    Server,
    /// It makes a request.
    Client,
    /// It sends a message that somebody will receive later.
    Producer,
    /// It receives such a message.
    Consumer,
}

/// How an operation went.
#[derive(Debug, Clone)]
pub enum SpanStatus {
    /// Nobody said.
    Unset,
    /// Well.
    Ok,
    /// Not well.
    Error {
        /// Why.
        message: String,
    },
}

/// What happened at one moment of an operation.
#[derive(Debug, Clone)]
pub struct SpanEvent {
    /// What.
    pub name: String,
    /// When.
    pub timestamp: SystemTime,
    /// What is known about it.
    pub attributes: HashMap<String, AttributeValue>,
    /// How grave it is, if that makes sense.
    pub severity: Option<Severity>,
}

/// How grave an event is.
#[derive(Debug, Clone, Copy)]
pub enum Severity {
    /// Every detail.
    Trace,
    /// For who looks for a mistake.
    Debug,
    /// As it should be.
    Info,
    /// Odd, and no error yet.
    Warn,
    /// Something failed.
    Error,
    /// All failed.
    Fatal,
}

/// Another span that has to do with this one. A worker that handles a batch of messages links to the spans that sent
/// them: it has many causes, and a span has only one parent.
#[derive(Debug, Clone)]
pub struct SpanLink {
    /// The other span.
    pub context: TraceContext,
    /// What is known about the relation.
    pub attributes: HashMap<String, AttributeValue>,
}

/// The value of an attribute.
#[derive(Debug, Clone)]
pub enum AttributeValue {
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

impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for AttributeValue {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<i64> for AttributeValue {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<f64> for AttributeValue {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<bool> for AttributeValue {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<Vec<String>> for AttributeValue {
    fn from(texts: Vec<String>) -> Self {
        Self::StringArray(texts)
    }
}

impl From<Vec<i64>> for AttributeValue {
    fn from(numbers: Vec<i64>) -> Self {
        Self::IntArray(numbers)
    }
}
