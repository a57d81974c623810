//! What compilers said about themselves, remembered: asking takes two processes and as long as reading a course.
//!
//! An answer is kept under everything that it depends on, so an updated, relinked or otherwise chosen toolchain is asked again.
//! Where that is not known, as for a script that picks a compiler by rules of its own, nothing is remembered.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::system::cache;

/// Remembered answers, one file each.
pub(super) struct Answers {
    directory: PathBuf,
}

impl Answers {
    /// Those in a cache.
    pub fn new(cache: &Path) -> Self {
        Self {
            directory: cache.join("toolchain-answers"),
        }
    }

    /// The answer that is remembered under a key, or the one that `ask` gives, which is then remembered.
    pub fn get<E>(&self, key: Option<Key>, ask: impl FnOnce() -> Result<String, E>) -> Result<String, E> {
        let Some(key) = key else { return ask() };
        let path = self.directory.join(key.0.finalize().to_hex().as_str());
        if let Some(answer) = fs::read(&path).ok().and_then(unsealed) {
            return Ok(answer);
        }
        let answer = ask()?;
        // It is only a memory: what cannot be kept is asked again.
        if fs::create_dir_all(&self.directory).is_ok() {
            let _ = cache::write_atomically(&path, sealed(&answer).as_bytes());
        }
        Ok(answer)
    }
}

/// A digest, then the answer: a damaged file is as good as none.
fn sealed(answer: &str) -> String {
    format!("{}\n{answer}", blake3::hash(answer.as_bytes()).to_hex())
}

fn unsealed(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let (digest, answer) = text.split_once('\n')?;
    (digest == blake3::hash(answer.as_bytes()).to_hex().as_str()).then(|| answer.to_owned())
}

/// What an answer depends on.
#[derive(Clone)]
pub(super) struct Key(blake3::Hasher);

impl Key {
    /// A question to a compiler itself: its file decides.
    pub fn of_compiler(question: &str, compiler: &Path) -> Option<Self> {
        let mut key = Self(blake3::Hasher::new());
        key.text(question.as_bytes());
        fs::metadata(compiler).ok()?;
        key.file(compiler);
        Some(key)
    }

    /// A question to whatever the name `rustc` finds, asked from the root directory. Known are compilers, and rustup's proxy: its
    /// choice depends on its variables, its settings and toolchains, and the files that pin one.
    pub fn of_command(question: &str, rustc: &OsStr) -> Option<Self> {
        let path = find(rustc, &env::var_os("PATH")?)?;
        let real = path.canonicalize().ok()?;
        let mut key = Self::of_compiler(question, &real)?;
        key.text(path.as_os_str().as_encoded_bytes());
        // The proxy is a link to rustup, or the same file under another name.
        let identity = |file: &Path| fs::metadata(file).ok().map(|file| (file.dev(), file.ino()));
        if identity(&real) == identity(&real.with_file_name("rustup")) {
            let mut variables: Vec<(OsString, OsString)> = env::vars_os()
                .filter(|(name, _)| name == "HOME" || name.as_encoded_bytes().starts_with(b"RUSTUP_"))
                .collect();
            variables.sort();
            for (name, value) in &variables {
                key.text(name.as_encoded_bytes());
                key.text(value.as_encoded_bytes());
            }
            let home = env::var_os("RUSTUP_HOME").map(PathBuf::from);
            let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".rustup")))?;
            for name in ["settings.toml", "toolchains"] {
                key.file(&home.join(name));
            }
            for name in ["/etc/rustup/settings.toml", "/rust-toolchain", "/rust-toolchain.toml"] {
                key.file(Path::new(name));
            }
            return Some(key);
        }
        // A compiler of its own has its libraries beside it, and is no script.
        let sysroot = real.parent()?.parent()?;
        let mut start = [0; 2];
        fs::File::open(&real).ok()?.read_exact(&mut start).ok()?;
        (sysroot.join("lib/rustlib").is_dir() && start != *b"#!").then_some(key)
    }

    /// A file by its name and all that changes when it is replaced, or its absence.
    fn file(&mut self, path: &Path) {
        self.text(path.as_os_str().as_encoded_bytes());
        match fs::metadata(path) {
            Err(_) => self.text(b"none"),
            Ok(file) => {
                for number in [file.dev(), file.ino(), file.len()] {
                    self.0.update(&number.to_le_bytes());
                }
                for number in [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()] {
                    self.0.update(&number.to_le_bytes());
                }
            }
        }
    }

    fn text(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }
}

/// The file that a command's name means; none for a relative path, which means different files in different directories.
fn find(command: &OsStr, path: &OsStr) -> Option<PathBuf> {
    let command = Path::new(command);
    if command.components().count() > 1 {
        return command.is_absolute().then(|| command.to_owned());
    }
    let candidates = env::split_paths(path).map(|directory| directory.join(command));
    candidates
        .filter(|candidate| candidate.is_absolute())
        .find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn an_answer_is_asked_for_once_until_the_compiler_changes() {
        let directory = tempfile::tempdir().unwrap();
        let compiler = directory.path().join("rustc");
        fs::write(&compiler, "1").unwrap();
        let answers = Answers::new(directory.path());
        let asked = Cell::new(0);
        let get = |question: &str| {
            let ask = || {
                asked.set(asked.get() + 1);
                Ok::<_, ()>(format!("{question}\nanswer {}", asked.get()))
            };
            answers.get(Key::of_compiler(question, &compiler), ask).unwrap()
        };
        assert_eq!([get("a"), get("a")], ["a\nanswer 1", "a\nanswer 1"]);
        assert_eq!(get("b"), "b\nanswer 2");
        fs::write(&compiler, "newer").unwrap();
        assert_eq!([get("a"), get("a")], ["a\nanswer 3", "a\nanswer 3"]);
    }

    #[test]
    fn what_fails_or_is_damaged_is_asked_again() {
        let directory = tempfile::tempdir().unwrap();
        let answers = Answers::new(directory.path());
        let key = || Key::of_compiler("q", Path::new("/proc/self/exe"));
        assert_eq!(answers.get(key(), || Err("no")), Err("no"));
        assert_eq!(answers.get(key(), || Ok::<_, ()>("yes".into())), Ok("yes".into()));
        assert_eq!(answers.get(key(), || Err("no")), Ok("yes".into()));
        for entry in fs::read_dir(directory.path().join("toolchain-answers")).unwrap() {
            fs::write(entry.unwrap().path(), "0\nforged").unwrap();
        }
        assert_eq!(answers.get(key(), || Err("no")), Err("no"));
    }

    #[test]
    fn a_script_that_picks_a_compiler_is_always_asked() {
        let directory = tempfile::tempdir().unwrap();
        let script = directory.path().join("rustc");
        fs::write(&script, "#!/bin/sh").unwrap();
        assert!(Key::of_command("q", script.as_os_str()).is_none());
        assert!(Key::of_command("q", OsStr::new("./rustc")).is_none());
        assert!(Key::of_command("q", OsStr::new("/no/such/rustc")).is_none());
        fs::create_dir_all(directory.path().join("root/lib/rustlib")).unwrap();
        fs::create_dir_all(directory.path().join("root/bin")).unwrap();
        let compiler = directory.path().join("root/bin/rustc");
        fs::copy(&script, &compiler).unwrap();
        assert!(Key::of_command("q", compiler.as_os_str()).is_none());
        fs::write(&compiler, "\x7fELF").unwrap();
        assert!(Key::of_command("q", compiler.as_os_str()).is_some());
    }
}
