//! Schedules of a cluster, and what a judge knows of its nodes after each step.

use std::collections::BTreeMap;
use std::rc::Rc;

use ex02_protocol::{Entry, Place, Reach, Role, Script, Seen, Size, Step, View, Vote, steps::*};
use judge::{Case, Objection};
use proptest::{collection::vec, prelude::*};

/// A node as it was last seen.
#[derive(Clone)]
pub struct Node {
    pub role: Role,
    pub term: u64,
    pub commit: u64,
    pub log: Vec<Entry>,
    /// All that it ever handed out.
    pub applied: Vec<Entry>,
}

/// The nodes that were seen; one that was not is new.
type Nodes = BTreeMap<Place, Rc<Node>>;

/// A step of the cluster and what it came to.
pub struct Moment<'a> {
    pub step: &'a Step,
    /// The nodes before.
    pub was: &'a Nodes,
    /// The nodes after.
    pub now: &'a Nodes,
    /// The nodes that changed.
    pub views: &'a [View],
    /// The votes that were granted.
    pub votes: &'a [Vote],
}

impl Node {
    fn new() -> Self {
        Self {
            role: Role::Follower,
            term: 0,
            commit: 0,
            log: Vec::new(),
            applied: Vec::new(),
        }
    }

    fn see(&mut self, view: &View) {
        (self.role, self.term, self.commit) = (view.role, view.term, view.commit);
        if let Some(change) = &view.log {
            self.log.truncate(usize::try_from(change.after).unwrap_or(usize::MAX));
            self.log.extend(&change.entries);
        }
        self.applied.extend(&view.applied);
    }
}

impl Moment<'_> {
    /// A node before the step.
    pub fn before(&self, node: Place) -> Rc<Node> {
        self.was.get(&node).cloned().unwrap_or_else(|| Rc::new(Node::new()))
    }

    /// The nodes that changed: name, before, after.
    pub fn changed(&self) -> impl Iterator<Item = (Place, Rc<Node>, Rc<Node>)> {
        self.views
            .iter()
            .filter_map(|view| Some((view.node, self.before(view.node), self.now.get(&view.node)?.clone())))
    }
}

/// Walks through the steps of the cluster, with what is known of its nodes, until a law objects.
pub fn follow(
    case: &Case<'_, Script>,
    mut law: impl FnMut(&Moment<'_>) -> Result<(), String>,
) -> Result<(), Objection> {
    let mut now = Nodes::new();
    for (at, step, seen) in case.steps() {
        let (views, votes): (&[View], &[Vote]) = match seen {
            Seen::campaign(turn) | Seen::replicate(turn) | Seen::arrive_late(turn) | Seen::settle(turn) => {
                (&turn.nodes, &turn.votes)
            }
            Seen::propose(proposal) => (&proposal.nodes, &[]),
            _ => continue,
        };
        let was = now.clone();
        for view in views {
            Rc::make_mut(now.entry(view.node).or_insert_with(|| Rc::new(Node::new()))).see(view);
        }
        law(&Moment {
            step,
            was: &was,
            now: &now,
            views,
            votes,
        })
        .map_err(|text| Objection::at(at, text))?;
    }
    Ok(())
}

/// What a node is called.
pub fn name(node: Place) -> String {
    format!("n{}", node.saturating_add(1))
}

/// One of three or of five nodes, at times of one.
pub fn any_size() -> impl Strategy<Value = Size> {
    prop_oneof![1 => Just(Size::One), 8 => Just(Size::Three), 8 => Just(Size::Five)]
}

/// A schedule of a cluster of some size: reigns of one node after another, each with the nodes that it reaches, its
/// commands and heartbeats, and now and then a former leader that goes on, or a message that comes late.
pub fn schedule(size: impl Strategy<Value = Size>) -> impl Strategy<Value = Vec<Step>> {
    size.prop_flat_map(|size| {
        let reigns = vec(reign(size), 2..9);
        reigns.prop_map(move |reigns| [vec![cluster(size)], reigns.concat()].concat())
    })
}

/// A node stands for election and does what a leader does, whether it won or not.
fn reign(size: Size) -> impl Strategy<Value = Vec<Step>> {
    let nodes = size.nodes();
    (0..nodes, reach(nodes)).prop_flat_map(move |(leader, reach)| {
        vec(event(nodes, leader), 0..6).prop_map(move |events| [vec![campaign(leader, reach)], events].concat())
    })
}

/// All nodes, or some of them.
fn reach(nodes: Place) -> impl Strategy<Value = Reach> {
    let all: Reach = (1 << nodes) - 1;
    prop_oneof![1 => Just(all), 3 => 0..=all]
}

/// What happens in the reign of a node, most often by that node.
fn event(nodes: Place, leader: Place) -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(propose(leader)),
        6 => reach(nodes).prop_map(move |reach| replicate(leader, reach)),
        2 => (0..nodes).prop_map(move |to| delay(leader, to)),
        3 => (0..nodes, 0..nodes).prop_map(|(from, to)| arrive_late(from, to)),
        2 => (0..nodes, reach(nodes)).prop_map(|(node, reach)| replicate(node, reach)),
        1 => (0..nodes).prop_map(propose),
        1 => (0..nodes, 0..nodes).prop_map(|(node, to)| delay(node, to)),
        1 => (0..nodes, reach(nodes)).prop_map(|(node, reach)| campaign(node, reach)),
    ]
}
