//! What a submission lacks costs only the checks that need it.
//!
//! Every public thing of the references is taken away, one at a time: names, methods, variants, fields, derived traits. Grading happens
//! in process, without budgets: what is tested is the way from the compiler's messages to the checks.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;

use moulinette::catalog::{Catalog, Package};
use moulinette::course::Course;
use moulinette::examine::{Examiner, Scope};
use moulinette::kit::Kit;
use moulinette::model::evidence::{CheckRecord, Evidence};
use moulinette::model::ids::CheckKind;
use moulinette::model::verdict::Verdict;
use moulinette::progress::Silent;
use moulinette::stages::intake::Sources;
use moulinette::system::cache;
use moulinette::system::cores::Cores;
use moulinette::system::sandbox::{ProcessSandbox, SandboxMode};
use moulinette::system::toolchain::Toolchain;

use self::items::{Files, Lack, Way};
use self::mentions::Mentions;
use crate::support::{PROGRAM, cache as shared_cache, each};

mod items;
mod mentions;

/// How many checks are run for an exercise in an ordinary run, about: what is taken away from one does not depend on how many others there are.
const RUNS: usize = 500;

/// All that examining needs, owned.
struct Bench {
    course: Course,
    catalog: Catalog,
    kit: Kit,
    toolchain: Toolchain,
    sandbox: ProcessSandbox,
    scratch: PathBuf,
    cores: Cores,
}

impl Bench {
    fn new() -> Self {
        let course = Course::embedded();
        let cache = cache::root(Some(shared_cache())).expect("the tests' cache is usable");
        let toolchain = Toolchain::locate(OsStr::new("rustc"), &cache).expect("there is a compiler");
        Self {
            catalog: Catalog::read(&course, &[]).expect("the course is valid"),
            kit: Kit::locate(&cache, &course, &toolchain),
            sandbox: ProcessSandbox::new(PROGRAM.into(), SandboxMode::Auto).expect("there is a sandbox"),
            scratch: env::temp_dir(),
            cores: Cores::of(&cache),
            course,
            toolchain,
        }
    }

    fn package(&self, exercise: &str) -> &Package {
        let id = exercise.parse().expect("it is a name of an exercise");
        self.catalog.packages.get(&id).expect("the course has it")
    }

    /// Examines some sources: public and hidden checks.
    fn examine(&self, package: &Package, files: Files) -> Evidence {
        let examiner = Examiner {
            course: &self.course,
            kit: &self.kit,
            toolchain: &self.toolchain,
            sandbox: &self.sandbox,
            scratch: &self.scratch,
            seed: 0,
            parallel: false,
            cores: &self.cores,
            observer: &Silent,
        };
        let sources = Sources {
            files,
            manifest: None,
            findings: Vec::new(),
        };
        let functional = package
            .checks
            .iter()
            .filter(|check| check.id.kind() != CheckKind::Budget);
        let scope = Scope::Only(functional.map(|check| check.id.clone()).collect());
        examiner
            .examine(package, sources, &scope)
            .expect("the harness does not fail")
    }

    /// The reference without something, checked. None if nothing is left that compiles: then the item cannot be missed alone.
    fn without<'l>(&self, package: &Package, files: &Files, lack: &'l Lack) -> Option<Reduced<'l>> {
        let reduced = |way| match self.examine(package, items::without(files, way)) {
            Evidence::Examined { checks, .. } => Some(Reduced { way, checks }),
            Evidence::Unbuildable { .. } => None,
            other => panic!("{} leads to {other:?}", lack.title),
        };
        lack.ways.iter().find_map(reduced)
    }

    fn reference(&self, package: &Package) -> Files {
        let root = format!("reference/{}/", package.exercise.id);
        let files = self.course.below(&root).filter_map(|(path, bytes)| {
            let path = path.strip_prefix(&root)?;
            (path.starts_with("src/") && path.ends_with(".rs"))
                .then(|| (path.to_owned(), String::from_utf8_lossy(bytes).into_owned()))
        });
        files.collect()
    }

    /// For each check, the names that it can come to use.
    fn names(&self, package: &Package) -> BTreeMap<String, BTreeSet<String>> {
        let folder = format!("exercises/{}", package.exercise.id);
        let text = |path: &str| self.course.text(path).expect("the exercise has it").into_owned();
        let public = text(&format!("{folder}/spec.rs"));
        let mut hidden = vec![
            text(&format!("{folder}/driver.rs")),
            text(&format!("{folder}/judge.rs")),
        ];
        for modules in [format!("{folder}/driver"), format!("{folder}/judge")] {
            hidden.extend(self.course.below(&modules).map(|(path, _)| text(path)));
        }
        let public = Mentions::of([public.as_str()]);
        let hidden = Mentions::of(hidden.iter().map(String::as_str));
        let reach = |check: &moulinette::model::check::CheckInfo| match check.id.kind() {
            CheckKind::Spec => public.reach([check.id.name()]),
            // Every script begins with a world of the driver's, as its `Default` makes it.
            CheckKind::Hidden | CheckKind::Budget => hidden.reach([check.id.name(), "default"]),
        };
        package
            .checks
            .iter()
            .map(|check| (check.id.to_string(), reach(check)))
            .collect()
    }
}

