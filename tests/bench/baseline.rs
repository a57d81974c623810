//! The other side: the same submission with the same checks as an ordinary cargo package, tested by `cargo test`.
//!
//! Public checks are one integration test, hidden checks another, with proptest in it: `judge::checks!` makes it a test that
//! compares two worlds of the submission in this process, which costs what comparing with the reference would. Dependencies,
//! the witness, the judge and the protocol included, are compiled before; the package itself is a fresh copy every time, as for
//! one submission after another. Workloads are left out.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};

use crate::Result;
use crate::clock::{self, Used};
use crate::stage::{Stage, write};

/// How cargo is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// As it comes.
    Default,
    /// Without incremental compilation and debug information.
    Tuned,
}

impl Profile {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Default, Self::Tuned];
}

/// The package of one exercise.
pub struct Baseline<'a> {
    stage: &'a Stage,
    id: &'a str,
    manifest: String,
}

impl<'a> Baseline<'a> {
    /// Prepares the package of an exercise and the workspace of what it depends on.
    pub fn write(stage: &'a Stage, id: &'a str) -> Result<Self> {
        let mut root = stage.manifest("Cargo.toml")?;
        let versions = root["workspace"]["dependencies"].clone();
        let workspace = root["workspace"]
            .as_table_mut()
            .ok_or("Cargo.toml has a table `workspace`")?;
        workspace.insert(
            "members".into(),
            strings(&["grader/witness", "grader/judge", "protocol/ex*"]),
        );
        workspace.remove("default-members");
        workspace.remove("exclude");
        if let Some(dependencies) = workspace.get_mut("dependencies").and_then(Value::as_table_mut) {
            dependencies.remove("moulinette");
        }
        let course = stage.course_copy();
        write(&course.join("Cargo.toml"), root.to_string().as_bytes())?;
        let checks = stage.manifest(&format!("exercises/{id}/Cargo.toml"))?;
        let protocol = protocol_manifest(id, &checks);
        write(
            &course.join("protocol").join(id).join("Cargo.toml"),
            protocol.to_string().as_bytes(),
        )?;
        let manifest = package(stage, id, &checks, &versions)?.to_string();
        Ok(Self { stage, id, manifest })
    }

    /// Copies the package anew and tests it.
    pub fn run(&self, profile: Profile) -> Result<Used> {
        let fresh = tempfile::Builder::new()
            .prefix("package-")
            .tempdir_in(&self.stage.work)?;
        self.copy(fresh.path())?;
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(["test", "--offline"]).current_dir(fresh.path());
        // What the cargo that runs this program was told is not for the one that is measured.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if (text.starts_with("CARGO_") && text != "CARGO_HOME")
                || text.starts_with("RUSTFLAGS")
                || text.starts_with("RUSTC")
            {
                command.env_remove(name);
            }
        }
        command.env("CARGO_TARGET_DIR", self.target(profile));
        if profile == Profile::Tuned {
            command
                .env("CARGO_INCREMENTAL", "0")
                .env("CARGO_PROFILE_DEV_DEBUG", "0");
        }
        let used = clock::run(&mut command)?.0;
        fs::copy(fresh.path().join("Cargo.lock"), self.lockfile())?;
        Ok(used)
    }

    fn target(&self, profile: Profile) -> PathBuf {
        self.stage.work.join(format!("target-{profile:?}").to_lowercase())
    }

    /// The lockfile of the last run: cargo need not resolve again.
    fn lockfile(&self) -> PathBuf {
        self.stage.work.join(format!("{}.lock", self.id))
    }

    fn copy(&self, to: &Path) -> Result<()> {
        let (stage, id) = (self.stage, self.id);
        stage.copy(&format!("tests/submissions/{id}/perfect/src"), &to.join("src"))?;
        stage.copy(&format!("exercises/{id}"), &to.join("checks"))?;
        write(&to.join("checks/workload.rs"), b"")?;
        write(&to.join("Cargo.toml"), self.manifest.as_bytes())?;
        match fs::read(self.lockfile()) {
            Ok(lock) => write(&to.join("Cargo.lock"), &lock),
            Err(_) => write(
                &to.join("Cargo.lock"),
                stage.course.bytes("Cargo.lock").unwrap_or_default(),
            ),
        }
    }
}

/// The protocol as a package of its own: nobody would compile it for every submission.
fn protocol_manifest(id: &str, checks: &Table) -> Table {
    let mut package = Table::from_iter([("name".to_owned(), Value::from(format!("{id}-protocol")))]);
    package.insert("edition".into(), "2024".into());
    let library = Table::from_iter([
        ("name".to_owned(), Value::from(format!("{id}_protocol"))),
        ("path".to_owned(), format!("../../exercises/{id}/protocol.rs").into()),
        ("doctest".to_owned(), false.into()),
    ]);
    let mut dependencies = checks
        .get("dependencies")
        .and_then(Value::as_table)
        .cloned()
        .unwrap_or_default();
    dependencies.remove(id);
    Table::from_iter([
        ("package".to_owned(), Value::Table(package)),
        ("lib".to_owned(), Value::Table(library)),
        ("dependencies".to_owned(), Value::Table(dependencies)),
    ])
}

/// The package of a submission with its checks: a workspace of its own, outside of that of its dependencies.
fn package(stage: &Stage, id: &str, checks: &Table, versions: &Value) -> Result<Table> {
    let course = stage.course_copy();
    let path = |below: String| {
        Value::Table(Table::from_iter([(
            "path".to_owned(),
            Value::from(course.join(below).to_string_lossy().into_owned()),
        )]))
    };
    let version = |name: &str| match name {
        "witness" | "judge" => path(format!("grader/{name}")),
        _ => versions.get(name).cloned().unwrap_or_else(|| "*".into()),
    };
    let allowed = stage
        .allowed(id)?
        .into_iter()
        .map(|name| (name.clone(), version(&name)));
    let mut needed = Table::from_iter([(format!("{id}-protocol"), path(format!("protocol/{id}")))]);
    let own = checks
        .get("dependencies")
        .and_then(Value::as_table)
        .cloned()
        .unwrap_or_default();
    for (name, dependency) in own.into_iter().filter(|(name, _)| name != id) {
        let mut wanted = version(&name);
        if let (Some(features), Some(table)) = (dependency.get("features"), wanted.as_table_mut()) {
            table.insert("features".into(), features.clone());
        }
        needed.insert(name, wanted);
    }
    let test = |name: &str, path: &str| {
        Value::Table(Table::from_iter([
            ("name".to_owned(), Value::from(name)),
            ("path".to_owned(), path.into()),
        ]))
    };
    let mut package = Table::from_iter([
        ("name".to_owned(), Value::from(id)),
        ("edition".to_owned(), "2024".into()),
    ]);
    package.insert("autotests".into(), false.into());
    Ok(Table::from_iter([
        ("package".to_owned(), Value::Table(package)),
        ("workspace".to_owned(), Value::Table(Table::new())),
        ("dependencies".to_owned(), Value::Table(allowed.collect())),
        ("dev-dependencies".to_owned(), Value::Table(needed)),
        (
            "test".to_owned(),
            Value::Array(vec![test("spec", "checks/spec.rs"), test("hidden", "checks/judge.rs")]),
        ),
    ]))
}

fn strings(values: &[&str]) -> Value {
    Value::Array(values.iter().map(|value| Value::from(*value)).collect())
}
