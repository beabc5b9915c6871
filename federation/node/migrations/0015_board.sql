-- What a group tells its members: news, dates, documents.

-- Items in numbers, as the log says them; filled anew by a rebuild. A number is never used twice.
-- Nothing of a member but who entered it, which only the log knows: erasing a member leaves the row.
CREATE TABLE board_item (
    item bigint NOT NULL,
    kind text NOT NULL,
    starts_at_s bigint NOT NULL,
    ends_at_s bigint,
    seq bigint NOT NULL,
    removed boolean NOT NULL,
    CONSTRAINT board_item_pkey PRIMARY KEY (item),
    CONSTRAINT board_item_kind_check CHECK (kind IN ('news', 'date', 'document'))
);

-- Files of documents, sealed under the group's key; not in the log. They belong to the group:
-- erasing a member leaves them, and what a file says of a member goes when coordinators remove its
-- document.
CREATE TABLE document_file (
    digest bytea NOT NULL,
    size bigint NOT NULL,
    sealed bytea NOT NULL,
    stored_at_s bigint NOT NULL,
    CONSTRAINT document_file_pkey PRIMARY KEY (digest),
    CONSTRAINT document_file_digest_check CHECK (octet_length(digest) = 32)
);
ALTER TABLE document_file ALTER COLUMN sealed SET STORAGE EXTERNAL; -- sealed: does not compress

-- The same items with their texts, opened; filled by the projector. The group's own words: erasing
-- a member leaves them.
CREATE TABLE plain.board_item (
    item bigint NOT NULL,
    kind text NOT NULL,
    title text NOT NULL DEFAULT '',
    text text NOT NULL DEFAULT '',
    place text NOT NULL DEFAULT '',
    starts_at_s bigint NOT NULL,
    ends_at_s bigint,
    file_name text NOT NULL DEFAULT '',
    file_digest bytea,
    file_size bigint,
    placed_at_s bigint NOT NULL,
    CONSTRAINT board_item_pkey PRIMARY KEY (item)
);
CREATE INDEX board_item_kind ON plain.board_item (kind, starts_at_s);
-- A projection that stands has read events of these kinds already if there were any; there were
-- none before this migration.
