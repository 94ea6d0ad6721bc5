//! Our own program, serving, as a browser or a monitor meets it.

use std::fs::{self, File};
use std::net::TcpListener;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// `liaison-tracker serve` in a process of its own; ended with the test.
pub struct Server {
    pub child: Child,
    pub address: String,
    folder: TempDir,
}

/// An answer, as far as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// Takes apart what came; none: not even a whole head.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let head_end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        Some(Self { status, headers, body: bytes[head_end + 4..].to_vec() })
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

impl Server {
    /// Starts it with these variables; it may not be ready yet.
    pub fn start(variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let address = format!("127.0.0.1:{}", free_port());
        let log = File::create(folder.path().join("log")).expect("a log");
        let child = Command::new(env!("CARGO_BIN_EXE_liaison-tracker"))
            .arg("serve")
            .env_remove("DATABASE_URL")
            .env("LIAISON_LISTEN", &address)
            .env("LIAISON_BASE_URL", format!("http://{address}"))
            .env("LIAISON_LOG", "info")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        Self { child, address, folder }
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).expect("a log")
    }

    pub async fn get(&self, path: &str) -> Option<Answer> {
        self.ask("GET", path, &[], "").await
    }

    /// Asks at another address of the program's.
    pub async fn ask_at(&self, address: &str, path: &str) -> Option<Answer> {
        Self::ask_there(address, "GET", path, &[], "").await
    }

    /// Sends one request on a connection of its own. None: nobody listens.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], form: &str) -> Option<Answer> {
        Self::ask_there(&self.address, method, path, headers, form).await
    }

    async fn ask_there(address: &str, method: &str, path: &str, headers: &[(&str, &str)], form: &str) -> Option<Answer> {
        let mut stream = TcpStream::connect(address).await.ok()?;
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\n", address);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if method == "POST" {
            request.push_str(&format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n", form.len()));
        }
        request.push_str("\r\n");
        request.push_str(form);
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "{method} {path}: no end of the answer");
        Answer::read(&answer)
    }

    /// Memory that the process holds, in bytes.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a running process on Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line of memory");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
    }

    /// A connection with this much already sent.
    pub async fn connect(&self, sent: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).await.expect("a connection");
        stream.write_all(sent).await.expect("sent");
        stream
    }

    /// Waits until `/readyz` has this status; how long that took.
    pub async fn wait_for(&mut self, status: u16, patience: Duration) -> Duration {
        let begun = Instant::now();
        loop {
            if let Some(answer) = self.get("/readyz").await
                && answer.status == status
            {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < patience, "not {status} within {patience:?}:\n{}", self.log());
            assert!(self.child.try_wait().expect("a process").is_none(), "it ended:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Sends a signal, as `kill` does.
    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).expect("an id")), signal).expect("a signal");
    }

    /// Waits for its end.
    pub async fn ended(&mut self, patience: Duration) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a process") {
                return status;
            }
            assert!(begun.elapsed() < patience, "still running after {patience:?}:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
