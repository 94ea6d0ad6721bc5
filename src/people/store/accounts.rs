//! SQL of people's addresses, passwords, one-time links, and tries to sign in.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::ids::PersonId;

/// The person of an address, whatever its case, also of a former one.
///
/// # Errors
/// The database's.
pub async fn find_by_address(connection: &mut PgConnection, address: &str) -> sqlx::Result<Option<PersonId>> {
    let id = sqlx::query_scalar!("SELECT person_id FROM addresses WHERE address_key = lower($1)", address).fetch_optional(connection).await?;
    Ok(id.map(PersonId))
}

/// Writes a person with their primary address; no account yet.
///
/// # Errors
/// The database's; a unique violation where the address is somebody's.
pub async fn add_person(connection: &mut PgConnection, now: DateTime<Utc>, name: &str, address: &str) -> sqlx::Result<PersonId> {
    let id = sqlx::query_scalar!(
        r#"
        WITH person AS (INSERT INTO people (name, made_at) VALUES ($1, $2) RETURNING person_id)
        INSERT INTO addresses (address_key, address, person_id, is_primary)
        SELECT lower($3), $3, person_id, true FROM person
        RETURNING person_id
        "#,
        name,
        now,
        address
    )
    .fetch_one(connection)
    .await?;
    Ok(PersonId(id))
}

/// Makes sure that a person has an account; without a password they sign in by mailed links.
///
/// # Errors
/// The database's.
pub async fn add_account(connection: &mut PgConnection, now: DateTime<Utc>, person: PersonId) -> sqlx::Result<()> {
    sqlx::query!("INSERT INTO accounts (person_id, made_at) VALUES ($1, $2) ON CONFLICT (person_id) DO NOTHING", person.0, now)
        .execute(connection)
        .await?;
    Ok(())
}

/// Sets an account's password, and makes the account where there is none.
///
/// # Errors
/// The database's.
pub async fn set_password_hash(connection: &mut PgConnection, now: DateTime<Utc>, person: PersonId, hash: &str) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO accounts (person_id, password_hash, made_at) VALUES ($1, $2, $3)
        ON CONFLICT (person_id) DO UPDATE SET password_hash = EXCLUDED.password_hash
        "#,
        person.0,
        hash,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Disables or enables an account; says whether there is one.
///
/// # Errors
/// The database's.
pub async fn set_disabled(connection: &mut PgConnection, person: PersonId, is_disabled: bool) -> sqlx::Result<bool> {
    let done = sqlx::query!("UPDATE accounts SET is_disabled = $2 WHERE person_id = $1", person.0, is_disabled).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct Account {
    /// The person.
    pub person_id: PersonId,
    /// Their name.
    pub name: String,
    /// Their primary address.
    pub address: String,
    /// Argon2id, as a PHC string; none: no password was set.
    pub password_hash: Option<String>,
    /// Whether it may sign in no more.
    pub is_disabled: bool,
}

/// The account of a primary address. A former address finds a person, but signs nobody in.
///
/// # Errors
/// The database's.
pub async fn account_by_address(connection: &mut PgConnection, address: &str) -> sqlx::Result<Option<Account>> {
    sqlx::query_as!(
        Account,
        r#"
        SELECT people.person_id, people.name, addresses.address, accounts.password_hash, accounts.is_disabled
          FROM addresses
          JOIN people USING (person_id)
          JOIN accounts USING (person_id)
         WHERE addresses.address_key = lower($1)
           AND addresses.is_primary
        "#,
        address
    )
    .fetch_optional(connection)
    .await
}

/// The account of a person.
///
/// # Errors
/// The database's.
pub async fn account(connection: &mut PgConnection, person: PersonId) -> sqlx::Result<Option<Account>> {
    sqlx::query_as!(
        Account,
        r#"
        SELECT people.person_id, people.name, coalesce(addresses.address, '') AS "address!", accounts.password_hash, accounts.is_disabled
          FROM people
          JOIN accounts USING (person_id)
          LEFT JOIN addresses ON addresses.person_id = people.person_id AND addresses.is_primary
         WHERE people.person_id = $1
        "#,
        person.0
    )
    .fetch_optional(connection)
    .await
}

/// An account, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPerson {
    /// Key.
    pub person_id: PersonId,
    /// Name.
    pub name: String,
    /// Primary address.
    pub address: String,
    /// Whether a password is set.
    pub has_password: bool,
    /// Whether there is an account.
    pub has_account: bool,
    /// Whether it may sign in no more.
    pub is_disabled: bool,
}

