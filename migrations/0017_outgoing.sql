-- Outgoing statements: consensus, delivery, sign-offs by a policy, hold (domain.md 3, 4, 5).

ALTER TABLE statements
    ADD COLUMN consensus      text CONSTRAINT statement_consensus_is_known
               CHECK (consensus IN ('existing', 'group', 'collected', 'none-reached', 'none-sought', 'ietf-wide')),
    ADD COLUMN consensus_link text NOT NULL DEFAULT '',      -- to the call, or the documents that hold it
    ADD COLUMN informed_on    date,                          -- when its group was told of it
    ADD COLUMN delivery       text NOT NULL DEFAULT 'mail' CONSTRAINT statement_delivery_is_known CHECK (delivery IN ('mail', 'otherwise')),
    ADD COLUMN delivered_how  text NOT NULL DEFAULT '',      -- the channel, such as a portal
    ADD COLUMN delivered_on   date,
    ADD COLUMN delivery_evidence text NOT NULL DEFAULT '',   -- a receipt's number, a link
    ADD COLUMN closes         text[],                        -- actions that a final reply closes, number:acronym; none: as the rule says
    ADD COLUMN held_at        timestamptz,                   -- nothing is posted until it is released
    ADD COLUMN held_by        bigint REFERENCES people,
    ADD COLUMN held_as        text NOT NULL DEFAULT '',
    ADD COLUMN held_why       text NOT NULL DEFAULT '',
    ADD COLUMN without_approval boolean NOT NULL DEFAULT false, -- it had left before anybody with the authority approved
    ADD CONSTRAINT statement_held_says_by_whom_and_why
        CHECK ((held_at IS NULL) = (held_by IS NULL) AND (held_at IS NULL) = (held_why = '')),
    ADD CONSTRAINT statement_held_is_not_posted CHECK (held_at IS NULL OR state <> 'posted'),
    ADD CONSTRAINT statement_without_approval_is_outgoing CHECK (NOT without_approval OR direction = 'outgoing'),
    ADD CONSTRAINT statement_delivered_otherwise_says_how
        CHECK (delivery <> 'otherwise' OR delivered_how <> '' OR state IN ('draft', 'abandoned', 'deleted'));

-- A row that another comes before is asked later; one given elsewhere says who entered it, with evidence; what left
-- without approval can be objected to.
ALTER TABLE sign_offs
    ADD COLUMN entered_by     bigint REFERENCES people,
    ADD COLUMN entered_as     text NOT NULL DEFAULT '',
    ADD COLUMN evidence       text NOT NULL DEFAULT '',
    ADD COLUMN is_standing_in boolean NOT NULL DEFAULT false,
    ADD COLUMN was_own        boolean NOT NULL DEFAULT false, -- given by submitting
    DROP CONSTRAINT sign_off_state_is_known,
    ADD CONSTRAINT sign_off_state_is_known CHECK (state IN ('later', 'waiting', 'given', 'changes-requested', 'void', 'objected')),
    DROP CONSTRAINT sign_off_given_says_by_whom,
    ADD CONSTRAINT sign_off_given_says_by_whom
        CHECK (state NOT IN ('given', 'changes-requested', 'objected') OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
    ADD CONSTRAINT sign_off_objected_says_why CHECK (state <> 'objected' OR words <> ''),
    ADD CONSTRAINT sign_off_entered_has_evidence CHECK ((entered_by IS NULL) = (evidence = ''));
CREATE INDEX sign_offs_of_statement ON sign_offs (statement_id, round);
CREATE INDEX sign_offs_waiting_by_kind ON sign_offs (kind, statement_id) WHERE state = 'waiting';

-- By which statement an action was answered.
ALTER TABLE actions ADD COLUMN answered_by bigint REFERENCES statements;
CREATE INDEX actions_answered_by ON actions (answered_by) WHERE answered_by IS NOT NULL;

-- Who decides in the place of the holder of a role while away, as the holder named them (domain.md 4).
ALTER TABLE roles ADD COLUMN stand_in_id bigint REFERENCES people;

-- An outgoing statement is posted only with every row of its round given, or marked as sent without approval. At commit.
CREATE FUNCTION statement_posted_is_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM sign_offs
                WHERE statement_id = NEW.statement_id AND round = NEW.round
                  AND state IN ('waiting', 'later', 'changes-requested')
                  AND NOT (NEW.without_approval AND kind = 'approval'))
       OR EXISTS (SELECT 1 FROM sign_offs
                   WHERE statement_id = NEW.statement_id AND round = NEW.round AND state = 'given' AND version <> NEW.version)
       OR (NEW.direction = 'outgoing'
           AND NOT EXISTS (SELECT 1 FROM sign_offs WHERE statement_id = NEW.statement_id AND round = NEW.round AND kind = 'approval')) THEN
        RAISE EXCEPTION 'statement % is not signed as it stands', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_posted_is_signed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_posted_is_signed BEFORE UPDATE OF state ON statements
    FOR EACH ROW WHEN (NEW.origin = 'native' AND NEW.state = 'posted' AND OLD.state <> 'posted') EXECUTE FUNCTION statement_posted_is_signed();
