-- Research groups and the IRTF send no liaison statements (RFC 4053bis 1). Until now this hung on each group's own mark.

UPDATE groups SET may_send = false WHERE kind IN ('irtf', 'rg') AND may_send;
ALTER TABLE groups ADD CONSTRAINT group_of_research_sends_none CHECK (kind NOT IN ('irtf', 'rg') OR NOT may_send);
