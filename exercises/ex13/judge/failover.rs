//! One node is away: cut off, or stopped and started again.

use ex13_protocol::{Script, Seen, Step, steps::*};
use judge::{Case, Objection, Trial, Verdict, same};
use proptest::prelude::*;

use crate::{each, key, operation, read_all, script, value};

/// Away goes the leader (0), or a node.
fn leaving(node: impl Strategy<Value = u8>) -> impl Strategy<Value = Step> {
    (node, any::<bool>()).prop_map(|(n, cut)| if cut { isolate(n) } else { stop(n) })
}

/// R11: what was acknowledged is still there under the next leader, and after the old one came back.
pub fn acknowledged_writes_survive_the_leader(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![4 => operation(), 2 => leaving(Just(0)), 1 => Just(comeback())];
    trial.cases(12).forall(script(vec![], steps, 16, read_all()), same)
}

/// R11: the same, whichever nodes of three or five go and come back.
pub fn acknowledged_writes_survive_any_node(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![4 => operation(), 2 => leaving(1..4_u8), 1 => Just(comeback())];
    let beginning = (0..2_u8).prop_map(|five| vec![found(3 + 2 * five, 0)]);
    let scripts =
        (beginning, script(vec![], steps, 14, read_all())).prop_map(|(beginning, script)| [beginning, script].concat());
    trial.cases(8).forall(scripts, same)
}

/// Nothing comes from the isolated node, and everything else is as in the reference.
fn nothing_from_the_isolated(case: &Case<'_, Script>) -> Result<(), Objection> {
    let expected = case.expected();
    for (at, _, seen) in case.steps() {
        match seen {
            Seen::get_isolated(reply) if reply.is_success() => {
                let text = "a node that cannot reach a majority must not answer a read: others may have written since";
                return Err(Objection::at(at, text));
            }
            Seen::set_isolated(reply) if reply.is_success() => {
                let text = "a node that cannot reach a majority must not acknowledge a write";
                return Err(Objection::at(at, text));
            }
            Seen::get_isolated(_) | Seen::set_isolated(_) => {}
            _ if *seen != expected[at] => {
                let text = "the answer differs from what the contract determines";
                return Err(Objection::at(at, text));
            }
            _ => {}
        }
    }
    Ok(())
}

/// R3: a leader that was cut off answers no read, though it does not know that there is another.
pub fn an_isolated_node_shows_nothing(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        3 => operation(),
        1 => Just(isolate(0)),
        1 => Just(comeback()),
        2 => key().prop_map(get_isolated),
    ];
    let beginning = vec![set("a".to_owned(), vec![1]), isolate(0)];
    trial
        .cases(10)
        .forall(script(beginning, steps, 12, vec![]), nothing_from_the_isolated)
}

/// R2, R11: a leader that was cut off acknowledges no write, and what it was asked for never shows.
pub fn an_isolated_node_promises_nothing(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => operation(),
        1 => Just(isolate(0)),
        1 => Just(comeback()),
        2 => (key(), value()).prop_map(|(key, value)| set_isolated(key, value)),
    ];
    let ending = [vec![comeback()], read_all()].concat();
    trial
        .cases(10)
        .forall(script(vec![isolate(0)], steps, 12, ending), nothing_from_the_isolated)
}

/// R8: a cluster that was stopped whole and started on its storages remembers what it acknowledged.
pub fn a_restarted_cluster_remembers(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![4 => operation(), 1 => Just(reboot())];
    let ending = [vec![reboot()], read_all()].concat();
    trial.cases(8).forall(script(vec![], steps, 14, ending), same)
}

/// R5: each node's storage holds the vote of the term it is in.
pub fn votes_are_kept(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![1 => leaving(Just(0)), 1 => Just(reboot()), 1 => Just(votes_kept())];
    let kept = |seen: &Seen| match seen {
        Seen::votes_kept(kept) => !kept.is_empty() && kept.iter().all(|kept| *kept),
        _ => true,
    };
    let fault = "a node is in a term, and its storage holds no vote of that term";
    trial
        .cases(6)
        .forall(script(vec![], steps, 6, vec![votes_kept()]), each(kept, fault))
}
