//! Nodes and what happens to them.

use super::{Settings, World, ideas, wires};
use ex20::{DistributedSystem, Node, NodeState};
use ex20_protocol::{Failure, Fate, State};
use tokio::time::Instant;

pub(super) fn name(node: u8) -> String {
    format!("n{node}")
}

pub(super) fn system(settings: Settings, states: Vec<State>) -> DistributedSystem {
    let nodes = states.into_iter().zip(0..).map(|(state, number)| Node {
        id: name(number),
        state: match state {
            State::Healthy | State::Other => NodeState::Healthy,
            State::Degraded => NodeState::Degraded,
            State::Failed => NodeState::Failed,
            State::Partitioned => NodeState::Partitioned,
        },
    });
    DistributedSystem {
        nodes: nodes.collect(),
        network: wires::network(settings),
    }
}

/// The system, one without nodes if there is none yet.
fn of(world: &mut World) -> &mut DistributedSystem {
    let settings = world.settings;
    world.system.get_or_insert_with(|| system(settings, Vec::new()))
}

pub(super) fn inject(world: &mut World, failure: Failure) {
    of(world).inject(&ideas::failure(failure));
}

#[allow(unreachable_patterns, reason = "a submission may have more variants")]
pub(super) fn nodes(world: &mut World) -> Vec<State> {
    let state = |node: &Node| match &node.state {
        NodeState::Healthy => State::Healthy,
        NodeState::Degraded => State::Degraded,
        NodeState::Failed => State::Failed,
        NodeState::Partitioned => State::Partitioned,
        _ => State::Other,
    };
    of(world).nodes.iter().map(state).collect()
}

pub(super) fn message(world: &mut World, from: u8, to: u8, number: u32) -> (Fate, u64) {
    of(world);
    let (runtime, system) = (&world.runtime, world.system.as_ref());
    let system = system.expect("it was made just now");
    runtime.block_on(async {
        let before = Instant::now();
        let answer = system.send(&name(from), &name(to), number).await;
        (wires::fate(answer), wires::millis(before))
    })
}
