//! The public checks: what the statement says, in examples that a student can read and run.

use ex25::{
    ParticipantHandle, ParticipantRequest, ParticipantVote, SagaError, SagaEvent, SagaEventStore, SagaOrchestrator,
    SagaType, ThreePCPhase, ThreePhaseCoordinator, Transaction, TwoPCPhase, TwoPhaseCoordinator,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

struct Transfer;

impl Transaction for Transfer {
    fn id(&self) -> String {
        "transfer-1".to_owned()
    }
}

/// What participants heard, in the order of arrival: `p0 prepare`.
type Heard = Arc<Mutex<Vec<String>>>;

/// A participant that votes as it is told and acknowledges everything.
fn participant(name: &str, vote: ParticipantVote, heard: &Heard) -> ParticipantHandle {
    let (handle, mut requests) = ParticipantHandle::new(name);
    assert_eq!(handle.name(), name);
    let (name, heard) = (name.to_owned(), Arc::clone(heard));
    tokio::spawn(async move {
        while let Some(request) = requests.recv().await {
            let (what, txn) = match request {
                ParticipantRequest::Prepare { txn, reply } => {
                    let _ = reply.send(vote.clone());
                    ("prepare", txn)
                }
                ParticipantRequest::CanCommit { txn, reply } => {
                    let _ = reply.send(vote.clone());
                    ("can commit", txn)
                }
                ParticipantRequest::PreCommit { txn, reply } => {
                    let _ = reply.send(());
                    ("pre-commit", txn)
                }
                ParticipantRequest::Commit { txn, reply } => {
                    let _ = reply.send(());
                    ("commit", txn)
                }
                ParticipantRequest::Abort { txn, reply } => {
                    let _ = reply.send(());
                    ("abort", txn)
                }
            };
            assert_eq!(txn, "transfer-1");
            heard.lock().expect("nothing panics").push(format!("{name} {what}"));
        }
    });
    handle
}

/// What a participant has heard once nothing is under way any more.
async fn of(name: &str, heard: &Heard) -> Vec<String> {
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let heard = heard.lock().expect("nothing panics");
    heard
        .iter()
        .filter_map(|line| line.strip_prefix(name))
        .map(|what| what.trim().to_owned())
        .collect()
}

/// R2: two votes for it make a commit, and both participants hear of it.
#[tokio::test(start_paused = true)]
async fn test_2pc_commit_decision() {
    let votes = [ParticipantVote::VoteCommit, ParticipantVote::VoteCommit];
    assert!(votes.iter().all(|vote| matches!(vote, ParticipantVote::VoteCommit)));
    let heard = Heard::default();
    let participants = vec![
        participant("p0", ParticipantVote::VoteCommit, &heard),
        participant("p1", ParticipantVote::VoteCommit, &heard),
    ];
    let mut coordinator = TwoPhaseCoordinator::new(participants, Duration::from_secs(60));
    assert!(coordinator.execute(Transfer).await.is_ok());
    for name in ["p0", "p1"] {
        assert_eq!(of(name, &heard).await, ["prepare", "commit"]);
    }
}

/// R3: one vote against it is enough: the other participant is told to abort.
#[tokio::test(start_paused = true)]
async fn test_2pc_abort_decision() {
    let votes = [ParticipantVote::VoteCommit, ParticipantVote::VoteAbort];
    assert!(!votes.iter().all(|vote| matches!(vote, ParticipantVote::VoteCommit)));
    let heard = Heard::default();
    let participants = vec![
        participant("p0", ParticipantVote::VoteCommit, &heard),
        participant("p1", ParticipantVote::VoteAbort, &heard),
    ];
    let mut coordinator = TwoPhaseCoordinator::new(participants, Duration::from_secs(60));
    let _ = coordinator.execute(Transfer).await;
    assert_eq!(of("p0", &heard).await, ["prepare", "abort"]);
    assert!(!of("p1", &heard).await.contains(&"commit".to_owned()));
}

/// R1: the phases of two-phase commit, and what can be done with them.
#[test]
fn test_2pc_phases() {
    let phases = [TwoPCPhase::Prepare, TwoPCPhase::Commit, TwoPCPhase::Abort];
    assert_eq!(format!("{:?}", phases.clone()), "[Prepare, Commit, Abort]");
}

/// R9: the phases of three-phase commit.
#[test]
fn test_3pc_phases() {
    let phases = [ThreePCPhase::CanCommit, ThreePCPhase::PreCommit, ThreePCPhase::DoCommit];
    assert_eq!(phases.len(), 3);
    assert_eq!(format!("{:?}", phases.clone()), "[CanCommit, PreCommit, DoCommit]");
}

/// R9: each participant goes through three phases.
#[tokio::test(start_paused = true)]
async fn test_3pc_commits_in_three_phases() {
    let heard = Heard::default();
    let participants = vec![
        participant("p0", ParticipantVote::VoteCommit, &heard),
        participant("p1", ParticipantVote::VoteCommit, &heard),
    ];
    let mut coordinator = ThreePhaseCoordinator::new(participants, Duration::from_secs(60));
    assert!(coordinator.execute(Transfer).await.is_ok());
    for name in ["p0", "p1"] {
        assert_eq!(of(name, &heard).await, ["can commit", "pre-commit", "commit"]);
    }
}

/// R17: what three-phase commit cannot do: at least three things, one of them about partitions.
#[test]
fn test_3pc_problems() {
    let problems = ThreePhaseCoordinator::known_limitations();
    assert!(problems.len() >= 3, "{problems:?}");
    assert!(
        problems.iter().any(|problem| problem.contains("partition")),
        "{problems:?}"
    );
    let different: std::collections::HashSet<_> = problems.iter().collect();
    assert_eq!(different.len(), problems.len(), "{problems:?}");
}

/// R1: the two kinds of sagas.
#[test]
fn test_saga_types() {
    let (choreography, orchestration) = (SagaType::Choreography, SagaType::Orchestration);
    assert!(matches!(choreography, SagaType::Choreography));
    assert!(matches!(orchestration, SagaType::Orchestration));
    assert_eq!(
        format!("{:?}", (choreography.clone(), orchestration)),
        "(Choreography, Orchestration)"
    );
}

/// Notes that it was called.
fn note(notes: &Arc<Mutex<Vec<String>>>, text: &str) -> impl Fn() -> Result<(), SagaError> + Send + Sync + 'static {
    let (notes, text) = (Arc::clone(notes), text.to_owned());
    move || {
        notes.lock().expect("nothing panics").push(text.clone());
        Ok(())
    }
}

