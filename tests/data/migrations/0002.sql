-- Rows as they are after step 2: a home tree, a peer's tree, roles, a relationship.
INSERT INTO groups (parent_id, root_id, acronym, name, label, kind, is_home) VALUES
    (NULL, 0, 'ietf', 'Internet Engineering Task Force', 'IETF', 'organization', true),
    (NULL, 0, 'itu-t', 'ITU Telecommunication Standardization Sector', 'ITU-T', 'organization', false);
INSERT INTO groups (parent_id, root_id, acronym, name, label, kind) VALUES
    (1, 0, 'net', 'Network Area', 'NET', 'area'),
    (2, 0, 'itu-t-sg11', 'Protocols and testing', 'ITU-T SG11', 'group');
INSERT INTO groups (parent_id, root_id, acronym, name, label, kind, state, concluded_on) VALUES
    (3, 0, 'wire', 'Wire Formats', 'WIRE', 'wg', 'active', NULL),
    (3, 0, 'old', 'Old Group', 'OLD', 'wg', 'concluded', '2020-01-01');
UPDATE groups SET replaced_by_id = 5 WHERE acronym = 'old';
INSERT INTO group_names (group_id, name, acronym, until) VALUES (5, 'Formats', 'formats', '2019'), (4, NULL, 'itu-t-sg-xi', NULL);
INSERT INTO group_contacts (group_id, use, mailbox, address_key, sort, confirmed_on, confirmed_by) VALUES
    (5, 'list', 'wire@ietf.example', 'wire@ietf.example', 'list', NULL, NULL),
    (4, 'send-to', 'SG11 <sg11@itu-t.example>', 'sg11@itu-t.example', 'role', '2026-01-01', 2);
INSERT INTO roles (person_id, kind, group_id, starts_on, ends_on, alias) VALUES
    (1, 'chair', 5, '2020-01-01', NULL, NULL),
    (2, 'liaison-manager', 2, '2020-01-01', '2021-01-01', 'itu-t-manager@ietf.example'),
    (2, 'coordinator', NULL, '2021-01-01', NULL, NULL);
INSERT INTO relationships (group_id, kind, state, documents) VALUES (2, 'formal', 'active', '{RFC 6756}');
