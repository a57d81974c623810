//! The public checks: what the statement says, in examples that a student can read and run.

use ex12::{
    Acceptor, ConsensusResult, Learner, MultiPaxos, PaxosInstance, Phase1Message, Phase2Message, ProposalNumber,
    Proposer, Value,
};
use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;

fn number(round: u64, proposer_id: u64) -> ProposalNumber {
    ProposalNumber { round, proposer_id }
}

fn value(text: &str) -> Value {
    Value(text.as_bytes().to_vec())
}

/// The number that a proposer prepares.
fn prepared(proposer: &mut Proposer) -> ProposalNumber {
    match proposer.prepare() {
        Phase1Message::Prepare { proposal } => proposal,
        other => panic!("not a Prepare: {other:?}"),
    }
}

/// The promise of an acceptor that has accepted this, if anything.
fn promise(proposal: ProposalNumber, accepted: Option<(ProposalNumber, Value)>) -> Phase1Message {
    Phase1Message::Promise { proposal, accepted }
}

/// What a proposer that wants `own` offers to `total` acceptors.
fn offered(proposer: &mut Proposer, own: &str, total: usize) -> Option<(ProposalNumber, Value)> {
    match proposer.accept(value(own), total)? {
        Phase2Message::Accept { proposal, value } => Some((proposal, value)),
        other => panic!("not an Accept: {other:?}"),
    }
}

fn is_accepted(message: &Phase2Message, under: ProposalNumber) -> bool {
    matches!(message, Phase2Message::Accepted { proposal } if *proposal == under)
}

/// R1: the round counts first, then the proposer.
#[test]
fn test_proposal_ordering() {
    let p1 = number(1, 0);
    let p2 = number(2, 0);
    assert!(p1 < p2);
    assert!(number(1, 9) < number(2, 0));
    assert!(number(2, 0) < number(2, 1));
}

/// R1: the types have the traits that the statement lists.
#[test]
fn test_required_traits() {
    fn is_number<T: Debug + Clone + Copy + Ord + Hash>(_: &T) {}
    fn is_value<T: Debug + Clone + PartialEq>(_: &T) {}
    fn is_message<T: Debug + Clone>(_: &T) {}
    fn is_result<T: Debug>(_: &T) {}
    is_number(&number(1, 0));
    is_value(&value("a"));
    is_message(&Phase1Message::Prepare { proposal: number(1, 0) });
    is_message(&Phase2Message::Rejected { proposal: number(1, 0) });
    is_result(&ConsensusResult::NoQuorum);
    assert_ne!(value("a"), value("b"));
    let numbers: HashSet<ProposalNumber> = [number(1, 0), number(1, 0), number(1, 1)].into();
    assert_eq!(numbers.len(), 2);
}

/// R2: a new acceptor promises, and has accepted nothing.
#[test]
fn test_acceptor_promise() {
    let mut acc = Acceptor::new(0);
    let p = number(1, 0);
    let resp = acc.receive_prepare(p);
    assert!(matches!(resp, Phase1Message::Promise { proposal, accepted: None } if proposal == p));
}

/// R2: a lower number is refused, with the number that binds the acceptor.
#[test]
fn test_acceptor_nack_lower() {
    let mut acc = Acceptor::new(0);
    acc.receive_prepare(number(2, 0));
    let resp = acc.receive_prepare(number(1, 0));
    assert!(matches!(resp, Phase1Message::Nack { proposal, highest_seen }
        if proposal == number(1, 0) && highest_seen == number(2, 0)));
    assert!(matches!(
        acc.receive_prepare(number(2, 1)),
        Phase1Message::Promise { .. }
    ));
}

/// R3: an acceptor accepts what it promised and rejects what is below; to accept is to promise.
#[test]
fn test_acceptor_rejects_below_its_promise() {
    let mut acceptor = Acceptor::new(0);
    acceptor.receive_prepare(number(2, 0));
    let rejected = acceptor.receive_accept(number(1, 0), value("late"));
    assert!(matches!(rejected, Phase2Message::Rejected { .. }));
    assert!(is_accepted(
        &acceptor.receive_accept(number(2, 0), value("a")),
        number(2, 0)
    ));

    // It was never asked about 5, and has accepted it.
    assert!(is_accepted(
        &acceptor.receive_accept(number(5, 0), value("b")),
        number(5, 0)
    ));
    assert!(matches!(
        acceptor.receive_prepare(number(4, 0)),
        Phase1Message::Nack { .. }
    ));
    let rejected = acceptor.receive_accept(number(4, 0), value("c"));
    assert!(matches!(rejected, Phase2Message::Rejected { .. }));
}

