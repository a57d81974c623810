//! The log and the vote in stable storage.

use ex13_protocol::{Script, Step, steps::*};
use judge::{Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

use crate::script;

const CASES: u32 = 64;

fn values() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(vec(0..4_u8, 0..3), 0..5)
}

/// Appends and deletions by the course's methods.
fn course_writes() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..5_u64, values()).prop_map(|(term, values)| append_to_log(term, values)),
        1 => (0..4_u8).prop_map(delete_conflict_logs),
    ]
}

fn course_reads() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => Just(get_log_state()),
        1 => (0..12_u64, 0..16_u64).prop_map(|(from, to)| try_get_log_entries(from, to)),
    ]
}

fn library_writes() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..5_u64, values()).prop_map(|(term, values)| append(term, values)),
        1 => (0..4_u8).prop_map(truncate),
    ]
}

fn library_reads() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => Just(ends()),
        1 => (0..12_u64, 0..16_u64).prop_map(|(from, to)| read(from, to)),
        1 => (0..12_u64).prop_map(read_apart),
    ]
}

/// R4: what was appended by the course's methods and not deleted is there, and the log knows its ends.
pub fn the_course_methods_keep_a_log(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![1 => course_writes(), 1 => course_reads()];
    trial.cases(CASES).forall(script(vec![], steps, 16, vec![]), same)
}

/// R4: the library finds what it appended and did not truncate, also through its reader.
pub fn the_library_finds_its_log(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![1 => library_writes(), 1 => library_reads()];
    trial.cases(CASES).forall(script(vec![], steps, 16, vec![]), same)
}

/// R4: the course's methods and the library's traits are two views of one log.
pub fn both_views_show_the_same_log(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![1 => course_writes(), 1 => library_writes(), 1 => course_reads(), 1 => library_reads()];
    trial.cases(CASES).forall(script(vec![], steps, 16, vec![]), same)
}

/// R4: purged entries are gone, and the last of them is still known as the place where the log goes on.
pub fn a_purged_log_remembers_its_end(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        2 => library_writes(),
        2 => (0..6_u8).prop_map(purge),
        2 => library_reads(),
        1 => course_reads(),
    ];
    trial.cases(CASES).forall(script(vec![], steps, 16, vec![]), same)
}

/// R5: the vote that was saved last is read back whole.
pub fn the_last_vote_is_kept(trial: &mut Trial<Script>) -> Verdict {
    let steps = prop_oneof![
        1 => (0..9_u64, 0..4_u64, any::<bool>()).prop_map(|(term, node, committed)| save_vote(term, node, committed)),
        1 => Just(read_vote()),
    ];
    trial.cases(CASES).forall(script(vec![], steps, 8, vec![]), same)
}
