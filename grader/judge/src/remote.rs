//! A subject in another process: starts the witness, sends scripts, believes nothing that comes back.

use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use witness::Language;
use witness::wire::{Answer, Batch, Reply};

use crate::process::{Process, Quiet};
use crate::subject::{Ending, Subject, Transcript};

/// All scripts of a check together may take this many times what one may take.
const TOGETHER: u32 = 5;
/// No batch of scripts has so many bytes of answers.
const MOST: u64 = 4 << 20;
/// How many times processes may end without a script to blame. After that the script at hand is blamed.
const RIDDLES: u32 = 3;

/// How long to wait for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patience {
    /// Cpu time for one script.
    pub cpu_ms: u64,
    /// Time in which the witness neither answers nor waits for the cpu: it sleeps, or waits for something that will not come.
    pub idle_ms: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            cpu_ms: 2000,
            idle_ms: 5000,
        }
    }
}

impl Patience {
    /// No wait is shorter.
    const LEAST: Self = Self {
        cpu_ms: 250,
        idle_ms: 1000,
    };

    /// After the first hang the submission is known to hang, and a quarter of the time shows it.
    fn after_a_hang(self) -> Self {
        Self {
            cpu_ms: (self.cpu_ms / 4).max(Self::LEAST.cpu_ms).min(self.cpu_ms),
            idle_ms: (self.idle_ms / 4).max(Self::LEAST.idle_ms).min(self.idle_ms),
        }
    }

    /// Whether more than all scripts together may take was used, of cpu time or of waiting time.
    fn is_used_up(self, used: (Duration, Duration)) -> bool {
        let limit = |milliseconds| Duration::from_millis(milliseconds) * TOGETHER;
        used.0 > limit(self.cpu_ms) || used.1 > limit(self.idle_ms)
    }
}

/// Runs scripts in a witness process, started when it is needed.
pub struct Remote<L: Language> {
    launcher: Vec<String>,
    /// What was asked for.
    patience: Patience,
    /// What is left of it for one script.
    current: Patience,
    process: Option<Process>,
    /// Cpu time and waiting time of the processes that are gone.
    spent: (Duration, Duration),
    /// Both times when the check began, or the search for a short story.
    begun: (Duration, Duration),
    next: u64,
    starts: u32,
    riddles: u32,
    /// Whether the last script ended its process.
    troubled: bool,
    fault: Option<io::Error>,
    /// The answers are of this language.
    language: std::marker::PhantomData<L>,
}

/// What came of some scripts: the transcripts of those that came to their end, and that of the one that did not.
type Exchange<L> = (
    Vec<Transcript<<L as Language>::Seen>>,
    Option<Transcript<<L as Language>::Seen>>,
);

impl<L: Language> Remote<L> {
    /// Runs scripts in processes that `launcher` starts, called with one more argument, `scripts`.
    pub fn new(launcher: Vec<String>, patience: Patience) -> Self {
        Self {
            launcher,
            patience,
            current: patience,
            process: None,
            spent: (Duration::ZERO, Duration::ZERO),
            begun: (Duration::ZERO, Duration::ZERO),
            next: 0,
            starts: 0,
            riddles: 0,
            troubled: false,
            fault: None,
            language: std::marker::PhantomData,
        }
    }

    /// Cpu time used by all witnesses so far.
    pub fn cpu(&self) -> Duration {
        self.used().0
    }

    /// How many witnesses were started so far.
    pub fn starts(&self) -> u32 {
        self.starts
    }

    /// Why no witness could be started, if so: the harness's fault.
    pub fn fault(&mut self) -> Option<io::Error> {
        self.fault.take()
    }

    fn used(&self) -> (Duration, Duration) {
        let (cpu, waited) = self
            .process
            .as_ref()
            .map(|process| (process.cpu(), process.waited()))
            .unwrap_or_default();
        (self.spent.0 + cpu, self.spent.1 + waited)
    }

