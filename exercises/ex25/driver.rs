//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

mod participants;
mod sagas;

use ex25::{
    ParticipantState, SagaOrchestrator, ThreePCError, ThreePCPhase, ThreePhaseCoordinator, Transaction, TransactionLog,
    TwoPCError, TwoPCPhase, TwoPhaseCoordinator,
};
use ex25_protocol::{
    Call, Deals, Ending, Event, Habit, Outcome, Phase, Plan, Progress, Recovery, Run, Standing, TIMEOUT, txn_name,
};
use participants::{Board, Party};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use witness::aio::{Flavor, Runtime};

/// How long a phase may last.
const PATIENCE: Duration = Duration::from_millis(TIMEOUT);
/// How long participants go on after the coordinator: what they hear late counts too.
const AFTERMATH: Duration = Duration::from_millis(20 * TIMEOUT);

/// A runtime whose time is virtual.
pub struct World {
    runtime: Runtime,
}

impl Default for World {
    fn default() -> Self {
        Self {
            runtime: Runtime::new(Flavor::Paused),
        }
    }
}

/// A transaction of the script.
struct Txn(u8);

impl Transaction for Txn {
    fn id(&self) -> String {
        txn_name(self.0)
    }
}

fn outcome_of_two(result: Result<(), TwoPCError>) -> Outcome {
    match result {
        Ok(()) => Outcome::Committed,
        Err(TwoPCError::Aborted) => Outcome::Aborted,
        Err(TwoPCError::Timeout) => Outcome::TimedOut,
        Err(TwoPCError::ParticipantFailed) => Outcome::ParticipantFailed,
    }
}

fn outcome_of_three(result: Result<(), ThreePCError>) -> Outcome {
    match result {
        Ok(()) => Outcome::Committed,
        Err(ThreePCError::Aborted) => Outcome::Aborted,
        Err(ThreePCError::Timeout) => Outcome::TimedOut,
        Err(ThreePCError::ParticipantFailed) => Outcome::ParticipantFailed,
    }
}

fn phase(phase: &TwoPCPhase) -> Phase {
    match phase {
        TwoPCPhase::Prepare => Phase::Prepare,
        TwoPCPhase::Commit => Phase::Commit,
        TwoPCPhase::Abort => Phase::Abort,
    }
}

fn written(phase: Phase) -> TwoPCPhase {
    match phase {
        Phase::Prepare => TwoPCPhase::Prepare,
        Phase::Commit => TwoPCPhase::Commit,
        Phase::Abort => TwoPCPhase::Abort,
    }
}

fn states(states: &[Progress]) -> Vec<ParticipantState> {
    let state = |state: &Progress| match state {
        Progress::Initial => ParticipantState::Initial,
        Progress::Ready => ParticipantState::Ready,
        Progress::PreCommitted => ParticipantState::PreCommitted,
        Progress::Committed => ParticipantState::Committed,
        Progress::Aborted => ParticipantState::Aborted,
    };
    states.iter().map(state).collect()
}

/// The phases in a log, and whether it has this decision.
fn phases(log: &TransactionLog) -> Vec<Phase> {
    log.records().iter().map(|record| phase(&record.phase)).collect()
}

fn watch(log: &TransactionLog) -> participants::Logged {
    let log = log.clone();
    Box::new(move |decision| phases(&log).contains(&decision))
}

impl World {
    fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        self.runtime.block_on(answer)
    }
}

impl Deals for World {
    fn two_phases(&mut self, habits: Vec<Habit>) -> Run {
        self.wait(async {
            let party = Party::gather(&habits, Board::unlogged());
            let mut coordinator = TwoPhaseCoordinator::new(party.handles(), PATIENCE);
            let began = Instant::now();
            let result = coordinator.execute(Txn(0)).await;
            let took = began.elapsed();
            party.run(outcome_of_two(result), took, AFTERMATH).await
        })
    }

    fn in_a_row(&mut self, votes: Vec<Vec<bool>>) -> Vec<Outcome> {
        self.wait(async {
            let most = votes.iter().map(Vec::len).max().unwrap_or(0);
            let party = Party::voting(&votes, most);
            let mut coordinator = TwoPhaseCoordinator::new(party.handles(), PATIENCE);
            let mut outcomes = Vec::new();
            for txn in 0..votes.len() {
                outcomes.push(outcome_of_two(coordinator.execute(Txn(txn as u8)).await));
            }
            outcomes
        })
    }

