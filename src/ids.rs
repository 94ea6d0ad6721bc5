//! Keys as types, so that a statement's key never stands where a person's is asked for.

/// Makes a newtype around the table's `bigint` key: encodes, decodes, displays and serializes as the number.
macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, serde::Serialize, serde::Deserialize)]
        #[sqlx(transparent)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<i64> for $name {
            fn from(key: i64) -> Self {
                Self(key)
            }
        }
    };
}

id!(
    /// Key of a person.
    PersonId
);
id!(
    /// Key of a group of any tree.
    GroupId
);
id!(
    /// Key of a statement; never shown. Pages use its number, or while it is a draft its draft id.
    StatementId
);
id!(
    /// Key of a sign-in.
    SessionId
);
id!(
    /// Key of a stored file.
    FileId
);
id!(
    /// Key of a mail.
    MailId
);
id!(
    /// Key of one delivery of a mail to one recipient.
    MailDeliveryId
);
id!(
    /// Key of what one addressee has to do with a statement.
    ActionId
);
id!(
    /// Key of a sign-off row.
    SignOffId
);
id!(
    /// Key of a report of an unrecorded statement; never shown.
    UnrecordedId
);
id!(
    /// Key of a stored contact of a group.
    GroupContactId
);
id!(
    /// Key of a role that somebody holds.
    RoleId
);
