//! Where spans go.

use std::io::{self, Write};

use crate::Span;

/// Sends spans out of the process. It gets each span once, and may be called by several threads.
pub trait SpanExporter: Send + Sync {
    /// Sends some spans that have ended.
    fn export(&self, spans: Vec<Span>) -> Result<(), ExportError>;
}

/// Why spans could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// They could not be handed over; the reason as text.
    #[error("Export failed: {0}")]
    Failed(String),
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Prints spans to standard output, one a line, for who wants to see what happens.
pub struct StdoutExporter;

impl SpanExporter for StdoutExporter {
    fn export(&self, spans: Vec<Span>) -> Result<(), ExportError> {
        // Not `println!`, which panics when nobody reads any more.
        let mut out = io::stdout().lock();
        for Span {
            context,
            name,
            kind,
            start_time,
            end_time,
            status,
            ..
        } in &spans
        {
            let (trace, span) = (context.trace_id.to_hex(), context.span_id.to_hex());
            let took = end_time.and_then(|end| end.duration_since(*start_time).ok());
            writeln!(out, "{trace} {span} {name:?} {kind:?} {took:?} {status:?}")?;
        }
        Ok(out.flush()?)
    }
}
