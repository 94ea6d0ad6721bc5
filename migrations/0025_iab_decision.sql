-- The IAB's own statements are approved with the link to its decision (RFC 4053bis 4.1): evidence that nobody entered for another.

ALTER TABLE sign_offs
    DROP CONSTRAINT sign_off_entered_has_evidence,
    ADD CONSTRAINT sign_off_entered_has_evidence CHECK (entered_by IS NULL OR evidence <> ''),
    ADD CONSTRAINT sign_off_evidence_was_entered_or_is_a_decision CHECK (evidence = '' OR entered_by IS NOT NULL OR kind = 'approval');

CREATE FUNCTION approval_of_iab_names_its_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM groups WHERE group_id = NEW.group_id AND kind = 'iab') THEN
        RAISE EXCEPTION 'the approval of statement % names no decision of the IAB', NEW.statement_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_of_iab_names_its_decision';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approval_of_iab_names_its_decision BEFORE INSERT OR UPDATE OF state ON sign_offs
    FOR EACH ROW WHEN (NEW.kind = 'approval' AND NEW.state = 'given' AND NEW.evidence = '') EXECUTE FUNCTION approval_of_iab_names_its_decision();
