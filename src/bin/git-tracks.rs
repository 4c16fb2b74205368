//! `git tracks`: the same program under the name that Git looks for.

fn main() -> std::process::ExitCode {
    tracks::commands::main(std::env::args_os())
}
