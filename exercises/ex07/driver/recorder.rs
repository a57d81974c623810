//! The exporter behind the tracer: it keeps what it gets, unless it is told not to work.

use ex07::{ExportError, Span, SpanExporter};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Spans that were exported.
#[derive(Default)]
pub(super) struct Recorder {
    spans: Mutex<Vec<Span>>,
    /// Calls with at least one span.
    calls: AtomicU32,
    broken: AtomicBool,
}

impl Recorder {
    pub(super) fn spans(&self) -> MutexGuard<'_, Vec<Span>> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The names of all spans, in alphabetical order.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.spans().iter().map(|span| span.name.clone()).collect();
        names.sort();
        names
    }

    pub(super) fn calls(&self) -> u32 {
        self.calls.load(SeqCst)
    }

    pub(super) fn set_working(&self, works: bool) {
        self.broken.store(!works, SeqCst);
    }
}

impl SpanExporter for Recorder {
    fn export(&self, spans: Vec<Span>) -> Result<(), ExportError> {
        if self.broken.load(SeqCst) {
            return Err(ExportError::Failed("told not to work".to_owned()));
        }
        if !spans.is_empty() {
            self.calls.fetch_add(1, SeqCst);
        }
        self.spans().extend(spans);
        Ok(())
    }
}
