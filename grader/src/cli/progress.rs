//! Shows progress on standard error: a bar on a terminal, plain lines elsewhere, nothing with `--quiet`.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::Common;
use crate::model::ids::ExerciseId;
use crate::progress::{Event, Observer, Silent};

/// The observer for this call.
pub(super) fn observer(common: &Common) -> Box<dyn Observer> {
    if common.quiet {
        Box::new(Silent)
    } else if io::stderr().is_terminal() {
        Box::new(Bars {
            all: MultiProgress::new(),
            open: Mutex::default(),
        })
    } else {
        Box::new(Lines)
    }
}

/// For logs: one line when something long begins and when an exercise is done.
struct Lines;

impl Observer for Lines {
    fn on(&self, event: Event) {
        let line = match event {
            Event::KitStarted { exercise, packages } => {
                format!("{exercise}: building the kit ({packages} packages, once per course version)")
            }
            Event::KitDamaged { exercise, file } => {
                format!(
                    "{exercise}: `{}` was changed since it was built; building the kit anew",
                    file.display()
                )
            }
            Event::KitFinished { exercise } => format!("{exercise}: kit ready"),
            Event::Graded { exercise, cached: true } => format!("{exercise}: unchanged, from the cache"),
            Event::Graded {
                exercise,
                cached: false,
            } => format!("{exercise}: graded"),
            Event::KitCompiled { .. } | Event::Entered { .. } => return,
        };
        // Progress that nobody can read is no fault.
        let _ = writeln!(io::stderr().lock(), "{line}");
    }
}

/// For a person: one bar for each exercise under way.
struct Bars {
    all: MultiProgress,
    open: Mutex<BTreeMap<ExerciseId, ProgressBar>>,
}

impl Bars {
    fn bar(&self, exercise: &ExerciseId) -> ProgressBar {
        let mut open = self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        open.entry(exercise.clone())
            .or_insert_with(|| {
                let bar = self.all.add(ProgressBar::new_spinner());
                bar.enable_steady_tick(Duration::from_millis(120));
                bar.set_prefix(exercise.to_string());
                bar
            })
            .clone()
    }
}

impl Observer for Bars {
    fn on(&self, event: Event) {
        match event {
            Event::KitStarted { exercise, packages } => {
                let bar = self.bar(&exercise);
                bar.set_length(packages as u64);
                if let Ok(style) = ProgressStyle::with_template("{prefix} kit {wide_bar} {pos}/{len} {msg}") {
                    bar.set_style(style);
                }
            }
            Event::KitCompiled { exercise, package } => {
                let bar = self.bar(&exercise);
                bar.set_message(package);
                bar.inc(1);
            }
            Event::KitDamaged { exercise, .. } => self.bar(&exercise).set_message("kit damaged, building it anew"),
            Event::KitFinished { exercise } => {
                let bar = self.bar(&exercise);
                bar.set_style(ProgressStyle::default_spinner());
                bar.set_message("kit ready");
            }
            Event::Entered { exercise, stage } => self.bar(&exercise).set_message(stage),
            Event::Graded { exercise, .. } => self.bar(&exercise).finish_and_clear(),
        }
    }
}
