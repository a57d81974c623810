//! A library with its own tests, which read files and the environment: they are not built, and cost nothing.

/// Doubles a number.
pub fn double(x: u64) -> u64 {
    x * 2
}

#[cfg(test)]
pub(crate) mod support {
    use std::{env, fs};

    pub fn scratch() -> std::path::PathBuf {
        let path = env::temp_dir().join("numbers");
        let _ = fs::create_dir_all(&path);
        path
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn doubles() {
        assert_eq!(double(2), 4);
    }

    #[test]
    #[ignore = "needs a shell"]
    fn doubles_like_the_shell() {
        let shell = Command::new("sh").args(["-c", "echo $((2 * 21))"]).output();
        let said = shell.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        assert_eq!(said.ok(), Some(double(21).to_string()));
        assert!(std::fs::exists(support::scratch()).unwrap_or_default());
    }
}
