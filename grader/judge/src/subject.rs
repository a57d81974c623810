//! What runs scripts.

use witness::Language;
use witness::wire::Answer;

/// Runs scripts, each in a fresh world.
pub trait Subject<L: Language> {
    /// Runs scripts in order. The list is short only if its last transcript has an ending or gave up: what follows it was not run.
    fn run_all(&mut self, scripts: &[Vec<L::Step>]) -> Vec<Transcript<L::Seen>>;

    /// Runs one script.
    fn run(&mut self, script: &[L::Step]) -> Transcript<L::Seen> {
        self.run_all(&[script.to_vec()]).pop().unwrap_or(Transcript {
            answers: Vec::new(),
            ending: Some(Ending::Garbled),
            gave_up: false,
        })
    }

    /// Something begins that may take as long as a check may: a check, or the search for its shortest story.
    fn begin(&mut self) {}
}

/// What came of a script: an answer for each step that was reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript<V> {
    /// The answers, at most one a step.
    pub answers: Vec<Answer<V>>,
    /// How the process ended during the step after the last answer, if it did.
    pub ending: Option<Ending>,
    /// Whether patience ran out: running it again costs a wait.
    pub gave_up: bool,
}

/// How a witness ended in the middle of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It exited.
    Exited(i32),
    /// A signal killed it.
    Killed(i32),
    /// It ran out of stack.
    Overflowed,
    /// It ran out of memory.
    OutOfMemory,
    /// It ended before its first instruction.
    Unstartable,
    /// It gave no answer in time, and was killed.
    Hung,
    /// All scripts of a check together took too long, this one was the last, and the process was killed.
    TooSlow,
    /// What it wrote is no answer, and it was killed.
    Garbled,
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exited(status) => write!(f, "the process exited with status {status}"),
            Self::Killed(signal) => write!(f, "the process died of signal {signal}{}", name(*signal)),
            Self::Overflowed => f.write_str("the stack overflowed: a recursion does not end, or goes too deep"),
            Self::OutOfMemory => f.write_str("the process ran out of memory"),
            Self::Unstartable => f.write_str(
                "the program cannot start: its statics or thread-locals are larger than the memory it may use",
            ),
            Self::Hung => f.write_str("no answer in time"),
            Self::TooSlow => f.write_str("the scripts of this check take too long together"),
            Self::Garbled => f.write_str("what the process answered makes no sense, or is far too long"),
        }
    }
}

fn name(signal: i32) -> &'static str {
    match signal {
        4 => " (illegal instruction)",
        6 => " (abort)",
        9 => " (killed)",
        11 => " (segmentation fault)",
        31 => " (a forbidden system call)",
        _ => "",
    }
}
