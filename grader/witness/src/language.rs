//! The macro that declares an exercise's script language.

/// Declares a script language: a trait whose methods take `&mut self` and plain data and return plain data.
///
/// After `=>` stands the line of Rust that does the step, as a format string over the arguments, or as a block that gives a `String`.
///
/// ```
/// witness::language! {
///     /// Counters by number.
///     pub trait Counters {
///         /// Adds to a counter.
///         fn add(c: u8, by: u64) => "c{c}.add({by});";
///         /// Reads a counter.
///         fn value(c: u8) -> u64 => "c{c}.value()";
///     }
/// }
/// assert_eq!(steps::add(0, 3).to_string(), "c0.add(3);");
/// ```
///
/// It makes the trait, `Step` (one variant a step), `Seen` (one variant a step, holding what it returned), `steps` (a constructor for each
/// step), `Script` (the language as a type), `STEPS` (their names) and `serve` (what a runner calls with a maker of worlds).
#[macro_export]
macro_rules! language {
    (
        $(#[$about:meta])*
        pub trait $Trait:ident {
            $( $(#[$doc:meta])* fn $step:ident ( $($arg:ident : $ty:ty),* $(,)? ) $(-> $ret:ty)? => $text:tt ; )*
        }
    ) => {
        $(#[$about])*
        pub trait $Trait {
            $( $(#[$doc])* fn $step(&mut self, $($arg: $ty),*) $(-> $ret)?; )*
        }

        /// One step of a script.
        #[derive(Debug, Clone, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[allow(non_camel_case_types, missing_docs, reason = "variants are named like the steps")]
        pub enum Step { $( $step { $($arg: $ty),* } ),* }

        /// What a step returned.
        #[derive(Debug, Clone, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[allow(non_camel_case_types, missing_docs, reason = "variants are named like the steps")]
        pub enum Seen { $( $step($crate::language!(@returned $($ret)?)) ),* }

        /// Makes steps.
        pub mod steps {
            #[allow(unused_imports, reason = "a language may use no type of its own")]
            use super::*;
            $( $(#[$doc])* #[must_use] pub fn $step($($arg: $ty),*) -> Step { Step::$step { $($arg),* } } )*
        }

        impl ::std::fmt::Display for Step {
            #[allow(unused_variables, reason = "a text need not mention every argument")]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self { $( Self::$step { $($arg),* } => f.write_str(&$crate::language!(@text $text)) ),* }
            }
        }

        /// The language as a type.
        #[derive(Debug, Clone, Copy)]
        pub struct Script;

        impl $crate::Language for Script {
            type Step = Step;
            type Seen = Seen;
            type World = dyn $Trait;

            fn perform(world: &mut Self::World, step: Step) -> Seen {
                match step { $( Step::$step { $($arg),* } => Seen::$step(world.$step($($arg),*)) ),* }
            }

            fn show(seen: &Seen) -> String {
                let text = match seen { $( Seen::$step(value) => format!("{value:?}") ),* };
                if text == "()" { String::new() } else { text }
            }
        }

        /// The names of all steps.
        pub const STEPS: &[&str] = &[$(stringify!($step)),*];

        /// Answers scripts on this process's channel until there are no more.
        pub fn serve(world: fn() -> Box<dyn $Trait>) -> ::std::io::Result<()> {
            $crate::serve::<Script>(world)
        }
    };
    (@returned) => { () };
    (@returned $ret:ty) => { $ret };
    (@text $text:literal) => { format!($text) };
    (@text $text:block) => { $text };
}
