//! What a test function runs on: nothing, or one of the runtimes that `#[tokio::test]` starts.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, Error, LitBool, LitInt, LitStr, Meta};

/// What a public check runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    /// `#[test]`: the thread that calls it.
    Sync,
    /// `#[tokio::test]`: one thread, real time.
    CurrentThread,
    /// `#[tokio::test(start_paused = true)]`: one thread, a clock that moves when everything waits.
    Paused,
    /// `#[tokio::test(flavor = "multi_thread", worker_threads = 4)]`.
    MultiThread {
        /// How many threads run tasks.
        workers: usize,
    },
}

/// Worker threads of a multi-thread check that does not say how many; the machine's number would make verdicts depend on it.
const WORKERS: usize = 2;

/// The most worker threads that a check may ask for.
const MOST_WORKERS: usize = 16;

impl Flavor {
    /// The flavor that a test attribute asks for.
    pub(super) fn of(attribute: &Attribute) -> Result<Self, Error> {
        let path = attribute.path();
        let wrong = |message: &str| Err(Error::new_spanned(path, message));
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        match (
            segments.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
            &attribute.meta,
        ) {
            (["test"], Meta::Path(_)) => Ok(Self::Sync),
            (["tokio", "test"], Meta::Path(_)) => Ok(Self::CurrentThread),
            (["tokio", "test"], Meta::List(_)) => Self::of_tokio(attribute),
            _ => wrong("the grader knows `#[test]` and `#[tokio::test]`; write one of them"),
        }
    }

    fn of_tokio(attribute: &Attribute) -> Result<Self, Error> {
        let (mut multi_thread, mut workers, mut paused) = (false, None, false);
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("flavor") {
                multi_thread = is_multi_thread(&meta)?;
            } else if meta.path.is_ident("worker_threads") {
                workers = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?);
            } else if meta.path.is_ident("start_paused") {
                paused = meta.value()?.parse::<LitBool>()?.value;
            } else {
                return Err(meta.error("the grader knows `flavor`, `worker_threads` and `start_paused`; use these"));
            }
            Ok(())
        })?;
        let wrong = |message: &str| Err(Error::new_spanned(attribute.path(), message));
        match (multi_thread, workers, paused) {
            (true, _, true) => wrong("`start_paused` needs one thread; take `flavor` away"),
            (true, workers, false) => match workers.unwrap_or(WORKERS) {
                workers @ 1..=MOST_WORKERS => Ok(Self::MultiThread { workers }),
                _ => wrong("`worker_threads` is from 1 to 16"),
            },
            (false, Some(_), _) => wrong("`worker_threads` needs `flavor = \"multi_thread\"`"),
            (false, None, true) => Ok(Self::Paused),
            (false, None, false) => Ok(Self::CurrentThread),
        }
    }

    /// Whether the check is an `async fn`.
    pub fn is_async(self) -> bool {
        self != Self::Sync
    }

    /// An expression of type `fn()` that runs the function at `path`.
    pub(super) fn entry(self, path: &str) -> String {
        match self {
            Self::Sync => path.to_owned(),
            Self::CurrentThread => format!("|| witness::aio::current_thread({path}())"),
            Self::Paused => format!("|| witness::aio::paused({path}())"),
            Self::MultiThread { workers } => format!("|| witness::aio::multi_thread({workers}, {path}())"),
        }
    }
}

fn is_multi_thread(meta: &ParseNestedMeta<'_>) -> Result<bool, Error> {
    let flavor: LitStr = meta.value()?.parse()?;
    match flavor.value().as_str() {
        "multi_thread" => Ok(true),
        "current_thread" => Ok(false),
        _ => Err(Error::new(
            flavor.span(),
            "`flavor` is \"current_thread\" or \"multi_thread\"",
        )),
    }
}
