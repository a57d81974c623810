//! Where spans of a service come from.

use std::sync::Arc;

use crate::pipeline::Pipeline;
use crate::{Sampler, SpanBuilder, SpanExporter, TraceContext};

/// Makes the spans of one service, decides which are recorded, and exports those that ended. Threads share it freely.
pub struct Tracer {
    pipeline: Arc<Pipeline>,
}

impl Tracer {
    /// A tracer for the service of this name, which every span bears as the attribute `service.name`.
    pub fn new(service_name: impl Into<String>, sampler: Arc<dyn Sampler>, exporter: Arc<dyn SpanExporter>) -> Self {
        Self {
            pipeline: Arc::new(Pipeline::new(service_name.into(), sampler, exporter)),
        }
    }

    /// A span of this service: the root of a new trace, unless it is given a parent.
    pub fn span(&self, name: impl Into<String>) -> SpanBuilder {
        SpanBuilder::within(name.into(), Some(Arc::clone(&self.pipeline)))
    }

    /// A span that another one causes, here or in another service.
    pub fn span_with_parent(&self, name: impl Into<String>, parent: &TraceContext) -> SpanBuilder {
        self.span(name).with_parent(parent)
    }

    /// Exports the spans that have ended. When it returns, each span that ended before has been handed to the exporter.
    ///
    /// A service calls it before it stops: what has not been exported then is lost.
    pub fn flush(&self) {
        self.pipeline.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AlwaysOnSampler, ExportError, Span};
    use std::sync::Mutex;
    use std::thread;

    /// Counts the spans of each batch.
    #[derive(Default)]
    struct Batches(Mutex<Vec<usize>>);

    impl SpanExporter for Batches {
        fn export(&self, spans: Vec<Span>) -> Result<(), ExportError> {
            self.0.lock().unwrap().push(spans.len());
            Err(ExportError::Failed("never".to_owned()))
        }
    }

    #[test]
    fn spans_are_exported_in_batches() {
        let batches = Arc::new(Batches::default());
        let tracer = Tracer::new("test", Arc::new(AlwaysOnSampler), batches.clone());
        for _ in 0..600 {
            tracer.span("any").start();
        }
        assert_eq!(*batches.0.lock().unwrap(), [256, 256]);
        tracer.flush();
        tracer.flush();
        assert_eq!(*batches.0.lock().unwrap(), [256, 256, 88]);
    }

    #[test]
    fn no_span_is_lost_between_threads() {
        let batches = Arc::new(Batches::default());
        let tracer = Tracer::new("test", Arc::new(AlwaysOnSampler), batches.clone());
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        tracer.span("any").start();
                    }
                    tracer.flush();
                });
            }
        });
        assert_eq!(batches.0.lock().unwrap().iter().sum::<usize>(), 4000);
    }
}
