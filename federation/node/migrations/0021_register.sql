-- The register of an umbrella: what its log says about groups, their keys and their lines, in the
-- order of its log. Derived from the own log, and filled anew by a rebuild.
CREATE TABLE register_event (
    seq bigint NOT NULL,
    readers text[] NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT register_event_pkey PRIMARY KEY (seq)
);
COMMENT ON COLUMN register_event.readers IS 'Who is told; nobody named: every group.';

INSERT INTO register_event (seq, readers, body)
SELECT seq, '{}', body FROM log_event
WHERE body IS NOT NULL AND position('"type":"group.admitted"'::bytea in body) > 0;

-- How far this node has read the register of an umbrella.
CREATE TABLE register_cursor (
    umbrella text NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT register_cursor_pkey PRIMARY KEY (umbrella)
);

-- The few own events that state keys, and the few mirrored ones that make a line.
CREATE INDEX log_event_keys ON log_event (seq)
    WHERE position('"type":"key.statement"'::bytea in core) > 0;
CREATE INDEX mirror_event_terms ON mirror_event (node, seq)
    WHERE position('"type":"terms.accept"'::bytea in core) > 0
        OR position('"type":"terms.propose"'::bytea in core) > 0;
