-- Files that go along with a mail, in order. One that was taken away since has no file any more, and its mail fails.
CREATE TABLE mail_attachments (
    mail_id    bigint NOT NULL REFERENCES mails ON DELETE CASCADE,
    position   integer NOT NULL,
    file_id    bigint REFERENCES files ON DELETE SET NULL,
    file_name  text NOT NULL,
    media_type text NOT NULL,
    size       bigint NOT NULL,                          -- bytes, as they were when the mail was made
    PRIMARY KEY (mail_id, position)
);
CREATE INDEX mail_attachments_of_file ON mail_attachments (file_id);

-- The files of its mail were too large for this recipient's server, so the text went alone.
ALTER TABLE mail_deliveries ADD COLUMN without_files boolean NOT NULL DEFAULT false;
