//! What a client sees of one node, and of a cluster in which all is well.

use ex13_protocol::{Nonsense, Reply, Role, Script, Seen, Step, steps::*};
use judge::{Objection, Trial, Verdict, same};
use proptest::{prelude::*, sample::select};

use crate::{each, key, operation, read_all, script, value};

/// R1: `new` makes a cluster of one node, which becomes its leader.
pub fn a_lone_node_leads(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (0..1000_u64).prop_map(|id| vec![lone(id)]);
    trial.cases(6).forall(scripts, |case| {
        for (at, step, seen) in case.steps() {
            let (Step::lone { id }, Seen::lone(look)) = (step, seen) else {
                continue;
            };
            let leads = look.is_leader && look.role == Role::Leader && look.term > 0;
            let known = look.leader == Some(*id) && look.current_leader == Some(*id);
            if look.id != *id || !leads || !known || look.voters != [*id] {
                return Err(Objection::at(at, "a node on its own must lead a cluster of itself"));
            }
        }
        Ok(())
    })
}

/// R1, R2, R3: a lone node answers its client, and has nothing to do with another lone node.
pub fn a_lone_node_serves_its_client(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (key(), value()).prop_map(|(key, value)| vec![lone_write(key, value)]);
    trial.cases(6).forall(scripts, same)
}

/// R1: a node that belongs to no cluster neither leads nor serves.
pub fn a_node_without_a_cluster_waits(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (1..9_u64).prop_map(|id| vec![unborn(id)]);
    let waits = |seen: &Seen| match seen {
        Seen::unborn((look, reply)) => {
            let follows = !look.is_leader && look.role == Role::Follower;
            follows && look.current_leader.is_none() && look.voters.is_empty() && *reply == Reply::AskSomebody
        }
        _ => true,
    };
    let fault = "a node that was not initialized must wait, and know no leader";
    trial.cases(4).forall(scripts, each(waits, fault))
}

/// R1: a configuration that the library's own validation refuses is an error.
pub fn nonsense_is_refused(trial: &mut Trial<Script>) -> Verdict {
    let scripts = select(vec![Nonsense::Election, Nonsense::Heartbeat, Nonsense::Payload])
        .prop_map(|how| vec![misconfigure(how)]);
    let refused = |seen: &Seen| *seen != Seen::misconfigure(true);
    trial
        .cases(8)
        .forall(scripts, each(refused, "this configuration cannot work"))
}

/// R13: a node that was shut down answers with errors, and without delay.
pub fn a_stopped_node_refuses(trial: &mut Trial<Script>) -> Verdict {
    let refuses = |seen: &Seen| match seen {
        Seen::ask_stopped(replies) => replies
            .iter()
            .all(|reply| !reply.is_success() && *reply != Reply::Silent),
        _ => true,
    };
    trial.once(
        vec![ask_stopped()],
        each(refuses, "a node that was shut down must refuse"),
    )
}

/// R2, R3: a read shows the last acknowledged write, and a deletion answers what it removed.
pub fn reads_see_the_last_write(trial: &mut Trial<Script>) -> Verdict {
    trial
        .cases(12)
        .forall(script(vec![], operation(), 20, read_all()), same)
}

/// R2, R3, R10: a node that follows names the leader, and does nothing itself.
pub fn followers_name_the_leader(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => (key(), value()).prop_map(|(key, value)| set_at_follower(key, value)),
        1 => key().prop_map(get_at_follower),
        1 => Just(change_at_follower()),
        2 => operation(),
    ];
    trial.cases(10).forall(script(vec![], steps, 12, read_all()), same)
}

/// R1: a cluster that exists cannot be initialized again, and goes on.
pub fn a_cluster_is_founded_once(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![1 => Just(initialize_again()), 2 => operation()];
    trial.cases(6).forall(script(vec![], steps, 8, read_all()), same)
}
