//! Les exporters.

use crate::Span;
use std::io::Write;
use std::net::UdpSocket;

/// Envoie des spans hors du processus.
pub trait SpanExporter: Send + Sync {
    /// Envoie un lot.
    fn export(&self, spans: Vec<Span>) -> Result<(), ExportError>;
}

/// Pourquoi un lot n'est pas parti.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// L'envoi a échoué.
    #[error("Export failed: {0}")]
    Failed(String),
}

/// Écrit sur la sortie standard.
pub struct StdoutExporter;

impl SpanExporter for StdoutExporter {
    fn export(&self, spans: Vec<Span>) -> Result<(), ExportError> {
        let mut out = std::io::stdout();
        for span in spans {
            writeln!(out, "{span:?}").map_err(|error| ExportError::Failed(error.to_string()))?;
        }
        Ok(())
    }
}

/// Envoie un datagramme par span à un agent ; personne ne dit s'il est arrivé.
pub struct JaegerExporter {
    endpoint: String,
}

impl JaegerExporter {
    /// Enverra à cette adresse.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
        }
    }
}

impl SpanExporter for JaegerExporter {
    fn export(&self, spans: Vec<Span>) -> Result<(), ExportError> {
        let failed = |error: std::io::Error| ExportError::Failed(error.to_string());
        let socket = UdpSocket::bind("127.0.0.1:0").map_err(failed)?;
        for span in spans {
            let (trace, id) = (span.context.trace_id.to_hex(), span.context.span_id.to_hex());
            let text = format!("{{\"traceID\":\"{trace}\",\"spanID\":\"{id}\",\"operationName\":{:?}}}", span.name);
            socket.send_to(text.as_bytes(), &*self.endpoint).map_err(failed)?;
        }
        Ok(())
    }
}
