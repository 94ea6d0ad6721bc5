-- All deadlines of an action, those that were superseded too: a statement's page shows them.
CREATE INDEX deadlines_of_action ON deadlines (action_id);
