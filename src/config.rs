//! Configuration: one table of environment variables. README's table is compared with it by a test.

use std::path::PathBuf;
use std::{env, fs};

use chrono_tz::Tz;
use url::Url;

use crate::reminders::schedule::Steps;
use crate::statements::sign_offs::Policy;
use crate::statements::{ApprovalPolicy, CoordinatorPolicy};
use crate::web::client_address::Network;

/// One environment variable.
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What holds where it is absent; empty: see the meaning.
    pub default: &'static str,
    /// What it sets, with units.
    pub meaning: &'static str,
    /// Never printed; may also be given as a file named by `NAME_FILE`.
    pub is_secret: bool,
}

const fn variable(name: &'static str, default: &'static str, meaning: &'static str) -> Variable {
    Variable { name, default, meaning, is_secret: false }
}

const fn secret(name: &'static str, default: &'static str, meaning: &'static str) -> Variable {
    Variable { name, default, meaning, is_secret: true }
}

/// Every variable the program reads.
pub const VARIABLES: &[Variable] = &[
    secret(
        "DATABASE_URL",
        "",
        "PostgreSQL to use, `postgres://user:password@host/database`. Absent: a private one under `LIAISON_DATA_DIR`, started and stopped by the program.",
    ),
    variable(
        "LIAISON_DATA_DIR",
        "",
        "Folder of the private PostgreSQL. Absent: `/var/lib/liaison-tracker` for root, else `~/.local/share/liaison-tracker`.",
    ),
    variable("LIAISON_LISTEN", "127.0.0.1:8080", "Address and port to serve on."),
    variable("LIAISON_METRICS_LISTEN", "", "Address and port that serve `/metrics` to Prometheus, for yourself alone. Absent: none."),
    variable(
        "LIAISON_BASE_URL",
        "http://127.0.0.1:8080",
        "The public address, as it stands in mails. With `https` cookies are marked secure and HSTS is sent.",
    ),
    variable(
        "LIAISON_TRUSTED_PROXIES",
        "127.0.0.1, ::1",
        "Addresses and ranges of the web servers in front, whose `X-Forwarded-For` says who asks: tries to sign in are counted by it.",
    ),
    secret(
        "LIAISON_SMTP_URL",
        "",
        "Mail server: `smtps://user:password@host:465`, `smtp://user:password@host:587?tls=required`, or `smtp://localhost:25` for plain text (with a password also `?tls=none`). TLS is never given up on the way. Absent: mail is recorded, not sent.",
    ),
    variable("LIAISON_MAIL_FROM", "Liaison Tracker <liaison-tracker@localhost.localdomain>", "From address of every mail."),
    variable("LIAISON_MAIL_ENVELOPE_FROM", "", "Envelope sender, where bounces go. Absent: the From address."),
    variable("LIAISON_MAIL_ARCHIVE", "", "Address that gets a copy of every mail about a statement. Absent: none."),
    variable(
        "LIAISON_MAIL_ALL_TO",
        "",
        "For trials: every mail goes to this one address, a copy for each recipient; its first line and its header `X-Original-Recipient` say for whom it was.",
    ),
    variable(
        "LIAISON_MAIL_FILES_BYTES",
        "5000000",
        "Files of a statement that we send go along with its mail up to so many bytes together; beyond that only their links. 0: never.",
    ),
    variable("LIAISON_COORDINATORS_ADDRESS", "liaison-coordination@example.org", "The liaison coordinators' one address."),
    variable("LIAISON_TIME_ZONE", "UTC", "Zone in which days and deadlines end, such as `Etc/GMT+12` (anywhere on earth)."),
    variable("LIAISON_STATEMENT_LABEL", "Statement", "What a statement is called before its number."),
    variable(
        "LIAISON_STANDING_WORDS",
        "A liaison statement has no special standing in our work: it is weighed like any other contribution. Silence is neither agreement nor consensus.",
        "What receipts say of the standing of statements.",
    ),
    variable("LIAISON_MAX_FILE_BYTES", "25000000", "Largest file that can be attached, in bytes."),
    variable("LIAISON_ANSWER_WITHIN_DAYS", "56", "Days after posting that make *answer by*, where a letter for action names no day."),
    variable(
        "LIAISON_REMIND_BEFORE",
        "14, 7, 1, 0",
        "Days before a deadline of ours on which whoever it waits for is reminded; 0 is the day itself.",
    ),
    variable("LIAISON_REMIND_AFTER", "1, 7, 28", "Days after a deadline of ours on which they are reminded."),
    variable("LIAISON_REMIND_AWAITED", "0, 7, 28", "Days after the day by which we asked a peer to act, on which our side is reminded."),
    variable("LIAISON_ESCALATE_AFTER_DAYS", "7", "Days after a deadline from which on Area Directors and coordinators are reminded too."),
    variable("LIAISON_CHECK_WAIT_DAYS", "2", "Working days that a check before posting waits before the coordinators are asked too."),
    variable("LIAISON_DRAFT_REST_DAYS", "14", "Days after which the author of a draft that nobody touched is reminded, once."),
    variable("LIAISON_APPROVAL", "one", "Approvals of Area Directors that an outgoing statement of several areas needs: `one`, or `each-area`."),
    variable("LIAISON_COORDINATOR_REVIEW", "may-hold", "Coordinators' part in outgoing statements: `may-hold`, `required` or `off`."),
    variable("LIAISON_SIGN_OFF_ORDER", "parallel", "Whether sign-offs are asked at once, `parallel`, or one kind after the other, `sequence`."),
    variable(
        "LIAISON_OWN_AUTHORITY",
        "counts",
        "Whether who submits has given the sign-offs that are theirs: `counts`, or `asked` where somebody else could give them.",
    ),
    variable("LIAISON_SIGN_OFF_WAIT_DAYS", "3", "Working days that a sign-off of an outgoing statement waits before others may stand in."),
    variable(
        "LIAISON_WAIT_DAYS",
        "7",
        "Days after which a report that nobody has taken, and a draft that waits for the sender, are reminded of, once.",
    ),
    variable("LIAISON_DATABASE_CONNECTIONS", "16", "Connections to PostgreSQL for pages; the background task has four of its own."),
    variable("LIAISON_LOG", "info", "What is logged, as `tracing` filters: `info`, `warn`, `liaison_tracker=debug`."),
    variable("LIAISON_LOG_FORMAT", "text", "`text` or `json`; one record a line."),
];