/// R4: a promise tells of what was accepted last, and under which number.
#[test]
fn test_promise_reports_the_accepted_value() {
    let mut acceptor = Acceptor::new(0);
    acceptor.receive_accept(number(1, 0), value("a"));
    acceptor.receive_accept(number(2, 1), value("b"));
    match acceptor.receive_prepare(number(3, 0)) {
        Phase1Message::Promise { accepted, .. } => assert_eq!(accepted, Some((number(2, 1), value("b")))),
        other => panic!("not a promise: {other:?}"),
    }
}

/// R1, R6: numbers carry the proposer's name, grow, and exceed those of refusals.
#[test]
fn test_proposals_grow_and_outbid() {
    let mut proposer = Proposer::new(3);
    let first = prepared(&mut proposer);
    let second = prepared(&mut proposer);
    assert_eq!((first.proposer_id, second.proposer_id), (3, 3));
    assert!(first < second);

    let highest_seen = number(second.round + 10, 7);
    let nack = Phase1Message::Nack {
        proposal: second,
        highest_seen,
    };
    proposer.receive_promise(0, nack);
    assert!(prepared(&mut proposer) > highest_seen);
}

/// R5: acceptors that promised the current proposal count, once each.
#[test]
fn test_promise_quorum() {
    let mut proposer = Proposer::new(1);
    let old = prepared(&mut proposer);
    let current = prepared(&mut proposer);
    proposer.receive_promise(0, promise(current, None));
    proposer.receive_promise(0, promise(current, None));
    proposer.receive_promise(1, promise(old, None));
    let nack = Phase1Message::Nack {
        proposal: current,
        highest_seen: number(9, 9),
    };
    proposer.receive_promise(2, nack);
    assert!(!proposer.has_promise_quorum(3));
    proposer.receive_promise(1, promise(current, None));
    assert!(proposer.has_promise_quorum(3));
    assert!(!proposer.has_promise_quorum(4), "half is no majority");
}

/// R7: the value of the highest number is offered, and an offer is never changed.
#[test]
fn test_highest_accepted_value_is_adopted() {
    let mut proposer = Proposer::new(1);
    let first = prepared(&mut proposer);
    assert_eq!(offered(&mut proposer, "own", 3), None);
    proposer.receive_promise(0, promise(first, None));
    proposer.receive_promise(1, promise(first, None));
    assert_eq!(offered(&mut proposer, "own", 3), Some((first, value("own"))));
    assert_eq!(offered(&mut proposer, "other", 3), Some((first, value("own"))));

    let nack = Phase1Message::Nack {
        proposal: first,
        highest_seen: number(8, 0),
    };
    proposer.receive_promise(2, nack);
    let second = prepared(&mut proposer);
    proposer.receive_promise(0, promise(second, Some((number(2, 0), value("two")))));
    proposer.receive_promise(1, promise(second, Some((number(5, 0), value("five")))));
    proposer.receive_promise(2, promise(second, Some((number(3, 2), value("three")))));
    assert_eq!(offered(&mut proposer, "own", 3), Some((second, value("five"))));
}

/// R8: a majority of acceptors, counted once each, under one number.
#[test]
fn test_learner_needs_a_majority() {
    let mut learner = Learner::new(0);
    learner.learn(number(1, 0), value("v"), 0);
    learner.learn(number(1, 0), value("v"), 0);
    learner.learn(number(2, 1), value("v"), 1);
    assert_eq!(learner.learned_value(3), None);
    learner.learn(number(2, 1), value("v"), 2);
    assert_eq!(learner.learned_value(4), None);
    assert_eq!(learner.learned_value(3), Some(value("v")));
}

