-- Both ends of a line can fork at one number: the first proof of each event or payment is kept for
-- each group that it accuses.
ALTER TABLE evidence
    DROP CONSTRAINT evidence_about_key,
    ADD CONSTRAINT evidence_about_key UNIQUE (line, kind, about, accused);

-- Records now hold each own decision as it was signed. The next audit reads the mirror from the
-- start, so that what it goes on from is judged as all of it would be.
DELETE FROM audit_node;
DELETE FROM audit_line;
DELETE FROM audit_path;
