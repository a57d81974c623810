//! A small exercise and a submission of it, cut into pieces that can be deleted one by one.

/// The submission. `//< name` and `//> name` enclose a piece.
pub const SUBMISSION: &str = r#"
//< Sink
pub trait Sink {
    fn accept(&mut self, text: &str);
    //< Sink::close
    fn close(&mut self);
    //> Sink::close
}
//> Sink
//< Kind
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Small,
    //< Kind::Large
    Large,
    //> Kind::Large
}
//> Kind
//< Counter
#[derive(Debug, Clone, PartialEq)]
pub struct Counter {
    total: u64,
}
//< Default
impl Default for Counter {
    fn default() -> Self { Self { total: 0 } }
}
//> Default
impl Counter {
    //< new
    pub fn new() -> Self { Self { total: 0 } }
    //> new
    //< add
    pub fn add(&mut self, amount: u64) { self.total += amount; }
    //> add
    //< total
    pub fn total(&self) -> u64 { self.total }
    //> total
    //< later
    pub async fn later(&self) -> u64 { self.total }
    //> later
}
//> Counter
//< kind
impl Counter {
    pub fn kind(&self) -> Kind { Kind::Small }
}
//> kind
//< export
impl Counter {
    pub fn export(&self, sink: &mut dyn Sink) { sink.accept("total"); }
}
//> export
//< Label
#[derive(Debug, Clone, Default)]
pub struct Label<T> {
    //< Label::text
    pub text: String,
    //> Label::text
    pub value: T,
}
//> Label
//< LIMIT
pub const LIMIT: u64 = 10;
//> LIMIT
//< hash
pub fn hash(text: &str) -> u64 { text.len() as u64 }
//> hash
//< extra
pub mod extra {
    pub struct Deep;
    impl Deep { pub fn depth(&self) -> u32 { 1 } }
    pub struct Flat;
}
//> extra
//< twice
#[macro_export]
macro_rules! twice { ($value:expr) => { $value * 2 } }
//> twice
"#;

pub const PROTOCOL: &str = "
pub trait Steps {
    fn start(&mut self, c: u8);
    fn add(&mut self, c: u8, amount: u64);
    fn total(&mut self, c: u8) -> u64;
    fn later(&mut self, c: u8) -> u64;
    fn kind(&mut self, c: u8) -> u8;
    fn default_to(&mut self, c: u8);
    fn equals(&mut self, c: u8, other: u8) -> bool;
    fn export(&mut self, c: u8) -> Vec<String>;
    fn label(&mut self, text: String) -> String;
    fn limit(&mut self) -> u64;
    fn hash(&mut self, text: String) -> u64;
    fn depth(&mut self) -> u32;
    fn twice(&mut self, value: u64) -> u64;
}
";

pub const WITNESS: &str = "pub fn unavailable(message: &str) -> ! { panic!(\"{message}\") }\n";

pub const DRIVER: &str = r#"//! The driver.

use demo::{
    Counter, Kind, // how large
    Label, Sink, extra::{Deep, Flat},
};
use demo::hash;
use demo_protocol::Steps;
use std::collections::BTreeMap;

const TWICE: u64 = demo::LIMIT * 2;

#[derive(Default)]
pub struct World {
    counters: BTreeMap<u8, Counter>,
    label: Label<u32>,
    spare: Option<Flat>,
}

impl World {
    fn counter(&mut self, c: u8) -> &mut Counter {
        self.counters
            .entry(c)
            .or_insert_with(Counter::new)
    }
}

/// Keeps what it is told.
#[derive(Default)]
struct Recorder {
    told: Vec<String>,
}

impl Sink for Recorder {
    fn accept(&mut self, text: &str) {
        self.told.push(text.to_owned());
    }
    fn close(&mut self) {
        self.told.push("closed".to_owned());
    }
}

fn number(kind: Kind) -> u8 {
    match kind {
        Kind::Small => 0,
        Kind::Large => 1,
    }
}

fn finish<T: Future>(_future: T) -> T::Output {
    std::process::abort()
}

impl Steps for World {
    fn start(&mut self, c: u8) {
        self.counters.insert(c, Counter::new());
    }