/// What a run of the program is told from outside.
#[derive(Debug, Clone)]
pub struct Config {
    /// Secret: holds the password.
    pub database_url: Option<String>,
    /// Folder of the private PostgreSQL.
    pub data_dir: PathBuf,
    /// `address:port`.
    pub listen: std::net::SocketAddr,
    /// Where metrics are served, if anywhere.
    pub metrics_listen: Option<std::net::SocketAddr>,
    /// Scheme, host and port, without a slash at the end.
    pub base_url: Url,
    /// The web servers in front, which say who asks.
    pub trusted_proxies: Vec<Network>,
    /// Secret: holds the password. None: mail is recorded, not sent.
    pub smtp_url: Option<String>,
    /// From header of every mail.
    pub mail_from: String,
    /// Envelope sender.
    pub mail_envelope_from: Option<String>,
    /// Address that gets a copy of every mail about a statement.
    pub mail_archive: Option<String>,
    /// For trials: the one recipient of all mail.
    pub mail_all_to: Option<String>,
    /// Bytes: the files of a mail together, beyond which only their links go.
    pub mail_files_bytes: u64,
    /// The liaison coordinators' address.
    pub coordinators_address: String,
    /// Zone in which days end.
    pub time_zone: Tz,
    /// "Statement", or "LS".
    pub statement_label: String,
    /// What receipts say of the standing of statements.
    pub standing_words: String,
    /// Bytes.
    pub max_file_bytes: u64,
    /// Days.
    pub answer_within_days: u64,
    /// When who is reminded.
    pub reminders: Steps,
    /// Which sign-offs outgoing statements need.
    pub sign_offs: Policy,
    /// Connections of the pages' pool.
    pub database_connections: u32,
    /// Filter of the log.
    pub log: String,
    /// One JSON record a line instead of text.
    pub log_json: bool,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// Every variable that cannot be understood, one a line.
    pub fn from_environment() -> Result<Self, String> {
        Self::read(&|name| env::var(name).ok())
    }

    /// The defaults alone.
    ///
    /// # Errors
    /// None, unless the table above is wrong; a test holds it.
    pub fn defaults() -> Result<Self, String> {
        Self::read(&|_| None)
    }

