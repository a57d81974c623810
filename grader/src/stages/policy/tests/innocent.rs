//! What must not be found, though it looks like it.

use super::rules_of;

const INNOCENT: &[&str] = &[
    "mod fs; mod net { pub mod process {} } use crate::fs::Store; fn f() { fs::open(); net::process::run(); self::net::x() }",
    "use crate::process as p; fn f() { p::exit(0); process::Command::new() } mod process {}",
    "fn f(x: &X) { x.env(); x.process().net; let unsafe_count = 1; let process = env(fs); fn env(fs: u8) -> u8 { fs } }",
    "// tokio::process and unsafe { std::fs }\n/* extern \"C\" { } */ fn f() {}",
    "/// Like `std::process::exit`, include_str!(\"x\").\n//! no\nfn f() { println!(\"std::fs::read unsafe {{}} include!\"); }",
    "macro_rules! vec_of { ($($x:expr),* $(,)?) => { vec![$($x),*] } } fn f() { vec_of![1, 2]; }",
    "#[derive(Debug, Clone, serde::Serialize)] #[serde(rename_all = \"snake_case\", default = \"crate::fs::read\")] struct S;",
    "use std::{self, fmt, panic::AssertUnwindSafe}; fn f() { std::panic::catch_unwind(|| ()); panic!(\"{}\", 1); }",
    "use std::net::{IpAddr, SocketAddr, Ipv4Addr as V4}; fn f(a: std::net::SocketAddrV6) {}",
    "fn variance(std: f64) -> f64 { let std = std * std; assert!(std > 0.0); std as f64 }",
    "macro_rules! close { ($a:expr, $b:expr) => { assert!(($a - $b).abs() < 0.1) } } fn f(std: f64) { close!(std, 1.0) }",
    "macro_rules! call { ($self:ident.$name:ident($($x:tt)*)) => { $self.$name($($x)*) } } fn f() { call!(a.process(net)) }",
    "macro_rules! id { ($(#[$meta:meta])* $name:ident) => { $(#[$meta])* pub struct $name { used: bool, link: u8 } } }\nid!(/// An id.\n#[derive(Debug)] Path);",
    "macro_rules! max { ($($t:ident),*) => { $(impl Bound for $t { const MAX: Self = std::primitive::$t::MAX; })* } } max!(u8, u16);",
    "macro_rules! only { (up) => { 1 }; ($($t:tt)*) => { compile_error!(\"write `up`\") } }",
    "#![deny(unsafe_code)] #![forbid(unsafe_code)] #![allow(dead_code)]",
    "'process: loop { break 'process; } fn f<'net, 'unsafe_>(x: &'net str) {}",
    "mod core; use crate::core::Raft; fn f() -> Raft { core::new(::core::mem::take(&mut 1)) }",
    "mod alloc { pub struct Arena; } use alloc::Arena;",
    "pub type Result<T> = std::result::Result<T, Error>; pub enum Option2 {} pub mod prelude { pub use crate::Result; }",
    "extern \"C\" fn callback(x: u8) -> u8 { x } fn f(g: extern \"C\" fn(u8) -> u8) {}",
    "extern crate alloc; extern crate serde; use alloc::collections::BTreeMap; fn f() { alloc::vec::Vec::<u8>::new(); }",
    "fn f() { if env != 1 && include != 2 { } let compile_error = 3; assert_eq!(fs, 2); }",
    "impl Iterator for Env { type Item = u8; fn next(&mut self) -> Option<u8> { self.env.include() } }",
    "fn f() -> impl Iterator<Item = u8> + use<'_> { std::iter::empty() }",
    "struct Hooks; impl Hooks { fn set_hook(&mut self) {} } fn f(h: &mut Hooks) { h.set_hook(); Hooks::set_hook(h) }",
    "use tokio::{sync::mpsc, time::{sleep, Duration}}; #[tokio::main] async fn main() { tokio::select! { _ = sleep(d) => {} } }",
    "use self::inner::deep; mod inner { pub mod deep { pub fn go() {} } } fn f() { deep::go(); inner::deep::go(); }",
    "use super::*; fn f() { helper::go() } mod helper { pub fn go() {} }",
    "#[rustfmt::skip] #[allow(clippy::all, rustdoc::all)] #[diagnostic::on_unimplemented(message = \"x\")] trait T {}",
    "fn f() { let r#unsafe = 1; let r#extern = 2; }",
    "use std::process::ExitCode; fn main() -> ExitCode { ExitCode::SUCCESS }",
    "use crate::wire::encode as write; use crate::layout::render as format; fn f() { write(1); format(2); }",
    "#[derive(thiserror::Error, Debug)] #[error(\"std::fs::{0}\")] struct E(#[source] std::io::Error);",
    "struct Link { path: String, used: bool, feature: u8, no_mangle: bool } fn link(path: &std::path::Path) {}",
    "fn f() { tokio::time::pause(); }\n#[cfg(any())] fn g() { std::env!(\"X\"); }",
    "type word = u64; fn f() -> u64 { word::MAX } fn g() { i128::MAX; str::len(\"\"); }",
    "fn f<T: std::error::Error>() where T: std::fmt::Debug { std::mem::take(&mut std::time::Instant::now()); std::io::stdout(); }",
];

#[test]
fn honest_names_are_no_findings() {
    let wrong: Vec<String> = INNOCENT
        .iter()
        .map(|code| (code, rules_of(code)))
        .filter(|(_, found)| !found.is_empty())
        .map(|(code, found)| format!("{found:?} in `{code}`"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
