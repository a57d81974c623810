//! For the tests: without arguments the judge of a toy language, with arguments its witness, which misbehaves on demand.

use std::hint::black_box;
use std::process::ExitCode;

use judge::{Case, Check, Objection, Trial, Verdict, same};
use proptest::{collection::vec, prelude::*};

mod mischief;

use mischief::{Mischief, do_wrong};

witness::language! {
    /// A sum.
    pub trait Sums {
        /// Adds.
        fn add(n: u8, note: String) -> u64 => "sum.add({n}, {note:?})";
        /// Adds, but wrongly beyond 100.
        fn add_carelessly(n: u8) -> u64 => "sum.add_carelessly({n})";
        /// Does something that it should not.
        fn spoil(how: Mischief) => "sum.spoil({how:?});";
        /// Not there.
        fn forgotten() => "sum.forgotten();";
    }
}

/// As it should be.
#[derive(Default)]
struct Reference {
    sum: u64,
}

impl Sums for Reference {
    fn add(&mut self, n: u8, _: String) -> u64 {
        self.sum += u64::from(n);
        self.sum
    }
    fn add_carelessly(&mut self, n: u8) -> u64 {
        self.sum += u64::from(n);
        self.sum
    }
    fn spoil(&mut self, _: Mischief) {
        // A reference may print; the judge's events must not suffer.
        println!("no event");
    }
    fn forgotten(&mut self) {}
}

/// As it should not be.
#[derive(Default)]
struct Submission {
    sum: u64,
}

impl Sums for Submission {
    fn add(&mut self, n: u8, _: String) -> u64 {
        self.sum += u64::from(n);
        self.sum
    }
    fn add_carelessly(&mut self, n: u8) -> u64 {
        self.sum += u64::from(n);
        self.sum.min(100)
    }
    fn spoil(&mut self, how: Mischief) {
        do_wrong(how);
    }
    fn forgotten(&mut self) {
        witness::unavailable("no method named `forgotten` [E0599]")
    }
}

/// Additions, and now and then some mischief.
fn scripts(how: Mischief) -> impl Strategy<Value = Vec<Step>> {
    let add = (any::<u8>(), "[a-z]{0,6}").prop_map(|(n, note)| steps::add(n, note));
    vec(prop_oneof![40 => add, 1 => Just(steps::spoil(how))], 1..16)
}

/// R1: sums are right.
fn sums(trial: &mut Trial<'_, Script>) -> Verdict {
    trial.forall(
        vec(
            (any::<u8>(), "[a-z]{0,6}").prop_map(|(n, note)| steps::add(n, note)),
            1..16,
        ),
        same,
    )
}

/// R1: so are careless ones.
fn careless_sums(trial: &mut Trial<'_, Script>) -> Verdict {
    trial.forall(vec((any::<u8>()).prop_map(steps::add_carelessly), 1..16), same)
}

/// R1: by a law that the reference's answers do not matter to.
fn no_sum_stays(trial: &mut Trial<'_, Script>) -> Verdict {
    let ending = [steps::add_carelessly(1), steps::add_carelessly(1)];
    trial.forall_then(
        vec((any::<u8>()).prop_map(steps::add_carelessly), 0..16),
        &ending,
        |case: &Case<'_, Script>| {
            let sums: Vec<_> = case.steps().map(|(at, _, seen)| (at, seen)).collect();
            match sums.as_slice() {
                [.., (_, before), (at, after)] if before == after => {
                    Err(Objection::at(*at, "adding 1 changes the sum"))
                }
                _ => Ok(()),
            }
        },
    )
}

/// R1: with a law that cannot cope with wrong answers.
fn a_law_that_panics(trial: &mut Trial<'_, Script>) -> Verdict {
    trial.forall(
        vec((any::<u8>()).prop_map(steps::add_carelessly), 1..16),
        |case: &Case<'_, Script>| {
            let total = case.steps().map(|(_, _, seen)| seen).next_back();
            let due: u64 = case
                .steps()
                .map(|(_, step, _)| {
                    if let Step::add_carelessly { n } = step {
                        u64::from(*n)
                    } else {
                        0
                    }
                })
                .sum();
            assert_eq!(total, Some(&Seen::add_carelessly(due)));
            Ok(())
        },
    )
}

/// R1: with a law that is wrong itself.
fn a_law_that_is_wrong(trial: &mut Trial<'_, Script>) -> Verdict {
    trial.forall(
        vec((any::<u8>()).prop_map(steps::add_carelessly), 1..16),
        |_: &Case<'_, Script>| panic!("never right"),
    )
}

