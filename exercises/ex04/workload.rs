//! What is timed: a member of a large cluster that hears news, answers a probe and ticks.

use ex04::{GossipConfig, GossipMessage, GossipProtocol, Member, MemberId, MemberState, MemberUpdate};
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;
use witness::Work;

witness::workloads! { hear, tick }

fn address(number: usize) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 1024 + number as u16))
}

/// A member that knows `size` others.
fn member_of(size: usize) -> GossipProtocol {
    let mut node = GossipProtocol::new(MemberId("local".to_owned()), address(0), GossipConfig::default());
    let member = |number: usize| Member {
        id: MemberId(format!("member-{number}")),
        address: address(number),
        state: MemberState::Alive,
        incarnation: 0,
        metadata: HashMap::new(),
        last_update: Instant::now(),
    };
    let members = (1..=size).map(member).collect();
    node.handle_message(address(1), GossipMessage::Sync { members });
    // What it heard is told to the end, so that what is timed is a cluster at rest.
    // At most 4 log2 n + 4 ticks for each member, ten members at a time.
    for _ in 0..size * 6 {
        node.tick();
    }
    node
}

/// Hears ten updates that are no news, of as many members, and answers a probe; the number of answers.
fn hear(size: usize) -> Work {
    let mut node = member_of(size);
    let mut next = 0;
    witness::work(move || {
        let updates = (0..10).map(|_| {
            next = next % size + 1;
            MemberUpdate {
                id: MemberId(format!("member-{next}")),
                state: MemberState::Alive,
                incarnation: 0,
                address: None,
                metadata: None,
            }
        });
        let updates = updates.collect();
        node.handle_message(address(1), GossipMessage::Gossip { updates });
        let from = MemberId("member-1".to_owned());
        let answers = node.handle_message(address(1), GossipMessage::Ping { seq: 1, from });
        u64::from(!answers.is_empty())
    })
}

/// Ticks; 1 if somebody was probed.
fn tick(size: usize) -> Work {
    let mut node = member_of(size);
    witness::work(move || u64::from(!node.tick().is_empty()))
}
