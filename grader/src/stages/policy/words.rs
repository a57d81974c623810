//! The words that mean something to the rules.

/// Macros that are there without an import, and that nothing else may be called. (`line`, `file` and `column` are too common as names.)
pub(super) const MACROS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "cfg",
    "compile_error",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "include",
    "include_bytes",
    "include_str",
    "macro_rules",
    "matches",
    "module_path",
    "option_env",
    "panic",
    "print",
    "println",
    "stringify",
    "thread_local",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Macros that read a file when they are compiled.
pub(super) const INCLUDES: &[&str] = &["include", "include_bytes", "include_str"];

/// Macros that read the compiler's environment.
pub(super) const ENVIRONMENT: &[&str] = &["env", "option_env"];

/// Macros of machine code.
pub(super) const ASSEMBLY: &[&str] = &["asm", "global_asm", "naked_asm"];

/// Attributes that reach the linker or replace a part of the runtime.
pub(super) const LINKAGE: &[&str] = &[
    "alloc_error_handler",
    "export_name",
    "global_allocator",
    "lang",
    "link",
    "link_args",
    "link_name",
    "link_ordinal",
    "link_section",
    "linkage",
    "no_builtins",
    "no_main",
    "no_mangle",
    "panic_handler",
    "panic_runtime",
    "needs_panic_runtime",
    "used",
    "windows_subsystem",
];

/// Attributes of procedural macros.
pub(super) const PROCEDURAL: &[&str] = &["proc_macro", "proc_macro_attribute", "proc_macro_derive", "crate_type"];

/// Modules of the standard library, some with a twin in tokio, that an exercise must allow.
pub(super) const MODULES: &[&str] = &["env", "fs", "net", "os", "process"];

/// What is plain data in these modules.
pub(super) const DATA: &[(&str, &str)] = &[
    ("net", "AddrParseError"),
    ("net", "IpAddr"),
    ("net", "Ipv4Addr"),
    ("net", "Ipv6Addr"),
    ("net", "SocketAddr"),
    ("net", "SocketAddrV4"),
    ("net", "SocketAddrV6"),
    ("process", "ExitCode"),
    ("process", "Termination"),
];

/// Whether a module holds some plain data.
pub(super) fn has_data(module: &str) -> bool {
    DATA.iter().any(|(known, _)| *known == module)
}

/// Functions that touch the panic hook.
pub(super) const HOOKS: &[&str] = &["set_hook", "take_hook", "update_hook"];

/// Names that begin a path and are no crate.
pub(super) const HEADS: &[&str] = &[
    "crate",
    "self",
    "super",
    "Self",
    "std",
    "core",
    "alloc",
    "bool",
    "char",
    "str",
    "f32",
    "f64",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "proc_macro",
];
