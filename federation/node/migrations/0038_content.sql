-- What coordinators and editors see to: hidden posts, categories in their order, reports closed with
-- a note.

-- The event by which the group hides a post, while it does; its reason is sealed for the member.
ALTER TABLE post ADD COLUMN hidden_seq bigint;
ALTER TABLE plain.post ADD COLUMN hidden boolean NOT NULL DEFAULT false;

-- Where a category stands among the others (0: behind those, by name), and whether it is no more.
ALTER TABLE category
    ADD COLUMN place integer NOT NULL DEFAULT 0,
    ADD COLUMN ended boolean NOT NULL DEFAULT false;
ALTER TABLE plain.category ADD COLUMN ordinal integer NOT NULL DEFAULT 0;

-- The event by which a report was closed: it may hold a note of the coordinators.
ALTER TABLE report ADD COLUMN handled_seq bigint;

-- Which mails somebody does not want, when, and how often the digest: numbers and words of a closed
-- list, so they go along in backups. Whoever stopped a kind of mail does not get it again after a
-- restore. Erasing a member deletes its rows.
ALTER TABLE plain.mail_choice SET SCHEMA public;
ALTER TABLE plain.mail_habit SET SCHEMA public;
ALTER TABLE plain.digest_choice SET SCHEMA public;

-- For how long the group keeps who looked at whom, when its coordinators chose; no row: as the
-- settings of the server say. Nothing here is about a person.
CREATE TABLE retention (
    only_row boolean NOT NULL DEFAULT true,
    looked_days integer NOT NULL,
    CONSTRAINT retention_pkey PRIMARY KEY (only_row),
    CONSTRAINT retention_only_row_check CHECK (only_row),
    CONSTRAINT retention_looked_days_check CHECK (looked_days BETWEEN 30 AND 3650)
);
