-- Beside the newest checkpoint of a followed log (`mirror_state`), those older ones that witnesses
-- have cosigned whom no newer one has all of. `witnesses` are the verifier keys that fitted.
CREATE TABLE mirror_cosigned (
    node text NOT NULL,
    size bigint NOT NULL,
    witnesses text[] NOT NULL,
    note bytea NOT NULL,
    CONSTRAINT mirror_cosigned_pkey PRIMARY KEY (node, size),
    CONSTRAINT mirror_cosigned_size_check CHECK (size >= 0),
    CONSTRAINT mirror_cosigned_witnesses_check CHECK (cardinality(witnesses) > 0)
);

-- How far a full audit has held a log against what was followed before, when its time ran out: the
-- next audit goes on from there. No row: nothing is left to be held.
CREATE TABLE mirror_held (
    node text NOT NULL,
    size bigint NOT NULL,
    CONSTRAINT mirror_held_pkey PRIMARY KEY (node),
    CONSTRAINT mirror_held_size_check CHECK (size >= 0)
);

-- Records now hold where a group first speaks on a line of two others. The next audit reads the
-- mirror from the start, so that what it goes on from holds that of what was read before too.
DELETE FROM audit_node;
DELETE FROM audit_line;
DELETE FROM audit_path;