/// R1: needs what is missing.
fn needs_forgotten(trial: &mut Trial<'_, Script>) -> Verdict {
    trial.once(vec![steps::add_carelessly(1), steps::forgotten()], same)
}

macro_rules! mischief {
    ($($name:ident: $how:ident),* $(,)?) => {
        $(
            fn $name(trial: &mut Trial<'_, Script>) -> Verdict {
                trial.forall(scripts(Mischief::$how), same)
            }
        )*
        const MISCHIEF: &[Check<Script>] = &[$(Check { path: stringify!($name), run: $name }),*];
    };
}

mischief! {
    panics: Panic, raves: Rave, panics_twice: PanicTwice, exits: Exit, aborts: Abort, recurses: Recurse, hoards: Hoard, loops: Loop,
    sleeps: Sleep, dozes: Doze, writes_junk: Junk, writes_blanks: Blank, announces_much: Huge, makes_noise: Noise, dawdles: Dawdle,
}

const CHECKS: &[Check<Script>] = &[
    Check {
        path: "sums",
        run: sums,
    },
    Check {
        path: "part::careless_sums",
        run: careless_sums,
    },
    Check {
        path: "no_sum_stays",
        run: no_sum_stays,
    },
    Check {
        path: "a_law_that_panics",
        run: a_law_that_panics,
    },
    Check {
        path: "a_law_that_is_wrong",
        run: a_law_that_is_wrong,
    },
    Check {
        path: "needs_forgotten",
        run: needs_forgotten,
    },
];

/// Public checks: each ends in another way.
const SPECS: &[(&str, fn())] = &[
    ("passes", || ()),
    ("fails", || assert_eq!(1 + 1, 3, "sums are wrong")),
    ("lacks_something", || {
        witness::unavailable("no method named `forgotten` [E0599]")
    }),
    ("exits", || std::process::exit(0)),
    ("leaves_a_thread", || {
        drop(std::thread::spawn(|| do_wrong(Mischief::Loop)))
    }),
];

#[global_allocator]
static ALLOCATOR: witness::Counting = witness::Counting;

/// Adds up `size` numbers.
fn sum(size: usize) -> witness::Work {
    let numbers: Vec<u64> = (0..size as u64).collect();
    witness::work(move || black_box(&numbers).iter().sum())
}

/// Adds up `size` numbers, three times over.
fn sum_slowly(size: usize) -> witness::Work {
    let numbers: Vec<u64> = (0..size as u64).collect();
    witness::work(move || {
        (0..3)
            .map(|_| black_box(&numbers).iter().sum::<u64>())
            .fold(0, |_, sum| sum)
    })
}

/// Compares all pairs of `size` numbers, and makes three boxes.
fn pairs(size: usize) -> witness::Work {
    let numbers: Vec<u64> = (0..size as u64).collect();
    witness::work(move || {
        black_box([Box::new(1), Box::new(2), Box::new(3)]);
        let greater = |number: &u64| black_box(&numbers).iter().filter(|other| *other > number).count() as u64;
        numbers.iter().map(greater).sum()
    })
}

/// Which part this process plays in a measurement.
fn part() -> String {
    std::env::var("TOY").unwrap_or_default()
}

/// The submission's is wrong.
fn wrong(_: usize) -> witness::Work {
    let answer = if part() == "twin" { 1 } else { 2 };
    witness::work(move || answer)
}

/// Never ends.
fn endless(_: usize) -> witness::Work {
    if part() == "twin" {
        return witness::work(|| 0);
    }
    witness::work(|| {
        do_wrong(Mischief::Loop);
        0
    })
}

witness::workloads! { sum, pairs, wrong, endless }

/// What the submission's workloads are: one of them is slower than the twin's.
const SLOWER: witness::Table = &[
    ("sum", sum_slowly),
    ("pairs", pairs),
    ("wrong", wrong),
    ("endless", endless),
];

fn main() -> ExitCode {
    if std::env::args().len() == 1 {
        let all: Vec<Check<Script>> = CHECKS
            .iter()
            .chain(MISCHIEF)
            .map(|check| Check {
                path: check.path,
                run: check.run,
            })
            .collect();
        return judge::main(&all, || Box::new(Reference::default()));
    }
    let works = if part() == "slower" { SLOWER } else { WORKLOADS };
    let scripts: fn() -> std::io::Result<()> = || serve(|| Box::new(Submission::default()));
    witness::run(&witness::Runner {
        scripts: Some(scripts),
        specs: SPECS,
        works,
    })
}
