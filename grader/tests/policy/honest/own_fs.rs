//! A file system in memory, whose modules are called as everybody would call them.

pub mod fs {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};

    #[derive(Debug, Default)]
    pub struct Disk {
        files: BTreeMap<PathBuf, Vec<u8>>,
    }

    impl Disk {
        pub fn write(&mut self, path: impl AsRef<Path>, bytes: &[u8]) {
            self.files.insert(path.as_ref().to_owned(), bytes.to_vec());
        }

        pub fn read(&self, path: impl AsRef<Path>) -> Option<&[u8]> {
            self.files.get(path.as_ref()).map(Vec::as_slice)
        }
    }

    pub fn read(disk: &Disk, path: &str) -> Option<Vec<u8>> {
        disk.read(path).map(<[u8]>::to_vec)
    }
}

pub mod env {
    use super::fs;

    pub fn var(disk: &fs::Disk, name: &str) -> Option<String> {
        let bytes = fs::read(disk, &format!("/env/{name}"))?;
        String::from_utf8(bytes).ok()
    }
}

use self::env as environment;
use self::fs::Disk;

pub fn home(disk: &Disk) -> String {
    environment::var(disk, "HOME")
        .or_else(|| env::var(disk, "USER"))
        .unwrap_or_else(|| "/".to_owned())
}
