//! A node that votes; its heart is a module called `core`.

pub use self::core::{Role, Vote};

mod core {
    use std::cmp::Ordering;
    use std::collections::BTreeSet;

    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
    pub enum Role {
        #[default]
        Follower,
        Candidate,
        Leader,
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Vote {
        pub term: u64,
        pub granted: bool,
    }

    #[derive(Debug, Default)]
    pub struct Node {
        pub term: u64,
        pub role: Role,
        pub voted_for: Option<u32>,
        pub votes: BTreeSet<u32>,
    }

    impl Node {
        pub fn ask(&mut self, candidate: u32, term: u64) -> Vote {
            match term.cmp(&self.term) {
                Ordering::Less => {}
                Ordering::Equal => {
                    self.voted_for.get_or_insert(candidate);
                }
                Ordering::Greater => {
                    self.term = term;
                    self.role = Role::Follower;
                    self.voted_for = Some(candidate);
                }
            }
            Vote {
                term: self.term,
                granted: term == self.term && self.voted_for == Some(candidate),
            }
        }
    }
}

pub fn election(size: u32) -> (Role, usize) {
    let mut nodes: Vec<core::Node> = (0..size).map(|_| core::Node::default()).collect();
    let granted = nodes.iter_mut().filter(|_| true).map(|node| node.ask(0, 1));
    let votes = granted.filter(|vote| vote.granted).count();
    (
        if votes * 2 > size as usize {
            Role::Leader
        } else {
            Role::Candidate
        },
        votes,
    )
}
