//! Argon2id, on threads of its own: as many as there are cores, so that its memory stays theirs and small. On threads
//! that come and go, the allocator would keep 19 MiB for each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, mpsc};

use anyhow::Context;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use tokio::sync::oneshot;

use super::accounts::Failed;
use super::passwords::MOST_BYTES;
use crate::App;

/// Stands in where there is no account or no password: takes the time that a real one takes, and fits nothing.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bGlhaXNvbi10cmFja2Vy$Mj7F7ttYHyyvpYVOyPLJdTgHyOIYdKiZVqVyjo0Y2Qk";

/// The hash of a password, as a PHC string.
///
/// # Errors
/// Too many wait already; no randomness for the salt.
pub async fn hash(app: &App, password: String) -> Result<String, Failed> {
    off_thread(app, move || hash_now(&password)).await?
}

/// The hash of a password, on this thread: for commands and tests.
///
/// # Errors
/// No randomness for the salt.
pub fn hash_now(password: &str) -> Result<String, Failed> {
    let hash = Argon2::default().hash_password(password.as_bytes()).context("a password can't be hashed")?;
    Ok(hash.to_string())
}

/// Whether a password is the one of a hash; without a hash it takes as long, and says no.
///
/// # Errors
/// Too many wait already.
pub async fn fits(app: &App, password: String, hash: Option<String>) -> Result<bool, Failed> {
    off_thread(app, move || {
        let is_real = hash.is_some() && password.len() <= MOST_BYTES;
        let hash = hash.filter(|_| is_real).unwrap_or_else(|| NOBODYS.to_owned());
        let password = if password.len() <= MOST_BYTES { password.as_bytes() } else { b"too long" };
        let fits = PasswordHash::new(&hash).is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok());
        fits && is_real
    })
    .await
}

async fn off_thread<T: Send + 'static>(app: &App, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failed> {
    let _place = app.hashing_queue.try_acquire().map_err(|_| Failed::TooMany(5))?;
    let (done, result) = oneshot::channel();
    let job: Job = Box::new(move || drop(done.send(work())));
    THREADS.send(job).map_err(|_| anyhow::anyhow!("hashing has ended"))?;
    Ok(result.await.context("hashing was cut off")?)
}

type Job = Box<dyn FnOnce() + Send>;

/// Where the threads get their work; begun with the first password.
static THREADS: LazyLock<mpsc::Sender<Job>> = LazyLock::new(|| {
    let (sender, receiver) = mpsc::channel::<Job>();
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
        let receiver = Arc::clone(&receiver);
        let work = move || {
            loop {
                let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(job) = next else { return };
                // whoever waits for it is told by the end of their channel
                let _ = catch_unwind(AssertUnwindSafe(job));
            }
        };
        if let Err(error) = std::thread::Builder::new().name("hashing".to_owned()).spawn(work) {
            tracing::error!(error = %error, "a thread for passwords can't be begun");
        }
    }
    sender
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stand_in_costs_what_a_real_hash_costs() {
        let stand_in = PasswordHash::new(NOBODYS).unwrap();
        let real = hash_now("river lamp 88 orbit").unwrap();
        let real = PasswordHash::new(&real).unwrap();

        assert_eq!(stand_in.params, real.params);
        assert_eq!(stand_in.algorithm, real.algorithm);
        assert_eq!(stand_in.hash.unwrap().len(), real.hash.unwrap().len());
    }
}
