//! The `moulinette` program: parse, run, exit.

use std::process::ExitCode;

use moulinette::cli;
use moulinette::system::jail;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == jail::ARGUMENT) {
        return jail::main(arguments);
    }
    cli::main()
}
