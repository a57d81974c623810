//! The hidden checks of EX07: W3C Trace Context, and spans that end once whatever happens.
//!
//! What the contract determines is compared with the reference (`same`): headers, attributes, which spans are exported and
//! how often. Identifiers are drawn by the submission, so relations between them are judged by laws: who shares a trace,
//! whose parent is whose (`kin`). A share of traces is judged by bounds on chance.
//!
//! The standard is asked where its level 1 (2021) and level 2 agree. Texts that they treat differently (keys of
//! `tracestate` such as `1a` or `foo@bar@baz`), or that services in the field treat differently (blanks around a header,
//! empty values, a dash with nothing behind it), are never sent.
//!
//! # Other designs considered
//! Every check must accept all of these; the samples `perfect` and `exports-in-the-background` are the first and third.
//! - Everything at the end of the span: `drop` locks one mutex, pushes, and exports when sixteen spans wait; `end` gives
//!   the span to the caller *instead of* the exporter; spans that could not be exported stay and are tried again; a child
//!   follows its parent's flags and asks no sampler. Hence spans that were ended by `end` may or may not be exported, only
//!   the spans of working times must arrive, samplers are judged on roots or where parent and sampler agree, and the
//!   calls of `export` are counted only to see that there are fewer than spans.
//! - A span that records into a shared table of the tracer by its identifier, and a guard that holds that identifier; an
//!   unsampled span records nothing at all. Hence the data of unsampled spans is never read, nor the status or the
//!   attributes that a submission adds of its own, such as `service.name`.
//! - A thread that gets spans through a channel, gathers them for a while, and exports; `flush` sends it a message and
//!   waits for the answer. Hence nothing is said of what is exported before a flush, and only after it is looked.
//! - Headers cut at fixed positions, by `split('-')`, or read byte by byte by an automaton; a `tracestate` kept as it came
//!   or written anew. Hence a `tracestate` is compared by its members, and no text is demanded but that of version 00.

#[path = "judge/baggage.rs"]
mod baggage;
#[path = "judge/contexts.rs"]
mod contexts;
mod driver;
#[path = "judge/exporting.rs"]
mod exporting;
#[path = "judge/headers.rs"]
mod headers;
#[path = "judge/ids.rs"]
mod ids;
#[path = "judge/kin.rs"]
mod kin;
#[path = "judge/lifetimes.rs"]
mod lifetimes;
#[path = "judge/propagation.rs"]
mod propagation;
#[path = "judge/recording.rs"]
mod recording;
#[path = "judge/sampling.rs"]
mod sampling;
#[cfg(test)]
mod workload;

use ex07_protocol::{Script, Slot, Step};
use proptest::{collection::vec, prelude::*, sample::select};

judge::checks! {
    driver::World;
    ids::ids_are_written_in_hexadecimal,
    ids::hexadecimal_is_read_back,
    ids::other_texts_are_no_ids,
    ids::generated_ids_never_repeat,
    ids::generated_ids_use_all_bits,
    contexts::children_belong_to_their_parent,
    contexts::children_keep_flags_and_state,
    contexts::a_context_survives_its_header,
    headers::traceparent_is_written_as_the_standard_says,
    headers::traceparent_is_read,
    headers::malformed_traceparents_are_refused,
    headers::broken_traceparents_are_refused,
    headers::later_versions_are_understood,
    propagation::inject_writes_both_headers,
    propagation::extract_reads_the_context,
    propagation::tracestate_is_kept,
    propagation::a_malformed_tracestate_is_dropped_alone,
    propagation::a_composite_writes_every_way,
    propagation::a_composite_reads_the_first_way_that_answers,
    baggage::baggage_keeps_the_last_value,
    baggage::all_items_are_listed_once,
    baggage::copies_of_baggage_are_apart,
    recording::attributes_are_kept,
    recording::events_are_kept_in_order,
    recording::the_last_status_counts,
    recording::kinds_are_kept,
    recording::links_are_kept_in_order,
    recording::end_returns_what_was_recorded,
    recording::a_span_of_no_tracer_is_recorded,
    recording::times_are_those_of_the_span,
    contexts::spans_form_a_tree,
    contexts::exported_spans_keep_their_place,
    contexts::a_trace_crosses_services,
    contexts::a_span_keeps_the_state_of_its_parent,
    sampling::unsampled_spans_are_not_exported,
    sampling::the_decision_is_made_at_the_start,
    sampling::the_sampler_is_asked_once_about_the_span,
    sampling::the_context_tells_the_decision,
    sampling::ratios_are_exact_at_both_ends,
    sampling::a_ratio_decides_by_the_trace_alone,
    sampling::a_ratio_is_the_share_of_traces,
    sampling::a_tracer_records_the_share,
    sampling::a_trace_is_sampled_whole,
    lifetimes::a_dropped_span_is_exported_once,
    lifetimes::a_span_that_ended_early_is_exported_at_most_once,
    lifetimes::a_panic_ends_the_span,
    lifetimes::a_span_may_outlive_its_tracer,
    exporting::spans_are_exported_in_batches,
    exporting::a_failing_exporter_stops_nothing,
    exporting::standard_output_takes_spans,
    exporting::a_missing_collector_is_no_panic,
    exporting::threads_share_a_tracer,
}

/// Few, so that the same slot is meant again and again.
fn slot() -> impl Strategy<Value = Slot> {
    0..3_u8
}

/// A script of up to so many steps.
fn script(steps: impl Strategy<Value = Step>, longest: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(steps, 1..longest)
}

fn one_of(texts: &[&str]) -> impl Strategy<Value = String> + use<> {
    select(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
}

/// A trace identifier as two halves, never zero. Small ones have leading zeros.
fn trace() -> impl Strategy<Value = (u64, u64)> {
    prop_oneof![
        4 => (any::<u64>(), 1..=u64::MAX),
        1 => (Just(0), 1..256_u64),
        1 => (1..256_u64, Just(0)),
        1 => Just((u64::MAX, u64::MAX)),
    ]
}

/// A span identifier, never zero.
fn span() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 1..=u64::MAX, 1 => 1..256_u64, 1 => Just(u64::MAX)]
}

/// Lists of a `tracestate` that are good in both levels of the standard.
const GOOD_STATES: [&str; 10] = [
    "foo=1",
    "foo=1,bar=2",
    "foo=1 \t , \t bar=2",
    "foo=1,,bar=2,",
    "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
    "t3n@vendor=a b",
    "1ab@sys=x",
    "a_b-c*d/e=!~:;",
    "z=0123456789 abc",
    "foo=1,bar=2,rojo=1,congo=2,baz=3",
];
