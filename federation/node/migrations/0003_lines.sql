-- Lines between groups: what both chains say, and every trade on its way.
CREATE TABLE line (
    line text NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT line_pkey PRIMARY KEY (line)
) WITH (fillfactor = 50);

-- The own chain: place n of a line is event seq of the own log.
CREATE TABLE line_event (
    line text NOT NULL,
    n bigint NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT line_event_pkey PRIMARY KEY (line, n),
    CONSTRAINT line_event_seq_key UNIQUE (seq)
);

-- What the partner sent, byte for byte; `cover` is the place of the event that closed its batch.
CREATE TABLE line_inbox (
    line text NOT NULL,
    n bigint NOT NULL,
    id bytea NOT NULL,
    core bytea NOT NULL,
    signature bytea NOT NULL,
    cover bigint NOT NULL,
    received_at_s bigint NOT NULL,
    CONSTRAINT line_inbox_pkey PRIMARY KEY (line, n),
    CONSTRAINT line_inbox_core_check CHECK (octet_length(core) BETWEEN 2 AND 8192)
);
CREATE TRIGGER line_inbox_unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON line_inbox
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Every trade on its way and every burned id.
CREATE TABLE transfer (
    line text NOT NULL,
    path text NOT NULL,
    direction text NOT NULL,
    account bigint,
    done boolean NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT transfer_pkey PRIMARY KEY (path, line, direction)
) WITH (fillfactor = 50);
CREATE INDEX transfer_open ON transfer (line) WHERE NOT done;
CREATE INDEX transfer_account ON transfer (account);

-- How far the partner has come, and when to try again: the outbox.
CREATE TABLE line_delivery (
    line text NOT NULL,
    acknowledged_n bigint NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    next_attempt_at_s bigint NOT NULL DEFAULT 0,
    last_contact_at_s bigint NOT NULL DEFAULT 0,
    CONSTRAINT line_delivery_pkey PRIMARY KEY (line)
) WITH (fillfactor = 50);

-- Nodes that may be spoken with, and the keys that speak for them.
CREATE TABLE peer (
    node text NOT NULL,
    url text NOT NULL,
    name text NOT NULL,
    standing text NOT NULL,
    CONSTRAINT peer_pkey PRIMARY KEY (node),
    CONSTRAINT peer_standing_check CHECK (standing IN ('invited', 'registered', 'umbrella', 'removed'))
);

CREATE TABLE peer_key_statement (
    node text NOT NULL,
    ordinal integer NOT NULL,
    statement bytea NOT NULL,
    CONSTRAINT peer_key_statement_pkey PRIMARY KEY (node, ordinal)
);

-- Pseudonyms of members towards one reading node.
CREATE TABLE pseudonym (
    reader text NOT NULL,
    pseudonym text NOT NULL,
    subject bytea NOT NULL,
    CONSTRAINT pseudonym_pkey PRIMARY KEY (reader, pseudonym)
);

-- Payees of other groups that were asked for by their code before.
CREATE TABLE known_payee (
    node text NOT NULL,
    code_key text NOT NULL,
    pseudonym text NOT NULL,
    CONSTRAINT known_payee_pkey PRIMARY KEY (node, code_key)
);
