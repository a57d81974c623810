//! Workloads: what is timed and counted.

use std::io;

use crate::caught::{Caught, caught};
use crate::wire::{self, Hello, LONGEST, WorkOutcome, WorkReply, WorkRequest};
use crate::{alloc, channel};

/// One operation, set up and ready to be run again and again. Each call returns a number that the contract determines.
pub type Work = Box<dyn FnMut() -> u64>;

/// Boxes an operation.
pub fn work(operation: impl FnMut() -> u64 + 'static) -> Work {
    Box::new(operation)
}

/// Workloads by name, each a function from a size to its operation.
pub type Table = &'static [(&'static str, fn(usize) -> Work)];

/// Lists the workloads of an exercise: `witness::workloads! { compare, merge }`, each a `fn(usize) -> witness::Work`.
#[macro_export]
macro_rules! workloads {
    ($($name:ident),+ $(,)?) => {
        /// The workloads by name.
        pub const WORKLOADS: $crate::Table = &[$((stringify!($name), $name)),+];

        #[cfg(test)]
        mod workloads_run {
            #[test]
            fn each_operation_can_be_repeated() {
                for (name, make) in super::WORKLOADS {
                    let (mut once, mut again) = (make(16), make(16));
                    for call in 0..3 {
                        assert_eq!(once(), again(), "call {call} of {name} is not determined by its size");
                    }
                }
            }
        }
    };
}

/// Answers requests for work until there are no more.
pub(crate) fn serve(table: Table) -> io::Result<()> {
    let (mut requests, mut answers) = channel::open()?;
    let Some(Hello { nonce }) = wire::receive(&mut requests, LONGEST)? else {
        return Ok(());
    };
    wire::send(&mut answers, &Hello { nonce })?;
    let mut current: Option<Work> = None;
    while let Some(request) = wire::receive(&mut requests, LONGEST)? {
        let outcome = match request {
            WorkRequest::Prepare { workload, size } => {
                let made = caught(|| {
                    current = None;
                    let (_, make) = table.iter().find(|(name, _)| *name == workload)?;
                    current = Some(make(usize::try_from(size).ok()?));
                    Some(())
                });
                match made {
                    Ok(Some(())) => WorkOutcome::Ready,
                    Ok(None) => WorkOutcome::Unavailable(format!("there is no workload `{workload}`")),
                    Err(caught) => caught.into(),
                }
            }
            WorkRequest::Run { iterations } => match &mut current {
                Some(operation) => run(operation, iterations),
                None => WorkOutcome::Unavailable("no workload is set up".to_owned()),
            },
        };
        wire::send(&mut answers, &WorkReply { nonce, outcome })?;
    }
    Ok(())
}

fn run(operation: &mut Work, iterations: u64) -> WorkOutcome {
    let (allocations, bytes) = alloc::counts();
    match caught(|| (0..iterations).fold(0, |checksum, _| wire::fold(checksum, std::hint::black_box(operation())))) {
        Ok(checksum) => {
            let (more, larger) = alloc::counts();
            WorkOutcome::Done {
                checksum,
                allocations: more - allocations,
                bytes: larger - bytes,
            }
        }
        Err(caught) => caught.into(),
    }
}

impl From<Caught> for WorkOutcome {
    fn from(caught: Caught) -> Self {
        match caught {
            Caught::Panicked { message, .. } => Self::Panicked(message),
            Caught::Unavailable(reason) => Self::Unavailable(reason),
        }
    }
}
