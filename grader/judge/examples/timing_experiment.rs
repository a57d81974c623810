//! How often a verdict on time is wrong: grades submissions that are truly as fast as the reference, or truly three times as slow,
//! against a limit of twice the reference, many times.
//!
//! ```sh
//! cargo run --release -p judge --example timing_experiment -- --runs 200 --load
//! ```
//!
//! `--load` keeps the other cores busy, `--load-all` every core. `--batch-us N`, `--looks N`, `--warm-up-percent N` and `--two-cores` measure in worse
//! ways, to show what each precaution is for. The program is its own witness: it starts itself again.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use judge::timing::{Bench, Settings};
use judge::wire::{Bound, Budget, Verdict};
use judge::{Patience, Trouble};

/// How many times slower than the reference this process is.
fn factor() -> usize {
    std::env::var("FACTOR")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1)
}

/// Compares two maps of `size` names, in time.
fn compare(size: usize) -> witness::Work {
    let map = || {
        (0..size as u64)
            .map(|n| (format!("node-{n}"), n))
            .collect::<BTreeMap<_, _>>()
    };
    let (left, right, factor) = (map(), map(), factor());
    witness::work(move || {
        let unequal = |_| {
            let (left, right) = (black_box(&left), black_box(&right));
            left.iter()
                .filter(|(node, count)| right.get(*node) != Some(count))
                .count() as u64
        };
        (0..factor).map(unequal).fold(0, |_, count| count)
    })
}

/// Looks up points of a ring of `size` of them: caches miss, and another process takes them in between.
fn lookup(size: usize) -> witness::Work {
    let ring: BTreeMap<u64, u64> = (0..size as u64)
        .map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15), n))
        .collect();
    let (factor, mut calls) = (factor() as u64, 0_u64);
    witness::work(move || {
        calls += 1;
        for lookup in 0..factor {
            let wanted = (calls * factor + lookup).wrapping_mul(0xD134_2543_DE82_EF95);
            black_box(black_box(&ring).range(wanted..).next().or_else(|| ring.iter().next()));
        }
        calls
    })
}

witness::workloads! { compare, lookup }

#[derive(Default)]
struct Tally {
    passed: u32,
    failed: u32,
    open: u32,
    ratios: Vec<f64>,
    walls: Vec<Duration>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["work"] {
        return witness::run(&witness::Runner {
            scripts: None,
            specs: &[],
            works: WORKLOADS,
        });
    }
    let number = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<u32>().ok()
    };
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let runs = number("--runs").unwrap_or(20);
    let mut settings = Settings {
        one_core: !has("--two-cores"),
        ..Settings::default()
    };
    settings.batch = number("--batch-us").map_or(settings.batch, |us| Duration::from_micros(us.into()));
    settings.looks = number("--looks").map_or(settings.looks, |looks| looks as usize);
    settings.warm_up = number("--warm-up-percent").map_or(settings.warm_up, |percent| f64::from(percent) / 100.0);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let busy = if has("--load-all") {
        cores
    } else {
        cores.saturating_sub(1) * usize::from(has("--load"))
    };
    let _load = Load::new(busy);
    println!("{runs} runs each, {busy} of {cores} cores busy, {settings:?}");
    println!("workload  factor  passed failed open   ratio p1 / p50 / p99      wall ms p50 / p99 / most");
    for (workload, size) in [("compare", 1000), ("lookup", 100_000)] {
        for factor in [1, 3] {
            let mut tally = Tally::default();
            for _ in 0..runs {
                if let Err(trouble) = grade(workload, size, factor, settings, &mut tally) {
                    eprintln!("{trouble:?}");
                    return ExitCode::FAILURE;
                }
            }
            tally.print(workload, factor);
        }
    }
    ExitCode::SUCCESS
}

/// Measures once, with processes of its own.
fn grade(workload: &str, size: u64, factor: u32, settings: Settings, tally: &mut Tally) -> Result<(), Trouble> {
    let started = Instant::now();
    let mut bench = Bench::new(&launcher(factor), &launcher(1), Patience::default(), settings);
    let bound = Bound::Time { size, limit: 2.0 };
    let (verdict, _, figures) = bench.measure(&Budget {
        id: String::new(),
        workload: workload.to_owned(),
        bound,
    })?;
    tally.walls.push(started.elapsed());
    tally.ratios.extend(figures.map(|figures| figures.value));
    match verdict {
        Verdict::Passed => tally.passed += 1,
        Verdict::Failed => tally.failed += 1,
        _ => tally.open += 1,
    }
    Ok(())
}

fn launcher(factor: u32) -> Vec<String> {
    let myself = std::env::current_exe()
        .map(|path| path.display().to_string())
        .unwrap_or_default();
    let script = format!("FACTOR={factor} exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null");
    vec!["sh".to_owned(), "-c".to_owned(), script, myself]
}

impl Tally {
    fn print(&mut self, workload: &str, factor: u32) {
        self.ratios.sort_by(f64::total_cmp);
        self.walls.sort();
        let ratio = |share: f64| {
            self.ratios
                .get((self.ratios.len() as f64 * share) as usize)
                .copied()
                .unwrap_or(f64::NAN)
        };
        let wall = |share: f64| {
            self.walls
                .get((self.walls.len() as f64 * share) as usize)
                .map_or(0, Duration::as_millis)
        };
        println!(
            "{workload:9} {factor:6}  {:6} {:6} {:4}   {:.2} / {:.2} / {:.2}      {} / {} / {}",
            self.passed,
            self.failed,
            self.open,
            ratio(0.01),
            ratio(0.5),
            ratio(0.99),
            wall(0.5),
            wall(0.99),
            self.walls.last().map_or(0, Duration::as_millis),
        );
    }
}

/// Threads that keep cores busy. They are started before this process settles on one core.
struct Load {
    stop: Arc<AtomicBool>,
}

impl Load {
    fn new(threads: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        for _ in 0..threads {
            let stop = Arc::clone(&stop);
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    black_box((0..1000_u64).sum::<u64>());
                }
            });
        }
        Self { stop }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
