//! The system: states of nodes, failures, and messages between nodes.

use crate::ideas::any_failure;
use ex20_protocol::{Failure, Fate, Node, Script, Seen, State, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*, sample::select};

/// What a message between two nodes may come to, by their states alone; `None` if the network decides.
fn refusal(from: State, to: State) -> Option<Vec<Fate>> {
    let ends = [from, to];
    match (ends.contains(&State::Failed), ends.contains(&State::Partitioned)) {
        (true, true) => Some(vec![Fate::Refused, Fate::Partitioned]),
        (true, false) => Some(vec![Fate::Refused]),
        (false, true) => Some(vec![Fate::Partitioned]),
        (false, false) => None,
    }
}

/// The system and its network after some steps.
#[derive(Default)]
struct Model {
    network: (u8, u8, u32, u32),
    nodes: Vec<State>,
    /// The network that the system was made on.
    below: (u8, u8, u32, u32),
}

impl Model {
    fn after(&mut self, step: &Step) {
        match step {
            Step::network { loss, cut, min, max } => self.network = (*loss, *cut, *min, *max),
            Step::system { states } => {
                self.nodes = states.clone();
                self.below = self.network;
            }
            Step::inject { failure } => match failure {
                Failure::Partial(nodes) => nodes.iter().for_each(|node| self.stop(*node)),
                Failure::FailStop(node) => self.stop(*node),
                Failure::Byzantine(node, _) => {
                    if let Some(state @ State::Healthy) = self.nodes.get_mut(usize::from(*node)) {
                        *state = State::Degraded;
                    }
                }
                Failure::Other => {}
            },
            _ => {}
        }
    }

    fn stop(&mut self, node: Node) {
        if let Some(state) = self.nodes.get_mut(usize::from(node)) {
            *state = State::Failed;
        }
    }

    /// A node that is not there listens as little as one that has failed.
    fn state(&self, node: Node) -> State {
        self.nodes.get(usize::from(node)).copied().unwrap_or(State::Failed)
    }

    /// What a message may come to; `None` if it is open, or a matter of luck.
    fn fates(&self, from: Node, to: Node, content: u32) -> Option<Vec<Fate>> {
        if from == to {
            return None;
        }
        refusal(self.state(from), self.state(to)).or(match self.below {
            (0, 0, ..) => Some(vec![Fate::Arrived(content)]),
            (100, 0, ..) => Some(vec![Fate::Lost]),
            (0, 100, ..) => Some(vec![Fate::Partitioned]),
            _ => None,
        })
    }
}

/// Each message comes to what the states and the network make of it, and takes the time that it should.
fn delivered(case: &Case<'_, Script>) -> Result<(), Objection> {
    let mut model = Model::default();
    for (at, step, seen) in case.steps() {
        let sent = match (step, seen) {
            (Step::message { from, to, number }, Seen::message(fate)) => Some((*from, *to, *number, *fate, None)),
            (Step::message_time { from, to }, Seen::message_time((fate, took))) => {
                Some((*from, *to, 7, *fate, Some(*took)))
            }
            _ => None,
        };
        if let Some((from, to, content, fate, took)) = sent
            && let Some(fates) = model.fates(from, to, content)
        {
            if !fates.contains(&fate) {
                let (states, expected) = ([model.state(from), model.state(to)], &fates[0]);
                return Err(Objection::at(
                    at,
                    format!("the nodes are {states:?}: expected {expected:?}, got {fate:?}"),
                ));
            }
            let (_, _, min, max) = model.below;
            let (least, most) = (u64::from(min.min(max)), u64::from(min.max(max)) + 2);
            if let (Some(took), Fate::Arrived(_)) = (took, fate)
                && !(least..=most).contains(&took)
            {
                return Err(Objection::at(
                    at,
                    format!("the message took {took} ms, the network takes {least} to {most}"),
                ));
            }
        }
        model.after(step);
    }
    Ok(())
}

fn distinct() -> impl Strategy<Value = (Node, Node)> {
    (0..5_u8, 1..5_u8).prop_map(|(from, off)| (from, (from + off) % 5))
}

/// A system of five nodes in these states, and messages between them.
fn messages(states: &'static [State]) -> impl Strategy<Value = Vec<Step>> {
    let message = (distinct(), any::<u32>()).prop_map(|((from, to), number)| message(from, to, number));
    (vec(select(states.to_vec()), 5), vec(message, 1..10)).prop_map(|(states, messages)| {
        let mut script = vec![system(states)];
        script.extend(messages);
        script
    })
}

/// R12: a message from or to a failed node, or one that does not exist, is `ConnectionRefused`.
pub fn failed_nodes_refuse(trial: &mut Trial<Script>) -> Verdict {
    let unknown = (0..5_u8, 5..9_u8, any::<bool>(), any::<u32>());
    let unknown = unknown.prop_map(|(node, none, from, number)| match from {
        true => message(none, node, number),
        false => message(node, none, number),
    });
    let script = (messages(&[State::Healthy, State::Failed]), vec(unknown, 0..3)).prop_map(|(mut script, more)| {
        script.extend(more);
        script
    });
    trial.cases(32).forall(script, delivered)
}

/// R12: a message from or to a node that is cut off is `Partitioned`, as long as it is.
pub fn partitioned_nodes_cannot_be_reached(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(32)
        .forall(messages(&[State::Healthy, State::Partitioned]), delivered)
}

/// R12: messages between nodes that run go on, whatever happened to the others.
pub fn the_others_go_on(trial: &mut Trial<Script>) -> Verdict {
    let states = &[
        State::Healthy,
        State::Healthy,
        State::Degraded,
        State::Failed,
        State::Partitioned,
    ];
    let script = (messages(states), vec(any_failure(), 0..3)).prop_map(|(mut script, failures)| {
        for (at, failure) in failures.into_iter().enumerate() {
            script.insert((2 * at + 1).min(script.len()), inject(failure));
        }
        script
    });
    trial.cases(48).forall(script, delivered)
}

/// R12: what the nodes allow, the network decides: loss, partition, latency.
pub fn the_network_carries_what_nodes_send(trial: &mut Trial<Script>) -> Verdict {
    let network = (
        select(vec![(0, 0), (0, 0), (100, 0), (0, 100_u8)]),
        10..500_u32,
        0..500_u32,
    )
        .prop_map(|((loss, cut), least, width)| network(loss, cut, least, least + width));
    let message = distinct().prop_map(|(from, to)| message_time(from, to));
    let states = vec(select(vec![State::Healthy, State::Degraded]), 5);
    let script = (network, states, vec(message, 1..6)).prop_map(|(network, states, messages)| {
        let mut script = vec![network, system(states)];
        script.extend(messages);
        script
    });
    trial.cases(24).forall(script, delivered)
}

/// R11: `inject` changes the states of the nodes that it names, as the failure demands, and no others.
pub fn failures_concern_whom_they_name(trial: &mut Trial<Script>) -> Verdict {
    let states = vec(
        select(vec![
            State::Healthy,
            State::Healthy,
            State::Degraded,
            State::Failed,
            State::Partitioned,
        ]),
        5,
    );
    let step = prop_oneof![2 => any_failure().prop_map(inject), 1 => Just(nodes())];
    let script = (states, vec(step, 1..8)).prop_map(|(states, steps)| {
        let mut script = vec![system(states)];
        script.extend(steps);
        script.push(nodes());
        script
    });
    trial.cases(48).forall(script, same)
}
