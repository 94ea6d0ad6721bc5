//! Our own program, run as its users run it.

use std::io::Write;
use std::process::{Command, Stdio};

use super::TestService;

/// Runs `liaison-tracker user …` on the service's database; what it printed.
pub fn run_user(service: &TestService, arguments: &[&str], input: &str) -> String {
    let (is_done, said) = try_user(service, arguments, input);
    assert!(is_done, "{arguments:?}: {said}");
    said
}

pub fn try_user(service: &TestService, arguments: &[&str], input: &str) -> (bool, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_liaison-tracker"))
        .arg("user")
        .args(arguments)
        .env("DATABASE_URL", &service.database.url)
        .env("LIAISON_LOG", "error")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("input").write_all(input.as_bytes()).expect("input");
    let output = child.wait_with_output().expect("the program ends");
    let said = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.success(), String::from_utf8(said).expect("text"))
}
