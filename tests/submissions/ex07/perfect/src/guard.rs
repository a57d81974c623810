//! Du constructeur au garde. Un span refusé n'a pas de données : le garde ne porte que son contexte.

use crate::tracer::Shared;
use crate::{AttributeValue, Span, SpanEvent, SpanKind, SpanLink, SpanStatus, TraceContext, TraceFlags};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

/// Prépare un span.
pub struct SpanBuilder {
    shared: Option<Arc<Shared>>,
    parent: Option<TraceContext>,
    draft: Span,
}

impl SpanBuilder {
    /// Un span sans tracer.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            shared: None,
            parent: None,
            draft: Span {
                context: TraceContext::new_root(),
                name: name.into(),
                kind: SpanKind::Internal,
                start_time: SystemTime::UNIX_EPOCH,
                end_time: None,
                attributes: HashMap::new(),
                events: Vec::new(),
                status: SpanStatus::Unset,
                links: Vec::new(),
            },
        }
    }

    /// Un span de ce tracer.
    pub(crate) fn of(shared: &Arc<Shared>, name: String) -> Self {
        Self {
            shared: Some(Arc::clone(shared)),
            ..Self::new(name)
        }
    }

    /// Dit le genre.
    pub fn with_kind(mut self, kind: SpanKind) -> Self {
        self.draft.kind = kind;
        self
    }

    /// Ajoute un attribut.
    pub fn with_attribute(mut self, key: impl Into<String>, value: impl Into<AttributeValue>) -> Self {
        self.draft.attributes.insert(key.into(), value.into());
        self
    }

    /// Ajoute un lien.
    pub fn with_link(mut self, context: TraceContext) -> Self {
        let attributes = HashMap::new();
        self.draft.links.push(SpanLink { context, attributes });
        self
    }

    /// Dit le parent.
    pub fn with_parent(mut self, parent: &TraceContext) -> Self {
        self.parent = Some(parent.clone());
        self
    }

    /// Démarre le span : un enfant suit son parent, une racine demande au sampler.
    pub fn start(mut self) -> ActiveSpan {
        if let Some(parent) = &self.parent {
            self.draft.context = parent.child();
        } else if let Some(shared) = &self.shared {
            let sampled = shared.sampler.should_sample(&self.draft.context, &self.draft.name);
            self.draft.context.flags = TraceFlags::with_sampled(sampled);
        }
        self.draft.start_time = SystemTime::now();
        let is_recording = self.shared.is_none() || self.draft.context.flags.is_sampled();
        ActiveSpan {
            context: self.draft.context.clone(),
            data: is_recording.then(|| Box::new(self.draft)),
            shared: self.shared,
        }
    }
}

/// Un span en cours.
pub struct ActiveSpan {
    context: TraceContext,
    data: Option<Box<Span>>,
    shared: Option<Arc<Shared>>,
}

impl ActiveSpan {
    /// Son contexte.
    pub fn context(&self) -> &TraceContext {
        &self.context
    }

    /// Ajoute un attribut.
    pub fn set_attribute(&mut self, key: impl Into<String>, value: impl Into<AttributeValue>) {
        if let Some(data) = &mut self.data {
            data.attributes.insert(key.into(), value.into());
        }
    }

    /// Note un événement.
    pub fn add_event(&mut self, name: impl Into<String>) {
        self.add_event_with_attrs(name, HashMap::new());
    }

    /// Note un événement et ses attributs.
    pub fn add_event_with_attrs(&mut self, name: impl Into<String>, attrs: HashMap<String, AttributeValue>) {
        if let Some(data) = &mut self.data {
            data.events.push(SpanEvent {
                name: name.into(),
                timestamp: SystemTime::now(),
                attributes: attrs,
                severity: None,
            });
        }
    }

    /// Dit le statut ; `Ok` est définitif, comme le veut OpenTelemetry.
    pub fn set_status(&mut self, status: SpanStatus) {
        if let Some(data) = &mut self.data
            && !matches!(data.status, SpanStatus::Ok)
        {
            data.status = status;
        }
    }

    /// Dit que l'opération a échoué.
    pub fn set_error(&mut self, message: impl Into<String>) {
        let message = message.into();
        self.set_attribute("error", message.clone());
        self.set_status(SpanStatus::Error { message });
    }

    /// Termine le span et le rend ; l'appelant en est désormais responsable.
    pub fn end(mut self) -> Span {
        match self.finished() {
            Some(span) => *span,
            None => Span {
                context: self.context.clone(),
                end_time: Some(SystemTime::now()),
                ..SpanBuilder::new("").draft
            },
        }
    }

    fn finished(&mut self) -> Option<Box<Span>> {
        let mut span = self.data.take()?;
        span.end_time = Some(SystemTime::now().max(span.start_time));
        Some(span)
    }
}

impl Drop for ActiveSpan {
    fn drop(&mut self) {
        if let Some(span) = self.finished()
            && let Some(shared) = &self.shared
        {
            shared.deposit(*span);
        }
    }
}