    fn log_of(&mut self, habits: Vec<Habit>) -> Vec<Phase> {
        self.wait(async {
            let party = Party::gather(&habits, Board::unlogged());
            let log = TransactionLog::new();
            let mut coordinator = TwoPhaseCoordinator::with_log(party.handles(), PATIENCE, log.clone());
            let _ = coordinator.execute(Txn(0)).await;
            phases(&log)
        })
    }

    fn recover(&mut self, habits: Vec<Habit>, messages: u8) -> Recovery {
        self.wait(async {
            let log = TransactionLog::new();
            let party = Party::gather(&habits, Board::logged(watch(&log)));
            let mut first = TwoPhaseCoordinator::with_log(party.handles(), PATIENCE, log.clone());
            tokio::select! {
                biased;
                () = party.heard_so_many(messages) => {}
                _ = first.execute(Txn(0)) => {}
            }
            drop(first);
            let (before, noted) = (party.heard(), phases(&log));
            let mut second = TwoPhaseCoordinator::with_log(party.handles(), PATIENCE, log.clone());
            let decisions = second.recover().await;
            let decision = decisions.iter().find(|(txn, _)| *txn == txn_name(0));
            let decision = decision.map(|(_, decision)| phase(decision));
            tokio::time::sleep(AFTERMATH).await;
            let after = party.heard().split_off(before.len());
            Recovery {
                before,
                log: noted,
                after,
                decision,
            }
        })
    }

    fn recover_all(&mut self, transactions: Vec<Phase>, participants: u8) -> Vec<(Option<u8>, Phase)> {
        self.wait(async {
            let mut log = TransactionLog::new();
            // All have begun before any is decided: transactions of several coordinators share a log.
            for txn in 0..transactions.len() {
                log.log_phase(&txn_name(txn as u8), TwoPCPhase::Prepare);
            }
            for (txn, decided) in transactions
                .iter()
                .enumerate()
                .filter(|(_, decided)| **decided != Phase::Prepare)
            {
                log.log_phase(&txn_name(txn as u8), written(*decided));
            }
            let party = Party::gather(&vec![Habit::Yes; usize::from(participants)], Board::unlogged());
            let mut coordinator = TwoPhaseCoordinator::with_log(party.handles(), PATIENCE, log);
            let decisions = coordinator.recover().await;
            let told = |(txn, decision): &(String, TwoPCPhase)| (participants::number(txn), phase(decision));
            decisions.iter().map(told).collect()
        })
    }

    fn terminate_two(&mut self, states: Vec<Progress>) -> Option<Phase> {
        TwoPhaseCoordinator::terminate(&self::states(&states)).map(|decision| phase(&decision))
    }

    fn three_phases(&mut self, habits: Vec<Habit>) -> Run {
        self.wait(async {
            let party = Party::gather(&habits, Board::unlogged());
            let mut coordinator = ThreePhaseCoordinator::new(party.handles(), PATIENCE);
            let began = Instant::now();
            let result = coordinator.execute(Txn(0)).await;
            let took = began.elapsed();
            party.run(outcome_of_three(result), took, AFTERMATH).await
        })
    }

    fn terminate_three(&mut self, states: Vec<Progress>) -> Option<Phase> {
        match ThreePhaseCoordinator::terminate(&self::states(&states)) {
            ThreePCPhase::DoCommit => Some(Phase::Commit),
            ThreePCPhase::Abort => Some(Phase::Abort),
            ThreePCPhase::CanCommit | ThreePCPhase::PreCommit => None,
        }
    }

    fn saga(&mut self, plan: Vec<Plan>) -> (Vec<Call>, Ending) {
        let calls = Arc::default();
        let mut saga = SagaOrchestrator::new();
        sagas::fill(&mut saga, &plan, &calls);
        let ending = sagas::ending(self.wait(saga.execute()));
        (sagas::taken(&calls), ending)
    }

    fn saga_events(&mut self, plan: Vec<Plan>) -> Vec<Event> {
        let mut saga = SagaOrchestrator::with_id(sagas::OURS);
        sagas::fill(&mut saga, &plan, &Arc::default());
        let _ = self.wait(saga.execute());
        saga.events().events().iter().map_while(sagas::told).collect()
    }

    fn rebuild(&mut self, events: Vec<(u8, Event)>) -> Standing {
        sagas::rebuild(&events)
    }

    fn fold(&mut self, events: Vec<(u8, Event)>) -> Standing {
        sagas::fold(&events)
    }
}
