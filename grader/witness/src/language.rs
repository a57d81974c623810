//! The macro that declares an exercise's script language.

/// Declares a script language: a trait whose methods take `&mut self` and plain data and return plain data.
///
/// After `=>` stands the line of Rust that does the step, as a format string over the arguments, or as a block that gives a `String` (there they are
/// references). The [crate documentation](crate) has an example.
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
        #[derive(Debug, Clone, PartialEq, $crate::macros::serde::Serialize, $crate::macros::serde::Deserialize)]
        #[serde(crate = "witness::macros::serde")]
        #[allow(non_camel_case_types, missing_docs, reason = "variants are named like the steps")]
        pub enum Step { $( $step { $($arg: $ty),* } ),* }

        /// What a step returned.
        #[derive(Debug, Clone, PartialEq, $crate::macros::serde::Serialize, $crate::macros::serde::Deserialize)]
        #[serde(crate = "witness::macros::serde")]
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

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use crate::Language;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub enum Refusal {
        Full,
    }

    witness::language! {
        /// Counters.
        pub trait Counters {
            /// Adds.
            fn add(c: u8, amount: u64, note: String) -> Result<u64, Refusal> => "c{c}.add({amount}, {note:?});";
            /// Resets, and tells nothing.
            fn reset(c: u8) => { format!("c{}.reset();", c + 1) };
            /// Takes nothing.
            fn total() -> u64 => "total() // {{}}";
        }
    }

    #[derive(Default)]
    struct World(u64);

    impl Counters for World {
        fn add(&mut self, _: u8, amount: u64, _: String) -> Result<u64, Refusal> {
            self.0 += amount;
            if self.0 > 10 { Err(Refusal::Full) } else { Ok(self.0) }
        }
        fn reset(&mut self, _: u8) {
            self.0 = 0;
        }
        fn total(&mut self) -> u64 {
            self.0
        }
    }

    #[test]
    fn steps_are_calls_and_lines_and_answers() {
        let mut world = World::default();
        let mut played = Vec::new();
        for step in [
            steps::add(1, 7, "a".into()),
            steps::total(),
            steps::reset(1),
            steps::add(0, 11, String::new()),
        ] {
            let line = step.to_string();
            played.push(format!(
                "{line} -> {}",
                Script::show(&Script::perform(&mut world, step))
            ));
        }
        let expected = [
            "c1.add(7, \"a\"); -> Ok(7)",
            "total() // {} -> 7",
            "c2.reset(); -> ",
            "c0.add(11, \"\"); -> Err(Full)",
        ];
        assert_eq!(played, expected);
        assert_eq!(STEPS, ["add", "reset", "total"]);
        // Without a channel there is nobody to serve.
        let _: fn(_) -> _ = serve;
    }
}
