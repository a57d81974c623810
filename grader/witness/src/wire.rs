//! The messages between a witness and the trusted side. Frames are a length and postcard; both are bounded by the reader.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// No frame is longer, in either direction.
pub const LONGEST: u32 = 16 << 20;

/// The first frame a witness reads, before any code of a submission runs; every frame it writes carries the nonce. A witness that serves scripts or workloads sends it
/// back before it calls the submission for the first time: one that ends before that was not ended by the submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Drawn anew for each process: its one-time token.
    pub nonce: u64,
}

/// Scripts to run, each in a fresh world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch<S> {
    /// The number of the first one; they are numbered on.
    pub first: u64,
    /// Whether to write each answer at once, so that a process that dies leaves the number of the step.
    pub careful: bool,
    /// The scripts.
    pub scripts: Vec<Vec<S>>,
}

/// What a witness writes: in careful mode one frame per answer, otherwise one per script.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply<A> {
    /// From the hello.
    pub nonce: u64,
    /// Which script.
    pub script: u64,
    /// Its answers, or the next one of them.
    pub answers: Vec<A>,
    /// Whether the script is over, its world dropped.
    pub done: bool,
    /// Whether patience ran out in it. Then it is the last of its batch that is run.
    pub gave_up: bool,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Answer<V> {
    /// It returned.
    Saw(V),
    /// It panicked.
    Panicked(String),
    /// The submission lacks what it needs; the compiler's message.
    Unavailable(String),
}

/// What came of a public check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpecOutcome {
    /// It returned.
    Passed,
    /// It panicked.
    Failed {
        /// The panic's message.
        message: String,
        /// Where, `spec.rs:12`.
        place: String,
    },
    /// The submission lacks what it needs.
    Unavailable(String),
}

/// The frame a witness writes after a public check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecReply {
    /// From the hello.
    pub nonce: u64,
    /// The outcome.
    pub outcome: SpecOutcome,
}

/// The status with which a process leaves after a public check, said by the frame and by the status alike: only who knows the token
/// of this process can say the same twice.
pub fn status(nonce: u64, passed: bool) -> i32 {
    // Two statuses of 10 to 99: none that a runtime, a shell or a launcher uses.
    let pair = fold(nonce, 0) % 45;
    10 + 2 * (pair as i32) + i32::from(passed)
}

/// A request to a witness that runs workloads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkRequest {
    /// Set a workload up, dropping the last one.
    Prepare {
        /// Its name.
        workload: String,
        /// Its size.
        size: u64,
    },
    /// Run its operation some times.
    Run {
        /// How often.
        iterations: u64,
    },
}

/// The answer to a request for work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkReply {
    /// From the hello.
    pub nonce: u64,
    /// What came of it.
    pub outcome: WorkOutcome,
}

/// What came of a request for work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkOutcome {
    /// Set up.
    Ready,
    /// Run.
    Done {
        /// All returned numbers, folded.
        checksum: u64,
        /// Allocations during the run.
        allocations: u64,
        /// Bytes allocated during the run.
        bytes: u64,
    },
    /// It panicked.
    Panicked(String),
    /// The submission lacks what it needs.
    Unavailable(String),
}

/// Folds one more returned number into a checksum; order counts.
pub fn fold(checksum: u64, value: u64) -> u64 {
    (checksum.rotate_left(5) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Writes one frame.
pub fn send(writer: &mut (impl Write + ?Sized), message: &impl Serialize) -> io::Result<()> {
    let bytes = postcard::to_stdvec(message).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    let mut frame = length.to_le_bytes().to_vec();
    frame.extend_from_slice(&bytes);
    writer.write_all(&frame)?;
    writer.flush()
}

/// Reads one frame; `None` at the end of the stream. A length over `longest` is an error before anything is allocated.
pub fn receive<T: DeserializeOwned>(reader: &mut (impl Read + ?Sized), longest: u32) -> io::Result<Option<T>> {
    let mut length = [0_u8; 4];
    match reader.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u32::from_le_bytes(length);
    if length > longest {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is too long"));
    }
    let mut bytes = Vec::new();
    reader.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != u64::from(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let (message, rest) = postcard::take_from_bytes(&bytes).map_err(io::Error::other)?;
    if !rest.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame has trailing bytes"));
    }
    Ok(Some(message))
}
