//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

mod contexts;
mod exporting;
mod propagation;
mod recorder;
mod sampling;
mod spans;

use ex07::{ActiveSpan, Baggage, Span, SpanBuilder, TraceContext, Tracer};
use ex07_protocol::{Attributes, Decider, Event, Ids, Kind, Remote, Slot, Status, Times, Tracing, Value, Way};
use propagation::Headers;
use recorder::Recorder;
use sampling::Switch;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// What one script is about.
#[derive(Default)]
pub struct World {
    contexts: BTreeMap<Slot, TraceContext>,
    carriers: BTreeMap<Slot, Headers>,
    baggage: BTreeMap<Slot, Baggage>,
    builders: BTreeMap<Slot, SpanBuilder>,
    active: BTreeMap<Slot, ActiveSpan>,
    /// Data that `end` returned.
    ended: BTreeMap<Slot, Span>,
    tracer: Option<Tracer>,
    switch: Arc<Switch>,
    recorder: Arc<Recorder>,
}

impl World {
    /// The baggage in a slot.
    fn bag(&mut self, b: Slot) -> &mut Baggage {
        match self.baggage.entry(b) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(free) => free.insert(Baggage::new()),
        }
    }
}

impl Tracing for World {
    fn trace_to_hex(&mut self, high: u64, low: u64) -> String {
        contexts::trace_to_hex(high, low)
    }

    fn span_to_hex(&mut self, id: u64) -> String {
        contexts::span_to_hex(id)
    }

    fn trace_from_hex(&mut self, text: String) -> Option<String> {
        contexts::trace_from_hex(&text)
    }

    fn span_from_hex(&mut self, text: String) -> Option<String> {
        contexts::span_from_hex(&text)
    }

    fn generate_traces(&mut self, threads: u8, count: u16) -> Vec<(u64, u64)> {
        contexts::generate_traces(threads, count)
    }

    fn generate_spans(&mut self, threads: u8, count: u16) -> Vec<u64> {
        contexts::generate_spans(threads, count)
    }

    fn new_root(&mut self, c: Slot) {
        self.contexts.insert(c, TraceContext::new_root());
    }

    fn child(&mut self, c: Slot, of: Slot) {
        let child = contexts::known(self, of).child();
        self.contexts.insert(c, child);
    }

    fn context(&mut self, c: Slot, high: u64, low: u64, span: u64, sampled: bool) {
        self.contexts.insert(c, contexts::made(high, low, span, sampled));
    }

    fn set_state(&mut self, c: Slot, state: String) {
        contexts::known(self, c).trace_state = state;
    }

    fn ids(&mut self, c: Slot) -> Ids {
        contexts::ids(contexts::known(self, c))
    }

    fn sampled(&mut self, c: Slot) -> bool {
        contexts::known(self, c).flags.is_sampled()
    }

    fn state(&mut self, c: Slot) -> Vec<String> {
        propagation::members(&contexts::known(self, c).trace_state)
    }

    fn traceparent(&mut self, c: Slot) -> String {
        contexts::known(self, c).to_traceparent()
    }

    fn read(&mut self, header: String) -> Option<Remote> {
        contexts::read(&header)
    }

    fn reread(&mut self, c: Slot) -> Option<Remote> {
        contexts::read(&contexts::known(self, c).to_traceparent())
    }

    fn header(&mut self, k: Slot, key: String, value: String) {
        propagation::carrier(self, k).put(&key, value);
    }

    fn sent(&mut self, k: Slot, key: String) -> Option<String> {
        propagation::carrier(self, k).find(&key)
    }

    fn sent_state(&mut self, k: Slot) -> Vec<String> {
        let sent = propagation::carrier(self, k).find("tracestate");
        propagation::members(&sent.unwrap_or_default())
    }

    fn inject(&mut self, k: Slot, c: Slot) {
        propagation::inject(self, k, c);
    }

    fn extract(&mut self, k: Slot) -> Option<Remote> {
        propagation::extract(self, k).as_ref().map(contexts::remote)
    }

    fn extract_state(&mut self, k: Slot) -> Option<Vec<String>> {
        propagation::extract(self, k).map(|context| propagation::members(&context.trace_state))
    }

    fn receive(&mut self, c: Slot, k: Slot) {
        if let Some(context) = propagation::extract(self, k) {
            self.contexts.insert(c, context);
        }
    }

    fn inject_all(&mut self, k: Slot, c: Slot, ways: Vec<Way>) {
        propagation::inject_all(self, k, c, &ways);
    }

    fn extract_any(&mut self, k: Slot, ways: Vec<Way>) -> Option<Remote> {
        propagation::extract_any(self, k, &ways)
    }

    fn set_item(&mut self, b: Slot, key: String, value: String) {
        self.bag(b).set(key, value);
    }

    fn item(&mut self, b: Slot, key: String) -> Option<String> {
        let item: Option<&str> = self.bag(b).get(&key);
        item.map(str::to_owned)
    }

    fn remove_item(&mut self, b: Slot, key: String) {
        self.bag(b).remove(&key);
    }

