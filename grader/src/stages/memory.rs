//! Remembers evidence: an exercise whose sources, checks, kit and settings are unchanged is not graded again.
//!
//! Only evidence is kept, never marks: scoring is cheap, and an edited rubric must count at once. What could not be decided is not kept:
//! the next run may decide it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::policy::EDITION;
use crate::model::evidence::Evidence;
use crate::system::cache;

/// Earlier evidence below a cache directory.
#[derive(Debug, Clone)]
pub struct Memory {
    directory: PathBuf,
}

/// What evidence depends on; all of it is part of the key.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    /// The sources of the exercise as handed in.
    pub sources: blake3::Hash,
    /// The checks, the judge and the reference.
    pub exercise: &'a str,
    /// Toolchain, versions, runtimes.
    pub kit: &'a str,
    /// The seed of generated scripts.
    pub seed: u64,
    /// The sandbox layers in force, as text.
    pub sandbox: &'a str,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    /// A digest of the evidence's text: a damaged file is as good as none.
    digest: String,
    evidence: String,
}

impl Memory {
    /// The memory below a cache directory.
    pub fn new(cache: &Path) -> Self {
        Self {
            directory: cache.join("evidence"),
        }
    }

    /// What is remembered under a key.
    pub fn recall(&self, key: &Key<'_>) -> Option<Evidence> {
        let text = fs::read(self.path(key)).ok()?;
        let entry: Entry = serde_json::from_slice(&text).ok()?;
        (entry.digest == blake3::hash(entry.evidence.as_bytes()).to_hex().as_str())
            .then(|| serde_json::from_str(&entry.evidence).ok())
            .flatten()
    }

    /// Remembers evidence. It is only a memory: what cannot be kept is graded again next time.
    pub fn keep(&self, key: &Key<'_>, evidence: &Evidence) {
        if !evidence.is_decided() {
            return;
        }
        let Ok(evidence) = serde_json::to_string(evidence) else {
            return;
        };
        let entry = Entry {
            digest: blake3::hash(evidence.as_bytes()).to_hex().to_string(),
            evidence,
        };
        let Ok(text) = serde_json::to_vec(&entry) else { return };
        let path = self.path(key);
        let made = path.parent().is_none_or(|parent| fs::create_dir_all(parent).is_ok());
        if made {
            let _ = cache::write_atomically(&path, &text);
        }
    }

    fn path(&self, key: &Key<'_>) -> PathBuf {
        let mut hasher = blake3::Hasher::new();
        hasher.update(key.sources.as_bytes());
        for part in [env!("MOULINETTE_SOURCES"), key.exercise, key.kit, key.sandbox] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.update(&key.seed.to_le_bytes());
        hasher.update(&EDITION.to_le_bytes());
        let name = hasher.finalize().to_hex();
        self.directory.join(&name[..2]).join(format!("{name}.json"))
    }
}
