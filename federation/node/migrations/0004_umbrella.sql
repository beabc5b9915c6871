-- The umbrella's mirror: all cores of every node, and what the audit found.
CREATE TABLE mirror_event (
    node text NOT NULL,
    seq bigint NOT NULL,
    core bytea NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT mirror_event_pkey PRIMARY KEY (node, seq)
);
CREATE TRIGGER mirror_event_unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON mirror_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- How far each log was followed; `root` is that of the checkpoint which the mirror matched.
CREATE TABLE mirror_state (
    node text NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    checkpoint bytea NOT NULL,
    pulled_at_s bigint NOT NULL,
    CONSTRAINT mirror_state_pkey PRIMARY KEY (node)
);