    /// The process, started if there is none.
    fn process(&mut self) -> io::Result<&mut Process> {
        if self.process.is_none() {
            self.starts += 1;
            self.process = Some(Process::start(&self.launcher, "scripts")?);
        }
        self.process.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Sends a batch and reads what comes back. After trouble the process is gone.
    fn exchange(&mut self, scripts: &[Vec<L::Step>], careful: bool) -> Exchange<L> {
        let first = self.next;
        self.next += scripts.len() as u64;
        let mut whole: Vec<Transcript<L::Seen>> = Vec::new();
        match self.process() {
            Ok(process) => process.send(&Batch {
                first,
                careful,
                scripts: scripts.to_vec(),
            }),
            Err(error) => {
                self.fault.get_or_insert(error);
                return (
                    whole,
                    Some(Transcript {
                        answers: Vec::new(),
                        ending: Some(Ending::Garbled),
                        gave_up: false,
                    }),
                );
            }
        }
        let begun = self.process.as_ref().map_or(0, Process::taken);
        for (script, number) in scripts.iter().zip(first..) {
            let mut answers = Vec::new();
            match self.read(script, number, begun, &mut answers) {
                Ok(gave_up) => {
                    whole.push(Transcript {
                        answers,
                        ending: None,
                        gave_up,
                    });
                    if gave_up {
                        // The witness ends a batch there as well.
                        break;
                    }
                }
                Err(ending) => {
                    self.stop(ending);
                    return (
                        whole,
                        Some(Transcript {
                            answers,
                            ending: Some(ending),
                            gave_up: false,
                        }),
                    );
                }
            }
        }
        self.troubled = false;
        (whole, None)
    }

    /// Reads the answers to one script of a batch, and whether it gave up; the process had told `begun` bytes before the batch.
    fn read(
        &mut self,
        script: &[L::Step],
        number: u64,
        begun: u64,
        answers: &mut Vec<Answer<L::Seen>>,
    ) -> Result<bool, Ending> {
        loop {
            let (patience, used) = (self.current, self.used());
            if self
                .patience
                .is_used_up((used.0.saturating_sub(self.begun.0), used.1.saturating_sub(self.begun.1)))
            {
                return Err(Ending::TooSlow);
            }
            let Some(process) = &mut self.process else {
                return Err(Ending::Garbled);
            };
            let reply = match process.receive::<Reply<Answer<L::Seen>>>(patience) {
                Ok(reply) => reply,
                Err(Quiet::Unstarted) => {
                    return Err(process.unstarted().unwrap_or_else(|fault| {
                        self.fault = Some(fault);
                        Ending::Garbled
                    }));
                }
                Err(Quiet::Ended) => return Err(process.ending()),
                Err(Quiet::Silent) => return Err(Ending::Hung),
                Err(Quiet::Nonsense) => return Err(Ending::Garbled),
            };
            let says_something = reply.done || !reply.answers.is_empty();
            let is_awaited = (reply.nonce, reply.script) == (process.nonce(), number);
            let fits = answers.len() + reply.answers.len() <= script.len() && process.taken() - begun < MOST;
            if !(says_something && is_awaited && fits && is_in_order(answers, &reply.answers)) {
                return Err(Ending::Garbled);
            }
            answers.extend(reply.answers);
            if reply.done {
                let stopped = answers.last().is_some_and(is_stop);
                return if stopped || answers.len() == script.len() {
                    Ok(reply.gave_up)
                } else {
                    Err(Ending::Garbled)
                };
            }
        }
    }

    fn stop(&mut self, ending: Ending) {
        self.spent = self.used();
        self.process = None;
        self.troubled = true;
        if ending == Ending::Hung {
            self.current = self.current.after_a_hang();
        }
    }
}

fn is_stop<V>(answer: &Answer<V>) -> bool {
    !matches!(answer, Answer::Saw(_))
}

/// Whether nothing follows a step that did not return.
fn is_in_order<V>(before: &[Answer<V>], more: &[Answer<V>]) -> bool {
    let mut all = before.iter().chain(more);
    all.find(|answer| is_stop(answer)).is_none() || all.next().is_none()
}

impl<L: Language> Subject<L> for Remote<L> {
    fn run_all(&mut self, scripts: &[Vec<L::Step>]) -> Vec<Transcript<L::Seen>> {
        let careful = self.troubled && scripts.len() == 1;
        let (mut transcripts, trouble) = self.exchange(scripts, careful);
        let Some(broken) = trouble else { return transcripts };
        if careful || self.fault.is_some() || broken.ending == Some(Ending::TooSlow) {
            transcripts.push(broken);
            return transcripts;
        }
        // Some script ended the process, at a step that is not known. Ask again, in a fresh process that tells each answer at once.
        let (more, trouble) = self.exchange(&scripts[transcripts.len()..], true);
        transcripts.extend(more);
        if let Some(broken) = trouble {
            transcripts.push(broken);
        } else {
            // What went wrong only once is not held against the submission, unless it happens again and again.
            self.riddles += 1;
            if self.riddles > RIDDLES {
                transcripts.truncate(transcripts.len() - 1);
                transcripts.push(broken);
            }
        }
        transcripts
    }

    fn begin(&mut self) {
        self.begun = self.used();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_shrinks_to_a_least_and_never_grows() {
        let patience = Patience {
            cpu_ms: 2000,
            idle_ms: 5000,
        };
        let after = patience.after_a_hang();
        assert_eq!(
            after,
            Patience {
                cpu_ms: 500,
                idle_ms: 1250
            }
        );
        assert_eq!(after.after_a_hang().after_a_hang(), Patience::LEAST);
        let little = Patience {
            cpu_ms: 100,
            idle_ms: 100,
        };
        assert_eq!(little.after_a_hang(), little);
    }

    #[test]
    fn nothing_follows_a_stop() {
        let (saw, stop) = (|| Answer::Saw(1), || Answer::<u8>::Panicked(String::new()));
        assert!(is_in_order(&[saw()], &[saw(), stop()]));
        assert!(is_in_order::<u8>(&[], &[]));
        assert!(!is_in_order(&[saw(), stop()], &[saw()]));
        assert!(!is_in_order(&[], &[stop(), stop()]));
    }
}
