//! What is known about a span before it starts.

use std::collections::HashMap;
use std::sync::Arc;

use crate::pipeline::Pipeline;
use crate::{ActiveSpan, AttributeValue, SpanKind, SpanLink, SpanStatus, TraceContext, TraceFlags};

/// Collects what a span starts with. Nothing begins before [`SpanBuilder::start`].
pub struct SpanBuilder {
    name: String,
    kind: SpanKind,
    attributes: HashMap<String, AttributeValue>,
    links: Vec<SpanLink>,
    parent: Option<TraceContext>,
    /// Where the span goes in the end; a builder of its own has nowhere to send it.
    pipeline: Option<Arc<Pipeline>>,
}

impl SpanBuilder {
    /// A span of no tracer: whoever ends it gets its data, and nobody else does.
    ///
    /// ```
    /// use ex07::SpanBuilder;
    ///
    /// assert_eq!(SpanBuilder::new("order").start().end().name, "order");
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Self::within(name.into(), None)
    }

    pub(crate) fn within(name: String, pipeline: Option<Arc<Pipeline>>) -> Self {
        Self {
            name,
            kind: SpanKind::Internal,
            attributes: HashMap::new(),
            links: Vec::new(),
            parent: None,
            pipeline,
        }
    }

    /// Says which part the service has in it; `Internal` unless said.
    pub fn with_kind(self, kind: SpanKind) -> Self {
        Self { kind, ..self }
    }

    /// Adds an attribute, in place of one of the same name.
    pub fn with_attribute(mut self, key: impl Into<String>, value: impl Into<AttributeValue>) -> Self {
        self.attributes.insert(key.into(), value.into());
        self
    }

    /// Adds a link.
    pub fn with_link(mut self, context: TraceContext) -> Self {
        self.links.push(SpanLink {
            context,
            attributes: HashMap::new(),
        });
        self
    }

    /// Says which span causes it, here or in another service. Without one it is the root of a new trace.
    pub fn with_parent(self, parent: &TraceContext) -> Self {
        Self {
            parent: Some(parent.clone()),
            ..self
        }
    }

    /// Starts the span. Whether it is recorded is decided here and never again: what comes later happens to a span that
    /// is recorded, or to one that is not, and the context that other services are told says which.
    pub fn start(self) -> ActiveSpan {
        let mut context = self
            .parent
            .as_ref()
            .map_or_else(TraceContext::new_root, TraceContext::child);
        let mut attributes = self.attributes;
        let mut exports_to = None;
        if let Some(pipeline) = self.pipeline {
            let is_sampled = pipeline.sampler.should_sample(&context, &self.name);
            context.flags = TraceFlags::with_sampled(is_sampled);
            attributes
                .entry("service.name".to_owned())
                .or_insert_with(|| pipeline.service_name.as_str().into());
            exports_to = is_sampled.then_some(pipeline);
        }
        ActiveSpan::started(
            |now| crate::Span {
                context,
                name: self.name,
                kind: self.kind,
                start_time: now,
                end_time: None,
                attributes,
                events: Vec::new(),
                status: SpanStatus::Unset,
                links: self.links,
            },
            exports_to,
        )
    }
}
