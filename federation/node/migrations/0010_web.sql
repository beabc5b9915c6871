-- Signing in and what was typed: none of it is in the log, all of it may be lost. Tokens lie here
-- as their SHA-256 only.

-- Devices on which somebody is signed in. A row outlives its session by a month, so that what is
-- typed on a page whose session has ended is kept for the person who typed it.
-- Erasing a member deletes its rows, and those of whoever acts for it lose `acting_for`.
CREATE TABLE web_session (
    session bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    token bytea NOT NULL,
    account bigint NOT NULL,
    person bigint NOT NULL,
    acting_for bigint,
    language text NOT NULL DEFAULT '',
    device text NOT NULL,
    begun_at_s bigint NOT NULL,
    seen_at_s bigint NOT NULL,
    expires_at_s bigint NOT NULL,
    CONSTRAINT web_session_pkey PRIMARY KEY (session),
    CONSTRAINT web_session_token_key UNIQUE (token),
    CONSTRAINT web_session_token_check CHECK (octet_length(token) = 32),
    CONSTRAINT web_session_language_check CHECK (language IN ('', 'nl', 'fr', 'en'))
);
CREATE INDEX web_session_person ON web_session (account, person);
CREATE INDEX web_session_expires ON web_session (expires_at_s);

-- Mails that let somebody in. No address lies here: `accounts` and `persons` say who may enter,
-- side by side; an address that nobody has leads to a row with neither. Rows live a quarter of an
-- hour, and are gone a day later at most, erased member or not. `proof` is the hash of the form that
-- used it up, so that a double click on its button is one.
CREATE TABLE login_link (
    link bytea NOT NULL,
    browser bytea NOT NULL,
    code bytea NOT NULL,
    accounts bigint[] NOT NULL DEFAULT '{}',
    persons bigint[] NOT NULL DEFAULT '{}',
    next_path text NOT NULL,
    tries smallint NOT NULL DEFAULT 0,
    expires_at_s bigint NOT NULL,
    proof bytea,
    proven_at_s bigint,
    CONSTRAINT login_link_pkey PRIMARY KEY (link),
    CONSTRAINT login_link_browser_key UNIQUE (browser),
    CONSTRAINT login_link_pairs_check CHECK (cardinality(accounts) = cardinality(persons)),
    CONSTRAINT login_link_hash_check
        CHECK (octet_length(link) = 32 AND octet_length(browser) = 32 AND octet_length(code) = 32),
    CONSTRAINT login_link_proof_check CHECK ((proof IS NULL) = (proven_at_s IS NULL))
);
CREATE INDEX login_link_expires ON login_link (expires_at_s);

-- Passwords of those who want one (argon2id). Erasing a member deletes its rows.
CREATE TABLE password (
    account bigint NOT NULL,
    person bigint NOT NULL,
    hash text NOT NULL,
    changed_at_s bigint NOT NULL,
    CONSTRAINT password_pkey PRIMARY KEY (account, person)
);

-- What somebody typed and could not send: one for each page. Left out of backups like everything
-- in this schema. Erasing a member deletes its rows.
CREATE TABLE plain.draft (
    account bigint NOT NULL,
    person bigint NOT NULL,
    path text NOT NULL,
    fields jsonb NOT NULL,
    kept_at_s bigint NOT NULL,
    CONSTRAINT draft_pkey PRIMARY KEY (account, person, path)
);
CREATE INDEX draft_kept ON plain.draft (kept_at_s);

-- What is new comes first on the start page.
CREATE INDEX post_newest ON plain.post (placed_at_s) WHERE shown;
