//! The hidden checks of EX04: the rules of SWIM on a member on its own, and what a whole cluster must achieve.
//!
//! A member on its own is told news and left unanswered; laws speak of the states that it then holds and of what it sends, never of how
//! many messages a tick sends or of timers other than the one that the statement names. Clusters are judged by bounds that any
//! gossip with the stated fan-out and duration keeps with room to spare. `notes.md` says which other designs must pass.

#[path = "judge/cluster.rs"]
mod cluster;
mod driver;
#[path = "judge/gossip.rs"]
mod gossip;
#[path = "judge/membership.rs"]
mod membership;
#[path = "judge/precedence.rs"]
mod precedence;
#[path = "judge/probes.rs"]
mod probes;
#[cfg(test)]
mod workload;

use ex04_protocol::{Deed, News, Peer, SELF, Script, State, Step};
use judge::Case;
use proptest::prelude::*;

judge::checks! {
    driver::World;
    membership::seeds_are_asked_for_all,
    membership::a_request_is_answered_with_all,
    membership::whoever_asks_becomes_a_member,
    membership::views_agree,
    membership::changes_are_told_once,
    membership::selections_are_different_members,
    precedence::newer_incarnations_win,
    precedence::of_equal_incarnations_the_worse_story_wins,
    precedence::old_stories_change_nothing,
    precedence::nobody_comes_back_with_an_old_incarnation,
    precedence::a_suspicion_is_refuted_at_once,
    precedence::old_accusations_are_ignored,
    precedence::an_echo_changes_nothing,
    precedence::descriptions_go_with_their_incarnation,
    probes::a_ping_is_acknowledged,
    probes::everybody_is_probed_in_turn,
    probes::whoever_answers_stays_alive,
    probes::the_silent_are_suspected_then_dead,
    probes::a_suspicion_lasts_its_time,
    probes::a_refutation_saves_in_time,
    probes::others_are_asked_before_a_suspicion,
    probes::an_answer_through_others_counts,
    probes::probes_for_others_are_relayed,
    probes::answers_for_others_are_not_mixed_up,
    probes::silence_is_not_relayed,
    gossip::a_gossip_is_not_too_long,
    gossip::what_is_heard_is_passed_on,
    gossip::old_news_are_no_longer_told,
    gossip::the_dead_are_forgotten_in_time,
    gossip::a_change_of_oneself_is_told_at_once,
    gossip::who_has_left_is_silent,
    cluster::a_fact_reaches_everybody,
    cluster::nobody_is_suspected_without_loss,
    cluster::a_failure_is_seen_by_all,
    cluster::a_departure_is_seen_by_all,
    cluster::newcomers_meet_everybody,
    cluster::a_quiet_cluster_stops_talking,
}

fn news(peer: Peer, state: State, incarnation: u64) -> News {
    News {
        peer,
        state,
        incarnation,
    }
}

/// Some members that are alive, in their first incarnation.
fn alive(peers: impl IntoIterator<Item = Peer>) -> Vec<News> {
    peers.into_iter().map(|peer| news(peer, State::Alive, 0)).collect()
}

/// The state in which somebody is known, and its incarnation.
fn known(members: &[News], peer: Peer) -> Option<(State, u64)> {
    let found = members.iter().find(|news| news.peer == peer)?;
    Some((found.state, found.incarnation))
}

/// The peers that a member on its own has met, where the script says so: alive, in their first incarnation, each once, and a tuning that makes
/// sense. Nothing for scripts that were shortened beyond that: they prove nothing.
fn met(case: &Case<'_, Script>) -> Option<Vec<Peer>> {
    let mut peers: Vec<Peer> = Vec::new();
    for (_, step, _) in case.steps() {
        match step {
            Step::tuned { tuning } => {
                let least = [tuning.indirect, tuning.suspicion, tuning.piggyback];
                if tuning.fanout != 3 || least.contains(&0) || tuning.retention < 3 {
                    return None;
                }
            }
            Step::sync { news } => {
                for one in news {
                    if (one.state, one.incarnation) != (State::Alive, 0)
                        || one.peer == SELF
                        || peers.contains(&one.peer)
                    {
                        return None;
                    }
                    peers.push(one.peer);
                }
            }
            _ => {}
        }
    }
    Some(peers)
}

/// All news in gossips.
fn told(deeds: &[Deed]) -> impl Iterator<Item = News> + '_ {
    deeds.iter().flat_map(|deed| match deed {
        Deed::Gossip(_, news) => news.clone(),
        _ => Vec::new(),
    })
}

/// A few peers.
fn peer() -> impl Strategy<Value = Peer> {
    1..6_u8
}
