-- How far each log was followed: the frontier of its tree, the key statements in it, and the last
-- entry under each key, so that following costs by what is new. What is missing here is read from `mirror_event` once.
CREATE TABLE mirror_tree (
    node text NOT NULL,
    size bigint NOT NULL,
    peaks bytea NOT NULL,
    statements bytea NOT NULL,
    used bytea NOT NULL,
    CONSTRAINT mirror_tree_pkey PRIMARY KEY (node),
    CONSTRAINT mirror_tree_size_check CHECK (size >= 0)
);

-- What the umbrella's audit remembers, so that a report costs by what is new.
-- `state` is a record of federation.umbrella.audit in msgpack; all of it can be made anew
-- from the mirror.
CREATE TABLE audit_node (
    node text NOT NULL,
    events bigint NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT audit_node_pkey PRIMARY KEY (node)
);
CREATE TABLE audit_line (
    line text NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT audit_line_pkey PRIMARY KEY (line)
);
-- `open`: something of the payment is missing or wrong, so every report looks at it.
CREATE TABLE audit_path (
    path text NOT NULL,
    open boolean NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT audit_path_pkey PRIMARY KEY (path)
);
CREATE INDEX audit_path_open_idx ON audit_path (path) WHERE open;
