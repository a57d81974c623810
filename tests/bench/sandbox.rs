//! What confinement costs: one process started bare, supervised only, and with layers, by turns.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::Args;
use moulinette::model::limits::Limits;
use moulinette::system::sandbox::{Job, LayerName, ProcessSandbox, Profile, Sandbox, SandboxMode};
use moulinette::system::toolchain::{PATH, Toolchain};
use moulinette::system::workdir::Workdir;

use crate::{Result, busy, print_table};

/// The program that is started: it does nothing.
const NOTHING: &str = "/bin/true";
/// What is compiled: little.
const SOURCE: &str = "pub fn answer() -> u32 { 42 }\n";

#[derive(Args)]
pub struct SandboxCost {
    /// How often each thing is measured
    #[arg(long, default_value_t = 60)]
    runs: usize,
    /// The moulinette program, which is the jail [default: the one beside this program]
    #[arg(long)]
    program: Option<PathBuf>,
}

impl SandboxCost {
    /// Measures and prints.
    pub fn run(&self) -> Result<()> {
        let program = match &self.program {
            Some(program) => program.canonicalize()?,
            None => beside()?,
        };
        let sandboxes = sandboxes(&program)?;
        let cache = tempfile::tempdir_in("/tmp")?;
        std::fs::set_permissions(cache.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711))?;
        let toolchain = Toolchain::locate(OsStr::new("rustc"), cache.path())?;
        let workdir = Workdir::create(Path::new("/tmp"))?;
        std::fs::write(workdir.path().join("lib.rs"), SOURCE)?;
        let mut times: BTreeMap<(&str, usize), Vec<f64>> = BTreeMap::new();
        eprintln!("load {}", busy());
        let scratch = workdir.scratch("run")?;
        for round in 0..self.runs {
            let mut order: Vec<usize> = (0..=sandboxes.len()).collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for at in order {
                let sandbox = sandboxes.get(at).map(|(_, sandbox)| sandbox);
                times
                    .entry(("run", at))
                    .or_default()
                    .push(milliseconds(|| run(sandbox, &scratch))?);
                if round % 4 == 0 {
                    let out = workdir.scratch(&format!("out-{round}-{at}"))?;
                    let source = workdir.path().join("lib.rs");
                    let compiled = milliseconds(|| compile(sandbox, &toolchain, &out, &source))?;
                    times.entry(("compile", at)).or_default().push(compiled);
                }
            }
        }
        let mut text = String::from("job      sandbox                          n   median      p90\n");
        for ((job, at), values) in &mut times {
            let name = sandboxes.get(*at).map_or("bare", |(name, _)| name);
            values.sort_by(f64::total_cmp);
            let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
            text += &format!(
                "{job:<8} {name:<28} {:>5} {:>6.2} ms {:>6.2} ms\n",
                values.len(),
                at(0.5),
                at(0.9)
            );
        }
        print_table(&text)?;
        Ok(())
    }
}

fn beside() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.with_file_name("moulinette-under-test"))
}

fn sandboxes(program: &Path) -> Result<Vec<(&'static str, ProcessSandbox)>> {
    use LayerName::{Cgroup, Landlock, Namespaces, Seccomp, User};
    let make = |mode, layers: &[LayerName]| {
        let without = layers.iter().copied().collect();
        ProcessSandbox::without(program.to_owned(), mode, &without)
    };
    let auto = |layers: &[LayerName]| make(SandboxMode::Auto, layers);
    Ok(vec![
        ("off", make(SandboxMode::Off, &[])?),
        ("limits, user", auto(&[Namespaces, Landlock, Seccomp, Cgroup])?),
        ("+ landlock, seccomp", auto(&[Namespaces, Cgroup])?),
        ("+ namespaces", auto(&[Cgroup])?),
        ("all layers", auto(&[])?),
        ("all but user, cgroup", auto(&[User, Cgroup])?),
    ])
}

fn milliseconds(act: impl FnOnce() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    act()?;
    Ok(started.elapsed().as_secs_f64() * 1e3)
}

fn run(sandbox: Option<&ProcessSandbox>, scratch: &Path) -> Result<()> {
    match sandbox {
        None => bare(Command::new(NOTHING).current_dir(scratch)),
        Some(sandbox) => job(sandbox, Job::new(NOTHING, scratch, Limits::compile(), Profile::Run)),
    }
}

fn compile(sandbox: Option<&ProcessSandbox>, toolchain: &Toolchain, out: &Path, source: &Path) -> Result<()> {
    let arguments = [
        "--edition=2024",
        "--crate-type=lib",
        "-Cembed-bitcode=no",
        "-o",
        "program.rlib",
    ];
    match sandbox {
        None => bare(
            Command::new(toolchain.rustc())
                .args(arguments)
                .arg(source)
                .current_dir(out),
        ),
        Some(sandbox) => {
            let mut compiler = Job::new(toolchain.rustc(), out, Limits::compile(), Profile::Compile);
            compiler.args = arguments.map(Into::into).to_vec();
            compiler.args.push(source.into());
            compiler.reads = vec![toolchain.root().to_owned(), source.to_owned()];
            compiler.env = vec![("PATH".into(), PATH.into())];
            job(sandbox, compiler)
        }
    }
}

fn bare(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(status.to_string().into())
    }
}

fn job(sandbox: &ProcessSandbox, job: Job) -> Result<()> {
    let outcome = sandbox.run(&job)?;
    if outcome.ending.success() {
        Ok(())
    } else {
        Err(format!("{}: {}", outcome.ending, String::from_utf8_lossy(&outcome.stderr)).into())
    }
}
