//! La propagation.

use crate::TraceContext;
use std::sync::Arc;

/// Des en-têtes.
pub trait Carrier {
    /// La valeur d'un en-tête.
    fn get(&self, key: &str) -> Option<&str>;
    /// Écrit un en-tête.
    fn set(&mut self, key: &str, value: String);
    /// Les noms des en-têtes.
    fn keys(&self) -> Vec<&str>;
}

/// Une façon de transmettre un contexte.
pub trait Propagator: Send + Sync {
    /// Écrit un contexte.
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier);
    /// Lit un contexte.
    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext>;
}

/// W3C Trace Context.
pub struct W3CTraceContextPropagator;

/// Où en est la lecture d'un membre de `tracestate`.
#[derive(Clone, Copy, PartialEq)]
enum Reading {
    Nothing,
    Key(usize),
    Value(usize),
}

/// Lit la liste caractère par caractère ; les blancs d'une valeur ne comptent que s'ils sont suivis d'autre chose.
fn is_well_formed(list: &str) -> bool {
    let (mut reading, mut members, mut blanks) = (Reading::Nothing, 0, 0);
    for c in list.chars().chain([',']) {
        reading = match (reading, c) {
            (Reading::Nothing, ',' | ' ' | '\t') => Reading::Nothing,
            (Reading::Nothing, 'a'..='z' | '0'..='9') => Reading::Key(1),
            (Reading::Key(256), 'a'..='z' | '0'..='9' | '_' | '-' | '*' | '/' | '@') => return false,
            (Reading::Key(n), 'a'..='z' | '0'..='9' | '_' | '-' | '*' | '/' | '@') => Reading::Key(n + 1),
            (Reading::Key(_), '=') => {
                blanks = 0;
                Reading::Value(0)
            }
            (Reading::Value(0), ',') => return false,
            (Reading::Value(n), ',') if n <= 256 => {
                members += 1;
                Reading::Nothing
            }
            (Reading::Value(n), ' ' | '\t') => {
                blanks += if c == ' ' { 1 } else { 1000 };
                Reading::Value(n)
            }
            (Reading::Value(n), '!'..='~') if c != '=' => {
                let n = n + 1 + std::mem::take(&mut blanks);
                if n > 256 {
                    return false;
                }
                Reading::Value(n)
            }
            _ => return false,
        };
    }
    reading == Reading::Nothing && members <= 32
}

impl Propagator for W3CTraceContextPropagator {
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier) {
        if !context.trace_state.is_empty() {
            carrier.set("tracestate", context.trace_state.clone());
        }
        carrier.set("traceparent", context.to_traceparent());
    }

    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext> {
        let mut context = TraceContext::from_traceparent(carrier.get("traceparent")?)?;
        if let Some(list) = carrier.get("tracestate")
            && is_well_formed(list)
        {
            context.trace_state = list.to_owned();
        }
        Some(context)
    }
}

/// Plusieurs façons.
pub struct CompositePropagator {
    ways: Vec<Arc<dyn Propagator>>,
}

impl CompositePropagator {
    /// Toutes ces façons.
    pub fn new(propagators: Vec<Arc<dyn Propagator>>) -> Self {
        Self { ways: propagators }
    }
}

impl Propagator for CompositePropagator {
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier) {
        self.ways.iter().for_each(|way| way.inject(context, carrier));
    }

    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext> {
        for way in &self.ways {
            let context = way.extract(carrier);
            if context.is_some() {
                return context;
            }
        }
        None
    }
}
