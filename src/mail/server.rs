//! The mail server as `LIAISON_SMTP_URL` names it, and how much of the way to it must be encrypted.

use std::borrow::Cow;
use std::time::Duration;

use url::Url;

/// How the way to the server is protected. Never weakened on the way: what the URL asks for holds or nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Plain text, because the URL says so.
    Plain,
    /// STARTTLS, before anything else is said.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// Where mail is handed over.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// Name or IP address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Protection of the way.
    pub security: Security,
    /// User and password.
    pub credentials: Option<(String, String)>,
    /// How long it is waited for.
    pub limits: Limits,
}

/// How long a server is waited for (robustness.md, SMTP).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A connection to one of its addresses.
    pub connect: Duration,
    /// The answer to a command.
    pub command: Duration,
    /// Taking the text and answering.
    pub content: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), command: Duration::from_secs(30), content: Duration::from_secs(120) }
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // never the password
        write!(f, "{}:{} ({:?})", self.host, self.port, self.security)
    }
}

impl Server {
    /// Reads the URL: `smtps://`, `smtp://…?tls=required` (STARTTLS), `smtp://` or `?tls=none` (plain).
    ///
    /// A password goes over an unencrypted way only where the URL says `tls=none` itself.
    ///
    /// # Errors
    /// What to write instead; never the URL, it holds the password.
    pub fn parse(url: &str) -> Result<Self, String> {
        let forms = "write smtps://user:password@host:465, smtp://user:password@host:587?tls=required or smtp://localhost:25";
        let url = Url::parse(url).map_err(|_| forms.to_owned())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(forms)?.trim_matches(['[', ']']).to_owned();
        let mut tls = None;
        for (name, value) in url.query_pairs() {
            match &*name {
                "tls" => tls = Some(value.into_owned()),
                _ => return Err(format!("only ?tls= can follow: {forms}")),
            }
        }
        let security = match (url.scheme(), tls.as_deref()) {
            ("smtps", None | Some("required")) => Security::Tls,
            ("smtp", Some("required")) => Security::StartTls,
            ("smtp", None | Some("none")) => Security::Plain,
            ("smtp" | "smtps", Some(_)) => return Err("tls can be required or none".to_owned()),
            _ => return Err(forms.to_owned()),
        };
        let credentials = (!url.username().is_empty()).then(|| (decoded(url.username()), decoded(url.password().unwrap_or_default())));
        if credentials.is_some() && security == Security::Plain && tls.is_none() {
            return Err("a password would go unencrypted: add ?tls=required, or ?tls=none if that is meant".to_owned());
        }
        let port = url.port().unwrap_or(match security {
            Security::Plain => 25,
            Security::StartTls => 587,
            Security::Tls => 465,
        });
        Ok(Self { host, port, security, credentials, limits: Limits::default() })
    }
}

fn decoded(part: &str) -> String {
    // a plus sign is a plus sign in this part of a URL
    let pair = format!("x={}", part.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map_or_else(String::new, |(_, value): (_, Cow<'_, str>)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_says_how_the_way_is_protected() {
        let read = |url| Server::parse(url).map(|server| (server.host, server.port, server.security));

        assert_eq!(read("smtp://localhost:25"), Ok(("localhost".to_owned(), 25, Security::Plain)));
        assert_eq!(read("smtp://mail.example.org?tls=none"), Ok(("mail.example.org".to_owned(), 25, Security::Plain)));
        assert_eq!(read("smtp://mail.example.org?tls=required"), Ok(("mail.example.org".to_owned(), 587, Security::StartTls)));
        assert_eq!(read("smtps://mail.example.org"), Ok(("mail.example.org".to_owned(), 465, Security::Tls)));
        assert_eq!(read("smtp://[::1]:2525"), Ok(("::1".to_owned(), 2525, Security::Plain)));
        assert!(read("smtp://mail.example.org?tls=opportunistic").is_err());
        assert!(read("smtps://mail.example.org?tls=none").is_err());
        assert!(read("http://mail.example.org").is_err());
    }

    #[test]
    fn a_password_goes_unencrypted_only_where_the_url_says_so() {
        assert!(Server::parse("smtp://user:secret@mail.example.org:25").is_err());
        assert!(Server::parse("smtp://user:secret@mail.example.org:25?tls=none").is_ok());
    }

    #[test]
    fn user_and_password_are_read_as_they_were_meant() {
        let server = Server::parse("smtps://me%40example.org:p%2Fw+d@mail.example.org");

        assert_eq!(server.map(|server| server.credentials), Ok(Some(("me@example.org".to_owned(), "p/w+d".to_owned()))));
    }
}
