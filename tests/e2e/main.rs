//! End-to-end tests: the real program over sample submissions, broken courses and machines that lack things.

mod cards; // what a scorecard holds, and that it is the same twice
mod cli; // the command line: output, messages, exit status
mod clock; // a machine whose date jumps
mod faults; // machines that fail, and many graders at once
mod hostile; // attacks: contained, forging nothing, leaving nothing
mod kits; // kits that are interrupted, or built by two at once
mod offline; // grading without cargo and without a network
mod partial; // a missing public item costs only the checks that need it
mod policy; // what the policy refuses is not run, and what it only prices is graded
mod samples; // every sample submission gets its expected verdicts and points
mod sandbox; // what is said of the sandbox, and what a killed grader leaves
mod schema; // a reader of JSON Schemas, for the tests of cards
mod signals; // graders that are interrupted or killed
mod support; // the program, its cache, the repository
mod tidy; // the rules of the repository that no lint knows
