//! What was measured, as a table, and which targets are met.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::thread;

use crate::baseline::Profile;
use crate::clock::Used;
use crate::trace::Split;
use crate::{Task, busy};

/// All measurements, by what was measured, in the order of the rounds.
pub struct Figures<'a> {
    exercises: &'a [String],
    used: BTreeMap<Task, Vec<Used>>,
    /// `moulinette verify` of the first exercise.
    pub verify: Option<Used>,
}

/// A target and what was measured, in the same unit.
struct Target {
    what: String,
    most: f64,
    measured: f64,
    unit: &'static str,
}

impl<'a> Figures<'a> {
    /// Nothing yet.
    pub fn new(exercises: &'a [String]) -> Self {
        Self {
            exercises,
            used: BTreeMap::new(),
            verify: None,
        }
    }

    /// Adds a measurement.
    pub fn add(&mut self, task: Task, used: Used) {
        self.used.entry(task).or_default().push(used);
    }

    /// The whole report.
    pub fn table(&self) -> String {
        let rounds = self.used.values().map(Vec::len).max().unwrap_or(0);
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut text = format!(
            "Medians of {rounds} rounds on {cores} cores, load {}. Ratios are to `cargo test` of the same round. Memory is that of\n\
             the first process: cargo, the grader.\n\n{:<34}{:>9}{:>8}{:>9}{:>8}{:>9}{:>12}\n",
            busy(),
            "",
            "wall s",
            "ratio",
            "cpu s",
            "ratio",
            "own cpu",
            "memory MiB"
        );
        for (at, id) in self.exercises.iter().enumerate() {
            let cargo = |round: usize| vec![&self.used[&Task::Cargo(at, Profile::Default)][round]];
            self.row(
                &mut text,
                &format!("{id} cargo test"),
                Task::Cargo(at, Profile::Default),
                &cargo,
            );
            self.row(
                &mut text,
                "     cargo test, tuned",
                Task::Cargo(at, Profile::Tuned),
                &cargo,
            );
            self.row(&mut text, "     public and hidden checks", Task::Functional(at), &cargo);
            self.row(&mut text, "     grade --no-cache", Task::Graded(at), &cargo);
        }
        let all = |round: usize| self.sequential(round);
        self.row(
            &mut text,
            "all, two at a time, no budgets",
            Task::FunctionalTogether,
            &all,
        );
        self.row(&mut text, "all, two at a time, graded", Task::GradedTogether, &all);
        self.row(&mut text, "all, from the cache", Task::Again, &all);
        self.row(&mut text, "moulinette --help", Task::Help, &all);
        self.splits(&mut text);
        text += "\nTargets\n";
        for Target {
            what,
            most,
            measured,
            unit,
        } in self.targets()
        {
            let verdict = if measured <= most { "met" } else { "NOT MET" };
            writeln!(
                text,
                "  {what:<58}<= {most:>7} {unit:<4}{measured:>9.3} {unit:<4} {verdict}"
            )
            .expect("a string takes it");
        }
        text
    }

    /// `cargo test` of all exercises in one round.
    fn sequential(&self, round: usize) -> Vec<&Used> {
        (0..self.exercises.len())
            .map(|at| &self.used[&Task::Cargo(at, Profile::Default)][round])
            .collect()
    }