/// R12, R13: a saga runs its actions; when one fails, those that were completed are compensated in reverse.
#[tokio::test]
async fn test_saga_compensation() {
    let notes = Arc::new(Mutex::new(Vec::new()));
    let mut saga = SagaOrchestrator::new();
    saga.add_step("step1", note(&notes, "action1"), || Ok(()));
    saga.execute().await.unwrap();
    assert_eq!(*notes.lock().unwrap(), ["action1"]);

    let notes = Arc::new(Mutex::new(Vec::new()));
    let mut saga = SagaOrchestrator::new();
    saga.add_step("book", note(&notes, "book"), note(&notes, "cancel"));
    saga.add_step("pay", note(&notes, "pay"), note(&notes, "refund"));
    let fails = || Err(SagaError::StepFailed("no stock".to_owned()));
    saga.add_step("ship", fails, note(&notes, "return"));
    let error = saga.execute().await.unwrap_err();
    assert!(
        matches!(&error, SagaError::StepFailed(text) if text == "no stock"),
        "{error:?}"
    );
    assert_eq!(*notes.lock().unwrap(), ["book", "pay", "refund", "cancel"]);
}

/// R15, R16: a store keeps events, and a state follows from them.
#[test]
fn test_event_sourcing() {
    let mut store = SagaEventStore::new();
    store.append(SagaEvent::StepStarted {
        saga_id: "saga-1".into(),
        step: "step1".into(),
    });
    assert_eq!(store.events().len(), 1);
    let state = store.rebuild_state("saga-1");
    assert_eq!(state.saga_id, "saga-1");
    assert_eq!(state.running.as_deref(), Some("step1"));
    store.append(SagaEvent::StepCompleted {
        saga_id: "saga-1".into(),
        step: "step1".into(),
    });
    let state = store.rebuild_state("saga-1");
    assert_eq!((state.running, state.completed), (None, vec!["step1".to_owned()]));
}
