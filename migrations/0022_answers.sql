-- What a peer's reply answers in full and in part, and how what a reply closed is opened again (domain.md 3, *Replies*).

ALTER TABLE statements ADD COLUMN answers_in_part text[];   -- of what is awaited, number:acronym; it stays awaited

-- As the action was when another statement ended it; none: it was not, or that is not known.
ALTER TABLE actions
    ADD COLUMN ended_from text CONSTRAINT action_ended_from_is_known CHECK (ended_from IN ('open', 'in-progress', 'awaited')),
    ADD CONSTRAINT action_no_longer_awaited_says_why CHECK (state <> 'no-longer-awaited' OR words <> '') NOT VALID;

ALTER TABLE action_steps
    DROP CONSTRAINT action_step_kind_is_known,
    ADD CONSTRAINT action_step_kind_is_known
        CHECK (kind IN ('take', 'assign', 'begin', 'wait', 'resume', 'note', 'answer-informally', 'close', 'reopen', 'stop-awaiting'));