/// What is left of a reference without something.
struct Reduced<'l> {
    /// How it came to be without.
    way: &'l Way,
    /// What its checks came to.
    checks: Vec<CheckRecord>,
}

impl Reduced<'_> {
    /// The checks that do not hold.
    fn lost(&self) -> Vec<String> {
        let lost = self.checks.iter().filter(|check| check.verdict != Verdict::Passed);
        lost.map(|check| check.id.to_string()).collect()
    }

    /// What is wrong with the outcome, given the names that each check can come to use.
    fn complaints(&self, names: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
        let mut found: Vec<String> = self
            .checks
            .iter()
            .filter_map(|check| self.complaint(check, names))
            .collect();
        if self.way.names.is_empty() && self.lost().len() == self.checks.len() {
            found.push("nothing is left".to_owned());
        }
        found
    }

    fn complaint(&self, check: &CheckRecord, names: &BTreeMap<String, BTreeSet<String>>) -> Option<String> {
        let id = check.id.to_string();
        match check.verdict {
            Verdict::Passed => None,
            Verdict::NotCompiled if check.detail.trim().is_empty() => {
                Some(format!("{id} is not compiled and does not say why"))
            }
            Verdict::NotCompiled => {
                let needed = self.way.names.is_empty() || self.way.names.iter().any(|name| names[&id].contains(name));
                (!needed).then(|| format!("{id} is lost and does not mention it: {}", check.detail))
            }
            other => Some(format!("{id} is {other}: {}", check.detail)),
        }
    }
}

#[test]
fn a_missing_public_item_costs_only_the_checks_that_need_it() {
    let bench = Bench::new();
    let mut complaints = Vec::new();
    for (id, package) in &bench.catalog.packages {
        let files = bench.reference(package);
        let mut lacks = items::public(&files, &package.exercise.entry);
        lacks
            .iter_mut()
            .for_each(|lack| lack.title = format!("{id} without {}", lack.title));
        let lacks = chosen(lacks, package.checks.len());
        let names = bench.names(package);
        let outcomes = each(&lacks, |lack| bench.without(package, &files, lack));
        for (lack, reduced) in lacks.iter().zip(&outcomes) {
            let costs = reduced
                .as_ref()
                .map_or("cannot be missed alone".to_owned(), |reduced| reduced.lost().join(" "));
            println!("{}: {costs}", lack.title);
            let found = reduced.iter().flat_map(|reduced| reduced.complaints(&names));
            complaints.extend(found.map(|text| format!("{}: {text}", lack.title)));
        }
        let missed = outcomes.iter().flatten().count();
        assert!(
            missed * 2 >= lacks.len(),
            "{id}: only {missed} of {} things can be missed alone",
            lacks.len()
        );
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// What is taken away: every so many things, to end in time. `MOULINETTE_TESTS_WITHOUT` names others by a part of their title;
/// `without` is part of all.
fn chosen(all: Vec<Lack>, checks: usize) -> Vec<Lack> {
    if let Ok(part) = env::var("MOULINETTE_TESTS_WITHOUT") {
        return all.into_iter().filter(|lack| lack.title.contains(&part)).collect();
    }
    let step = (all.len() * checks).div_ceil(RUNS).max(1);
    all.into_iter().step_by(step).collect()
}

#[test]
fn a_missing_item_costs_exactly_these_checks() {
    let expected: &[(&str, &str, &[&str])] = &[
        (
            "ex00",
            "clock.rs: VectorClock::known_nodes",
            &[
                "spec/test_known_nodes",
                "hidden/nodes_are_those_that_ticked",
                "hidden/merging_makes_nodes_known",
            ],
        ),
        (
            "ex00",
            "event.rs: TimestampedEvent::caused",
            &["spec/test_caused", "hidden/caused_agrees_with_the_stamps"],
        ),
        (
            "ex01",
            "ring.rs: ConsistentHashRing::nodes",
            &["spec/test_membership", "hidden/nodes_are_the_members"],
        ),
        (
            "ex01",
            "distribution.rs: DistributionStats.coefficient_of_variation",
            &[
                "spec/test_distribution_stats",
                "hidden/the_variation_is_relative_to_the_mean",
                "hidden/statistics_of_nothing_are_zero",
            ],
        ),
    ];
    let bench = Bench::new();
    for (exercise, title, expected) in expected {
        let package = bench.package(exercise);
        let files = bench.reference(package);
        let lacks = items::public(&files, &package.exercise.entry);
        let lack = lacks.iter().find(|lack| lack.title == *title);
        let lack = lack.unwrap_or_else(|| panic!("the reference of {exercise} has no `{title}`"));
        let reduced = bench.without(package, &files, lack).expect("it can be missed alone");
        assert_eq!(reduced.lost(), *expected, "{exercise} without {title}");
    }
}
