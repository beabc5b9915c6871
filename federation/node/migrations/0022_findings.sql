-- What an umbrella's audit found, and how it was solved, stands in its own log among everything
-- else: `audit.found` and `audit.solved`.
CREATE INDEX log_event_audit_idx ON log_event (seq)
    WHERE position('"type":"audit.'::bytea in body) > 0;

-- Findings in the log that the newest audit which looked for them did not find any more.
CREATE TABLE audit_gone (
    finding bytea NOT NULL,
    since_s bigint NOT NULL,
    CONSTRAINT audit_gone_pkey PRIMARY KEY (finding),
    CONSTRAINT audit_gone_finding_check CHECK (octet_length(finding) = 32)
);
