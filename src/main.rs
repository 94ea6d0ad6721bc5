//! Parses the command line, installs the TLS provider, runs one command.

use clap::Parser;
use liaison_tracker::commands::{self, Command};

#[derive(Parser)]
#[command(
    name = "liaison-tracker",
    version,
    about = "Liaison statements between standards organizations: recorded, checked, posted, mailed and found"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> std::process::ExitCode {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("the TLS provider was installed twice");
        return std::process::ExitCode::FAILURE;
    }
    commands::run(Arguments::parse().command)
}
