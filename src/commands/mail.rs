//! `mail`: a test mail, the log, one mail.

use std::process::ExitCode;
use std::time::Duration;

use clap::Subcommand;

use super::service;
use crate::App;
use crate::config::Config;
use crate::ids::{MailDeliveryId, MailId};
use crate::mail::outbox::Outcome;
use crate::mail::store::{self, Filter};
use crate::mail::{Message, Recipient, deliver, fate, letter, outbox};

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Send a test mail right now, and print what the mail server says
    Test {
        /// Where to
        address: String,
    },
    /// Print the last deliveries, newest first
    Log {
        /// Only: queued, accepted, failed, recorded, cancelled
        #[arg(long)]
        fate: Option<String>,
        /// Only addresses that hold this
        #[arg(long)]
        address: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Print one mail, with what became of it
    Show {
        /// Its number in the log
        id: i64,
    },
}

/// Runs it.
///
/// # Errors
/// No database; a mail that can't be queued.
pub async fn run(config: Config, command: &Command) -> anyhow::Result<ExitCode> {
    let database = service::Database::open(&config).await?;
    let done = match service::open(config, &database).await {
        Ok(app) => match command {
            Command::Test { address } => test(&app, address).await,
            Command::Log { fate, address, limit } => log(&app, fate.as_deref(), address.as_deref(), *limit).await,
            Command::Show { id } => show(&app, MailId(*id)).await,
        },
        Err(error) => Err(error),
    };
    database.close().await;
    done
}

async fn test(app: &App, address: &str) -> anyhow::Result<ExitCode> {
    letter::envelope_address(address).map_err(anyhow::Error::msg)?;
    let message = Message {
        event: "mail-test",
        statement_id: None,
        to: address.to_owned(),
        cc: String::new(),
        reply_to: String::new(),
        thread: String::new(),
        subject: "Test from Liaison Tracker".to_owned(),
        body: format!("This is a test. Liaison Tracker at {}\ncan hand mail over.\n", app.config.absolute("/")),
        is_secret: false,
        files: Vec::new(),
        recipients: vec![Recipient { address: address.to_owned(), person_id: None, why: "test".to_owned() }],
    };
    let mut transaction = app.begin().await?;
    let mail_id = outbox::queue(&mut transaction, &app.config, app.clock.now(), &message).await?;
    transaction.commit().await?;
    let mail = store::whole(&app.pool, mail_id, app.clock.now()).await?;
    let delivery = mail.and_then(|mail| mail.deliveries.first().map(|delivery| delivery.fate.id)).unwrap_or(MailDeliveryId(0));
    if app.config.smtp_url.is_none() {
        outbox::record_due(&app.pool, app.clock.now()).await?;
        println!("Recorded as mail {mail_id}, not sent: LIAISON_SMTP_URL is not set.");
        return Ok(ExitCode::FAILURE);
    }
    let outcome = match deliver::send_now(app, &app.pool, delivery).await? {
        Some(outcome) => outcome,
        // a server that runs on this database was faster
        None => return wait(app, mail_id).await,
    };
    let (code, words) = match outcome {
        Outcome::Accepted(words) => (ExitCode::SUCCESS, format!("Accepted by the mail server: {words}")),
        Outcome::Failed(words) => (ExitCode::FAILURE, format!("Refused: {words}")),
        Outcome::Later { words, .. } => (ExitCode::FAILURE, format!("Not yet, it will be tried again: {words}")),
        Outcome::GivenBack(words) => (ExitCode::FAILURE, format!("The mail server does not accept user and password: {words}")),
    };
    println!("{words}");
    Ok(code)
}

/// Waits for what a running server makes of it.
async fn wait(app: &App, mail_id: MailId) -> anyhow::Result<ExitCode> {
    for _ in 0..240 {
        let mail = store::whole(&app.pool, mail_id, app.clock.now()).await?;
        if let Some(delivery) = mail.as_ref().and_then(|mail| mail.deliveries.first())
            && (!delivery.is_queued || !delivery.server_words.is_empty())
        {
            println!("{}: {}", delivery.fate.words, delivery.server_words);
            return Ok(if delivery.is_queued || !delivery.fate.tone.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS });
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    anyhow::bail!("no answer yet; see: liaison-tracker mail show {mail_id}")
}

async fn log(app: &App, state: Option<&str>, address: Option<&str>, limit: u32) -> anyhow::Result<ExitCode> {
    let filter = Filter { state: state.map(str::to_owned), address: address.map(str::to_owned), ..Filter::default() };
    for line in store::log(&app.pool, &filter, i64::from(limit), app.clock.now()).await? {
        println!("{:>6}  {}  {}  {}  [{}]", line.mail_id, fate::moment(line.made_at), line.recipient, line.subject, line.words);
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(app: &App, mail_id: MailId) -> anyhow::Result<ExitCode> {
    let Some(mail) = store::whole(&app.pool, mail_id, app.clock.now()).await? else {
        anyhow::bail!("there is no mail {mail_id}");
    };
    for (name, value) in [
        ("Date", &fate::moment(mail.made_at)),
        ("From", &mail.from),
        ("To", &mail.to),
        ("Cc", &mail.cc),
        ("Reply-To", &mail.reply_to),
        ("Message-ID", &mail.message_id),
        ("In-Reply-To", &mail.in_reply_to),
        ("Subject", &mail.subject),
    ] {
        if !value.is_empty() {
            println!("{name}: {value}");
        }
    }
    println!("\n{}\n", mail.body.trim_end());
    for delivery in mail.deliveries {
        println!("{} ({}): {}, {} attempts", delivery.fate.recipient, delivery.fate.why, delivery.fate.words, delivery.attempts);
    }
    Ok(ExitCode::SUCCESS)
}
