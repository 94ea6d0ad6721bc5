//! One conversation with the mail server, command by command, each with its time limit.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::server::{Limits, Security, Server};

/// Why a delivery did not come about, in the server's words where it had any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No server to talk to: nothing is known about this mail.
    NoServer(String),
    /// User or password are wrong, or asked for and not configured: nothing can be sent at all.
    Credentials(String),
    /// Try again: 4xx, or the connection broke, perhaps after the final dot.
    Later(String),
    /// The connection that was kept for the next mail is gone; nothing was begun.
    Stale(String),
    /// 5xx: this recipient can't have this mail.
    Refused(String),
    /// The mail is larger than the server takes; a shorter one it may take.
    TooLarge(String),
}

/// A server that knows who we are, ready for mail after mail.
pub struct Conversation {
    connection: AsyncSmtpConnection,
    limits: Limits,
    hello: ClientId,
    is_used: bool,
    /// The most bytes that the server says it takes, once it was asked.
    largest: Option<Largest>,
}

/// What a server says of the size of mails (RFC 1870).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Largest {
    /// Nothing.
    Unsaid,
    /// Any may be tried.
    Any,
    /// No mail of more bytes.
    Bytes(usize),
}

impl Conversation {
    /// Connects, encrypts, says who we are.
    ///
    /// # Errors
    /// What went wrong, for this attempt or for all mail.
    pub async fn open(server: &Server, our_host: &str) -> Result<Self, Fault> {
        let hello = hello(our_host);
        let Limits { connect: connect_limit, command, .. } = server.limits;
        let mut connection = match server.security {
            Security::Tls => {
                let tls = tls_parameters(&server.host).await?;
                let connecting =
                    AsyncSmtpConnection::connect_tokio1((server.host.as_str(), server.port), Some(connect_limit), &hello, Some(tls), None);
                bounded(command + connect_limit, "the connection by TLS", connecting).await.map_err(opening)?
            }
            Security::Plain | Security::StartTls => {
                let stream = connect(server).await.map_err(Fault::NoServer)?;
                let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello);
                bounded(command, "the connection", greeting).await.map_err(opening)?
            }
        };
        if server.security == Security::StartTls {
            if !connection.can_starttls() {
                let _ = timeout(Duration::from_secs(2), connection.command(Quit)).await;
                return Err(Fault::NoServer("the server offers no STARTTLS, and LIAISON_SMTP_URL requires TLS; nothing was sent".to_owned()));
            }
            let tls = tls_parameters(&server.host).await?;
            // whatever is wrong with TLS: later, and never without
            bounded(command, "STARTTLS", connection.starttls(tls, &hello)).await.map_err(|cut| Fault::NoServer(cut.words))?;
        }
        if server.security != Security::Plain && !connection.is_encrypted() {
            return Err(Fault::NoServer("the connection is not encrypted, and LIAISON_SMTP_URL requires TLS; nothing was sent".to_owned()));
        }
        if let Some((user, password)) = &server.credentials {
            let credentials = Credentials::new(user.clone(), password.clone());
            let asking = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
            bounded(command, "AUTH", asking).await.map_err(|cut| match cut.kind {
                CutKind::Permanent | CutKind::Ours => Fault::Credentials(cut.words),
                CutKind::Transient | CutKind::Broken => Fault::NoServer(cut.words),
            })?;
        }
        Ok(Self { connection, limits: server.limits, hello, is_used: false, largest: None })
    }

    /// Says from whom and to whom, up to where the text may follow; of a large mail also its size in bytes.
    ///
    /// # Errors
    /// What became of it; afterwards [`Conversation::begin_anew`] tells whether the conversation can go on.
    pub async fn begin(&mut self, from: &Address, to: &Address, size: Option<usize>) -> Result<(), Fault> {
        let is_reused = std::mem::replace(&mut self.is_used, true);
        let limit = self.limits.command;
        let mut parameters = Vec::new();
        if let Some(bytes) = size {
            match self.largest(is_reused).await? {
                Largest::Bytes(most) if bytes > most => {
                    return Err(Fault::TooLarge(format!("the mail server takes at most {most} bytes, and the mail has {bytes}")));
                }
                Largest::Any | Largest::Bytes(_) => parameters.push(MailParameter::Size(bytes)),
                Largest::Unsaid => {}
            }
        }
        if !to.to_string().is_ascii() || !from.to_string().is_ascii() {
            if !self.connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Fault::Refused(format!(
                    "{to} has letters outside ASCII before the @, and the mail server can't take such addresses (no SMTPUTF8)"
                )));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let mail = Mail::new(Some(from.clone()), parameters);
        bounded(limit, "MAIL FROM", self.connection.command(mail)).await.map_err(|cut| match cut {
            Cut { code: 530, words, .. } => Fault::Credentials(words),
            Cut { kind: CutKind::Broken, words, .. } | Cut { code: 421, words, .. } if is_reused => Fault::Stale(words),
            cut => cut.into(),
        })?;
        bounded(limit, "RCPT TO", self.connection.command(Rcpt::new(to.clone(), Vec::new()))).await?;
        bounded(limit, "DATA", self.connection.command(Data)).await?;
        Ok(())
    }

    /// What the server says of sizes; its first greeting is not kept by the library, so it is asked again, once.
    async fn largest(&mut self, is_reused: bool) -> Result<Largest, Fault> {
        if let Some(largest) = self.largest {
            return Ok(largest);
        }
        let asked = bounded(self.limits.command, "EHLO", self.connection.command(Ehlo::new(self.hello.clone()))).await;
        let largest = match asked {
            Ok(answer) => largest(answer.message()),
            Err(Cut { kind: CutKind::Broken, words, .. } | Cut { code: 421, words, .. }) if is_reused => return Err(Fault::Stale(words)),
            Err(Cut { kind: CutKind::Broken, words, .. }) => return Err(Fault::Later(words)),
            Err(_) => Largest::Unsaid,
        };
        self.largest = Some(largest);
        Ok(largest)
    }

    /// Hands over the text of the mail that was begun; answers with the server's words.
    ///
    /// # Errors
    /// What became of it; if the connection broke, the server may have taken it all the same.
    pub async fn finish(&mut self, content: &[u8]) -> Result<String, Fault> {
        // the line break before the final dot belongs to the content
        let content = content.strip_suffix(b"\r\n").unwrap_or(content);
        let answer = bounded(self.limits.content, "the text", self.connection.message(content)).await?;
        let text: Vec<&str> = answer.message().collect();
        Ok(one_line(&format!("{} {}", answer.code(), text.join(" "))))
    }

    /// Makes the server forget a mail that was begun; false: the conversation is over.
    pub async fn begin_anew(&mut self) -> bool {
        !self.connection.has_broken() && bounded(self.limits.command, "RSET", self.connection.command(Rset)).await.is_ok()
    }

    /// Takes leave.
    pub async fn close(mut self) {
        let _ = timeout(Duration::from_secs(2), self.connection.command(Quit)).await;
    }
}

