//! Le tracer et son thread d'export : les spans lui parviennent par un canal, `flush` attend sa réponse.

use crate::{Sampler, Span, SpanBuilder, SpanExporter, TraceContext};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// Un lot part à cette taille, ou après ce délai.
const FULL: usize = 32;
const PATIENCE: Duration = Duration::from_millis(500);

/// Ce que les spans d'un tracer partagent.
pub(crate) struct Shared {
    pub(crate) sampler: Arc<dyn Sampler>,
    messages: Sender<Message>,
}

enum Message {
    Ended(Box<Span>),
    Flush(Sender<()>),
}

impl Shared {
    /// Dépose un span terminé. Sans thread, il est perdu.
    pub(crate) fn deposit(&self, span: Span) {
        let _ = self.messages.send(Message::Ended(Box::new(span)));
    }
}

/// Exporte ce qui arrive, jusqu'à ce que plus personne ne puisse rien envoyer.
fn serve(messages: &Receiver<Message>, exporter: &dyn SpanExporter) {
    let mut batch = Vec::new();
    let send = |batch: &mut Vec<Span>| {
        if !batch.is_empty() {
            let _ = exporter.export(std::mem::take(batch));
        }
    };
    loop {
        match messages.recv_timeout(PATIENCE) {
            Ok(Message::Ended(span)) => {
                batch.push(*span);
                if batch.len() >= FULL {
                    send(&mut batch);
                }
            }
            Ok(Message::Flush(done)) => {
                send(&mut batch);
                let _ = done.send(());
            }
            Err(RecvTimeoutError::Timeout) => send(&mut batch),
            Err(RecvTimeoutError::Disconnected) => return send(&mut batch),
        }
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
        let (messages, received) = mpsc::channel();
        thread::spawn(move || serve(&received, &*exporter));
        Self {
            shared: Arc::new(Shared { sampler, messages }),
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
        let (done, flushed) = mpsc::channel();
        if self.shared.messages.send(Message::Flush(done)).is_ok() {
            let _ = flushed.recv();
        }
    }
}
