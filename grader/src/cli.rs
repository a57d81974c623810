//! The command line: arguments, dispatch, the table of exit codes.
