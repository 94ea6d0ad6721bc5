//! A mail server that answers as the test tells it, on loopback.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// Where in the conversation the server is about to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Banner,
    Ehlo,
    Auth,
    Mail,
    Rcpt,
    Data,
    AfterDot,
}

impl Stage {
    /// Those that each mail comes by; the server is not always asked to let somebody in.
    pub const ALL: [Self; 6] = [Self::Banner, Self::Ehlo, Self::Mail, Self::Rcpt, Self::Data, Self::AfterDot];
}

/// How the server behaves from now on, in open conversations too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    Ok,
    /// Answers with this code and these words.
    Reply(Stage, u16, &'static str),
    /// Refuses this recipient with this code, and takes the others.
    Refuse(String, u16),
    /// Refuses each of these recipients with its code, and takes the others.
    RefuseEach(Vec<(&'static str, u16)>),
    /// Waits so long before each answer.
    Slow(Duration),
    /// Waits so long before each letter of an answer.
    Trickle(Duration),
    /// Never answers.
    Hang(Stage),
    /// Never answers to this recipient.
    HangFor(String),
    /// Asks for the text and then reads nothing of it.
    Deaf,
    /// Cuts the line instead of an answer.
    Drop(Stage),
    /// Cuts the line instead of an answer to this recipient.
    DropFor(String),
    /// Closes the line after each mail it took.
    OneEach,
    /// Says 421 to the second mail of a conversation, and closes.
    OneEachPolitely,
    /// Refuses texts of more bytes, once it has them.
    Limit(usize),
    /// Names this limit in its greeting, and refuses larger mails as soon as it hears their size.
    Size(usize),
    /// Keeps the mail, but cuts the line before it says so.
    DropAfterDot,
}

/// A mail that the server took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What the client called itself.
    pub client: String,
    pub from: String,
    pub to: Vec<String>,
    /// Headers and body as sent, the dots of the transfer taken away.
    pub data: String,
    pub at: Instant,
}

/// The server; it ends when it is dropped.
pub struct SmtpServer {
    pub port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// When the conversation is encrypted.
#[derive(Clone)]
pub enum Tls {
    Never,
    /// From the first byte.
    Always(TlsAcceptor),
    /// By STARTTLS.
    Offered(TlsAcceptor),
}

struct Shared {
    mode: Mutex<Mode>,
    tls: Tls,
    smtputf8: AtomicBool,
    conversations: AtomicUsize,
    received: Mutex<Vec<Received>>,
    heard: Mutex<Vec<String>>,
}

impl SmtpServer {
    pub async fn start() -> Self {
        Self::with(TcpListener::bind("127.0.0.1:0").await.unwrap(), Tls::Never)
    }

    /// On a port that was kept for it.
    pub fn on(listener: TcpListener) -> Self {
        Self::with(listener, Tls::Never)
    }

    pub async fn encrypted(tls: Tls) -> Self {
        Self::with(TcpListener::bind("127.0.0.1:0").await.unwrap(), tls)
    }

    fn with(listener: TcpListener, tls: Tls) -> Self {
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            mode: Mutex::new(Mode::Ok),
            tls,
            smtputf8: AtomicBool::new(true),
            conversations: AtomicUsize::new(0),
            received: Mutex::default(),
            heard: Mutex::default(),
        });
        let for_all = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            let mut conversations = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&for_all);
                shared.conversations.fetch_add(1, Ordering::Relaxed);
                conversations.spawn(async move {
                    let stream: Box<dyn Line> = match &shared.tls {
                        Tls::Always(acceptor) => Box::new(acceptor.accept(stream).await?),
                        _ => Box::new(stream),
                    };
                    Conversation { stream: BufReader::new(stream), shared }.hold().await
                });
            }
        });
        Self { port, shared, task }
    }

    /// How many conversations were begun so far.
    pub fn conversations(&self) -> usize {
        self.shared.conversations.load(Ordering::Relaxed)
    }

    /// The first words of all lines heard so far, the texts' left out.
    pub fn heard(&self) -> Vec<String> {
        self.shared.heard.lock().unwrap().clone()
    }

    pub fn set(&self, mode: Mode) {
        *self.shared.mode.lock().unwrap() = mode;
    }

    /// Whether the server offers SMTPUTF8, as it does at first.
    pub fn set_smtputf8(&self, offered: bool) {
        self.shared.smtputf8.store(offered, Ordering::Relaxed);
    }

    /// All mails taken so far, the oldest first.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// The same, once there are at least so many; fails the test after ten seconds.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let begun = Instant::now();
        while self.received().len() < count {
            let so_far = self.received();
            assert!(begun.elapsed() < Duration::from_secs(10), "waited for {count} mails, got {so_far:#?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.received()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a conversation goes over.
trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

struct Conversation {
    stream: BufReader<Box<dyn Line>>,
    shared: Arc<Shared>,
}

impl Conversation {
    /// Ends with an error when either side cuts the line.
    async fn hold(mut self) -> io::Result<()> {
        let (mut client, mut from, mut to, mut mails) = (String::new(), String::new(), Vec::new(), 0);
        self.answer(Stage::Banner, 220, "localhost ready").await?;
        loop {
            let line = self.line().await?;
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let command = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            self.shared.heard.lock().unwrap().push(command.clone());
            match command.as_str() {
                "EHLO" | "HELO" => {
                    client = line.split(' ').nth(1).unwrap_or_default().to_owned();
                    self.answer(Stage::Ehlo, 250, &self.greeting()).await?;
                }
                "STARTTLS" => {
                    let Tls::Offered(acceptor) = self.shared.tls.clone() else { return self.say(502, "not offered").await };
                    self.say(220, "go ahead").await?;
                    let encrypted: Box<dyn Line> = Box::new(acceptor.accept(self.stream.into_inner()).await?);
                    self.stream = BufReader::new(encrypted);
                }
                "AUTH" => {
                    self.answer(Stage::Auth, 235, "welcome").await?;
                }
                "MAIL" if self.mode() == Mode::OneEachPolitely && mails > 0 => return self.say(421, "one mail each").await,
                "MAIL" if matches!(self.mode(), Mode::Size(most) if size(&line) > most) => self.say(552, "5.3.4 message too big").await?,
                "MAIL" => {
                    from = address(&line);
                    self.answer(Stage::Mail, 250, "sender ok").await?;
                }
                "RCPT" => {
                    let one = address(&line);
                    let refused = match self.mode() {
                        Mode::Refuse(address, code) if address == one => Some(code),
                        Mode::RefuseEach(refused) => refused.into_iter().find(|(address, _)| *address == one).map(|(_, code)| code),
                        Mode::HangFor(address) if address == one => std::future::pending().await,
                        Mode::DropFor(address) if address == one => return Err(io::ErrorKind::ConnectionAborted.into()),
                        _ => None,
                    };
                    match refused {
                        Some(code) => self.say(code, "no such address").await?,
                        None if self.answer(Stage::Rcpt, 250, "recipient ok").await? => to.push(one),
                        None => {}
                    }
                }
                "DATA" if to.is_empty() => self.say(503, "no recipients").await?,
                "DATA" => {
                    if self.answer(Stage::Data, 354, "go ahead").await? {
                        if self.mode() == Mode::Deaf {
                            std::future::pending::<()>().await;
                        }
                        let data = self.data().await?;
                        let to = std::mem::take(&mut to);
                        self.end(Received { client: client.clone(), from: from.clone(), to, data, at: Instant::now() }).await?;
                        mails += 1;
                        if self.mode() == Mode::OneEach {
                            return Ok(());
                        }
                    }
                }
                "RSET" => {
                    to.clear();
                    self.say(250, "reset").await?;
                }
                "NOOP" => self.say(250, "ok").await?,
                "QUIT" => return self.say(221, "bye").await,
                _ => self.say(502, "not known here").await?,
            }
        }
    }

    async fn end(&mut self, mail: Received) -> io::Result<()> {
        if let Mode::Limit(bytes) | Mode::Size(bytes) = self.mode()
            && mail.data.len() > bytes
        {
            return self.say(552, "message too big").await;
        }
        let keeps = !matches!(self.mode(), Mode::Reply(Stage::AfterDot, code, _) if code >= 400)
            && !matches!(self.mode(), Mode::Hang(Stage::AfterDot) | Mode::Drop(Stage::AfterDot));
        if keeps {
            self.shared.received.lock().unwrap().push(mail);
        }
        if self.mode() == Mode::DropAfterDot {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        self.answer(Stage::AfterDot, 250, "taken").await?;
        Ok(())
    }

    /// Whether the answer was the one given, or at least one as good.
    async fn answer(&mut self, stage: Stage, code: u16, words: &str) -> io::Result<bool> {
        match self.mode() {
            Mode::Reply(at, other, words) if at == stage => {
                self.say(other, words).await?;
                return Ok(other < 400);
            }
            Mode::Hang(at) if at == stage => std::future::pending().await,
            Mode::Drop(at) if at == stage => return Err(io::ErrorKind::ConnectionAborted.into()),
            Mode::Slow(time) => tokio::time::sleep(time).await,
            _ => {}
        }
        self.say(code, words).await?;
        Ok(true)
    }

    /// A line of words is a line of the answer.
    async fn say(&mut self, code: u16, words: &str) -> io::Result<()> {
        let last = words.lines().count().max(1) - 1;
        let lines = words.lines().enumerate().map(|(n, line)| {
            let more = if n < last { '-' } else { ' ' };
            format!("{code}{more}{line}\r\n")
        });
        let answer = lines.collect::<String>();
        if let Mode::Trickle(time) = self.mode() {
            for byte in answer.as_bytes() {
                tokio::time::sleep(time).await;
                self.stream.write_all(&[*byte]).await?;
                self.stream.flush().await?;
            }
            return Ok(());
        }
        self.stream.write_all(answer.as_bytes()).await?;
        self.stream.flush().await
    }

    async fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        match self.stream.read_until(b'\n', &mut line).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line),
        }
    }

    async fn data(&mut self) -> io::Result<String> {
        let mut data = Vec::new();
        loop {
            let line = self.line().await?;
            if line == b".\r\n" {
                return Ok(String::from_utf8_lossy(&data).into_owned());
            }
            data.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    fn greeting(&self) -> String {
        let utf8 = if self.shared.smtputf8.load(Ordering::Relaxed) { "\nSMTPUTF8" } else { "" };
        let starttls = if matches!(self.shared.tls, Tls::Offered(_)) { "\nSTARTTLS" } else { "" };
        let size = if let Mode::Size(most) = self.mode() { most } else { 36_700_160 };
        format!("localhost\nSIZE {size}\nAUTH PLAIN LOGIN\n8BITMIME{utf8}{starttls}")
    }

    fn mode(&self) -> Mode {
        self.shared.mode.lock().unwrap().clone()
    }
}

/// `MAIL FROM:<chair@example.org> SIZE=7`: what stands between the angles.
fn address(line: &str) -> String {
    let start = line.find('<').map_or(0, |at| at + 1);
    let end = line.find('>').unwrap_or(line.len());
    line[start..end.max(start)].to_owned()
}

/// `MAIL FROM:<chair@example.org> SIZE=7`: the number of bytes; 0: not said.
fn size(line: &str) -> usize {
    line.split(' ').find_map(|word| word.strip_prefix("SIZE=")).map_or(0, |bytes| bytes.parse().unwrap())
}