/// Nagle's algorithm off: lettre writes text and final dot apart, and the second would wait 40 ms for an answer.
async fn connect(server: &Server) -> Result<TcpStream, String> {
    let place = format!("{} port {}", server.host, server.port);
    let addresses = match timeout(server.limits.connect, tokio::net::lookup_host((server.host.as_str(), server.port))).await {
        Err(_) => return Err(format!("{place}: the name server does not answer")),
        Ok(Err(error)) => return Err(format!("{place}: {error}")),
        Ok(Ok(addresses)) => addresses,
    };
    let mut words = format!("{place}: no address");
    for address in addresses.take(4) {
        match timeout(server.limits.connect, TcpStream::connect(address)).await {
            Err(_) => words = format!("{place}: no connection within {} seconds", server.limits.connect.as_secs()),
            Ok(Err(error)) => words = format!("{place}: {error}"),
            Ok(Ok(stream)) => {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
        }
    }
    Err(words)
}

/// Reads the system's certificates, which may have been renewed since the last time.
async fn tls_parameters(host: &str) -> Result<TlsParameters, Fault> {
    let host = host.to_owned();
    match tokio::task::spawn_blocking(move || TlsParameters::new(host)).await {
        Ok(Ok(parameters)) => Ok(parameters),
        Ok(Err(error)) => Err(Fault::NoServer(format!("TLS can't be used: {error}"))),
        Err(_) => Err(Fault::NoServer("TLS can't be used".to_owned())),
    }
}

fn hello(our_host: &str) -> ClientId {
    match IpAddr::from_str(our_host.trim_matches(['[', ']'])) {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(our_host.to_owned()),
    }
}

/// "SIZE 36700160" among the lines of a greeting.
fn largest<'a>(mut lines: impl Iterator<Item = &'a str>) -> Largest {
    lines
        .find_map(|line| {
            let mut words = line.split_whitespace();
            words.next().filter(|word| word.eq_ignore_ascii_case("SIZE"))?;
            Some(match words.next().and_then(|bytes| bytes.parse().ok()) {
                None | Some(0) => Largest::Any,
                Some(bytes) => Largest::Bytes(bytes),
            })
        })
        .unwrap_or(Largest::Unsaid)
}

/// Whether a refusal is about the size (RFC 5321, 4.2.2; RFC 3463, 3.4): 552, unless it says that it is about something
/// else, or 5.3.4 and 5.2.3.
fn is_about_size(code: u16, words: &str) -> bool {
    let says = |status: &str| words.split([' ', '-']).any(|word| word.starts_with(status));
    says("5.3.4") || says("5.2.3") || code == 552 && !says("5.7.")
}

