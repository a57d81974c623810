//! A span that has not ended: a guard.
//!
//! Whatever way the code leaves the operation, by its last line, by `?` or by a panic, the guard is dropped, and that ends
//! the span. Ending takes the span out of the guard, so it cannot happen twice.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::pipeline::Pipeline;
use crate::{AttributeValue, Span, SpanEvent, SpanStatus, TraceContext};

/// A span in progress. It ends when it is dropped, or by [`ActiveSpan::end`].
pub struct ActiveSpan {
    /// Present until it ends.
    span: Option<Span>,
    /// When it started, on the clock that never steps back.
    started: Instant,
    /// Where it goes in the end, if it is sampled.
    pipeline: Option<Arc<Pipeline>>,
}

impl ActiveSpan {
    /// A span that starts now.
    pub(crate) fn started(span: impl FnOnce(SystemTime) -> Span, pipeline: Option<Arc<Pipeline>>) -> Self {
        Self {
            span: Some(span(SystemTime::now())),
            started: Instant::now(),
            pipeline,
        }
    }

    /// What other spans and other services need to know of it.
    ///
    /// ```
    /// use ex07::SpanBuilder;
    ///
    /// let span = SpanBuilder::new("order").start();
    /// assert!(span.context().parent_span_id.is_none());
    /// ```
    pub fn context(&self) -> &TraceContext {
        &self.span.as_ref().expect(PRESENT).context
    }

    /// Adds an attribute, in place of one of the same name.
    pub fn set_attribute(&mut self, key: impl Into<String>, value: impl Into<AttributeValue>) {
        self.span().attributes.insert(key.into(), value.into());
    }

    /// Notes that something happens now.
    pub fn add_event(&mut self, name: impl Into<String>) {
        self.add_event_with_attrs(name, HashMap::new());
    }

    /// Notes that something happens now, and what is known about it.
    pub fn add_event_with_attrs(&mut self, name: impl Into<String>, attrs: HashMap<String, AttributeValue>) {
        let timestamp = self.now();
        self.span().events.push(SpanEvent {
            name: name.into(),
            timestamp,
            attributes: attrs,
            severity: None,
        });
    }

    /// Says how it went. Who speaks last is right.
    pub fn set_status(&mut self, status: SpanStatus) {
        self.span().status = status;
    }

    /// Says that it failed, and why.
    pub fn set_error(&mut self, message: impl Into<String>) {
        self.set_status(SpanStatus::Error {
            message: message.into(),
        });
    }

    /// Ends the span, and gives its data to the caller too.
    ///
    /// ```
    /// use ex07::SpanBuilder;
    ///
    /// let span = SpanBuilder::new("order").start().end();
    /// assert!(span.end_time.is_some_and(|end| end >= span.start_time));
    /// ```
    pub fn end(mut self) -> Span {
        let span = self.close().expect(PRESENT);
        if let Some(pipeline) = &self.pipeline {
            pipeline.accept(span.clone());
        }
        span
    }

    fn span(&mut self) -> &mut Span {
        self.span.as_mut().expect(PRESENT)
    }

    /// The time of day, from the start and what has passed since: the clock on the wall may be set back meanwhile, and a
    /// span must not end before it began.
    fn now(&self) -> SystemTime {
        self.span.as_ref().expect(PRESENT).start_time + self.started.elapsed()
    }

    /// Takes the span out, ended; `None` if that has happened before.
    fn close(&mut self) -> Option<Span> {
        let end_time = self.span.is_some().then(|| self.now());
        let span = self.span.take()?;
        Some(Span { end_time, ..span })
    }
}

/// Why the span of a guard is there.
const PRESENT: &str = "only `end` and `drop` take the span, and nothing comes after them";

impl Drop for ActiveSpan {
    fn drop(&mut self) {
        if let (Some(span), Some(pipeline)) = (self.close(), &self.pipeline) {
            pipeline.accept(span);
        }
    }
}
