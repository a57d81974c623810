//! The rendered text of a message, cut down to what concerns the student's own files.

use std::path::Path;

use super::is_unsafe_to_show;

/// How many lines an excerpt has at most.
const LINES: usize = 40;

/// How many bytes an excerpt has at most.
const BYTES: usize = 4096;

/// The rendered text without excerpts of files that are not below `directory`, bounded, and escaped line by line.
pub(super) fn trim(rendered: &str, directory: &Path) -> String {
    let mut out = String::new();
    let mut foreign = false;
    let own = rendered.lines().filter(|line| {
        if let Some(place) = place(line) {
            foreign = own_file(place, directory).is_none();
        } else if !in_excerpt(line) {
            foreign = false;
        }
        !foreign
    });
    for (count, line) in own.enumerate() {
        let line = escape(&without_directory(line, directory));
        if count == LINES || out.len() + line.len() > BYTES {
            out.push_str("...\n");
            break;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

/// The file of a place, relative to `directory`, if it is below it. A relative name already is.
pub(super) fn own_file<'a>(file: &'a str, directory: &Path) -> Option<&'a str> {
    let path = Path::new(file);
    if path.is_absolute() {
        path.strip_prefix(directory).ok()?.to_str()
    } else {
        Some(file)
    }
    .filter(|name| !name.is_empty() && !name.starts_with('<') && !name.split('/').any(|part| part == ".."))
}

/// The file named by a line that starts an excerpt, `--> src/lib.rs:3:5`.
fn place(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let place = line.strip_prefix("--> ").or_else(|| line.strip_prefix("::: "))?;
    let mut parts = place.rsplitn(3, ':');
    let (_, _, file) = (parts.next(), parts.next(), parts.next());
    Some(file.unwrap_or(place))
}

/// Whether a line belongs to an excerpt: a number or nothing, then a bar, or the dots between two pieces.
fn in_excerpt(line: &str) -> bool {
    let rest = line
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim_start();
    rest.starts_with('|') || line.starts_with("...")
}

/// The line with the paths below `directory` made relative.
fn without_directory(line: &str, directory: &Path) -> String {
    match directory.to_str() {
        Some(directory) if directory.len() > 1 => line.replace(&format!("{}/", directory.trim_end_matches('/')), ""),
        _ => line.to_owned(),
    }
}

/// The line with everything escaped that could move a cursor.
fn escape(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars().take(BYTES) {
        match c {
            '\t' => out.push_str("    "),
            c if is_unsafe_to_show(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}
