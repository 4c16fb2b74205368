//! `tracks`: collects the arguments, hands over, exits.

fn main() -> std::process::ExitCode {
    tracks::commands::main(std::env::args_os())
}
