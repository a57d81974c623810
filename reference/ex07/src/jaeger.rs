//! Sending spans to Jaeger, or to any other collector that takes OTLP/JSON over HTTP.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::otlp::Document;
use crate::{ExportError, Span, SpanExporter};

/// How long a collector may take for each step. An exporter that waits for ever would hold up every flush.
const PATIENCE: Duration = Duration::from_secs(2);

/// Sends each batch with one HTTP request.
pub struct JaegerExporter {
    endpoint: String,
}

impl JaegerExporter {
    /// Sends to the collector at this address, such as `http://localhost:4318/v1/traces`. Nothing is looked up or
    /// connected before there are spans.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
        }
    }
}

impl SpanExporter for JaegerExporter {
    fn export(&self, spans: Vec<Span>) -> Result<(), ExportError> {
        let Some(address) = self.endpoint.strip_prefix("http://") else {
            let endpoint = &self.endpoint;
            return Err(ExportError::Failed(format!("`{endpoint}` is not an http address")));
        };
        let (host, path) = address.split_once('/').unwrap_or((address, ""));
        Ok(post(host, path, &Document(&spans).to_string())?)
    }
}

/// Posts a document; an error unless the answer is that all is well.
fn post(host: &str, path: &str, body: &str) -> io::Result<()> {
    let address = host.to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let length = body.len();
    write!(
        stream,
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )?;
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status)?;
    // `HTTP/1.1 200 OK`: all of 2xx is well.
    if status
        .split_whitespace()
        .nth(1)
        .is_some_and(|code| code.starts_with('2'))
    {
        return Ok(());
    }
    Err(io::Error::other(format!("the collector answers {status:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SpanBuilder;
    use std::io::Read;
    use std::net::TcpListener;
    use std::thread;

    /// A collector that answers one request so; the exporter's result, and the request.
    fn export(answer: &'static str) -> (Result<(), ExportError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        let collector = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = String::new();
            let mut bytes = [0; 4096];
            while !request.ends_with("}]}]}]}") {
                let count = stream.read(&mut bytes).unwrap();
                request.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
            }
            stream.write_all(answer.as_bytes()).unwrap();
            request
        });
        let result = JaegerExporter::new(endpoint).export(vec![SpanBuilder::new("order").start().end()]);
        (result, collector.join().unwrap())
    }

    #[test]
    fn a_batch_is_one_request() {
        let (result, request) = export("HTTP/1.1 202 Accepted\r\n\r\n");
        assert!(result.is_ok());
        assert!(request.starts_with("POST /v1/traces HTTP/1.1\r\n"));
        assert!(request.contains(r#""name":"order""#));
    }

    #[test]
    fn a_collector_that_refuses_is_an_error() {
        assert!(export("HTTP/1.1 503 Service Unavailable\r\n\r\n").0.is_err());
    }

    #[test]
    fn an_address_that_is_none_is_an_error() {
        for endpoint in ["", "localhost", "http://", "ftp://localhost/"] {
            assert!(
                JaegerExporter::new(endpoint).export(Vec::new()).is_err(),
                "{endpoint:?}"
            );
        }
    }
}
