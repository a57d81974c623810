//! What must be found however it is written.

use super::rules_of;

/// Code, and a rule that it breaks.
const EVASIONS: &[(&str, &str)] = &[
    // Unsafe code.
    ("fn f() { unsafe { g() } }", "unsafe-code"),
    ("unsafe fn f() {}", "unsafe-code"),
    ("unsafe impl Send for X {}", "unsafe-code"),
    ("unsafe trait T {}", "unsafe-code"),
    ("type F = unsafe fn();", "unsafe-code"),
    ("macro_rules! m { () => { unsafe { g() } } }", "unsafe-code"),
    ("fn f() { m!(1, { [unsafe { g() }] }) }", "unsafe-code"),
    ("#[cfg(not(test))] fn f() { unsafe {} }", "unsafe-code"),
    ("#[cfg(any(test, unix))] fn f() { unsafe {} }", "unsafe-code"),
    ("fn f<#[cfg(test)] const N: usize>() { unsafe {} }", "unsafe-code"),
    ("fn f<#[cfg(test)] T>(t: T) { unsafe {} }", "unsafe-code"),
    ("m! { #[cfg(test)] mod x { fn f() { unsafe {} } } }", "unsafe-code"),
    ("fn f() { #[cfg(test)] const { } unsafe {}; }", "unsafe-code"),
    (
        "use tokio::main as test; #[test] async fn f() { unsafe {} }",
        "unsafe-code",
    ),
    (
        "macro_rules! m { ($a:ident) => { use tokio::main as $a; } } m!(test); #[test] async fn f() { unsafe {} }",
        "unsafe-code",
    ),
    ("#![allow(unsafe_code)]", "unsafe-allowed"),
    (
        "#[expect(dead_code, unsafe_code, reason = \"\")] fn f() {}",
        "unsafe-allowed",
    ),
    ("#![cfg_attr(all(), allow(unsafe_code))]", "unsafe-allowed"),
    // Other languages and the linker.
    ("extern \"C\" { fn exit(code: i32); }", "extern-block"),
    ("unsafe extern { safe fn exit(code: i32); }", "extern-block"),
    (
        "macro_rules! m { ($abi:literal) => { extern $abi { fn f(); } } }",
        "extern-block",
    ),
    ("#[no_mangle] pub fn malloc() {}", "linkage"),
    ("#[unsafe(no_mangle)] pub fn malloc() {}", "linkage"),
    (
        "#[cfg_attr(unix, unsafe(export_name = \"x\"))] pub fn f() {}",
        "linkage",
    ),
    (
        "#[cfg_attr(all(), cfg_attr(all(), link_section = \".init_array\"))] static F: fn() = f;",
        "linkage",
    ),
    ("#[r#no_mangle] pub fn f() {}", "linkage"),
    ("#[used] static X: u8 = 0;", "linkage"),
    ("#[global_allocator] static A: Mine = Mine;", "linkage"),
    ("#[panic_handler] fn p() {}", "linkage"),
    ("#[link(name = \"c\")] extern \"C\" {}", "linkage"),
    (
        "macro_rules! a { ($m:ident) => { #[$m] pub fn f() {} } } a!(no_mangle);",
        "composed-path",
    ),
    (
        "macro_rules! a { ($m:ident) => { #[unsafe($m)] pub fn f() {} } } a!(no_mangle);",
        "composed-path",
    ),
    // Machine code.
    ("fn f() { std::arch::asm!(\"nop\") }", "assembly"),
    ("use core::arch::global_asm as g; g!(\"\");", "assembly"),
    ("use std::arch; arch::asm!(\"\");", "assembly"),
    // What the compiler would read.
    ("const S: &str = include_str!(\"/etc/passwd\");", "file-inclusion"),
    ("const S: &[u8] = core::include_bytes! { \"x\" };", "file-inclusion"),
    (
        "use std::include_str as text; const S: &str = text!(\"x\");",
        "file-inclusion",
    ),
    ("use std::prelude::v1::include_bytes as b;", "file-inclusion"),
    ("#![doc = include_str!(\"../x\")]", "file-inclusion"),
    (
        "macro_rules! m { ($m:ident) => { $m!(\"x\") } } const S: &str = m!(include_str);",
        "composed-path",
    ),
    (
        "fn f() { println!(\"{}\", concat!(\"a\", include!(\"x\"))) }",
        "file-inclusion",
    ),
    ("#[path = \"/etc/x.rs\"] mod x;", "module-path"),
    ("#[cfg_attr(not(test), path = \"../x.rs\")] mod x;", "module-path"),
    (
        "macro_rules! m { ($(#[$a:meta])* $b:meta) => { #[$b] mod x; } } m!(path = \"/x\");",
        "composed-path",
    ),
    ("const K: &str = env!(\"HOME\");", "build-environment"),
    (
        "const K: Option<&str> = std::option_env!(\"HOME\");",
        "build-environment",
    ),
    ("const K: &str = std::env!(\"HOME\");", "build-environment"),
    ("use core::env as e; const K: &str = e!(\"HOME\");", "build-environment"),
    // Modules of the standard library.
    ("fn f() { std::process::exit(0) }", "processes"),
    ("fn f() { ::std::process::exit(0) }", "processes"),
    ("fn f() { let x = 1 > ::std::process::id(); }", "processes"),
    ("fn f() { r#std::r#process::abort() }", "processes"),
    (
        "fn f() { std :: /* here */ process // there\n :: abort() }",
        "processes",
    ),
    (
        "use std::{collections::HashMap, process::{self, Command}};",
        "processes",
    ),
    ("use {std::{{process as p}}};", "processes"),
    ("use ::{std::process};", "processes"),
    ("use std as s; fn f() { s::process::abort() }", "processes"),
    (
        "use std::{self as s}; use s as t; fn f() { t::process::abort() }",
        "processes",
    ),
    ("extern crate std as s; fn f() { s::process::abort() }", "processes"),
    (
        "mod a { pub use std as q; } fn f() { a::q::process::abort() }",
        "processes",
    ),
    (
        "mod a { pub use std; } fn f() { crate::a::std::process::abort() }",
        "processes",
    ),
    (
        "macro_rules! m { () => { $crate::std::process::abort() } }",
        "processes",
    ),
    (
        "macro_rules! m { ($($t:tt)*) => { $($t)* } } fn f() { m!(m!(std::process::abort())) }",
        "processes",
    ),
    ("fn f() { let g: fn(i32) -> ! = std::process::exit; }", "processes"),
    (
        "impl std::process::Termination for X { fn report(self) -> std::process::ExitCode { std::process::exit(0) } }",
        "processes",
    ),
    ("use tokio::process::Command;", "processes"),
    (
        "#[derive(Deserialize)] struct S { #[serde(default = \"std::process::id\")] x: u32 }",
        "processes",
    ),
    (
        "#[cfg_attr(all(), serde(default = \"\\x73td::process::id\"))] struct S;",
        "processes",
    ),
    (
        "#[serde(bound(serialize = \"T: std::os::fd::AsFd\"))] struct S<T>(T);",
        "operating-system",
    ),
    ("use std::*; fn f() { fs::read(\"x\"); }", "whole-library"),
    ("use std as s; use s::*;", "whole-library"),
    ("use tokio::*;", "whole-library"),
    ("use std::fs;", "files"),
    ("use std::fs::*;", "files"),
    ("use std::fs::{File as F, OpenOptions};", "files"),
    (
        "fn f() -> Vec<u8> { <std::fs::File as std::io::Read>::bytes() }",
        "files",
    ),
    ("fn f(x: &dyn Fn(std::fs::File)) {}", "files"),
    ("use tokio::{sync, fs as files};", "files"),
    ("use std::net::{SocketAddr, TcpStream};", "network"),
    ("use std::net; use std::net::IpAddr;", "network"),
    ("use std::net::{self as n, IpAddr};", "network"),
    ("use std::net::*;", "network"),
    ("fn f() { tokio::net::TcpStream::connect(\"\"); }", "network"),
    ("fn f() { std::env::set_current_dir(\"/\"); }", "environment"),
    ("use std::os::unix::net::UnixStream;", "operating-system"),
    // Put together by macros.
    (
        "macro_rules! p { ($a:ident, $b:ident) => { $a::$b::read(\"x\") } } fn f() { p!(std, fs); }",
        "composed-path",
    ),
    (
        "macro_rules! p { ($a:tt $b:tt $c:tt) => { $c $b $a :: read(\"x\") } } fn f() { p!(fs :: std); }",
        "composed-path",
    ),
    (
        "macro_rules! p { ($m:ident) => { std::$m::read(\"x\") } } fn f() { p!(fs); }",
        "composed-path",
    ),
    (
        "macro_rules! p { ($m:ident) => { $m::fs::read(\"x\") } } fn f() { p!(std); }",
        "composed-path",
    ),
    (
        "macro_rules! p { ($($t:ident)*) => { $($t)::*(\"x\") } } fn f() { p!(std fs read); }",
        "composed-path",
    ),
    (
        "macro_rules! p { ($a:ident) => { q!($a fs) } } macro_rules! q { ($a:ident $b:ident) => { use $a::$b; } } p!(std);",
        "composed-path",
    ),
    (
        "macro_rules! p { ($a:ident, $b:ident) => { use $a::$b; } } use p as q; q!(std, process);",
        "composed-path",
    ),
    (
        "macro_rules! p { ($n:ident) => { macro_rules! $n { () => {} } } } p!(assert_eq);",
        "composed-path",
    ),
    // The panic hook.
    ("fn f() { std::panic::set_hook(Box::new(|_| {})); }", "panic-hook"),
    (
        "use std::panic::{self, catch_unwind}; fn f() { panic::take_hook(); }",
        "panic-hook",
    ),
    ("use std::panic as p; fn f() { p::take_hook(); }", "panic-hook"),
    ("use std::panic::set_hook as s;", "panic-hook"),
    (
        "use std::panic::*; fn f() { set_hook(Box::new(|_| {})); }",
        "panic-hook",
    ),
    // Names that are taken.
    ("macro_rules! assert_eq { ($($t:tt)*) => {} }", "shadowed-name"),
    (
        "#[macro_export] macro_rules! r#panic { ($($t:tt)*) => {} }",
        "shadowed-name",
    ),
    (
        "macro_rules! nothing { () => {} } pub use nothing as assert;",
        "shadowed-name",
    ),
    ("use std::println as assert_eq;", "shadowed-name"),
    ("mod std { pub mod fs {} }", "shadowed-name"),
    ("mod r#std;", "shadowed-name"),
    ("enum std {}", "shadowed-name"),
    ("use crate::mine as core;", "shadowed-name"),
    ("extern crate self as core;", "shadowed-name"),
    ("extern crate tokio as std;", "shadowed-name"),
    ("extern crate self as mine;", "crate-rename"),
    // Crates and the compiler.
    ("extern crate libc;", "crate-not-allowed"),
    ("use rand::Rng;", "crate-not-allowed"),
    ("fn f() -> u8 { rand::random() }", "crate-not-allowed"),
    ("extern crate proc_macro;", "procedural-macro"),
    ("#[proc_macro_derive(X)] pub fn f() {}", "procedural-macro"),
    ("#![crate_type = \"proc-macro\"]", "procedural-macro"),
    ("#![feature(core_intrinsics)]", "unstable-feature"),
    ("#![cfg_attr(all(), feature(asm))]", "unstable-feature"),
    ("#![no_core]", "unstable-feature"),
    ("#![no_std]", "no-std"),
    ("compile_error!(\"all checks passed\");", "compile-error"),
    // Where a text begins.
    ("#!/usr/bin/env x\nuse std::fs;", "files"),
    ("#!/*\nuse std::fs;\n// */", "files"),
    ("#!/* */[allow(unsafe_code)]\n", "unsafe-allowed"),
    ("\u{feff}#!/*\nuse std::fs;\n// */", "files"),
    ("'a: loop { std::fs::read(\"\"); }", "files"),
    (
        "fn f() { let c = ['\"', 'a']; std::fs::read(\"x\"); let d = '\"'; }",
        "files",
    ),
    (
        "fn f() { let c = r#\"\"\"#; std::fs::read(\"x\"); let d = r#\"\"\"#; }",
        "files",
    ),
    ("/* /* */ */ use std::fs; /* */", "files"),
];

#[test]
fn no_way_of_writing_it_gets_round_the_scan() {
    assert!(EVASIONS.len() >= 60);
    let missed: Vec<String> = EVASIONS
        .iter()
        .filter(|(code, rule)| !rules_of(code).iter().any(|found| found == rule))
        .map(|(code, rule)| format!("{rule} in `{code}`: found {:?}", rules_of(code)))
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
