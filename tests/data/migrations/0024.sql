INSERT INTO groups (parent_id, root_id, acronym, name, label, kind, may_send) VALUES (1, 0, 'irtf', 'Internet Research Task Force', 'IRTF', 'irtf', false);
