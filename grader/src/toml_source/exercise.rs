//! exercises/exNN/exercise.toml.

use std::collections::BTreeSet;

use super::reader::{Source, Table, Value, nearest};
use crate::diagnostic::Diagnostic;
use crate::model::exercise::{Budget, BudgetUnit, Exercise, Module, Network, ProcessLimits, Requirement};
use crate::model::ids::{CheckId, CheckKind, ExerciseId};

/// Reads an exercise.toml. `id` is the name of its folder; `crates` are those that the course's Cargo.toml has a version of.
pub fn exercise(
    path: &str,
    text: &str,
    id: &ExerciseId,
    crates: &BTreeSet<String>,
) -> Result<Exercise, Vec<Diagnostic>> {
    Source::read(path, text, |table| read(table, id, crates))
}

fn read(table: &Table<'_>, folder: &ExerciseId, known: &BTreeSet<String>) -> Option<Exercise> {
    let id = table.required("id").and_then(|value| id(&value, folder));
    let title = table.required("title").and_then(|value| value.line());
    let summary = table.required("summary").and_then(|value| value.line());
    let entry = table.required("entry").and_then(|value| entry(&value));
    let crates = table
        .optional("crates")
        .map_or_else(|| Some(Vec::new()), |value| crates(&value, known));
    let network = table.optional("network").map_or(Some(Network::None), |value| {
        value.choice(&[("none", Network::None), ("loopback", Network::Loopback)])
    });
    let generated = table.optional("generated").map_or(Some(false), |value| value.flag());
    let allows = table
        .optional("allows")
        .map_or_else(|| Some(Vec::new()), |value| allows(&value));
    let limits = table
        .optional("limits")
        .map_or_else(|| Some(ProcessLimits::default()), |value| limits(&value.table()?));
    let requirements = requirements(table);
    let budgets = budgets(table, requirements.as_deref());
    Some(Exercise {
        id: id?,
        title: title?,
        summary: summary?,
        entry: entry?,
        crates: crates?,
        network: network?,
        generated: generated?,
        allows: allows?,
        limits: limits?,
        requirements: requirements?,
        budgets,
    })
}

fn id(value: &Value<'_>, folder: &ExerciseId) -> Option<ExerciseId> {
    let id: ExerciseId = value.parsed()?;
    if id != *folder {
        value.complain(
            &format!("`{id}` is not the folder's name"),
            &format!("write `{folder}`, or rename the folder"),
        );
        return None;
    }
    Some(id)
}

/// A path below `src/` as every system writes it.
fn entry(value: &Value<'_>) -> Option<String> {
    let path = value.line()?;
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':']);
    if !path.starts_with("src/") || !path.ends_with(".rs") || !path.split('/').all(plain) {
        value.complain(
            &format!("`{path}` is no Rust file below `src/`"),
            "write a path such as `src/lib.rs`",
        );
        return None;
    }
    Some(path)
}

fn crates(value: &Value<'_>, known: &BTreeSet<String>) -> Option<Vec<String>> {
    let mut crates: Vec<String> = Vec::new();
    for value in value.list()? {
        let Some(name) = value.line() else { continue };
        if crates.contains(&name) {
            value.complain(&format!("`{name}` is listed twice"), "list it once");
        } else if !known.contains(&name) {
            let remedy = match nearest(&name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "add it to `[workspace.dependencies]` of Cargo.toml, with its version and features".to_owned(),
            };
            value.complain(&format!("`{name}` has no version in the course's Cargo.toml"), &remedy);
        }
        crates.push(name);
    }
    Some(crates)
}

/// Modules that the policy refuses elsewhere.
fn allows(value: &Value<'_>) -> Option<Vec<Module>> {
    let mut modules = Vec::new();
    for value in value.list()? {
        let module = value.choice(&Module::NAMED)?;
        if modules.contains(&module) {
            value.complain("it is listed twice", "list it once");
        }
        modules.push(module);
    }
    Some(modules)
}

fn limits(table: &Table<'_>) -> Option<ProcessLimits> {
    let usual = ProcessLimits::default();
    let bounded = |key, usual, least, most| {
        table
            .optional(key)
            .map_or(Some(usual), |value| value.whole(least, most))
    };
    let limits = (
        bounded("cpu_ms", usual.cpu_ms, 10, 60_000),
        bounded("memory_mib", usual.memory_mib, 16, 4096),
        bounded("output_kib", usual.output_kib, 1, 16_384),
        bounded("threads", usual.threads, 1, 256),
        bounded("compile_cpu_ms", usual.compile_cpu_ms, 1000, 600_000),
    );
    table.finish();
    Some(ProcessLimits {
        cpu_ms: limits.0?,
        memory_mib: limits.1?,
        output_kib: limits.2?,
        threads: limits.3?,
        compile_cpu_ms: limits.4?,
    })
}

/// The requirements, or nothing if one of them could not be read.
fn requirements(table: &Table<'_>) -> Option<Vec<Requirement>> {
    let mut requirements: Vec<Requirement> = Vec::new();
    let entries = table.tables("requirement");
    if entries.is_empty() {
        table.complain(
            "no requirement is given",
            "add a `[[requirement]]` for each numbered one of the statement",
        );
    }
    for entry in &entries {
        let id = entry.required("id");
        let name = id.as_ref().and_then(requirement_id);
        if let (Some(id), Some(name)) = (&id, &name)
            && requirements.iter().any(|earlier| earlier.id == *name)
        {
            id.complain(
                &format!("`{name}` is the id of an earlier requirement"),
                "number requirements in the statement's order",
            );
        }
        let text = entry.required("text").and_then(|value| value.line());
        let concepts = entry.required("concepts").and_then(|value| concepts(&value));
        entry.finish();
        if let (Some(id), Some(text), Some(concepts)) = (name, text, concepts) {
            requirements.push(Requirement { id, text, concepts });
        }
    }
    (requirements.len() == entries.len()).then_some(requirements)
}

