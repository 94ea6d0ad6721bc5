-- A statement from the IESG may state the IESG's consensus (RFC 4053bis 4.2).

ALTER TABLE statements
    DROP CONSTRAINT statement_consensus_is_known,
    ADD CONSTRAINT statement_consensus_is_known
        CHECK (consensus IN ('existing', 'group', 'collected', 'none-reached', 'none-sought', 'ietf-wide', 'iesg'));
