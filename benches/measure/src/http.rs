//! A small HTTP/1.1 client that keeps its connection: enough for a server of ours on loopback.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection.
pub struct Connection {
    stream: TcpStream,
    /// Read and not yet used.
    read: Vec<u8>,
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Names in lower case; of repeated ones the last.
    pub headers: BTreeMap<String, String>,
    /// Bytes of status line and headers.
    pub head_bytes: usize,
    /// Bytes of the body as they were sent, without the framing of chunks.
    pub body_bytes: usize,
    /// From asking to the end of the headers.
    pub head_after: Duration,
    /// The body, where it was asked for.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The bytes of a request by GET; headers as `Name: value` lines.
pub fn get(path: &str, headers: &[&str]) -> Vec<u8> {
    let mut request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n");
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    request.into_bytes()
}

/// The bytes of a request by POST.
pub fn post(path: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut request = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    [request.as_bytes(), body].concat()
}

/// One request on a connection of its own.
pub async fn once(port: u16, request: &[u8]) -> anyhow::Result<Answer> {
    Connection::open(port).await?.ask(request, true).await
}

impl Connection {
    /// Connects.
    pub async fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(65_536) })
    }

    /// Asks, and reads the answer to its end; keeps the body if that is wanted.
    pub async fn ask(&mut self, request: &[u8], keeps_body: bool) -> anyhow::Result<Answer> {
        let begun = Instant::now();
        self.stream.write_all(request).await?;
        let mut answer = self.head().await?;
        answer.head_after = begun.elapsed();
        if answer.headers.get("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            loop {
                let line = self.line().await?;
                let size = usize::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16).context("a chunk's size")?;
                self.body(size, keeps_body, &mut answer).await?;
                ensure!(self.line().await?.is_empty(), "a chunk that does not end");
                if size == 0 {
                    break;
                }
            }
        } else if let Some(length) = answer.headers.get("content-length") {
            let length = length.parse()?;
            self.body(length, keeps_body, &mut answer).await?;
        }
        Ok(answer)
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        if self.stream.read_buf(&mut self.read).await? == 0 {
            bail!("the connection ended within an answer");
        }
        Ok(())
    }

    async fn line(&mut self) -> anyhow::Result<String> {
        loop {
            if let Some(end) = self.read.windows(2).position(|two| two == b"\r\n") {
                let line = String::from_utf8_lossy(&self.read[..end]).into_owned();
                self.read.drain(..end + 2);
                return Ok(line);
            }
            self.more().await?;
        }
    }

    async fn head(&mut self) -> anyhow::Result<Answer> {
        let end = loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.read[..end]).into_owned();
        self.read.drain(..end);
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok()).context("a status")?;
        let headers = lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
        Ok(Answer { status, headers, head_bytes: end, ..Answer::default() })
    }

    async fn body(&mut self, mut length: usize, keeps: bool, answer: &mut Answer) -> anyhow::Result<()> {
        answer.body_bytes += length;
        while length > 0 {
            if self.read.is_empty() {
                self.more().await?;
            }
            let here = length.min(self.read.len());
            if keeps {
                answer.body.extend_from_slice(&self.read[..here]);
            }
            self.read.drain(..here);
            length -= here;
        }
        Ok(())
    }
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