/// Everybody whose primary address has that ending, by address; all for an empty ending.
///
/// # Errors
/// The database's.
pub async fn people(connection: &mut PgConnection, ending: &str) -> sqlx::Result<Vec<ListedPerson>> {
    sqlx::query_as!(
        ListedPerson,
        r#"
        SELECT people.person_id,
               people.name,
               addresses.address,
               (accounts.password_hash IS NOT NULL) AS "has_password!",
               (accounts.person_id IS NOT NULL) AS "has_account!",
               coalesce(accounts.is_disabled, false) AS "is_disabled!"
          FROM people
          JOIN addresses ON addresses.person_id = people.person_id AND addresses.is_primary
          LEFT JOIN accounts ON accounts.person_id = people.person_id
         WHERE right(addresses.address_key, length($1)) = $1
         ORDER BY addresses.address_key
        "#,
        ending
    )
    .fetch_all(connection)
    .await
}

/// Makes another address the primary one; the former still finds the person, but signs nobody in.
///
/// # Errors
/// The database's; a unique violation where the address is somebody else's.
pub async fn change_address(connection: &mut PgConnection, person: PersonId, address: &str) -> sqlx::Result<()> {
    sqlx::query!("UPDATE addresses SET is_primary = false WHERE person_id = $1 AND is_primary", person.0).execute(&mut *connection).await?;
    // an own former address may become the primary one again; somebody else's stays theirs
    sqlx::query!(
        r#"
        WITH own AS (DELETE FROM addresses WHERE address_key = lower($2) AND person_id = $1)
        SELECT 1 AS "one!"
        "#,
        person.0,
        address
    )
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query!("INSERT INTO addresses (address_key, address, person_id, is_primary) VALUES (lower($2), $2, $1, true)", person.0, address)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// What a one-time link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Signs in.
    SignIn,
    /// Sets a new password.
    PasswordReset,
    /// Sets the first password.
    Invitation,
    /// Proves a new address.
    AddressChange,
}

impl LinkPurpose {
    /// As it stands in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::PasswordReset => "password-reset",
            Self::Invitation => "invitation",
            Self::AddressChange => "address-change",
        }
    }

    /// How long it works.
    pub fn lasts(self) -> TimeDelta {
        match self {
            Self::SignIn => TimeDelta::minutes(15),
            Self::PasswordReset | Self::AddressChange => TimeDelta::minutes(60),
            Self::Invitation => TimeDelta::days(7),
        }
    }
}

/// A link to be kept; only its hash is.
#[derive(Debug)]
pub struct NewLink<'a> {
    /// SHA-256 of its secret.
    pub secret_hash: &'a [u8],
    /// Whose it is.
    pub person_id: PersonId,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// The new address, of an address change.
    pub address: Option<&'a str>,
    /// Local path to go on to.
    pub return_to: Option<&'a str>,
}

