//! The hidden checks of EX08: a real server and real clients on the loopback.
//!
//! Where the statement determines the answers they are compared with the reference's (`same`). Choices of a balancer, waits and
//! health are judged by laws, since their starting points and small variations are open. Nothing is decided by a clock: what
//! must happen is waited for with much patience, and the clock of retries stands still.

#[path = "judge/clients.rs"]
mod clients;
mod driver;
#[path = "judge/middle.rs"]
mod middle;
#[path = "judge/servers.rs"]
mod servers;
#[path = "judge/tasks.rs"]
mod tasks;
#[cfg(test)]
mod workload;

use ex08_protocol::Script;
use judge::{Case, Objection};

judge::checks! {
    driver::World;
    tasks::created_tasks_can_be_read,
    tasks::bad_requests_have_their_codes,
    tasks::lists_stream_tasks_in_order,
    tasks::an_import_creates_what_was_streamed,
    tasks::a_bad_import_creates_nothing,
    tasks::updates_are_answered_one_by_one,
    tasks::a_watch_sees_every_change_and_ends,
    middle::interceptors_run_in_order,
    middle::a_refusal_stops_the_chain,
    middle::metadata_pass_through_the_chain,
    middle::tokens_are_extracted_and_judged,
    middle::a_server_asks_for_tokens,
    middle::every_call_is_measured,
    clients::attempts_are_counted,
    clients::only_retryable_codes_are_retried,
    clients::waits_grow_up_to_a_limit,
    clients::an_attempt_has_a_limit,
    clients::round_robin_takes_turns,
    clients::weights_are_respected,
    clients::the_least_used_server_is_chosen,
    clients::random_choices_reach_everybody,
    clients::calls_reach_all_servers,
    servers::health_is_told_in_order,
    servers::health_and_reflection_are_served_if_wanted,
    servers::messages_have_a_limit,
    servers::requests_have_a_timeout,
    servers::a_shutdown_waits_for_running_calls,
    servers::connections_are_limited,
    servers::a_taken_address_is_an_error,
}

/// Like `same`, with words of this check.
fn same_as_told(case: &Case<'_, Script>, law: &str) -> Result<(), Objection> {
    let expected = case.expected();
    match case.steps().find(|(at, _, seen)| **seen != expected[*at]) {
        Some((at, _, seen)) => Err(Objection::at(
            at,
            format!("{law}: expected {:?}, got {seen:?}", expected[at]),
        )),
        None => Ok(()),
    }
}
