//! Calls from node to node.

use ex13_protocol::{Script, Step, steps::*};
use judge::{Trial, Verdict, same};
use proptest::prelude::*;

use crate::script;

fn node() -> impl Strategy<Value = u8> {
    1..4_u8
}

/// Calls from one node to another; a vote is given once for a term, so who was called shows later.
fn calling() -> impl Strategy<Value = Step> {
    (node(), node(), 1..9_u64).prop_map(|(from, to, term)| {
        let to = if to == from { to % 3 + 1 } else { to };
        call(from, to, term)
    })
}

/// R9: a call reaches the node that it names, and its answer comes back.
pub fn calls_reach_the_node_they_name(trial: &mut Trial<Script>) -> Verdict {
    trial.cases(24).forall(script(vec![], calling(), 16, vec![]), same)
}

/// R9: nothing leaves an isolated node and nothing reaches it, until it is reconnected.
pub fn an_isolated_node_is_alone(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![4 => calling(), 1 => node().prop_map(cut), 1 => node().prop_map(mend)];
    trial.cases(24).forall(script(vec![], steps, 16, vec![]), same)
}

/// R9: a node that was stopped, or that never was, is not answered for.
pub fn nobody_answers_for_an_absent_node(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        4 => calling(),
        1 => node().prop_map(halt),
        1 => (node(), 1..9_u64).prop_map(|(from, term)| call(from, 9, term)),
    ];
    trial.cases(24).forall(script(vec![], steps, 12, vec![]), same)
}
