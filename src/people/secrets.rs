//! Secrets of cookies and links; only their hash is kept.

use sha2::{Digest, Sha256};

/// A secret of 256 bits, and the hash of it that is kept.
pub struct Secret {
    /// For the cookie or the link; URL-safe.
    pub text: String,
    /// For the database.
    pub hash: Vec<u8>,
}

impl Secret {
    /// A new one, from the system's randomness.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn new() -> anyhow::Result<Self> {
        let text = crate::random_text(32)?;
        let hash = Self::hash_of(&text);
        Ok(Self { text, hash })
    }

    /// The hash under which a secret is kept.
    pub fn hash_of(text: &str) -> Vec<u8> {
        Sha256::digest(text.as_bytes()).to_vec()
    }
}