    fn items(&mut self, b: Slot) -> Vec<(String, String)> {
        let mut items: Vec<(String, String)> = Vec::new();
        for (key, value) in self.bag(b).iter() {
            items.push((str::to_owned(key), str::to_owned(value)));
        }
        items.sort();
        items
    }

    fn copy_baggage(&mut self, b: Slot, copy: Slot) {
        let copied = self.bag(b).clone();
        self.baggage.insert(copy, copied);
    }

    fn trace_with(&mut self, decider: Decider) {
        sampling::trace_with(self, decider);
    }

    fn build(&mut self, s: Slot) {
        spans::build(self, s);
    }

    fn build_alone(&mut self, s: Slot) {
        spans::build_alone(self, s);
    }

    fn build_under(&mut self, s: Slot, c: Slot) {
        spans::build_under(self, s, c);
    }

    fn with_kind(&mut self, s: Slot, kind: Kind) {
        spans::with_kind(self, s, kind);
    }

    fn with_attribute(&mut self, s: Slot, key: String, value: Value) {
        spans::with_attribute(self, s, key, value);
    }

    fn with_link(&mut self, s: Slot, c: Slot) {
        let context = contexts::known(self, c).clone();
        let builder = spans::builder(self, s).with_link(context);
        self.builders.insert(s, builder);
    }

    fn with_parent(&mut self, s: Slot, c: Slot) {
        let parent = contexts::known(self, c).clone();
        let builder = spans::builder(self, s).with_parent(&parent);
        self.builders.insert(s, builder);
    }

    fn start(&mut self, s: Slot) {
        spans::start(self, s);
    }

    fn note(&mut self, c: Slot, s: Slot) {
        if let Some(span) = self.active.get(&s) {
            let context: &TraceContext = span.context();
            self.contexts.insert(c, context.clone());
        }
    }

    fn set_attribute(&mut self, s: Slot, key: String, value: Value) {
        spans::set_attribute(self, s, key, value);
    }

    fn add_event(&mut self, s: Slot, event: String) {
        if let Some(span) = self.active.get_mut(&s) {
            span.add_event(event);
        }
    }

    fn add_event_with(&mut self, s: Slot, event: String, attributes: Attributes) {
        spans::add_event_with(self, s, event, attributes);
    }

    fn set_status(&mut self, s: Slot, to: Status) {
        spans::set_status(self, s, to);
    }

    fn set_error(&mut self, s: Slot, message: String) {
        if let Some(span) = self.active.get_mut(&s) {
            span.set_error(message);
        }
    }

    fn finish(&mut self, s: Slot) {
        drop(self.active.remove(&s));
    }

    fn end(&mut self, s: Slot) {
        if let Some(span) = self.active.remove(&s) {
            let data: Span = span.end();
            self.ended.insert(s, data);
        }
    }

    fn panic_with(&mut self, s: Slot) {
        spans::panic_with(self, s);
    }

    fn flush(&mut self) -> Vec<String> {
        exporting::flush(self);
        self.recorder.names()
    }

    fn kind(&mut self, s: Slot) -> Option<Kind> {
        spans::kind(self, s)
    }

    fn attributes(&mut self, s: Slot) -> Option<Attributes> {
        spans::attributes(self, s)
    }

    fn events(&mut self, s: Slot) -> Option<Vec<Event>> {
        spans::events(self, s)
    }

    fn status(&mut self, s: Slot) -> Option<Status> {
        spans::status(self, s)
    }

    fn links(&mut self, s: Slot) -> Option<Vec<Remote>> {
        spans::links(self, s)
    }

    fn span_ids(&mut self, s: Slot) -> Option<Ids> {
        spans::found(self, s).map(|span| contexts::ids(&span.context))
    }

    fn times(&mut self, by_drop: bool) -> Times {
        spans::times(by_drop)
    }

    fn should_sample(&mut self, decider: Decider, high: u64, low: u64, span: u64, called: String) -> bool {
        sampling::should_sample(self, decider, &contexts::made(high, low, span, false), &called)
    }

    fn count_sampled(&mut self, per_mille: i16, seed: u64, count: u16) -> u32 {
        sampling::count_sampled(per_mille, seed, count)
    }

    fn count_recorded(&mut self, per_mille: i16, count: u16) -> u32 {
        sampling::count_recorded(per_mille, count)
    }

    fn tell(&mut self, sample: bool) {
        self.switch.set(sample);
    }

    fn asked(&mut self) -> Vec<(String, String)> {
        self.switch.asked()
    }

    fn exporter_works(&mut self, works: bool) {
        self.recorder.set_working(works);
    }

    fn count_exports(&mut self, spans: u16) -> u32 {
        exporting::count_exports(spans)
    }

    fn outlive(&mut self) {
        self.tracer = None;
        self.active.clear();
    }

    fn print_span(&mut self) -> bool {
        exporting::print_span()
    }

    fn send_span(&mut self, endpoint: String) {
        exporting::send_span(&endpoint);
    }

    fn together(&mut self, threads: u8, spans: u8) -> Vec<String> {
        exporting::together(threads, spans)
    }
}
