//! The way of a span from its end to the exporter.
//!
//! Two locks, so that spans never wait for the network: `pending` is held for one push or one take, `exporting` while the
//! exporter works. A span that fills the buffer starts an export if nobody else is at it, and otherwise leaves the spans
//! to whoever is; a flush waits for its turn, so that what others are exporting has arrived when it returns.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use crate::{Sampler, Span, SpanExporter};

/// Spans that make a batch.
const BATCH: usize = 256;

/// What all spans of a tracer share. They keep it alive, so a span may outlive its tracer.
pub(crate) struct Pipeline {
    pub(crate) service_name: String,
    pub(crate) sampler: Arc<dyn Sampler>,
    exporter: Arc<dyn SpanExporter>,
    /// Spans that ended and wait.
    pending: Mutex<Vec<Span>>,
    /// Held by who exports.
    exporting: Mutex<()>,
}

impl Pipeline {
    pub(crate) fn new(service_name: String, sampler: Arc<dyn Sampler>, exporter: Arc<dyn SpanExporter>) -> Self {
        Self {
            service_name,
            sampler,
            exporter,
            pending: Mutex::default(),
            exporting: Mutex::default(),
        }
    }

    /// Takes a span that has ended.
    pub(crate) fn accept(&self, span: Span) {
        let waiting = {
            let mut pending = lock(&self.pending);
            pending.push(span);
            pending.len()
        };
        if waiting >= BATCH {
            match self.exporting.try_lock() {
                Ok(turn) => self.export(turn),
                Err(TryLockError::Poisoned(turn)) => self.export(turn.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
    }

    /// Exports all that waits, after whoever is at it.
    pub(crate) fn flush(&self) {
        self.export(lock(&self.exporting));
    }

    /// Exports what waits. Spans that cannot be exported are lost: telling about the work must not stop it, and keeping
    /// them all for later would fill the memory while the collector is down.
    fn export(&self, _turn: MutexGuard<'_, ()>) {
        let batch = mem::take(&mut *lock(&self.pending));
        if !batch.is_empty() {
            let _ = self.exporter.export(batch);
        }
    }
}

/// Locks, also after a panic of an exporter: the lists behind the locks are whole at every moment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
