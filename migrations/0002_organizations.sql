-- Organizations and their trees of groups; roles; relationships.
CREATE TABLE groups (
    group_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent_id      bigint REFERENCES groups,
    root_id        bigint NOT NULL REFERENCES groups DEFERRABLE INITIALLY DEFERRED,
    acronym        text NOT NULL CONSTRAINT group_acronym_is_plain CHECK (acronym ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$'),
    name           text NOT NULL CONSTRAINT group_has_a_name CHECK (name <> ''),
    label          text NOT NULL,                       -- how pages name it: "ITU-T SG11", "NMOP"
    kind           text NOT NULL CONSTRAINT group_kind_is_known
                   CHECK (kind IN ('organization', 'iesg', 'iab', 'irtf', 'area', 'wg', 'rg', 'group')),
    is_home        boolean NOT NULL DEFAULT false,      -- same throughout a tree
    state          text NOT NULL DEFAULT 'active' CONSTRAINT group_state_is_known
                   CHECK (state IN ('proposed', 'active', 'concluded')),
    may_send       boolean NOT NULL DEFAULT true,
    may_receive    boolean NOT NULL DEFAULT true,
    started_on     date,
    concluded_on   date,
    replaced_by_id bigint REFERENCES groups,
    how_to_send    text NOT NULL DEFAULT '',            -- notes for authors: address or portal, layout, formats
    next_meeting_on date,
    scope_documents text[] NOT NULL DEFAULT '{}',        -- "RFC 6756": what says how the two work together
    source_key     text CONSTRAINT group_source_key_is_unique UNIQUE,
    CONSTRAINT group_root_has_no_parent CHECK ((kind = 'organization') = (parent_id IS NULL))
);
CREATE UNIQUE INDEX group_acronym_is_unique ON groups (lower(acronym));
CREATE INDEX groups_of_parent ON groups (parent_id);
CREATE INDEX groups_of_root ON groups (root_id);
CREATE UNIQUE INDEX group_home_is_one ON groups (is_home) WHERE is_home AND parent_id IS NULL;

-- Every group with itself (distance 0) and all above it; kept by trigger.
CREATE TABLE group_ancestors (
    group_id    bigint NOT NULL REFERENCES groups ON DELETE CASCADE,
    ancestor_id bigint NOT NULL REFERENCES groups ON DELETE CASCADE,
    distance    integer NOT NULL,
    PRIMARY KEY (group_id, ancestor_id)
);
CREATE INDEX group_descendants ON group_ancestors (ancestor_id, group_id);

CREATE FUNCTION group_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.parent_id IS NULL THEN
        NEW.root_id := NEW.group_id;
    ELSE
        SELECT root_id, is_home INTO STRICT NEW.root_id, NEW.is_home FROM groups WHERE group_id = NEW.parent_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER group_place BEFORE INSERT ON groups FOR EACH ROW EXECUTE FUNCTION group_place();

CREATE FUNCTION group_ancestry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF EXISTS (SELECT 1 FROM group_ancestors WHERE group_id = NEW.parent_id AND ancestor_id = NEW.group_id) THEN
            RAISE EXCEPTION 'group % cannot stand below itself', NEW.acronym
                USING ERRCODE = 'check_violation', CONSTRAINT = 'group_is_not_below_itself';
        END IF;
        UPDATE groups SET root_id = parent.root_id, is_home = parent.is_home
          FROM groups AS parent
         WHERE parent.group_id = NEW.parent_id
           AND groups.group_id IN (SELECT group_id FROM group_ancestors WHERE ancestor_id = NEW.group_id);
        DELETE FROM group_ancestors AS upper
         USING group_ancestors AS lower_part
         WHERE lower_part.ancestor_id = NEW.group_id
           AND upper.group_id = lower_part.group_id
           AND upper.distance > lower_part.distance;
        INSERT INTO group_ancestors (group_id, ancestor_id, distance)
        SELECT below.group_id, above.ancestor_id, below.distance + above.distance + 1
          FROM group_ancestors AS below, group_ancestors AS above
         WHERE below.ancestor_id = NEW.group_id AND above.group_id = NEW.parent_id;
    ELSE
        INSERT INTO group_ancestors VALUES (NEW.group_id, NEW.group_id, 0);
        INSERT INTO group_ancestors (group_id, ancestor_id, distance)
        SELECT NEW.group_id, ancestor_id, distance + 1 FROM group_ancestors WHERE group_id = NEW.parent_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER group_ancestry_new AFTER INSERT ON groups FOR EACH ROW EXECUTE FUNCTION group_ancestry();
CREATE TRIGGER group_ancestry_moved AFTER UPDATE OF parent_id ON groups FOR EACH ROW
    WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id) EXECUTE FUNCTION group_ancestry();

-- Former names and acronyms: searchable, and redirecting.
CREATE TABLE group_names (
    group_name_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_id      bigint NOT NULL REFERENCES groups ON DELETE CASCADE,
    name          text,
    acronym       text,
    until         text,                                  -- as the record says: a year, a month or a day
    CONSTRAINT group_name_says_something CHECK (name IS NOT NULL OR acronym IS NOT NULL)
);
CREATE UNIQUE INDEX group_former_acronym_is_unique ON group_names (lower(acronym)) WHERE acronym IS NOT NULL;
CREATE INDEX group_names_of_group ON group_names (group_id);