/// R9: a proposer that comes later finds what was chosen, though it hears of it from one acceptor only.
#[test]
fn test_rivals_agree() {
    let mut acceptors: Vec<Acceptor> = (0..3).map(Acceptor::new).collect();
    let mut learner = Learner::new(0);
    for (id, wish, quorum) in [(1, "first", [0, 1]), (2, "second", [2, 1])] {
        let mut proposer = Proposer::new(id);
        // The second attempt exceeds what refused the first.
        for _ in 0..2 {
            let proposal = prepared(&mut proposer);
            for from in quorum {
                let answer = acceptors[from].receive_prepare(proposal);
                proposer.receive_promise(from as u64, answer);
            }
        }
        let (proposal, value) = offered(&mut proposer, wish, 3).expect("both promised");
        assert_eq!(value, self::value("first"), "the second proposer has to be told");
        for from in quorum {
            let answer = acceptors[from].receive_accept(proposal, value.clone());
            assert!(is_accepted(&answer, proposal));
            learner.learn(proposal, value.clone(), from as u64);
        }
        assert_eq!(learner.learned_value(3), Some(self::value("first")));
    }
}

/// R11: five acceptors decide.
#[tokio::test]
async fn test_consensus_reached() {
    let mut inst = PaxosInstance::new(0, 5, 1);
    let result = inst.propose(value("val")).await;
    assert!(matches!(result, ConsensusResult::Chosen(chosen) if chosen == value("val")));
}

/// R11: three of five decide.
#[tokio::test]
async fn test_minority_failure_ok() {
    let mut inst = PaxosInstance::new(0, 5, 1);
    inst.fail_acceptor(3);
    inst.fail_acceptor(4);
    let result = inst.propose(value("val")).await;
    assert!(matches!(result, ConsensusResult::Chosen(chosen) if chosen == value("val")));
}

/// R11: two of five do not.
#[tokio::test]
async fn test_majority_failure_no_quorum() {
    let mut inst = PaxosInstance::new(0, 5, 1);
    inst.fail_acceptor(2);
    inst.fail_acceptor(3);
    inst.fail_acceptor(4);
    let result = inst.propose(value("val")).await;
    assert!(matches!(result, ConsensusResult::NoQuorum));
}

/// R11: an instance decides once.
#[tokio::test]
async fn test_second_proposal_gets_the_first_value() {
    let mut inst = PaxosInstance::new(0, 3, 1);
    inst.propose(value("first")).await;
    inst.fail_acceptor(1);
    let result = inst.propose(value("second")).await;
    assert!(matches!(result, ConsensusResult::Chosen(chosen) if chosen == value("first")));
}

/// R12, R13: a leader runs phase 1 for the first of its entries only.
#[tokio::test]
async fn test_log_grows_under_one_leader() {
    let mut log = MultiPaxos::new(3);
    assert_eq!(log.prepares(), 0);
    log.append(1, value("a")).await;
    let prepares = log.prepares();
    assert!(prepares > 0);
    log.append(1, value("b")).await;
    let result = log.append(1, value("c")).await;
    assert!(matches!(result, ConsensusResult::Chosen(chosen) if chosen == value("c")));
    assert_eq!(log.log(), [value("a"), value("b"), value("c")]);
    assert_eq!(log.prepares(), prepares);
}

/// R13: a leader that was replaced is told so, and takes over again the next time.
#[tokio::test]
async fn test_deposed_leader_is_told() {
    let mut log = MultiPaxos::new(3);
    log.append(1, value("a")).await;
    let result = log.append(2, value("b")).await;
    assert!(matches!(result, ConsensusResult::Chosen(_)));
    let result = log.append(1, value("lost")).await;
    assert!(matches!(result, ConsensusResult::Conflict(rival) if rival.proposer_id == 2));
    let result = log.append(1, value("c")).await;
    assert!(matches!(result, ConsensusResult::Chosen(_)));
    assert_eq!(log.log(), [value("a"), value("b"), value("c")]);
}

/// R12: what was chosen stays, whichever majority runs.
#[tokio::test]
async fn test_log_survives_failures() {
    let mut log = MultiPaxos::new(3);
    log.fail_acceptor(2);
    log.append(1, value("a")).await;
    log.fail_acceptor(1);
    let result = log.append(1, value("b")).await;
    assert!(matches!(result, ConsensusResult::NoQuorum));
    assert_eq!(log.log(), [value("a")]);
    log.recover_acceptor(2);
    let result = log.append(2, value("c")).await;
    assert!(matches!(result, ConsensusResult::Chosen(_)));
    let entries = log.log();
    assert_eq!(
        (entries.first(), entries.last()),
        (Some(&value("a")), Some(&value("c")))
    );
}
