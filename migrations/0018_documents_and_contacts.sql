-- Documents that statements cite; and how a group is written to.

-- Each document that a public statement cites. Counted by trigger, so that the most cited cost what any page does.
-- Its kind and name follow from its key ("rfc4052", "itu-t-g.8032").
CREATE TABLE documents (
    document   text COLLATE "C" PRIMARY KEY,
    normal     text NOT NULL GENERATED ALWAYS AS (regexp_replace(document, '[^a-z0-9]', '', 'g')) STORED,  -- as references are compared
    statements integer NOT NULL,
    rarity     integer NOT NULL GENERATED ALWAYS AS (-statements) STORED   -- the most cited first where a list runs upward
);
CREATE INDEX documents_most_cited ON documents (rarity, document) INCLUDE (statements);

CREATE TABLE statement_documents (
    statement_id bigint NOT NULL REFERENCES statements,
    document     text COLLATE "C" NOT NULL,
    sort_date    date NOT NULL,
    number       integer NOT NULL,
    PRIMARY KEY (statement_id, document)
);
CREATE INDEX statement_documents_newest ON statement_documents (document, sort_date, number) INCLUDE (statement_id);

-- Posted ones whose words changed, or were never searched for documents. The program finds names, not the database.
CREATE TABLE documents_to_find (
    statement_id bigint PRIMARY KEY REFERENCES statements
);
INSERT INTO documents_to_find (statement_id) SELECT statement_id FROM statements WHERE state = 'posted';

CREATE FUNCTION documents_are_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM changed) THEN
        RETURN NULL;
    END IF;
    -- one at a time: postings, removals and what finds documents would else lock each other's rows in any order
    PERFORM pg_advisory_xact_lock(hashtext('documents'));
    IF TG_OP = 'INSERT' THEN
        INSERT INTO documents (document, statements)
        SELECT document, count(*) FROM changed GROUP BY document
        ON CONFLICT (document) DO UPDATE SET statements = documents.statements + EXCLUDED.statements;
    ELSE
        UPDATE documents SET statements = documents.statements - gone.statements
          FROM (SELECT document, count(*) AS statements FROM changed GROUP BY document) AS gone
         WHERE gone.document = documents.document;
        DELETE FROM documents WHERE statements <= 0 AND document IN (SELECT document FROM changed);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER documents_cited_are_counted AFTER INSERT ON statement_documents
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION documents_are_counted();
CREATE TRIGGER documents_uncited_are_counted AFTER DELETE ON statement_documents
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION documents_are_counted();

-- What is removed cites nothing any more, and words that change name nothing until they are read again.
CREATE FUNCTION statement_cites_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.state = 'posted' AND OLD.state = 'posted'
       AND (NEW.title, NEW.body) IS NOT DISTINCT FROM (OLD.title, OLD.body) THEN
        UPDATE statement_documents SET sort_date = NEW.sort_date, number = NEW.number WHERE statement_id = NEW.statement_id;
        RETURN NULL;
    END IF;
    DELETE FROM statement_documents WHERE statement_id = NEW.statement_id;
    IF NEW.state = 'posted' THEN
        INSERT INTO documents_to_find (statement_id) VALUES (NEW.statement_id) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER statement_made_cites AFTER INSERT ON statements FOR EACH ROW
    WHEN (NEW.state = 'posted') EXECUTE FUNCTION statement_cites_anew();
CREATE TRIGGER statement_changed_cites AFTER UPDATE ON statements FOR EACH ROW
    WHEN ((OLD.state = 'posted' OR NEW.state = 'posted')
          AND (NEW.state, NEW.title, NEW.body, NEW.sort_date, NEW.number) IS DISTINCT FROM (OLD.state, OLD.title, OLD.body, OLD.sort_date, OLD.number))
    EXECUTE FUNCTION statement_cites_anew();

CREATE FUNCTION attachment_cites_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM statements WHERE statement_id = OLD.statement_id AND state = 'posted') THEN
        DELETE FROM statement_documents WHERE statement_id = OLD.statement_id;
        INSERT INTO documents_to_find (statement_id) VALUES (OLD.statement_id) ON CONFLICT DO NOTHING;
    END IF;
    IF TG_OP = 'INSERT' AND EXISTS (SELECT 1 FROM statements WHERE statement_id = NEW.statement_id AND state = 'posted') THEN
        INSERT INTO documents_to_find (statement_id) VALUES (NEW.statement_id) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER attachment_made_cites AFTER INSERT OR DELETE ON attachments FOR EACH ROW EXECUTE FUNCTION attachment_cites_anew();
CREATE TRIGGER attachment_changed_cites AFTER UPDATE ON attachments FOR EACH ROW
    WHEN ((NEW.title, NEW.visibility, NEW.kind) IS DISTINCT FROM (OLD.title, OLD.visibility, OLD.kind)) EXECUTE FUNCTION attachment_cites_anew();

-- Whom a stored address is of.
ALTER TABLE group_contacts
    ADD COLUMN role text NOT NULL DEFAULT '',
    ADD COLUMN affiliation text NOT NULL DEFAULT '';

-- How a group is written to, beside the notes in `how_to_send`. Never passwords.
ALTER TABLE groups
    ADD COLUMN send_by text NOT NULL DEFAULT '' CONSTRAINT group_send_by_is_known CHECK (send_by IN ('', 'mail', 'portal', 'other')),
    ADD COLUMN send_at text NOT NULL DEFAULT '',         -- an address, or where the portal is
    ADD COLUMN layout text NOT NULL DEFAULT '',
    ADD COLUMN formats text NOT NULL DEFAULT '',
    ADD COLUMN document_access text NOT NULL DEFAULT '';

CREATE INDEX history_of_group ON history (group_id, history_id) WHERE group_id IS NOT NULL;
