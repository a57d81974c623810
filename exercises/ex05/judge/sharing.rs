//! One service for several threads, behind an `Arc<Mutex<_>>`.

use ex05_protocol::{Script, Seen, steps::*};
use judge::{Objection, Trial, Verdict};
use proptest::prelude::*;

/// R11: of threads that want the same lock, one at a time holds it, with a greater token than the one before.
pub fn threads_share_a_service(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (2..5_u8, 1..12_u8).prop_map(|(threads, times)| vec![contest(threads, times)]);
    trial.cases(32).forall(scripts, |case| {
        for (at, _, seen) in case.steps() {
            let Seen::contest(contest) = seen else { continue };
            if contest.holders > 1 {
                return Err(Objection::at(at, "two threads held the lock at once"));
            }
            if contest.refused > 0 {
                return Err(Objection::at(at, "a thread could not release the lock that it held"));
            }
            if let Some(pair) = contest.tokens.windows(2).find(|pair| pair[0] >= pair[1]) {
                let text = format!("token {} was given out after token {}", pair[1], pair[0]);
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}
