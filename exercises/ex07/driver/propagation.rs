//! Carriers and propagators.

use super::{World, contexts};
use ex07::{Carrier, CompositePropagator, Propagator, TraceContext, W3CTraceContextPropagator};
use ex07_protocol::{Slot, Way, own_header};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Headers by name. As in HTTP, the case of a name does not matter.
#[derive(Debug, Default)]
pub(super) struct Headers(BTreeMap<String, String>);

impl Headers {
    pub(super) fn put(&mut self, key: &str, value: String) {
        self.0.insert(key.to_ascii_lowercase(), value);
    }

    /// A header that says something.
    pub(super) fn find(&self, key: &str) -> Option<String> {
        let value = self.0.get(&key.to_ascii_lowercase());
        value.filter(|value| !value.is_empty()).cloned()
    }
}

impl Carrier for Headers {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(&key.to_ascii_lowercase()).map(String::as_str)
    }

    fn set(&mut self, key: &str, value: String) {
        self.put(key, value);
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

/// A propagator of the checks' own: the text of `traceparent` in a header of another name.
struct Own(String);

impl Propagator for Own {
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier) {
        carrier.set(&self.0, context.to_traceparent());
    }

    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext> {
        carrier.get(&self.0).and_then(TraceContext::from_traceparent)
    }
}

fn composite(ways: &[Way]) -> CompositePropagator {
    let way = |way: &Way| -> Arc<dyn Propagator> {
        match way {
            Way::W3C => Arc::new(W3CTraceContextPropagator),
            Way::Own(number) => Arc::new(Own(own_header(*number))),
        }
    };
    CompositePropagator::new(ways.iter().map(way).collect())
}

/// The members of a list, without the blanks around them.
pub(super) fn members(list: &str) -> Vec<String> {
    let members = list.split(',').map(|member| member.trim_matches([' ', '\t']));
    members.filter(|member| !member.is_empty()).map(str::to_owned).collect()
}

pub(super) fn carrier(world: &mut World, k: Slot) -> &mut Headers {
    world.carriers.entry(k).or_default()
}

pub(super) fn inject(world: &mut World, k: Slot, c: Slot) {
    let context = contexts::known(world, c).clone();
    W3CTraceContextPropagator.inject(&context, carrier(world, k));
}

pub(super) fn extract(world: &mut World, k: Slot) -> Option<TraceContext> {
    W3CTraceContextPropagator.extract(carrier(world, k))
}

pub(super) fn inject_all(world: &mut World, k: Slot, c: Slot, ways: &[Way]) {
    let context = contexts::known(world, c).clone();
    composite(ways).inject(&context, carrier(world, k));
}

pub(super) fn extract_any(world: &mut World, k: Slot, ways: &[Way]) -> Option<ex07_protocol::Remote> {
    composite(ways)
        .extract(carrier(world, k))
        .as_ref()
        .map(contexts::remote)
}
