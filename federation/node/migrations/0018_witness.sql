-- What this node has witnessed: the newest checkpoint that it cosigned of each log. `log` is the
-- SHA-256 of the origin, `note` the checkpoint with the log's signatures and our cosignature.
CREATE TABLE witnessed (
    log bytea NOT NULL,
    origin text NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    note bytea NOT NULL,
    cosigned_at_s bigint NOT NULL,
    CONSTRAINT witnessed_pkey PRIMARY KEY (log),
    CONSTRAINT witnessed_log_check CHECK (log = sha256(convert_to(origin, 'UTF8'))),
    CONSTRAINT witnessed_size_check CHECK (size >= 0),
    CONSTRAINT witnessed_root_check CHECK (octet_length(root) = 32)
);

-- A witness never goes back: what it cosigned once stays below what it cosigns next.
CREATE FUNCTION refuse_smaller_witnessed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR NEW.log <> OLD.log OR NEW.size < OLD.size
        OR (NEW.size = OLD.size AND NEW.root <> OLD.root) THEN
        RAISE EXCEPTION 'a witness does not take back what it cosigned' USING ERRCODE = 'RB001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER witnessed_only_grows BEFORE UPDATE OR DELETE ON witnessed
    FOR EACH ROW EXECUTE FUNCTION refuse_smaller_witnessed();

-- Who cosigned the own checkpoints, with the signature lines as they came. Of one checkpoint the
-- newest time of a witness counts; those of older checkpoints stay, as proof of when they were seen.
CREATE TABLE cosignature (
    size bigint NOT NULL,
    witness text NOT NULL,
    lines bytea NOT NULL,
    cosigned_at_s bigint NOT NULL,
    CONSTRAINT cosignature_pkey PRIMARY KEY (size, witness),
    CONSTRAINT cosignature_size_fkey FOREIGN KEY (size) REFERENCES log_checkpoint (size)
);
CREATE INDEX cosignature_witness ON cosignature (witness, size);

-- Two checkpoints of one log that do not fit: one that we had cosigned (or recorded, of our own
-- log), and one that `peer` told of. Both notes carry the log's signature.
CREATE TABLE forked_checkpoint (
    log bytea NOT NULL,
    origin text NOT NULL,
    held bytea NOT NULL,
    told bytea NOT NULL,
    peer text NOT NULL,
    told_at_s bigint NOT NULL,
    CONSTRAINT forked_checkpoint_pkey PRIMARY KEY (log, told)
);
