//! Small macros: a map literal, a family of newtypes, a check of one's own.

use std::collections::BTreeMap;

macro_rules! map_of {
    () => { BTreeMap::new() };
    ($($key:expr => $value:expr),+ $(,)?) => { BTreeMap::from([$(($key, $value)),+]) };
}

macro_rules! newtypes {
    ($($(#[$meta:meta])* $name:ident($inner:ty);)*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(pub $inner);

            impl From<$inner> for $name {
                fn from(inner: $inner) -> Self {
                    Self(inner)
                }
            }
        )*
    };
}

newtypes! {
    /// A term of an election.
    Term(u64);
    /// A place in a log, from 1.
    Index(u64);
}

macro_rules! ensure_close {
    ($left:expr, $right:expr) => {
        ensure_close!($left, $right, f64::EPSILON.sqrt())
    };
    ($left:expr, $right:expr, $within:expr) => {
        assert!(
            ($left - $right).abs() <= $within,
            "{} is not close to {}",
            $left,
            $right
        )
    };
    ($($other:tt)*) => {
        compile_error!("give two numbers and how far they may be apart")
    };
}

pub fn ranks() -> BTreeMap<&'static str, Term> {
    let std: f64 = 2.0_f64.sqrt();
    ensure_close!(std * std, 2.0);
    map_of! { "first" => Term(1), "second" => Term::from(2) }
}