    /// Reads values by name.
    ///
    /// # Errors
    /// Every value that cannot be understood, one a line.
    pub fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut reader = Reader { get, wrong: Vec::new() };
        let text = |value: &str| Ok(value.to_owned());
        let database_url = reader.optional("DATABASE_URL", text);
        let data_dir = reader.optional("LIAISON_DATA_DIR", |value| Ok(PathBuf::from(value)));
        let listen = reader.value("LIAISON_LISTEN", listen_address);
        let metrics_listen = reader.optional("LIAISON_METRICS_LISTEN", listen_address);
        let base_url = reader.value("LIAISON_BASE_URL", base_url);
        let trusted_proxies =
            reader.value("LIAISON_TRUSTED_PROXIES", |value| value.split(',').map(|network| network.trim().parse::<Network>()).collect());
        let smtp_url = reader.optional("LIAISON_SMTP_URL", |value| crate::mail::server::Server::parse(value).map(|_| value.to_owned()));
        let mail_from = reader.value("LIAISON_MAIL_FROM", mailbox);
        let mail_envelope_from = reader.optional("LIAISON_MAIL_ENVELOPE_FROM", mailbox);
        let mail_archive = reader.optional("LIAISON_MAIL_ARCHIVE", mailbox);
        let mail_all_to = reader.optional("LIAISON_MAIL_ALL_TO", mailbox);
        let mail_files_bytes = reader.value("LIAISON_MAIL_FILES_BYTES", |value| value.parse::<u64>().map_err(|_| "write a whole number".to_owned()));
        let coordinators_address = reader.value("LIAISON_COORDINATORS_ADDRESS", mailbox);
        let time_zone = reader
            .value("LIAISON_TIME_ZONE", |value| value.parse::<Tz>().map_err(|_| "not a zone of the IANA database, like Europe/Berlin".to_owned()));
        let statement_label = reader.value("LIAISON_STATEMENT_LABEL", text);
        let standing_words = reader.value("LIAISON_STANDING_WORDS", text);
        let max_file_bytes = reader.value("LIAISON_MAX_FILE_BYTES", number);
        let answer_within_days = reader.value("LIAISON_ANSWER_WITHIN_DAYS", number);
        let reminders = reminder_steps(&mut reader);
        let sign_offs = sign_off_policy(&mut reader);
        let database_connections = reader.value("LIAISON_DATABASE_CONNECTIONS", number);
        let log = reader.value("LIAISON_LOG", |value| match value.parse::<tracing_subscriber::EnvFilter>() {
            Ok(_) => Ok(value.to_owned()),
            Err(why) => Err(why.to_string()),
        });
        let log_json = reader.value("LIAISON_LOG_FORMAT", |value| match value {
            "text" => Ok(false),
            "json" => Ok(true),
            _ => Err("write text or json".to_owned()),
        });

        match (
            listen,
            base_url,
            trusted_proxies,
            mail_from,
            mail_files_bytes,
            coordinators_address,
            time_zone,
            statement_label,
            standing_words,
            max_file_bytes,
            answer_within_days,
            reminders,
            sign_offs,
            database_connections,
            log,
            log_json,
        ) {
            (
                Some(listen),
                Some(base_url),
                Some(trusted_proxies),
                Some(mail_from),
                Some(mail_files_bytes),
                Some(coordinators_address),
                Some(time_zone),
                Some(statement_label),
                Some(standing_words),
                Some(max_file_bytes),
                Some(answer_within_days),
                Some(reminders),
                Some(sign_offs),
                Some(database_connections),
                Some(log),
                Some(log_json),
            ) if reader.wrong.is_empty() => Ok(Self {
                database_url,
                data_dir: data_dir.unwrap_or_else(default_data_dir),
                listen,
                metrics_listen,
                base_url,
                trusted_proxies,
                smtp_url,
                mail_from,
                mail_envelope_from,
                mail_archive,
                mail_all_to,
                mail_files_bytes,
                coordinators_address,
                time_zone,
                statement_label,
                standing_words,
                max_file_bytes,
                answer_within_days,
                reminders,
                sign_offs,
                database_connections: u32::try_from(database_connections).unwrap_or(16).max(1),
                log,
                log_json,
            }),
            _ => Err(reader.wrong.join("\n")),
        }
    }

    /// The public address of a path that begins with a slash.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.as_str().trim_end_matches('/'))
    }

    /// Whether people come by https, so that cookies are marked secure.
    pub fn is_https(&self) -> bool {
        self.base_url.scheme() == "https"
    }

    /// The host of the public address, for Message-IDs.
    pub fn host(&self) -> &str {
        self.base_url.host_str().unwrap_or("localhost")
    }
}

fn default_data_dir() -> PathBuf {
    match env::var_os("HOME") {
        Some(home) if !nix::unistd::Uid::effective().is_root() => PathBuf::from(home).join(".local/share/liaison-tracker"),
        _ => PathBuf::from("/var/lib/liaison-tracker"),
    }
}