-- One name space: an acronym in use is not a former one of another group.
CREATE FUNCTION group_acronyms_are_one_space() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.acronym IS NULL THEN RETURN NEW; END IF;
    IF TG_TABLE_NAME = 'groups' AND EXISTS (
           SELECT 1 FROM group_names WHERE lower(acronym) = lower(NEW.acronym) AND group_id <> NEW.group_id)
       OR TG_TABLE_NAME = 'group_names' AND EXISTS (
           SELECT 1 FROM groups WHERE lower(acronym) = lower(NEW.acronym) AND group_id <> NEW.group_id) THEN
        RAISE EXCEPTION 'acronym % is taken', NEW.acronym
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'group_acronym_is_unique';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER group_acronym_free BEFORE INSERT OR UPDATE OF acronym ON groups
    FOR EACH ROW EXECUTE FUNCTION group_acronyms_are_one_space();
CREATE TRIGGER group_former_acronym_free BEFORE INSERT OR UPDATE OF acronym ON group_names
    FOR EACH ROW EXECUTE FUNCTION group_acronyms_are_one_space();

-- Stored addresses of a group. use: the list, the chairs' alias, where a peer takes statements ...
CREATE TABLE group_contacts (
    group_contact_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_id     bigint NOT NULL REFERENCES groups ON DELETE CASCADE,
    use          text NOT NULL CONSTRAINT group_contact_use_is_known
                 CHECK (use IN ('list', 'chairs', 'send-to', 'to', 'cc')),
    mailbox      text NOT NULL,
    address_key  text NOT NULL,
    sort         text NOT NULL CONSTRAINT group_contact_sort_is_known CHECK (sort IN ('role', 'list', 'person')),
    confirmed_on date,
    confirmed_by bigint REFERENCES people,
    CONSTRAINT group_contact_is_stored_once UNIQUE (group_id, use, address_key)
);
CREATE INDEX group_contacts_by_address ON group_contacts (address_key);

CREATE TABLE roles (
    role_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id  bigint NOT NULL REFERENCES people,
    kind       text NOT NULL CONSTRAINT role_kind_is_known
               CHECK (kind IN ('chair', 'secretary', 'area-director', 'responsible-area-director', 'liaison-manager',
                               'ietf-chair', 'iab-chair', 'irtf-chair', 'iab-member', 'coordinator', 'secretariat')),
    group_id   bigint REFERENCES groups,
    starts_on  date NOT NULL,
    ends_on    date,                                     -- the first day without it
    alias      text,                                     -- the role's own address
    away_until date,
    CONSTRAINT role_ends_after_it_starts CHECK (ends_on IS NULL OR ends_on >= starts_on),
    CONSTRAINT role_names_its_group CHECK (
        (group_id IS NOT NULL) = (kind IN ('chair', 'secretary', 'area-director', 'responsible-area-director', 'liaison-manager'))),
    CONSTRAINT role_is_held_once_at_a_time EXCLUDE USING gist (
        person_id WITH =, kind WITH =, (coalesce(group_id, 0)) WITH =, daterange(starts_on, ends_on) WITH &&)
);
CREATE INDEX roles_of_person ON roles (person_id);
CREATE INDEX roles_at_group ON roles (group_id, kind);
CREATE INDEX roles_of_tracker ON roles (kind) WHERE group_id IS NULL;

CREATE TABLE relationships (
    relationship_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_id     bigint NOT NULL UNIQUE REFERENCES groups,
    kind         text NOT NULL CONSTRAINT relationship_kind_is_known CHECK (kind IN ('formal', 'informal')),
    state        text NOT NULL CONSTRAINT relationship_state_is_known CHECK (state IN ('proposed', 'active', 'ended')),
    documents    text[] NOT NULL DEFAULT '{}',
    former_documents text[] NOT NULL DEFAULT '{}',
    facts        text NOT NULL DEFAULT '',
    home_contact text                                    -- the alias at home that serves the relationship
);

-- Tells a server when its directory of groups is out of date.
CREATE TABLE group_version (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT group_version_is_one_row CHECK (only_row),
    version  bigint NOT NULL DEFAULT 1
);
INSERT INTO group_version DEFAULT VALUES;
CREATE FUNCTION group_version_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE group_version SET version = version + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER group_version_rises AFTER INSERT OR UPDATE OR DELETE ON groups FOR EACH STATEMENT EXECUTE FUNCTION group_version_rises();
CREATE TRIGGER group_version_rises_too AFTER INSERT OR UPDATE OR DELETE ON group_names FOR EACH STATEMENT EXECUTE FUNCTION group_version_rises();

-- *Organization* in a rule: the nearest group above or itself with a formal relationship that was ever active, else the root (domain.md 1).
CREATE FUNCTION organization_of(which bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT group_ancestors.ancestor_id
           FROM group_ancestors
           JOIN relationships ON relationships.group_id = group_ancestors.ancestor_id
          WHERE group_ancestors.group_id = which
            AND relationships.kind = 'formal'
            AND relationships.state IN ('active', 'ended')
          ORDER BY distance
          LIMIT 1),
        (SELECT root_id FROM groups WHERE group_id = which))
$$;
