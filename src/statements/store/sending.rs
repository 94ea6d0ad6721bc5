//! SQL of how an outgoing statement was agreed on and delivered.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::ids::StatementId;
use crate::statements::{Consensus, Delivery};

/// Whose position it is, and how it reached the peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// From whom, in words.
    pub from_text: String,
    /// None: not said.
    pub consensus: Option<Consensus>,
    /// Link to the call, or the documents that hold it.
    pub consensus_link: String,
    /// When its group was told of it.
    pub informed_on: Option<NaiveDate>,
    /// Mailed, or delivered otherwise.
    pub delivery: Delivery,
    /// The channel, where it was not mailed.
    pub how: String,
    /// When, where it was not mailed.
    pub on: Option<NaiveDate>,
    /// A receipt's number, a link.
    pub evidence: String,
}

/// Of a statement made here.
///
/// # Errors
/// The database's.
pub async fn of(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Option<Sent>> {
    let row = sqlx::query!(
        "SELECT from_text, consensus, consensus_link, informed_on, delivery, delivered_how, delivered_on, delivery_evidence
           FROM statements
          WHERE statement_id = $1",
        id.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Sent {
        from_text: row.from_text,
        consensus: row.consensus.as_deref().and_then(Consensus::parse),
        consensus_link: row.consensus_link,
        informed_on: row.informed_on,
        delivery: Delivery::parse(&row.delivery).unwrap_or(Delivery::Mail),
        how: row.delivered_how,
        on: row.delivered_on,
        evidence: row.delivery_evidence,
    }))
}