fn reminder_steps(reader: &mut Reader<'_>) -> Option<Steps> {
    let before = reader.value("LIAISON_REMIND_BEFORE", days);
    let after = reader.value("LIAISON_REMIND_AFTER", days);
    let awaited = reader.value("LIAISON_REMIND_AWAITED", days);
    let escalates_after = reader.value("LIAISON_ESCALATE_AFTER_DAYS", number);
    let check_waits = reader.value("LIAISON_CHECK_WAIT_DAYS", number);
    let draft_rests = reader.value("LIAISON_DRAFT_REST_DAYS", number);
    let waits = reader.value("LIAISON_WAIT_DAYS", number);
    let ours = before?.into_iter().map(|days| -days).chain(after?).collect();
    Some(Steps {
        ours,
        awaited: awaited?,
        escalates_after: i64::try_from(escalates_after?).unwrap_or(i64::MAX),
        check_waits: u32::try_from(check_waits?).unwrap_or(u32::MAX),
        draft_rests: draft_rests?,
        waits: waits?,
    })
}

fn sign_off_policy(reader: &mut Reader<'_>) -> Option<Policy> {
    let approval = reader.value("LIAISON_APPROVAL", |value| ApprovalPolicy::parse(value).ok_or_else(|| "write one or each-area".to_owned()));
    let coordinator = reader
        .value("LIAISON_COORDINATOR_REVIEW", |value| CoordinatorPolicy::parse(value).ok_or_else(|| "write may-hold, required or off".to_owned()));
    let in_sequence = reader.value("LIAISON_SIGN_OFF_ORDER", |value| either(value, "sequence", "parallel"));
    let own_authority = reader.value("LIAISON_OWN_AUTHORITY", |value| either(value, "counts", "asked"));
    let wait_days = reader.value("LIAISON_SIGN_OFF_WAIT_DAYS", number);
    Some(Policy {
        approval: approval?,
        coordinator: coordinator?,
        in_sequence: in_sequence?,
        own_authority: own_authority?,
        wait_days: u32::try_from(wait_days?).unwrap_or(u32::MAX),
    })
}

/// Whether it is the first of two words.
fn either(value: &str, yes: &str, no: &str) -> Result<bool, String> {
    if value == yes || value == no { Ok(value == yes) } else { Err(format!("write {yes} or {no}")) }
}

/// Days, separated by commas or blanks.
fn days(value: &str) -> Result<Vec<i64>, String> {
    let parts = value.split([',', ' ']).filter(|part| !part.is_empty());
    parts
        .map(|part| part.parse().ok().filter(|days| (0..=366).contains(days)).ok_or_else(|| "write days from 0 to 366, like 14, 7, 1, 0".to_owned()))
        .collect()
}

fn number(value: &str) -> Result<u64, String> {
    value.parse().ok().filter(|number| *number > 0).ok_or_else(|| "write a whole number above 0".to_owned())
}

fn listen_address(value: &str) -> Result<std::net::SocketAddr, String> {
    value.parse().map_err(|_| "write an address and a port, like 127.0.0.1:8080".to_owned())
}

fn mailbox(value: &str) -> Result<String, String> {
    match value.parse::<lettre::message::Mailbox>() {
        Ok(_) => Ok(value.to_owned()),
        Err(_) => Err("write an e-mail address, like Liaison Tracker <liaison@example.org>".to_owned()),
    }
}

fn base_url(value: &str) -> Result<Url, String> {
    match Url::parse(value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/" && url.query().is_none() => Ok(url),
        _ => Err("write scheme, host and port alone, like https://liaison.example.org".to_owned()),
    }
}

/// Reads values by name and collects what is wrong with them, so that all of it is reported at once.
struct Reader<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    wrong: Vec<String>,
}

impl Reader<'_> {
    fn optional<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let row = VARIABLES.iter().find(|variable| variable.name == name);
        let is_secret = row.is_some_and(|variable| variable.is_secret);
        let mut value = (self.get)(name);
        if is_secret && value.is_none() {
            let file_variable = format!("{name}_FILE");
            if let Some(path) = (self.get)(&file_variable) {
                match fs::read_to_string(&path) {
                    Ok(text) => value = Some(text.trim().to_owned()),
                    Err(why) => self.wrong.push(format!("{file_variable}={path:?}: {why}")),
                }
            }
        }
        let value = value.filter(|value| !value.trim().is_empty()).or_else(|| row.map(|variable| variable.default.to_owned()))?;
        if value.is_empty() {
            return None;
        }
        let shown = if is_secret { "(secret)".to_owned() } else { format!("{value:?}") };
        parse(value.trim()).map_err(|why| self.wrong.push(format!("{name}={shown}: {why}"))).ok()
    }

    fn value<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        self.optional(name, parse)
    }
}
