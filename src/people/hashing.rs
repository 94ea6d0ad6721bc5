//! Argon2id, on threads of its own: as many as there are cores, each with the memory that it needs, kept from one
//! password to the next. Taken anew each time (19 MiB, aligned), the allocator lets it grow to hundreds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, mpsc};

use anyhow::Context;
use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
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
    off_thread(app, move |_| hash_now(&password)).await?
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
    off_thread(app, move |memory| {
        let is_real = hash.is_some() && password.len() <= MOST_BYTES;
        let hash = hash.filter(|_| is_real).unwrap_or_else(|| NOBODYS.to_owned());
        let password = if password.len() <= MOST_BYTES { password.as_bytes() } else { b"too long" };
        is_of(password, &hash, memory).unwrap_or(false) && is_real
    })
    .await
}

/// Whether a password is the one of a hash; none: the hash can't be read.
fn is_of(password: &[u8], hash: &str, memory: &mut Memory) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let (salt, expected) = (hash.salt?, hash.hash?);
    let params = Params::try_from(&hash).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map(Version::try_from).transpose().ok()?.unwrap_or_default();
    memory.resize(params.block_count(), Block::default());
    let mut output = vec![0; expected.as_bytes().len()];
    Argon2::new(algorithm, version, params).hash_password_into_with_memory(password, &salt, &mut output, memory.as_mut_slice()).ok()?;
    Some(output.ct_eq(expected.as_bytes()).into())
}

async fn off_thread<T: Send + 'static>(app: &App, work: impl FnOnce(&mut Memory) -> T + Send + 'static) -> Result<T, Failed> {
    let _place = app.hashing_queue.try_acquire().map_err(|_| Failed::TooMany(5))?;
    let (done, result) = oneshot::channel();
    let job: Job = Box::new(move |memory| drop(done.send(work(memory))));
    THREADS.send(job).map_err(|_| anyhow::anyhow!("hashing has ended"))?;
    Ok(result.await.context("hashing was cut off")?)
}

/// What one hashing needs.
type Memory = Vec<Block>;
type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// Where the threads get their work; begun with the first password.
static THREADS: LazyLock<mpsc::Sender<Job>> = LazyLock::new(|| {
    let (sender, receiver) = mpsc::channel::<Job>();
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
        let receiver = Arc::clone(&receiver);
        let work = move || {
            let mut memory = Memory::new();
            loop {
                let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(job) = next else { return };
                // whoever waits for it is told by the end of their channel
                let _ = catch_unwind(AssertUnwindSafe(|| job(&mut memory)));
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
    fn a_password_is_that_of_its_hash_alone_and_memory_is_kept() {
        let hash = hash_now("river lamp 88 orbit").unwrap();
        let mut memory = Memory::new();
        assert_eq!(is_of(b"river lamp 88 orbit", &hash, &mut memory), Some(true));
        let kept = memory.as_ptr();
        assert_eq!(is_of(b"river lamp 88 orbit ", &hash, &mut memory), Some(false));
        assert_eq!(is_of(b"river lamp 88 orbit", NOBODYS, &mut memory), Some(false));
        assert_eq!(is_of(b"river lamp 88 orbit", &hash, &mut memory), Some(true));
        assert_eq!(memory.as_ptr(), kept);
        assert_eq!(is_of(b"x", "no hash", &mut memory), None);
    }

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
