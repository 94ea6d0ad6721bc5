-- People, their addresses, accounts, sessions and one-time links.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE installation (
    only_row         boolean PRIMARY KEY DEFAULT true CONSTRAINT installation_is_one_row CHECK (only_row),
    is_demonstration boolean NOT NULL DEFAULT false
);
INSERT INTO installation DEFAULT VALUES;

CREATE TABLE people (
    person_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL CONSTRAINT person_has_a_name CHECK (name <> '' AND length(name) <= 200),
    made_at    timestamptz NOT NULL DEFAULT now()
);

-- Addresses by which a person is known. The key is the whole address in lower case.
CREATE TABLE addresses (
    address_key text PRIMARY KEY CONSTRAINT address_key_is_lower_case CHECK (address_key = lower(address_key)),
    address     text NOT NULL,
    person_id   bigint NOT NULL REFERENCES people ON DELETE CASCADE,
    is_primary  boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX address_primary_is_one ON addresses (person_id) WHERE is_primary;
CREATE INDEX addresses_of_person ON addresses (person_id);

CREATE TABLE accounts (
    person_id           bigint PRIMARY KEY REFERENCES people ON DELETE CASCADE,
    password_hash       text CONSTRAINT account_password_is_argon2id CHECK (password_hash LIKE '$argon2id$%'),
    is_disabled         boolean NOT NULL DEFAULT false,
    made_at             timestamptz NOT NULL DEFAULT now()
);

-- Only a hash of the secret is kept; the cookie holds the secret.
CREATE TABLE sessions (
    session_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    secret_hash bytea NOT NULL UNIQUE CONSTRAINT session_secret_is_hashed CHECK (length(secret_hash) = 32),
    person_id   bigint NOT NULL REFERENCES people ON DELETE CASCADE,
    made_at     timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    browser     text NOT NULL DEFAULT ''
);
CREATE INDEX sessions_of_person ON sessions (person_id);

CREATE TABLE one_time_links (
    secret_hash bytea PRIMARY KEY CONSTRAINT link_secret_is_hashed CHECK (length(secret_hash) = 32),
    person_id   bigint NOT NULL REFERENCES people ON DELETE CASCADE,
    purpose     text NOT NULL CONSTRAINT link_purpose_is_known
                CHECK (purpose IN ('sign-in', 'password-reset', 'invitation', 'address-change')),
    address     text,
    return_to   text,
    made_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);
CREATE INDEX one_time_links_of_person ON one_time_links (person_id, purpose);

-- Tries to sign in, for each account (its address as a hash) and client: when what was used up is paid off again.
CREATE TABLE sign_in_tries (
    account_hash bytea NOT NULL CONSTRAINT try_account_is_hashed CHECK (length(account_hash) = 32),
    client       text NOT NULL,
    paid_at      timestamptz NOT NULL,
    PRIMARY KEY (account_hash, client)
);
