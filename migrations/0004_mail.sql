-- One event is one message; one delivery a recipient, each with its fate.
CREATE TABLE mails (
    mail_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id   text NOT NULL UNIQUE,                   -- without angle brackets
    event        text NOT NULL,
    statement_id bigint REFERENCES statements,
    made_at      timestamptz NOT NULL,
    from_header  text NOT NULL,
    to_header    text NOT NULL,
    cc_header    text NOT NULL DEFAULT '',
    reply_to     text NOT NULL DEFAULT '',
    in_reply_to  text NOT NULL DEFAULT '',
    thread       text NOT NULL DEFAULT '',               -- the References header's ids
    subject      text NOT NULL,
    body         text NOT NULL,
    is_secret    boolean NOT NULL DEFAULT false          -- holds a one-time link: the body is erased once it has left
);
CREATE INDEX mails_secret ON mails (made_at) WHERE is_secret;
CREATE INDEX mails_of_statement ON mails (statement_id, mail_id);

CREATE TABLE mail_deliveries (
    mail_delivery_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mail_id         bigint NOT NULL REFERENCES mails ON DELETE CASCADE,
    recipient       text NOT NULL,                       -- the address alone
    person_id       bigint REFERENCES people,
    why             text NOT NULL DEFAULT '',            -- as whom: "chair of NMOP", "liaison manager for ITU-T"
    state           text NOT NULL CONSTRAINT mail_delivery_state_is_known
                    CHECK (state IN ('queued', 'accepted', 'failed', 'recorded', 'cancelled')),
    attempts        integer NOT NULL DEFAULT 0,
    queued_at       timestamptz NOT NULL DEFAULT now(),  -- begins the five days after which it is given up
    next_attempt_at timestamptz NOT NULL,
    leased_until    timestamptz,                         -- somebody is talking to the mail server about it until then
    lease_holder    text,
    lost_claims     integer NOT NULL DEFAULT 0,          -- claims in a row that never came back: it may be what ends the process
    waits_for_server boolean NOT NULL DEFAULT false,     -- nothing is wrong with it: no mail server could be reached
    server_words    text NOT NULL DEFAULT '',
    ended_at        timestamptz,
    CONSTRAINT mail_delivery_is_one_a_recipient UNIQUE (mail_id, recipient),
    CONSTRAINT mail_delivery_lease_has_its_holder CHECK ((leased_until IS NULL) = (lease_holder IS NULL))
);
CREATE INDEX mail_deliveries_due ON mail_deliveries (next_attempt_at) WHERE state = 'queued';
CREATE INDEX mail_deliveries_of_recipient ON mail_deliveries (lower(recipient), mail_delivery_id);
CREATE INDEX mail_deliveries_failed ON mail_deliveries (ended_at) WHERE state = 'failed';
