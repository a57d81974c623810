//! The compiler as a job.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use moulinette::model::limits::Limits;
use moulinette::system::sandbox::{Ending, Job, Outcome, Profile, Sandbox};
use moulinette::system::toolchain::{PATH, Toolchain};
use moulinette::system::workdir::Workdir;

use crate::support::{full, run_at, text};

fn compile(workdir: &Workdir, out: &Path, source: &str) -> Outcome {
    let cache = tempfile::tempdir_in("/tmp").unwrap();
    fs::set_permissions(cache.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    let toolchain = Toolchain::locate(OsStr::new("rustc"), cache.path()).unwrap();
    let file = workdir.path().join("main.rs");
    fs::write(&file, source).unwrap();
    let mut job = Job::new(toolchain.rustc(), out, Limits::compile(), Profile::Compile);
    job.args = ["--edition=2024", "-Cembed-bitcode=no", "-o", "program"]
        .map(Into::into)
        .to_vec();
    job.args.push(file.clone().into());
    job.reads = vec![toolchain.root().to_owned(), file];
    job.env = vec![("PATH".into(), PATH.into())];
    full().run(&job).unwrap()
}

#[test]
fn a_program_is_compiled_linked_and_run_by_two_jobs() {
    let workdir = Workdir::create(Path::new("/tmp")).unwrap();
    let (out, home) = (workdir.scratch("out").unwrap(), workdir.scratch("home").unwrap());
    let source = r#"fn main() { println!("{}", std::thread::spawn(|| 6 * 7).join().unwrap()); }"#;
    let compiled = compile(&workdir, &out, source);
    assert_eq!(compiled.ending, Ending::Exited(0), "{}", text(&compiled.stderr));
    assert!(compiled.cpu.as_millis() > 10);
    let outcome = run_at(&home, out.join("program"));
    assert_eq!(
        (outcome.ending, text(&outcome.stdout)),
        (Ending::Exited(0), "42\n".into())
    );
    workdir.close().unwrap();
}

#[test]
fn a_compile_error_is_an_exit_status_and_a_compiler_that_dies_is_a_signal() {
    let workdir = Workdir::create(Path::new("/tmp")).unwrap();
    let out = workdir.scratch("out").unwrap();
    let error = compile(&workdir, &out, "fn main() { missing() }");
    assert_eq!(error.ending, Ending::Exited(1));
    assert!(text(&error.stderr).contains("E0425"));
    let nested = format!("fn main() {{ {}{} }}", "(".repeat(50_000), ")".repeat(50_000));
    let dead = compile(&workdir, &out, &nested);
    assert!(matches!(dead.ending, Ending::Signalled(_)), "{:?}", dead.ending);
}

#[test]
fn a_compiler_cannot_include_what_its_user_cannot_read() {
    let workdir = Workdir::create(Path::new("/tmp")).unwrap();
    let out = workdir.scratch("out").unwrap();
    let hidden = workdir.path().join("hidden");
    fs::write(&hidden, "secret").unwrap();
    fs::set_permissions(&hidden, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    if crate::support::has_users() {
        let source = format!("fn main() {{ print!(\"{{}}\", include_str!({hidden:?})); }}");
        let outcome = compile(&workdir, &out, &source);
        assert_eq!(outcome.ending, Ending::Exited(1));
        let said = text(&outcome.stderr);
        assert!(
            said.contains("Permission denied") || said.contains("No such file"),
            "{said}"
        );
    }
}
