-- The log: append-only. The runtime role may insert and read; a trigger refuses the rest for all.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'RB001';
END $$;

CREATE TABLE log_event (
    seq bigint NOT NULL,
    id bytea NOT NULL,
    core bytea NOT NULL,
    signature bytea NOT NULL,
    body bytea,
    body_salt bytea,
    CONSTRAINT log_event_pkey PRIMARY KEY (seq),
    CONSTRAINT log_event_seq_check CHECK (seq >= 0),
    CONSTRAINT log_event_id_check CHECK (octet_length(id) = 32),
    CONSTRAINT log_event_core_check CHECK (octet_length(core) BETWEEN 2 AND 8192),
    CONSTRAINT log_event_signature_check CHECK (octet_length(signature) = 64),
    CONSTRAINT log_event_body_check CHECK (
        (body IS NULL) = (body_salt IS NULL) AND (body_salt IS NULL OR octet_length(body_salt) = 32)
    )
);

-- One row for each full tile of 256 leaves.
CREATE TABLE log_subroot (
    tile bigint NOT NULL,
    root bytea NOT NULL,
    CONSTRAINT log_subroot_pkey PRIMARY KEY (tile),
    CONSTRAINT log_subroot_root_check CHECK (octet_length(root) = 32)
);

-- The primary key makes it impossible to record two roots for one size.
CREATE TABLE log_checkpoint (
    size bigint NOT NULL,
    root bytea NOT NULL,
    note bytea NOT NULL,
    made_at_s bigint NOT NULL,
    CONSTRAINT log_checkpoint_pkey PRIMARY KEY (size)
);

-- One row: how long the log is, and which writer may append (compare and swap on both).
CREATE TABLE log_state (
    only_row boolean NOT NULL DEFAULT true,
    origin text NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    epoch bigint NOT NULL,
    writer bytea NOT NULL DEFAULT '',
    batch bigint NOT NULL DEFAULT 0,
    CONSTRAINT log_state_pkey PRIMARY KEY (only_row),
    CONSTRAINT log_state_only_row_check CHECK (only_row)
) WITH (fillfactor = 50);

-- Sealed personal and peer texts; the key of a member opens the member's own.
CREATE TABLE sealed_text (
    seq bigint NOT NULL,
    commitment bytea NOT NULL,
    subject bytea NOT NULL,
    layer text NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT sealed_text_pkey PRIMARY KEY (seq, subject, commitment),
    CONSTRAINT sealed_text_layer_check CHECK (layer IN ('personal', 'peer'))
);

-- Data keys of members, wrapped by a key that lies outside the database. Deleting one erases.
CREATE TABLE data_key (
    subject bytea NOT NULL,
    wrapping_key text NOT NULL,
    wrapped bytea NOT NULL,
    CONSTRAINT data_key_pkey PRIMARY KEY (subject)
);

CREATE TRIGGER log_event_unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON log_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_subroot_unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON log_subroot
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_checkpoint_unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON log_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
