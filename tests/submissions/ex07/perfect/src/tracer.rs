//! Le tracer et son tampon.

use crate::{Sampler, Span, SpanBuilder, SpanExporter, TraceContext};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Un lot est plein à cette taille.
const FULL: usize = 16;
/// Au-delà, les plus vieux spans que l'exporter refuse sont abandonnés.
const MOST: usize = 4096;

/// Ce que les spans d'un tracer partagent.
pub(crate) struct Shared {
    pub(crate) sampler: Arc<dyn Sampler>,
    exporter: Arc<dyn SpanExporter>,
    buffer: Mutex<Buffer>,
}

/// Les spans qui attendent, et à partir de combien on essaie.
struct Buffer {
    spans: Vec<Span>,
    full: usize,
}

impl Shared {
    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Dépose un span terminé.
    pub(crate) fn deposit(&self, span: Span) {
        let mut buffer = self.buffer();
        buffer.spans.push(span);
        if buffer.spans.len() >= buffer.full {
            self.send(&mut buffer);
        }
    }

    /// Envoie tout, sous le verrou ; ce que l'exporter refuse reste.
    fn send(&self, buffer: &mut Buffer) {
        if buffer.spans.is_empty() {
            return;
        }
        let sent = self.exporter.export(buffer.spans.clone());
        if sent.is_ok() {
            buffer.spans.clear();
        }
        let excess = buffer.spans.len().saturating_sub(MOST);
        buffer.spans.drain(..excess);
        buffer.full = buffer.spans.len() + FULL;
    }
}

/// Fait les spans d'un service.
pub struct Tracer {
    shared: Arc<Shared>,
    service_name: String,
}

impl Tracer {
    /// Un tracer pour ce service.
    pub fn new(service_name: impl Into<String>, sampler: Arc<dyn Sampler>, exporter: Arc<dyn SpanExporter>) -> Self {
        Self {
            shared: Arc::new(Shared {
                sampler,
                exporter,
                buffer: Mutex::new(Buffer {
                    spans: Vec::new(),
                    full: FULL,
                }),
            }),
            service_name: service_name.into(),
        }
    }

    /// Prépare un span.
    pub fn span(&self, name: impl Into<String>) -> SpanBuilder {
        SpanBuilder::of(&self.shared, name.into()).with_attribute("service", self.service_name.as_str())
    }

    /// Prépare un enfant.
    pub fn span_with_parent(&self, name: impl Into<String>, parent: &TraceContext) -> SpanBuilder {
        self.span(name).with_parent(parent)
    }

    /// Exporte ce qui attend.
    pub fn flush(&self) {
        self.shared.send(&mut self.shared.buffer());
    }
}
