//! A case of the corpus as its file describes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::support::{names, repository};

/// Where the cases are: `<subject>/<case>.toml`.
const CORPUS: &str = "tests/submissions/hostile";

/// One hostile submission: an honest or a wrong sample, and what is done to it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its subject and its name, `forging/exits-with-success`.
    #[serde(skip)]
    pub name: String,
    /// One sentence.
    pub about: String,
    /// The sample of ex00 that it is made of.
    #[serde(default = "honest")]
    pub base: String,
    /// Statements that run once in each process, when the public function `at` is first called. What they can do that they must not, they
    /// tell by a panic that begins with `escaped:`.
    pub attack: Option<String>,
    /// The function.
    #[serde(default = "merge")]
    pub at: String,
    /// Whether the attack runs at every call instead.
    #[serde(default)]
    pub always: bool,
    /// What the entry file begins with.
    #[serde(default)]
    pub top: String,
    /// Items at the end of the entry file.
    #[serde(default)]
    pub items: String,
    /// Replacements.
    #[serde(default)]
    pub edit: Vec<Edit>,
    /// Files that are added or replaced.
    #[serde(default)]
    pub file: Vec<File>,
    /// Whether the submission is a folder of exercises, of which this is one.
    #[serde(default)]
    pub whole: bool,
    /// Whether budgets are measured; most cases do without, to be quick.
    #[serde(default)]
    pub budgets: bool,
    /// What must be isolated so that the attack fails: `files`, `our-files` (those that only the grader's user may touch), `network`,
    /// `signals`, `processes`, `memory`; or `policy`: it must not get as far as the build.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether it harms whoever runs the tests where that is not isolated. Then it is not run there.
    #[serde(default)]
    pub harmful: bool,
    /// The rule by which the policy scan refuses it before it is built, if it does.
    pub refused_by: Option<String>,
    /// It is over by then, in seconds.
    #[serde(default = "soon")]
    pub within: u64,
    /// What must come of it.
    #[serde(default)]
    pub expect: Expect,
}

/// A replacement in a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    #[serde(default = "entry")]
    pub file: String,
    pub find: String,
    pub replace: String,
}

/// A file, or something that is none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub path: String,
    #[serde(default)]
    pub kind: Kind,
    /// The text, or where a link leads; `{n}` is the number of the copy.
    #[serde(default)]
    pub text: String,
    /// Texts and how often each is repeated, behind the first; `{i}` is the number of the repetition.
    #[serde(default)]
    pub parts: Vec<(String, usize)>,
    /// So many files, if the path has `{n}`.
    #[serde(default = "one")]
    pub copies: usize,
}

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A file of text.
    #[default]
    File,
    /// A symbolic link.
    Link,
    /// A pipe with a name.
    Fifo,
    /// A file whose name is no UTF-8: the path is followed by such a byte and `.rs`.
    NameNotUtf8,
    /// A file whose content is no UTF-8.
    NotUtf8,
}

/// What must come of a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// How far grading comes; several states are separated by blanks.
    pub state: String,
    /// The verdicts of the checks, by id, if it is examined; `default` is that of all others. Several are separated by blanks.
    pub verdicts: BTreeMap<String, String>,
    /// What the card says somewhere.
    pub says: Vec<String>,
    /// What no report says, in any format.
    pub never: Vec<String>,
}

impl Default for Expect {
    fn default() -> Self {
        Self {
            state: "examined".to_owned(),
            verdicts: BTreeMap::new(),
            says: Vec::new(),
            never: Vec::new(),
        }
    }
}

impl Expect {
    /// The verdicts that a check may get in a state.
    pub fn of(&self, check: &str, state: &str) -> &str {
        let verdict = self.verdicts.get(check).or_else(|| self.verdicts.get("default"));
        match (state, verdict) {
            ("examined", Some(verdict)) => verdict,
            ("examined", None) => "passed",
            ("unbuildable", _) => "not_compiled",
            _ => "not_run",
        }
    }
}

fn honest() -> String {
    "searches-a-list".to_owned()
}

fn merge() -> String {
    "merge".to_owned()
}

fn entry() -> String {
    "src/lib.rs".to_owned()
}

fn soon() -> u64 {
    30
}

fn one() -> usize {
    1
}

/// All cases. `HOSTILE=forging/` in the environment picks those whose names contain it.
pub fn all() -> Vec<Case> {
    let corpus = repository().join(CORPUS);
    let wanted = std::env::var("HOSTILE").unwrap_or_default();
    let subjects = names(&corpus).into_iter();
    let files = subjects.flat_map(|subject| {
        let files = names(&corpus.join(&subject)).into_iter();
        files.map(move |file| format!("{subject}/{file}"))
    });
    files
        .filter(|file| file.contains(&wanted))
        .map(|file| read(&corpus, &file))
        .collect()
}

fn read(corpus: &Path, file: &str) -> Case {
    let text = fs::read_to_string(corpus.join(file)).expect("a case is UTF-8");
    let mut case: Case = toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    file.strip_suffix(".toml")
        .expect("cases are TOML files")
        .clone_into(&mut case.name);
    case
}
