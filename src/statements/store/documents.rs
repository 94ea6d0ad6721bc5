//! SQL of cited documents: which statement cites which, and how often each is cited.

use sqlx::{PgConnection, PgPool};

use crate::ids::StatementId;
use crate::statements::citations::{self, Document};

/// Documents on a page of their list.
pub const PAGE_ROWS: usize = 50;

/// Keys of the documents that a statement names in its title, its text and the titles of its public files.
///
/// # Errors
/// The database's.
pub async fn named(connection: &mut PgConnection, id: StatementId) -> sqlx::Result<Vec<String>> {
    let row = sqlx::query!(
        r#"
        SELECT title, body,
               ARRAY(SELECT attachments.title
                       FROM attachments
                      WHERE attachments.statement_id = statements.statement_id
                        AND visibility = 'public' AND attachments.kind <> 'original-mail') AS "files!"
          FROM statements
         WHERE statement_id = $1
        "#,
        id.0
    )
    .fetch_one(connection)
    .await?;
    let texts = [&row.title, &row.body].into_iter().chain(&row.files).map(String::as_str);
    Ok(citations::documents(texts).iter().map(Document::key).collect())
}

/// Keeps what a posted statement cites, and that it was searched for it. The caller holds its row.
async fn keep(connection: &mut PgConnection, id: StatementId, keys: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "WITH found AS (DELETE FROM documents_to_find WHERE statement_id = $1),
              cited_no_more AS (DELETE FROM statement_documents WHERE statement_id = $1 AND document <> ALL ($2))
         INSERT INTO statement_documents (statement_id, document, sort_date, number)
         SELECT statement_id, cited.document, sort_date, number
           FROM statements, unnest($2::text[]) AS cited (document)
          WHERE statement_id = $1 AND state = 'posted'
         ON CONFLICT DO NOTHING",
        id.0,
        keys
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads some posted ones that were never searched for documents, or changed since; says how many there were.
///
/// # Errors
/// The database's.
pub async fn find_some(pool: &PgPool, most: i64) -> sqlx::Result<usize> {
    let mut transaction = crate::database::begin(pool).await?;
    // a statement that is being changed waits for the next run; whoever removes one waits until it is read
    let ids = sqlx::query_scalar!(
        "SELECT statements.statement_id
           FROM documents_to_find
           JOIN statements USING (statement_id)
          ORDER BY statement_id
          LIMIT $1
            FOR NO KEY UPDATE OF statements SKIP LOCKED",
        most
    )
    .fetch_all(&mut *transaction)
    .await?;
    for id in &ids {
        let keys = named(&mut transaction, StatementId(*id)).await?;
        keep(&mut transaction, StatementId(*id), &keys).await?;
    }
    transaction.commit().await?;
    Ok(ids.len())
}

/// A document, and how many public statements cite it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Its key.
    pub key: String,
    /// How many statements.
    pub statements: i32,
}

/// A place in the list of documents: that of the row with this count and key. In addresses "12.rfc4052".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// How many statements cite it.
    pub statements: i32,
    /// Its key.
    pub key: String,
}

impl Mark {
    /// Reads an address's mark.
    pub fn parse(text: &str) -> Option<Self> {
        let (statements, key) = text.split_once('.')?;
        let is_plain = key.len() <= 200 && !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
        let statements = statements.parse().ok().filter(|count| *count > 0 && is_plain)?;
        Some(Self { statements, key: key.to_owned() })
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.statements, self.key)
    }
}

/// Which page of the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// The first.
    First,
    /// What comes behind this row.
    After(Mark),
    /// What stands before it.
    Before(Mark),
}

/// One page of documents, the most cited first, and whether there is one before it and one behind it. `normal`: letters
/// and digits that the name holds; empty: any.
///
/// # Errors
/// The database's.
pub async fn most_cited(pool: &PgPool, normal: &str, page: &Page) -> sqlx::Result<(Vec<Counted>, bool, bool)> {
    let limit = i64::try_from(PAGE_ROWS + 1).unwrap_or(i64::MAX);
    let counted = |key, statements| Counted { key, statements };
    let mut found: Vec<Counted> = match page {
        Page::First | Page::After(_) => {
            let mark = if let Page::After(mark) = page { Some(mark) } else { None };
            sqlx::query!(
                "SELECT document, statements FROM documents
                  WHERE ($1 = '' OR strpos(normal, $1) > 0) AND (rarity, document) > ($2, $3)
                  ORDER BY rarity, document LIMIT $4",
                normal,
                mark.map_or(i32::MIN, |mark| -mark.statements),
                mark.map_or("", |mark| mark.key.as_str()),
                limit
            )
            .fetch_all(pool)
            .await?
            .into_iter()
            .map(|row| counted(row.document, row.statements))
            .collect()
        }
        Page::Before(mark) => sqlx::query!(
            "SELECT document, statements FROM documents
              WHERE ($1 = '' OR strpos(normal, $1) > 0) AND (rarity, document) < ($2, $3)
              ORDER BY rarity DESC, document DESC LIMIT $4",
            normal,
            -mark.statements,
            mark.key,
            limit
        )
        .fetch_all(pool)
        .await?
        .into_iter()
        .map(|row| counted(row.document, row.statements))
        .collect(),
    };
    let has_more = found.len() > PAGE_ROWS;
    found.truncate(PAGE_ROWS);
    Ok(match page {
        Page::First => (found, false, has_more),
        Page::After(_) => (found, true, has_more),
        Page::Before(_) => {
            found.reverse();
            (found, has_more, true)
        }
    })
}

/// How many public statements cite a document.
///
/// # Errors
/// The database's.
pub async fn count(pool: &PgPool, key: &str) -> sqlx::Result<i32> {
    let count = sqlx::query_scalar!("SELECT statements FROM documents WHERE document = $1", key).fetch_optional(pool).await?;
    Ok(count.unwrap_or(0))
}

/// Keys of the most cited documents.
///
/// # Errors
/// The database's.
pub async fn keys(pool: &PgPool, most: i64) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!("SELECT document FROM documents ORDER BY rarity, document LIMIT $1", most).fetch_all(pool).await
}
