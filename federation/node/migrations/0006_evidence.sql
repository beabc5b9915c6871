-- Proof that a partner has cheated, as files that anybody can check; `id` is the SHA-256 of `file`.
-- `about` is the number of the event or the id of the payment: the first proof of each is kept.
CREATE TABLE evidence (
    id bytea NOT NULL,
    kind text NOT NULL,
    line text NOT NULL,
    about text NOT NULL,
    accused text NOT NULL,
    kept_at_s bigint NOT NULL,
    file bytea NOT NULL,
    CONSTRAINT evidence_pkey PRIMARY KEY (id),
    CONSTRAINT evidence_about_key UNIQUE (line, kind, about),
    CONSTRAINT evidence_id_check CHECK (id = sha256(file)),
    CONSTRAINT evidence_file_check CHECK (octet_length(file) <= 2097152)
);
CREATE TRIGGER evidence_unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