    fn row<'b>(&self, text: &mut String, name: &str, task: Task, base: &impl Fn(usize) -> Vec<&'b Used>) {
        let figure = |figure: fn(&Used) -> f64| self.median(task, figure);
        writeln!(
            text,
            "{name:<34}{:>9.3}{:>8.3}{:>9.3}{:>8.3}{:>9.3}{:>12.1}",
            figure(|used| used.wall),
            self.ratio(task, base, |used| used.wall),
            figure(|used| used.cpu),
            self.ratio(task, base, |used| used.cpu),
            figure(|used| used.own_cpu),
            figure(|used| used.own_memory),
        )
        .expect("a string takes it");
    }

    fn splits(&self, text: &mut String) {
        text.push_str("\nPublic and hidden checks from within, one thing at a time, ms: wall (cpu)\n");
        for (at, id) in self.exercises.iter().enumerate() {
            let part = |part: fn(&Split) -> f64| {
                1e3 * self.median(Task::OneByOne(at), |used| used.split.as_ref().map_or(0.0, part))
            };
            writeln!(
                text,
                "{id}  whole {:.0} = compile {:.0} ({:.0}) + public {:.0} ({:.0}) + judge {:.0} ({:.0}) + grader {:.0}, of which startup {:.0}, sandbox {:.0}; {:.0} jobs",
                part(|split| split.whole),
                part(|split| split.compile.wall),
                part(|split| split.compile.cpu),
                part(|split| split.public.wall),
                part(|split| split.public.cpu),
                part(|split| split.judge.wall),
                part(|split| split.judge.cpu),
                part(Split::overhead),
                part(|split| split.startup),
                part(|split| split.sandbox),
                part(|split| f64::from(split.compile.jobs + split.public.jobs + split.judge.jobs)) / 1e3,
            )
            .expect("a string takes it");
        }
    }

    fn targets(&self) -> Vec<Target> {
        let mut targets = Vec::new();
        let mut target = |what: String, most, measured, unit| {
            targets.push(Target {
                what,
                most,
                measured,
                unit,
            })
        };
        for (at, id) in self.exercises.iter().enumerate() {
            let cargo = |round: usize| vec![&self.used[&Task::Cargo(at, Profile::Default)][round]];
            target(
                format!("{id}: public and hidden checks, wall of `cargo test`"),
                0.35,
                self.ratio(Task::Functional(at), &cargo, |used| used.wall),
                "",
            );
            target(
                format!("{id}: public and hidden checks, cpu of `cargo test`"),
                0.25,
                self.ratio(Task::Functional(at), &cargo, |used| used.cpu),
                "",
            );
            target(
                format!("{id}: graded with budgets, wall of `cargo test`"),
                0.7,
                self.ratio(Task::Graded(at), &cargo, |used| used.wall),
                "",
            );
            let overhead = self.median(Task::OneByOne(at), |used| {
                used.split.as_ref().map_or(0.0, |split| split.overhead() / split.whole)
            });
            target(
                format!("{id}: the grader itself, part of the wall time"),
                0.1,
                overhead,
                "",
            );
        }
        let all = |round: usize| self.sequential(round);
        target(
            "all: public and hidden checks, wall of all `cargo test`".into(),
            0.25,
            self.ratio(Task::FunctionalTogether, &all, |used| used.wall),
            "",
        );
        target(
            "all: graded with budgets, wall of all `cargo test`".into(),
            0.45,
            self.ratio(Task::GradedTogether, &all, |used| used.wall),
            "",
        );
        target(
            "the grader's memory".into(),
            150.0,
            self.median(Task::GradedTogether, |used| used.own_memory),
            "MiB",
        );
        target(
            "moulinette --help".into(),
            20.0,
            1e3 * self.median(Task::Help, |used| used.wall),
            "ms",
        );
        target(
            "all, unchanged, from the cache".into(),
            100.0,
            1e3 * self.median(Task::Again, |used| used.wall),
            "ms",
        );
        if let Some(verify) = &self.verify {
            target(format!("verify {}", self.exercises[0]), 15.0, verify.wall, "s");
        }
        targets
    }

    fn median(&self, task: Task, figure: impl Fn(&Used) -> f64) -> f64 {
        median(self.used[&task].iter().map(figure).collect())
    }

    /// The median over the rounds of what a task took, as a part of what others took in the same round.
    fn ratio<'b>(&self, task: Task, base: &impl Fn(usize) -> Vec<&'b Used>, figure: fn(&Used) -> f64) -> f64 {
        let ratios = self.used[&task].iter().enumerate();
        median(
            ratios
                .map(|(round, used)| figure(used) / base(round).into_iter().map(figure).sum::<f64>())
                .collect(),
        )
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}