    fn add(&mut self, c: u8, amount: u64) {
        self.counter(c).add(amount);
    }

    fn total(&mut self, c: u8) -> u64 {
        self.counter(c).total()
    }

    fn later(&mut self, c: u8) -> u64 {
        finish(self.counter(c).later())
    }

    fn kind(&mut self, c: u8) -> u8 {
        number(self.counter(c).kind())
    }

    fn default_to(&mut self, c: u8) {
        self.counters.insert(c, Counter::default());
    }

    fn equals(&mut self, c: u8, other: u8) -> bool {
        self.counters.get(&c) == self.counters.get(&other)
    }

    fn export(&mut self, c: u8) -> Vec<String> {
        let mut recorder = Recorder::default();
        self.counter(c).export(&mut recorder);
        recorder.told
    }

    fn label(&mut self, text: String) -> String {
        self.label.text = text;
        self.label.text.clone()
    }

    fn limit(&mut self) -> u64 {
        TWICE / 2
    }

    fn hash(&mut self, text: String) -> u64 {
        hash(&text)
    }

    fn depth(&mut self) -> u32 {
        Deep.depth()
    }

    fn twice(&mut self, value: u64) -> u64 {
        demo::twice!(value)
    }
}
"#;

pub const SPEC: &str = r#"//! The public checks.

use demo::{Counter, Kind, Label};

fn filled(amount: u64) -> Counter {
    let mut counter = Counter::new();
    counter.add(amount);
    counter
}

fn amounts() -> impl Iterator<Item = u64> {
    1..demo::LIMIT
}

/// R1: adds.
#[test]
fn test_add() {
    assert_eq!(filled(3).total(), 3);
}

/// R2: every amount.
#[test]
fn test_amounts() {
    for amount in amounts() {
        assert_eq!(filled(amount).total(), amount);
    }
}

/// R3: traits.
#[test]
fn test_traits() {
    fn value<T: Clone + Default + PartialEq>() {}
    value::<Counter>();
}

/// R4: kinds.
#[test]
fn test_kind() {
    assert_eq!(Counter::new().kind(), Kind::Small);
}

/// R5: labels.
#[test]
fn test_label() {
    let label = Label { text: "a".to_owned(), value: 1 };
    assert_eq!(label.text, "a");
}

/// R6: twice.
#[test]
fn test_twice() {
    assert_eq!(demo::twice!(2), 4);
}
"#;

/// What is deleted, and what is lost by it: parts of the driver, functions of the public checks.
pub const DELETIONS: &[(&str, &[&str], &[&str])] = &[
    ("Sink::close", &["Sink::close"], &[]),
    ("Sink,export", &["impl Sink for Recorder", "Steps::export"], &[]),
    ("export", &["Steps::export"], &[]),
    ("Kind::Large", &["number"], &[]),
    ("Kind,kind", &["number", "Steps::kind"], &["test_kind"]),
    ("kind", &["Steps::kind"], &["test_kind"]),
    ("Default", &["Steps::default_to"], &["test_traits"]),
    ("new", &["World::counter", "Steps::start"], &["filled", "test_kind"]),
    ("add", &["Steps::add"], &["filled"]),
    ("total", &["Steps::total"], &["test_add", "test_amounts"]),
    ("later", &["Steps::later"], &[]),
    ("Label", &["World::label", "Steps::label"], &["test_label"]),
    ("Label::text", &["Steps::label"], &["test_label"]),
    ("LIMIT", &["TWICE", "Steps::limit"], &["amounts", "test_amounts"]),
    ("hash", &["Steps::hash"], &[]),
    ("extra", &["World::spare", "Steps::depth"], &[]),
    ("twice", &["Steps::twice"], &["test_twice"]),
    (
        "Counter,kind,export",
        &[
            "World::counters",
            "World::counter",
            "Steps::start",
            "Steps::add",
            "Steps::total",
            "Steps::later",
            "Steps::kind",
            "Steps::default_to",
            "Steps::equals",
            "Steps::export",
        ],
        &["filled", "test_add", "test_amounts", "test_traits", "test_kind"],
    ),
];