/// Keeps a link, in the place of all of that person for that purpose: only the newest works.
///
/// # Errors
/// The database's.
pub async fn add_link(connection: &mut PgConnection, now: DateTime<Utc>, link: &NewLink<'_>) -> sqlx::Result<()> {
    // two requests at once end with one link: the later waits for the earlier
    sqlx::query!("SELECT person_id FROM accounts WHERE person_id = $1 FOR NO KEY UPDATE", link.person_id.0).fetch_optional(&mut *connection).await?;
    end_links(connection, link.person_id, &[link.purpose]).await?;
    sqlx::query!(
        "INSERT INTO one_time_links (secret_hash, person_id, purpose, address, return_to, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        link.secret_hash,
        link.person_id.0,
        link.purpose.as_str(),
        link.address,
        link.return_to,
        now,
        now + link.purpose.lasts()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes all unused links of those purposes away.
///
/// # Errors
/// The database's.
pub async fn end_links(connection: &mut PgConnection, person: PersonId, purposes: &[LinkPurpose]) -> sqlx::Result<()> {
    let purposes: Vec<String> = purposes.iter().map(|purpose| purpose.as_str().to_owned()).collect();
    sqlx::query!("DELETE FROM one_time_links WHERE person_id = $1 AND purpose = ANY($2) AND used_at IS NULL", person.0, &purposes)
        .execute(connection)
        .await?;
    Ok(())
}

/// A link that works.
#[derive(Debug, Clone)]
pub struct Link {
    /// Whose it is.
    pub person_id: PersonId,
    /// Their name.
    pub name: String,
    /// Their primary address.
    pub primary_address: String,
    /// `sign-in`, `password-reset`, `invitation` or `address-change`.
    pub purpose: String,
    /// The new address, of an address change.
    pub address: Option<String>,
    /// Local path to go on to.
    pub return_to: Option<String>,
}

/// The link of that secret, if it works: in time, unused, and its account not disabled.
///
/// # Errors
/// The database's.
pub async fn link(connection: &mut PgConnection, now: DateTime<Utc>, secret_hash: &[u8], purposes: &[LinkPurpose]) -> sqlx::Result<Option<Link>> {
    let purposes: Vec<String> = purposes.iter().map(|purpose| purpose.as_str().to_owned()).collect();
    sqlx::query_as!(
        Link,
        r#"
        SELECT people.person_id,
               people.name,
               coalesce(addresses.address, '') AS "primary_address!",
               one_time_links.purpose,
               one_time_links.address,
               one_time_links.return_to
          FROM one_time_links
          JOIN people USING (person_id)
          JOIN accounts USING (person_id)
          LEFT JOIN addresses ON addresses.person_id = people.person_id AND addresses.is_primary
         WHERE one_time_links.secret_hash = $1
           AND one_time_links.purpose = ANY($2)
           AND one_time_links.used_at IS NULL
           AND one_time_links.expires_at > $3
           AND NOT accounts.is_disabled
        "#,
        secret_hash,
        &purposes,
        now
    )
    .fetch_optional(connection)
    .await
}

/// Marks a link as used; says whether this was the one time.
///
/// # Errors
/// The database's.
pub async fn use_link(connection: &mut PgConnection, now: DateTime<Utc>, secret_hash: &[u8]) -> sqlx::Result<bool> {
    let done =
        sqlx::query!("UPDATE one_time_links SET used_at = $2 WHERE secret_hash = $1 AND used_at IS NULL AND expires_at > $2", secret_hash, now)
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether a link did its work since then.
///
/// # Errors
/// The database's.
pub async fn was_used_since(connection: &mut PgConnection, since: DateTime<Utc>, secret_hash: &[u8], purposes: &[LinkPurpose]) -> sqlx::Result<bool> {
    let purposes: Vec<String> = purposes.iter().map(|purpose| purpose.as_str().to_owned()).collect();
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM one_time_links WHERE secret_hash = $1 AND purpose = ANY($2) AND used_at >= $3) AS "was_used!""#,
        secret_hash,
        &purposes,
        since
    )
    .fetch_one(connection)
    .await
}

/// Seconds that one try takes of what an account and client have together.
const TRY_SECONDS: i64 = 12;
/// Tries that may come at once; with [`TRY_SECONDS`] never more than ten in any minute (robustness.md AC05).
const TRIES_AT_ONCE: i64 = 5;

/// Counts a try before it is made, for a pair of account and client address, in the database: for many servers.
///
/// Returns none where it may be made, else the seconds to wait. The account is kept as a hash, so that a password
/// typed into the wrong field is not kept.
///
/// # Errors
/// The database's.
pub async fn count_try(connection: &mut PgConnection, now: DateTime<Utc>, account_hash: &[u8], client: &str) -> sqlx::Result<Option<u32>> {
    let one = TimeDelta::seconds(TRY_SECONDS);
    let latest = now + TimeDelta::seconds(TRY_SECONDS * (TRIES_AT_ONCE - 1));
    let counted = sqlx::query_scalar!(
        r#"
        INSERT INTO sign_in_tries AS tries (account_hash, client, paid_at) VALUES ($1, $2, $3)
        ON CONFLICT (account_hash, client) DO UPDATE
           SET paid_at = greatest(tries.paid_at, $4) + ($3 - $4::timestamptz)
         WHERE tries.paid_at <= $5
        RETURNING paid_at
        "#,
        account_hash,
        client,
        now + one,
        now,
        latest
    )
    .fetch_optional(&mut *connection)
    .await?;
    if counted.is_some() {
        return Ok(None);
    }
    let paid_at = sqlx::query_scalar!("SELECT paid_at FROM sign_in_tries WHERE account_hash = $1 AND client = $2", account_hash, client)
        .fetch_optional(connection)
        .await?
        .unwrap_or(latest);
    let wait = (paid_at - latest).num_seconds().clamp(0, 600) + 1;
    Ok(Some(u32::try_from(wait).unwrap_or(TRY_SECONDS as u32)))
}

/// Forgets the tries of a pair: the right password came.
///
/// # Errors
/// The database's.
pub async fn forget_tries(connection: &mut PgConnection, account_hash: &[u8], client: &str) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM sign_in_tries WHERE account_hash = $1 AND client = $2", account_hash, client).execute(connection).await?;
    Ok(())
}

/// The address by which a person is mailed.
///
/// # Errors
/// The database's.
pub async fn primary_address(connection: &mut PgConnection, person: PersonId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("SELECT address FROM addresses WHERE person_id = $1 AND is_primary", person.0).fetch_optional(connection).await
}

/// The primary addresses of these people, where they have one.
///
/// # Errors
/// The database's.
pub async fn primary_addresses(connection: &mut PgConnection, people: &[PersonId]) -> sqlx::Result<HashMap<PersonId, String>> {
    let people: Vec<i64> = people.iter().map(|person| person.0).collect();
    let rows =
        sqlx::query!("SELECT person_id, address FROM addresses WHERE person_id = ANY ($1) AND is_primary", &people).fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| (PersonId(row.person_id), row.address)).collect())
}

/// A person's name.
///
/// # Errors
/// The database's.
pub async fn name_of(connection: &mut PgConnection, person: PersonId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("SELECT name FROM people WHERE person_id = $1", person.0).fetch_optional(connection).await
}
