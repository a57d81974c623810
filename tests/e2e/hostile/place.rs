//! Lays out the submission of a case, also what git cannot hold.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::case::{Case, File, Kind};
use super::host::Targets;
use crate::support::{Sample, copy};

/// Makes the submission of a case below a directory and says where it is.
pub fn submission(case: &Case, targets: &Targets, below: &Path) -> PathBuf {
    let root = below.join("submission");
    let exercise = if case.whole { root.join("ex00") } else { root.clone() };
    fs::create_dir_all(&exercise).expect("a folder can be made");
    copy(&Sample::named("ex00", &case.base).directory(), &exercise);
    edit(&exercise, case, targets);
    for file in &case.file {
        let place = if case.whole { &root } else { &exercise };
        for copy in 0..file.copies {
            add(place, file, &copy.to_string(), targets);
        }
    }
    root
}

fn edit(exercise: &Path, case: &Case, targets: &Targets) {
    let entry = exercise.join("src/lib.rs");
    if let Some(attack) = &case.attack {
        let call = format!("pub fn {}(", case.at);
        let text = fs::read_to_string(&entry).expect("the sample has an entry file");
        let signature = text.find(&call).expect("the function is there");
        let body = signature + text[signature..].find("{\n").expect("it has a body") + 2;
        let code = if case.always {
            format!("{{ {attack} }}\n")
        } else {
            format!(
                "{{ static ONCE: ::std::sync::Once = ::std::sync::Once::new(); ONCE.call_once(|| {{ {attack} }}); }}\n"
            )
        };
        let code = targets.fill(&code);
        fs::write(&entry, format!("{}{code}{}", &text[..body], &text[body..])).expect("written");
    }
    for edit in &case.edit {
        let path = exercise.join(&edit.file);
        let text = fs::read_to_string(&path).expect("the sample has it");
        assert!(text.contains(&edit.find), "{}: `{}` is not there", case.name, edit.find);
        fs::write(&path, text.replacen(&edit.find, &targets.fill(&edit.replace), 1)).expect("written");
    }
    if !case.top.is_empty() || !case.items.is_empty() {
        let text = fs::read_to_string(&entry).expect("the sample has an entry file");
        let (top, items) = (targets.fill(&case.top), targets.fill(&case.items));
        fs::write(&entry, format!("{top}\n{text}\n{items}\n")).expect("written");
    }
}

fn add(place: &Path, file: &File, number: &str, targets: &Targets) {
    let path = place.join(targets.fill(&file.path).replace("{n}", number));
    fs::create_dir_all(path.parent().expect("it is below the submission")).expect("a folder can be made");
    let mut text = targets.fill(&file.text).replace("{n}", number);
    for (part, times) in &file.parts {
        if part.contains("{i}") {
            text.extend((0..*times).map(|index| part.replace("{i}", &index.to_string())));
        } else {
            text.push_str(&part.repeat(*times));
        }
    }
    if path.symlink_metadata().is_ok_and(|meta| !meta.is_dir()) {
        fs::remove_file(&path).expect("a file can be replaced");
    } else if path.is_dir() {
        fs::remove_dir_all(&path).expect("a folder can be replaced");
    }
    match file.kind {
        Kind::File => fs::write(&path, text).expect("written"),
        Kind::Link => symlink(text, &path).expect("a link can be made"),
        Kind::Fifo => mkfifo(&path, Mode::S_IRWXU).expect("a pipe can be made"),
        Kind::NameNotUtf8 => {
            let mut name = path.into_os_string().into_vec();
            name.extend(b"\xff.rs");
            fs::write(OsString::from_vec(name), text).expect("written");
        }
        Kind::NotUtf8 => fs::write(&path, [text.as_bytes(), &[0xff, 0xfe, 0xc3]].concat()).expect("written"),
    }
}