fn requirement_id(value: &Value<'_>) -> Option<String> {
    let id = value.line()?;
    let number = id
        .strip_prefix('R')
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    if number.is_none() {
        value.complain(
            &format!("`{id}` is no id of a requirement"),
            "write `R` and a number, as in `R3`",
        );
    }
    number.map(|_| id.clone())
}

fn concepts(value: &Value<'_>) -> Option<Vec<String>> {
    let mut concepts: Vec<String> = Vec::new();
    for value in value.list()? {
        let Some(code) = value.line() else { continue };
        if !is_concept(&code) {
            value.complain(
                &format!("`{code}` is no concept"),
                "write its code in the course, as in `5.4.4.k`",
            );
        } else if concepts.contains(&code) {
            value.complain(&format!("`{code}` is listed twice"), "list it once");
        }
        concepts.push(code);
    }
    if concepts.is_empty() {
        value.complain(
            "no concept is given",
            "list the codes of the concepts that it is about, as in `5.4.4.k`",
        );
    }
    Some(concepts)
}

/// Three numbers and one or two letters.
fn is_concept(code: &str) -> bool {
    let parts: Vec<&str> = code.split('.').collect();
    let [numbers @ .., letters] = parts.as_slice() else {
        return false;
    };
    let number = |part: &&str| !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
    numbers.len() == 3
        && numbers.iter().all(number)
        && (1..=2).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_lowercase())
}

fn budgets(table: &Table<'_>, requirements: Option<&[Requirement]>) -> Vec<Budget> {
    let mut budgets: Vec<Budget> = Vec::new();
    for entry in table.tables("budget") {
        let id = entry.required("id");
        let name = id.as_ref().and_then(budget_id);
        if let (Some(id), Some(name)) = (&id, &name)
            && budgets.iter().any(|earlier| earlier.id == *name)
        {
            id.complain(
                &format!("`{name}` is the id of an earlier budget"),
                "give each budget its own id",
            );
        }
        let requirement = entry
            .required("requirement")
            .and_then(|value| asked(&value, requirements));
        let workload = entry.required("workload").and_then(|value| value.line());
        let bound = bound(&entry);
        entry.finish();
        if let (Some(id), Some(requirement), Some(workload), Some((kind, size, sizes, limit))) =
            (name, requirement, workload, bound)
        {
            budgets.push(Budget {
                id,
                requirement,
                workload,
                kind,
                size,
                sizes,
                limit,
            });
        }
    }
    budgets
}

fn budget_id(value: &Value<'_>) -> Option<String> {
    let name = value.line()?;
    if CheckId::new(CheckKind::Budget, name.clone())
        .to_string()
        .parse::<CheckId>()
        .is_err()
    {
        value.complain(
            &format!("`{name}` is no id of a budget"),
            "write letters, digits, `-` and `_`, as in `merge-time`",
        );
        return None;
    }
    Some(name)
}

/// The requirement that a budget belongs to, which must exist, as far as requirements could be read.
fn asked(value: &Value<'_>, requirements: Option<&[Requirement]>) -> Option<String> {
    let id = value.line()?;
    if let Some(requirements) = requirements
        && !requirements.iter().any(|requirement| requirement.id == id)
    {
        value.complain(
            &format!("there is no requirement `{id}` in this file"),
            "name one of its `[[requirement]]` ids",
        );
        return None;
    }
    Some(id)
}

type Bound = (BudgetUnit, Option<u64>, Vec<u64>, f64);

/// What a budget bounds, where, and by how much.
fn bound(entry: &Table<'_>) -> Option<Bound> {
    let kinds = [
        ("time", BudgetUnit::Time),
        ("growth", BudgetUnit::Growth),
        ("allocations", BudgetUnit::Allocations),
    ];
    let kind = entry.required("kind").and_then(|value| value.choice(&kinds));
    let limit = entry.required("limit").and_then(|value| value.within(0.0, 1e9));
    let (single, several) = (entry.optional("size"), entry.optional("sizes"));
    let size = single.as_ref().and_then(|value| value.whole(1, u64::from(u32::MAX)));
    let sizes = several.as_ref().and_then(rising);
    match (kind?, single, several) {
        (BudgetUnit::Growth, None, Some(_)) => Some((BudgetUnit::Growth, None, sizes?, limit?)),
        (kind @ (BudgetUnit::Time | BudgetUnit::Allocations), Some(_), None) => {
            Some((kind, Some(size?), Vec::new(), limit?))
        }
        (BudgetUnit::Growth, _, _) => {
            entry.complain(
                "a budget of kind `growth` has `sizes` and no `size`",
                "write `sizes = [64, 256, 1024]`",
            );
            None
        }
        (BudgetUnit::Time | BudgetUnit::Allocations, _, _) => {
            entry.complain(
                "a budget of kind `time` or `allocations` has a `size` and no `sizes`",
                "write `size = 1024`",
            );
            None
        }
    }
}

/// Sizes over which growth can be seen.
fn rising(value: &Value<'_>) -> Option<Vec<u64>> {
    let sizes: Vec<Option<u64>> = value
        .list()?
        .iter()
        .map(|size| size.whole(1, u64::from(u32::MAX)))
        .collect();
    let sizes: Vec<u64> = sizes.into_iter().collect::<Option<_>>()?;
    if sizes.len() < 3 || sizes.windows(2).any(|pair| pair[0] >= pair[1]) {
        value.complain(
            "growth needs three sizes or more, each larger than the one before",
            "write for example `[64, 256, 1024]`",
        );
        return None;
    }
    Some(sizes)
}
