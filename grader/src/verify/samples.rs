//! Sample submissions and the verdicts that they must get.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Trial, differences, mark};
use crate::catalog::Package;
use crate::course::Course;
use crate::examine::Scope;
use crate::model::evidence::Evidence;
use crate::model::ids::CheckId;
use crate::model::rules::CourseRules;
use crate::model::verdict::Verdict;
use crate::stages::intake::Sources;

/// What expected.toml says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// What the sample is.
    pub about: String,
    /// The exercise's percentage lies here.
    pub points: Range,
    /// The verdicts: `default`, and the checks that differ from it.
    pub verdicts: BTreeMap<String, Verdict>,
}

/// A closed range.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The least.
    pub min: f64,
    /// The most.
    pub max: f64,
}

impl Expected {
    /// The verdict of every check of an exercise.
    pub fn verdicts(&self, package: &Package) -> Result<BTreeMap<CheckId, Verdict>, String> {
        let default = self.verdicts.get("default").copied().unwrap_or(Verdict::Passed);
        let mut all: BTreeMap<CheckId, Verdict> =
            package.checks.iter().map(|check| (check.id.clone(), default)).collect();
        for (name, verdict) in self.verdicts.iter().filter(|(name, _)| *name != "default") {
            let known = name.parse::<CheckId>().ok().and_then(|id| all.get_mut(&id));
            *known.ok_or_else(|| format!("`{name}` is no check of {}", package.exercise.id))? = *verdict;
        }
        Ok(all)
    }
}

/// The sources below a folder of the course, as intake would read them.
pub(super) fn sources(course: &Course, root: &str) -> Sources {
    let root = root.trim_end_matches('/');
    let below = course.below(root).map(|(path, bytes)| (&path[root.len() + 1..], bytes));
    let mut sources = Sources::default();
    for (path, bytes) in below {
        let text = String::from_utf8_lossy(bytes).into_owned();
        if path == "Cargo.toml" {
            sources.manifest = Some(text);
        } else if path.starts_with("src/") && path.ends_with(".rs") {
            sources.files.insert(path.to_owned(), text);
        }
    }
    sources
}

/// The samples of an exercise as trials, or what is wrong with their expectations.
pub(super) fn trials<'p>(
    course: &Course,
    package: &'p Package,
    rules: &'p CourseRules,
) -> Result<Vec<Trial<'p>>, Vec<(String, String)>> {
    let folder = format!("tests/submissions/{}", package.exercise.id);
    let (mut trials, mut problems) = (Vec::new(), Vec::new());
    for name in course.entries(&folder) {
        let root = format!("{folder}/{name}");
        let place = format!("{root}/expected.toml");
        let read = course
            .text(&place)
            .ok_or_else(|| "is missing: say which verdicts the sample must get".to_owned());
        let read = read.and_then(|text| toml::from_str::<Expected>(&text).map_err(|error| error.to_string()));
        match read.and_then(|expected| Ok((expected.verdicts(package)?, expected.points))) {
            Ok((wanted, points)) => {
                let judge = move |evidence: &Evidence| {
                    let mut found = differences(evidence, &wanted, "expected.toml says otherwise");
                    let mark = mark(package, rules, evidence);
                    if !(points.min..=points.max).contains(&mark) {
                        found.push(format!(
                            "it gets {mark} points; expected.toml says {} to {}",
                            points.min, points.max
                        ));
                    }
                    found
                };
                trials.push(Trial {
                    sources: sources(course, &root),
                    place: root,
                    scope: Scope::All,
                    judge: Box::new(judge),
                });
            }
            Err(message) => problems.push((place, message)),
        }
    }
    if problems.is_empty() { Ok(trials) } else { Err(problems) }
}
