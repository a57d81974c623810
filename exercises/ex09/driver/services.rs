//! Services: registering and finding them.

use super::World;
use ex09::{HealthCheckDef, RegistryError, ServiceInstance, ServiceRegistration, ServiceStatus};
use ex09_protocol::{Instance, Refusal, Service, Slot, Status, sorted};
use std::time::Duration;

fn refusal(error: RegistryError) -> Refusal {
    if let RegistryError::ServiceNotFound(_) = error {
        Refusal::ServiceNotFound
    } else {
        Refusal::Other
    }
}

fn discovered(world: &World, name: &str, namespace: &str) -> Vec<ServiceInstance> {
    world.wait(world.registry.discover(name, namespace)).unwrap_or_default()
}

fn filtered(world: &World, name: &str, namespace: &str, tags: &[String], status: Option<ServiceStatus>) -> Vec<String> {
    let found = world.wait(world.registry.discover_with_filters(name, namespace, tags, status));
    sorted(found.unwrap_or_default().into_iter().map(|service| service.id))
}

pub(super) fn register(world: &mut World, l: Slot, service: Service) -> bool {
    let registration = ServiceRegistration {
        id: format!("{}-{}", service.name, service.number),
        metadata: [("number".to_owned(), service.number.to_string())].into(),
        address: format!("10.0.0.{}", service.number),
        port: 8000 + u16::from(service.number),
        weight: 100 + u32::from(service.number),
        name: service.name,
        namespace: service.namespace,
        tags: service.tags,
        health_checks: vec![HealthCheckDef::Ttl {
            timeout: Duration::from_secs(3600),
        }],
    };
    let lease = world.wait(world.registry.register_service(registration));
    world.notes.leases.extend(lease.as_ref().map(|lease| (l, *lease)));
    lease.is_ok()
}

pub(super) fn deregister(world: &World, id: &str, namespace: &str) -> Result<(), Refusal> {
    let answer = world.wait(world.registry.deregister_service(id, namespace));
    answer.map_err(refusal)
}

pub(super) fn discover(world: &World, name: &str, namespace: &str) -> Vec<String> {
    sorted(discovered(world, name, namespace).into_iter().map(|service| service.id))
}

pub(super) fn instances(world: &World, name: &str, namespace: &str) -> Vec<Instance> {
    let known = |service: ServiceInstance| Instance {
        id: service.id,
        address: format!(
            "{} of {} at {}:{}",
            service.name, service.namespace, service.address, service.port
        ),
        tags: sorted(service.tags),
        metadata: sorted(service.metadata),
        weight: service.weight,
    };
    sorted(discovered(world, name, namespace).into_iter().map(known))
}

pub(super) fn discover_tagged(world: &World, name: &str, namespace: &str, tags: &[String]) -> Vec<String> {
    filtered(world, name, namespace, tags, None)
}

pub(super) fn discover_status(
    world: &World,
    name: &str,
    namespace: &str,
    status: Status,
) -> (Vec<String>, Vec<String>) {
    let status = match status {
        Status::Passing => ServiceStatus::Passing,
        Status::Warning => ServiceStatus::Warning,
        Status::Critical => ServiceStatus::Critical,
        Status::Unknown => ServiceStatus::Unknown,
    };
    let all = discovered(world, name, namespace).into_iter();
    let having = all.filter(|service| service.status == status);
    let having = sorted(having.map(|service| service.id));
    (filtered(world, name, namespace, &[], Some(status)), having)
}
