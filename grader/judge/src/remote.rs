//! A subject in another process: starts the witness, sends scripts, believes nothing that comes back.

use std::time::Duration;
use std::{io, mem};

use serde::{Deserialize, Serialize};
use witness::Language;
use witness::wire::{Answer, Batch, Reply};

use crate::process::{Process, Quiet};
use crate::subject::{Ending, Subject, Transcript};

/// How long to wait for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patience {
    /// Cpu time for one script.
    pub cpu_ms: u64,
    /// Time in which the witness neither answers nor uses the cpu: it sleeps, or waits for something that will not come.
    pub idle_ms: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { cpu_ms: 2000, idle_ms: 5000 }
    }
}

impl Patience {
    /// After the first hang the submission is known to hang.
    fn short(self) -> Self {
        Self { cpu_ms: self.cpu_ms / 4, idle_ms: self.idle_ms / 4 }
    }
}

/// Runs scripts in a witness process, started when it is needed.
pub struct Remote<L: Language> {
    launcher: Vec<String>,
    patience: Patience,
    process: Option<Process<Reply<Answer<L::Seen>>>>,
    /// Cpu time of the processes that are gone.
    spent: Duration,
    next: u64,
    fault: Option<io::Error>,
}

impl<L: Language> Remote<L> {
    /// Runs scripts in processes that `launcher` starts.
    pub fn new(launcher: Vec<String>, patience: Patience) -> Self {
        Self { launcher, patience, process: None, spent: Duration::ZERO, next: 0, fault: None }
    }

    /// Cpu time used by all witnesses so far.
    pub fn cpu(&self) -> Duration {
        self.spent + self.process.as_ref().map(Process::cpu).unwrap_or_default()
    }

    /// Why no witness could be started, if so: the harness's fault.
    pub fn fault(&mut self) -> Option<io::Error> {
        self.fault.take()
    }

    /// Sends a batch and reads what comes back; after trouble the process is gone and the list is short.
    fn exchange(&mut self, scripts: &[Vec<L::Step>], careful: bool) -> (Vec<Transcript<L::Seen>>, Option<Ending>) {
        let first = self.next;
        self.next += scripts.len() as u64;
        let mut whole: Vec<Transcript<L::Seen>> = Vec::new();
        let mut partial: Vec<Answer<L::Seen>> = Vec::new();
        if self.process.is_none() {
            match Process::start(&self.launcher, &["scripts"]) {
                Ok(process) => self.process = Some(process),
                Err(error) => {
                    self.fault.get_or_insert(error);
                    return (whole, None);
                }
            }
        }
        let Some(process) = &mut self.process else { return (whole, None) };
        let batch = Batch { first, careful, scripts: scripts.to_vec() };
        process.send(&batch);
        let trouble = loop {
            if whole.len() == scripts.len() {
                return (whole, None);
            }
            let at = whole.len();
            match process.receive(self.patience) {
                Ok(reply) => {
                    let fits = reply.nonce == process.nonce() && reply.script == first + at as u64 && partial.len() + reply.answers.len() <= scripts[at].len();
                    if !fits {
                        break Ending::Garbled;
                    }
                    partial.extend(reply.answers);
                    if reply.done {
                        let stopped = partial.iter().any(|answer| !matches!(answer, Answer::Saw(_)));
                        if partial.len() < scripts[at].len() && !stopped {
                            break Ending::Garbled;
                        }
                        whole.push(Transcript { answers: mem::take(&mut partial), ending: None });
                    }
                }
                Err(Quiet::Ended) => break process.ending(),
                Err(Quiet::Silent) => break Ending::Hung,
                Err(Quiet::Nonsense) => break Ending::Garbled,
            }
        };
        if trouble == Ending::Hung {
            self.patience = self.patience.short().max(Patience { cpu_ms: 250, idle_ms: 1000 });
        }
        self.stop();
        whole.push(Transcript { answers: partial, ending: Some(trouble) });
        (whole, Some(trouble))
    }

    fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            self.spent += process.cpu();
        }
    }
}

impl PartialOrd for Patience {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Patience {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.idle_ms, self.cpu_ms).cmp(&(other.idle_ms, other.cpu_ms))
    }
}

impl<L: Language> Subject<L> for Remote<L> {
    fn run_all(&mut self, scripts: &[Vec<L::Step>]) -> Vec<Transcript<L::Seen>> {
        let (mut transcripts, trouble) = self.exchange(scripts, false);
        if trouble.is_some() {
            // Ask the one script again, in a fresh process that tells each answer at once: then the step is known.
            let suspect = transcripts.len() - 1;
            let (mut again, _) = self.exchange(&scripts[suspect..=suspect], true);
            transcripts.pop();
            // A script that went wrong only in its batch is not held against the submission: what it answers alone counts.
            transcripts.extend(again.pop());
        }
        transcripts
    }

    fn run(&mut self, script: &[L::Step]) -> Transcript<L::Seen> {
        let (mut transcripts, _) = self.exchange(&[script.to_vec()], true);
        transcripts.pop().unwrap_or(Transcript { answers: Vec::new(), ending: Some(Ending::Garbled) })
    }
}