/// How a command ended that did not end well.
struct Cut {
    kind: CutKind,
    code: u16,
    words: String,
}

#[derive(PartialEq, Eq)]
enum CutKind {
    Transient,
    Permanent,
    Broken,
    Ours,
}

impl From<Cut> for Fault {
    fn from(cut: Cut) -> Self {
        match cut.kind {
            CutKind::Permanent if is_about_size(cut.code, &cut.words) => Self::TooLarge(cut.words),
            CutKind::Permanent => Self::Refused(cut.words),
            CutKind::Transient | CutKind::Broken | CutKind::Ours => Self::Later(cut.words),
        }
    }
}

/// Before the server knows of a mail: 5xx is meant for it all the same (robustness.md SM02).
fn opening(cut: Cut) -> Fault {
    match cut.kind {
        CutKind::Permanent => Fault::Refused(cut.words),
        CutKind::Transient | CutKind::Broken | CutKind::Ours => Fault::NoServer(cut.words),
    }
}

async fn bounded<T>(limit: Duration, what: &str, step: impl Future<Output = Result<T, SmtpError>>) -> Result<T, Cut> {
    match timeout(limit, step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(cut(what, &error)),
        Err(_) => Err(Cut { kind: CutKind::Broken, code: 0, words: format!("no answer to {what} within {} seconds", limit.as_secs()) }),
    }
}

fn cut(what: &str, error: &SmtpError) -> Cut {
    let source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    match error.status() {
        Some(code) => {
            let code = code.to_string();
            let kind = if error.is_permanent() { CutKind::Permanent } else { CutKind::Transient };
            Cut { kind, code: code.parse().unwrap_or(0), words: one_line(&format!("{code} {source}")) }
        }
        None if error.is_client() => Cut { kind: CutKind::Ours, code: 0, words: one_line(&source) },
        None => {
            let words = tls_words(error).unwrap_or_else(|| format!("the connection broke at {what}: {source}"));
            Cut { kind: CutKind::Broken, code: 0, words: one_line(&words) }
        }
    }
}

/// What is wrong with the server's TLS, for whoever can mend it; none: nothing is.
fn tls_words(error: &SmtpError) -> Option<String> {
    use rustls::{AlertDescription, CertificateError, Error};

    let sources = std::iter::successors(std::error::Error::source(error), |source| source.source());
    let mut faults = sources.filter_map(|source| match source.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref()?.downcast_ref::<Error>(),
        None => source.downcast_ref::<Error>(),
    });
    let fault = faults.next()?;
    let why = match fault {
        Error::InvalidCertificate(fault) => match fault {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired".to_owned(),
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "its certificate is not valid yet".to_owned(),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "its certificate is for another name than LIAISON_SMTP_URL says".to_owned()
            }
            CertificateError::UnknownIssuer => "its certificate is not by an authority that is trusted here".to_owned(),
            other => format!("its certificate does not hold: {other}"),
        },
        Error::PeerIncompatible(_) | Error::AlertReceived(AlertDescription::ProtocolVersion) => "it speaks TLS of no version that is safe".to_owned(),
        other => format!("{other}"),
    };
    Some(format!("TLS with the mail server fails, so nothing was sent: {why}"))
}

/// What a server said, fit for pages and log: one line, bounded.
fn one_line(words: &str) -> String {
    let plain: String = words.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    plain.chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_says_how_large_a_mail_may_be() {
        let said = |lines: &[&'static str]| largest(lines.iter().copied());

        assert_eq!(said(&["mx.example.org", "PIPELINING", "SIZE 1000", "8BITMIME"]), Largest::Bytes(1000));
        assert_eq!(said(&["mx.example.org", "size 1000"]), Largest::Bytes(1000));
        assert_eq!(said(&["mx.example.org", "SIZE 0"]), Largest::Any);
        assert_eq!(said(&["mx.example.org", "SIZE"]), Largest::Any);
        assert_eq!(said(&["mx.example.org", "8BITMIME"]), Largest::Unsaid);
    }

    #[test]
    fn a_refusal_says_whether_it_is_about_the_size() {
        assert!(is_about_size(552, "552 message too big"));
        assert!(is_about_size(552, "552 5.3.4 Message size exceeds fixed limit"));
        assert!(is_about_size(550, "550 5.3.4 too large"));
        assert!(is_about_size(552, "552-5.3.4 too large"));
        assert!(is_about_size(550, "550 5.2.3 RecipSizeLimit"));
        assert!(!is_about_size(552, "552 5.7.0 This message was blocked because of its content"));
        assert!(!is_about_size(550, "550 no such address"));
    }
}
