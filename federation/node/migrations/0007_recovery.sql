-- Bodies of other nodes, sealed to their recovery keys: kept for them, never readable here. `held`
-- has a bit for each entry of the tile whose body is inside.
CREATE TABLE mirror_bodies (
    node text NOT NULL,
    tile bigint NOT NULL,
    width integer NOT NULL,
    held bytea NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT mirror_bodies_pkey PRIMARY KEY (node, tile, width),
    CONSTRAINT mirror_bodies_width_check CHECK (width BETWEEN 1 AND 256)
);

-- Own events whose body did not come back after a restore, and the body that stands for it.
-- A later `local.lost` of the log lists them.
CREATE TABLE lost_body (
    seq bigint NOT NULL,
    stands_in bytea,
    CONSTRAINT lost_body_pkey PRIMARY KEY (seq)
);
CREATE TRIGGER lost_body_unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON lost_body
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Events that nobody ever saw, taken out of the log when a longer one came back: appended anew
-- behind it, or not; `outcome` says which, and is empty while that is still to be done.
CREATE TABLE unreleased_event (
    seq bigint NOT NULL,
    id bytea NOT NULL,
    core bytea NOT NULL,
    signature bytea NOT NULL,
    body bytea,
    body_salt bytea,
    command_key bytea,
    moved_at_s bigint NOT NULL,
    outcome text NOT NULL DEFAULT '',
    CONSTRAINT unreleased_event_pkey PRIMARY KEY (id)
);

CREATE TABLE unreleased_text (
    event bytea NOT NULL,
    commitment bytea NOT NULL,
    subject bytea NOT NULL,
    layer text NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT unreleased_text_pkey PRIMARY KEY (event, subject, commitment),
    CONSTRAINT unreleased_text_event_fkey FOREIGN KEY (event) REFERENCES unreleased_event (id)
);
