//! Services: found by name, namespace, tags and status, as long as their lease lasts.

use ex09_protocol::{Script, Service, Status, Step, steps::*};
use judge::{Trial, Verdict, same};
use proptest::{
    prelude::*,
    sample::{select, subsequence},
};

use crate::{all_is_well, script};

/// Names and namespaces that begin alike.
const NAMES: [&str; 2] = ["api", "api2"];
const NAMESPACES: [&str; 2] = ["prod", "prod2"];
const TAGS: [&str; 3] = ["v1", "v2", "eu"];

fn name() -> impl Strategy<Value = String> {
    select(NAMES.to_vec()).prop_map(str::to_owned)
}

fn namespace() -> impl Strategy<Value = String> {
    select(NAMESPACES.to_vec()).prop_map(str::to_owned)
}

fn tags() -> impl Strategy<Value = Vec<String>> {
    subsequence(TAGS.to_vec(), 0..=3).prop_map(|tags| tags.into_iter().map(str::to_owned).collect())
}

fn registering() -> impl Strategy<Value = Step> {
    (name(), namespace(), 0..3_u8, tags()).prop_map(|(name, namespace, number, tags)| {
        register(
            number,
            Service {
                number,
                name,
                namespace,
                tags,
            },
        )
    })
}

/// A script in which each registration is of another service, with a lease in a slot of its own.
fn of_different_services(steps: impl Strategy<Value = Step>, longest: usize) -> impl Strategy<Value = Vec<Step>> {
    script(steps, longest).prop_map(|mut steps| {
        let registrations = steps.iter_mut().filter_map(|step| match step {
            Step::register { l, service } => Some((l, &mut service.number)),
            _ => None,
        });
        for (next, (l, number)) in (0..).zip(registrations) {
            (*l, *number) = (next, next);
        }
        steps
    })
}

/// R11: services are found by their name in their namespace, until they are removed from it.
pub fn services_are_found_in_their_namespace(trial: &mut Trial<Script>) -> Verdict {
    let id = (name(), 0..6_u8).prop_map(|(name, number)| format!("{name}-{number}"));
    let steps = prop_oneof![
        3 => registering(),
        2 => (id, namespace()).prop_map(|(id, namespace)| deregister(id, namespace)),
        3 => (name(), namespace()).prop_map(|(name, namespace)| discover(name, namespace)),
    ];
    trial.forall(of_different_services(steps, 20), same)
}

/// R11: a service is found as it was registered; registered again, it is replaced.
pub fn services_are_found_as_registered(trial: &mut Trial<Script>) -> Verdict {
    let asking = (name(), namespace()).prop_map(|(name, namespace)| instances(name, namespace));
    trial.forall(script(prop_oneof![2 => registering(), 1 => asking], 12), same)
}

/// R11: a service is found by tags if it has all of them.
pub fn tags_must_all_match(trial: &mut Trial<Script>) -> Verdict {
    let asking =
        (name(), namespace(), tags()).prop_map(|(name, namespace, tags)| discover_tagged(name, namespace, tags));
    trial.forall(
        of_different_services(prop_oneof![2 => registering(), 1 => asking], 16),
        same,
    )
}

/// R11: a service is found by status if it has that one.
pub fn the_status_filter_is_exact(trial: &mut Trial<Script>) -> Verdict {
    let status = select(vec![
        Status::Passing,
        Status::Warning,
        Status::Critical,
        Status::Unknown,
    ]);
    let asking =
        (name(), namespace(), status).prop_map(|(name, namespace, status)| discover_status(name, namespace, status));
    trial.forall(
        of_different_services(prop_oneof![1 => registering(), 1 => asking], 16),
        |case| {
            all_is_well(
                case,
                "the filter finds other services than those that `discover` says have the status",
            )
        },
    )
}

/// R11: a service is gone when the lease of its registration is revoked, and no other is.
pub fn a_service_ends_with_its_lease(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        3 => registering(),
        2 => (0..6_u8).prop_map(revoke),
        3 => (name(), namespace()).prop_map(|(name, namespace)| discover(name, namespace)),
    ];
    trial.forall(of_different_services(steps, 20), same)
}
