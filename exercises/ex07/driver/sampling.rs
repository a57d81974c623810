//! Samplers, and tracers that use them.

use super::recorder::Recorder;
use super::{World, contexts};
use ex07::{AlwaysOffSampler, AlwaysOnSampler, RatioSampler, Sampler, TraceContext, Tracer};
use ex07_protocol::{Decider, drawn_traces, ratio};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};

/// A sampler that says what it is told to, and keeps what it was asked.
#[derive(Debug, Default)]
pub(super) struct Switch {
    refuses: AtomicBool,
    questions: Mutex<Vec<(String, String)>>,
}

impl Switch {
    pub(super) fn set(&self, sample: bool) {
        self.refuses.store(!sample, SeqCst);
    }

    /// What it was asked since the last time.
    pub(super) fn asked(&self) -> Vec<(String, String)> {
        mem::take(&mut *self.questions.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sampler for Switch {
    fn should_sample(&self, context: &TraceContext, name: &str) -> bool {
        let mut questions = self.questions.lock().unwrap_or_else(PoisonError::into_inner);
        questions.push((format!("{:032x}", context.trace_id.0), name.to_owned()));
        !self.refuses.load(SeqCst)
    }
}

fn sampler(world: &World, decider: Decider) -> Arc<dyn Sampler> {
    match decider {
        Decider::On => Arc::new(AlwaysOnSampler),
        Decider::Off => Arc::new(AlwaysOffSampler),
        Decider::Ratio(per_mille) => Arc::new(RatioSampler::new(ratio(per_mille))),
        Decider::Told => Arc::clone(&world.switch) as Arc<dyn Sampler>,
    }
}

/// A new tracer. What belonged to the last one ends before.
pub(super) fn trace_with(world: &mut World, decider: Decider) {
    world.active.clear();
    world.builders.clear();
    world.ended.clear();
    world.recorder = Arc::new(Recorder::default());
    let exporter = Arc::clone(&world.recorder);
    world.tracer = Some(Tracer::new("service", sampler(world, decider), exporter));
}

/// The tracer of a script that asked for none samples everything.
pub(super) fn tracer(world: &mut World) -> &Tracer {
    let exporter = Arc::clone(&world.recorder);
    world
        .tracer
        .get_or_insert_with(|| Tracer::new("service", Arc::new(AlwaysOnSampler), exporter))
}

pub(super) fn should_sample(world: &World, decider: Decider, context: &TraceContext, called: &str) -> bool {
    sampler(world, decider).should_sample(context, called)
}

pub(super) fn count_sampled(per_mille: i16, seed: u64, count: u16) -> u32 {
    let sampler = RatioSampler::new(ratio(per_mille));
    let traces = drawn_traces(seed, count).map(contexts::of_trace);
    let sampled = traces.filter(|context| sampler.should_sample(context, "any"));
    sampled.count() as u32
}

pub(super) fn count_recorded(per_mille: i16, count: u16) -> u32 {
    let exporter = Arc::new(Recorder::default());
    let sampler = Arc::new(RatioSampler::new(ratio(per_mille)));
    let tracer = Tracer::new("service", sampler, exporter.clone());
    for _ in 0..count {
        drop(tracer.span("any").start());
    }
    tracer.flush();
    exporter.spans().len() as u32
}
