//! Everything that reads what others wrote, fed with nonsense: nothing panics, nothing is unbounded, and what is accepted means something.
//!
//! An ordinary run tries a few inputs of each kind. `PROPTEST_CASES=20000 cargo test --release -p moulinette --test fuzz` tries many.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod channel;
mod compiler;
mod intake;
mod policy;
mod toml_files;

use proptest::prelude::*;

/// So many cases, unless the environment names a number. Failing inputs are printed, not kept in files.
fn cases(few: u32) -> ProptestConfig {
    let usual = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => usual,
        None => ProptestConfig { cases: few, ..usual },
    }
}

/// A text with some of its parts cut out, doubled or replaced by others, as a damaged or a half-edited file is.
fn damaged(text: &'static str, parts: &'static [&'static str]) -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..40_usize, prop::sample::select(parts));
    prop::collection::vec(edit, 0..6).prop_map(move |edits| {
        let mut text = text.to_owned();
        for (at, length, part) in edits {
            let start = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.ceil_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, part);
        }
        text
    })
}
