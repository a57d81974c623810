//! What happens while grading, as one event type: stages tell it, the command line shows it. No stage prints.

use std::path::PathBuf;

use crate::model::ids::ExerciseId;

/// Something worth showing to a person who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The kit of an exercise is not built yet; this many packages are.
    KitStarted {
        /// Which exercise.
        exercise: ExerciseId,
        /// How many packages it needs, dependencies included.
        packages: usize,
    },
    /// One package of the kit is compiled (or was already).
    KitCompiled {
        /// Which exercise asked for it.
        exercise: ExerciseId,
        /// The package's name.
        package: String,
    },
    /// A file of the kit is not what was built; the kit is built anew.
    KitDamaged {
        /// Which exercise found it.
        exercise: ExerciseId,
        /// Which file.
        file: PathBuf,
    },
    /// The kit of an exercise is complete.
    KitFinished {
        /// Which exercise.
        exercise: ExerciseId,
    },
    /// Grading of an exercise entered a stage.
    Entered {
        /// Which exercise.
        exercise: ExerciseId,
        /// The stage's name: `build`, `spec`, `hidden`, `budgets`.
        stage: &'static str,
    },
    /// An exercise is graded.
    Graded {
        /// Which exercise.
        exercise: ExerciseId,
        /// Whether its evidence came from the cache.
        cached: bool,
    },
}

/// Somebody who watches; called from several threads.
pub trait Observer: Sync {
    /// Takes one event.
    fn on(&self, event: Event);
}

/// Nobody watches.
pub struct Silent;

impl Observer for Silent {
    fn on(&self, _: Event) {}
}
