//! Plans what is compiled beside a submission: the checks' sources and a `main` that serves them, in memory.
//!
//! Two programs are planned. The *runner* holds the driver (scripts of hidden checks) and the public checks, and is compiled without
//! optimisation, since compiling is most of the cost. The *bench* holds the workloads, is optimised, and counts allocations.

use std::fmt::Write as _;

use crate::model::ids::ExerciseId;
use crate::stages::specs::SpecFile;

/// A crate to compile: its root and the modules beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaffold {
    /// The crate's name.
    pub name: &'static str,
    /// The text of `main.rs`.
    pub main: String,
    /// The sources of checks by file name; these are what partial compilation edits.
    pub checks: Vec<(String, String)>,
}

/// The program that answers scripts and, if there are any to run, has the public checks.
pub fn runner(exercise: &ExerciseId, driver: &[(String, String)], public: Option<&SpecFile>) -> Scaffold {
    let (mut table, mut checks) = (String::new(), driver.to_vec());
    if let Some(public) = public {
        for spec in &public.specs {
            writeln!(table, "    ({:?}, {}),", spec.name, spec.entry()).expect("a string takes it");
        }
        checks.push(("spec.rs".to_owned(), public.text.clone()));
    }
    let module = if public.is_some() { "mod spec;\n" } else { "" };
    let main = format!(
        "//! Generated: serves the driver and the public checks of {exercise}.\n\
         mod driver;\n{module}\
         static SPECS: &[(&str, fn())] = &[\n{table}];\n\
         fn scripts() -> std::io::Result<()> {{ {exercise}_protocol::serve(|| Box::new(<driver::World as Default>::default())) }}\n\
         fn main() -> std::process::ExitCode {{\n    \
             witness::run(&witness::Runner {{ scripts: Some(scripts), specs: SPECS, works: &[] }})\n\
         }}\n"
    );
    Scaffold {
        name: "runner",
        main,
        checks,
    }
}

/// The program that runs workloads.
pub fn bench(exercise: &ExerciseId, workload: &str) -> Scaffold {
    let main = format!(
        "//! Generated: serves the workloads of {exercise}.\n\
         mod workload;\n\
         #[global_allocator]\n\
         static ALLOCATOR: witness::Counting = witness::Counting;\n\
         fn main() -> std::process::ExitCode {{\n    \
             witness::run(&witness::Runner {{ scripts: None, specs: &[], works: workload::WORKLOADS }})\n\
         }}\n"
    );
    Scaffold {
        name: "bench",
        main,
        checks: vec![("workload.rs".to_owned(), workload.to_owned())],
    }
}
