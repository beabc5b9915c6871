-- Who may ask over the JSON API, and as whom. Of a token only its SHA-256 is kept. Erasing a member
-- deletes the rows of its account: the name that was given to a token may be personal.
CREATE TABLE api_token (
    token text NOT NULL,
    digest bytea NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    account bigint,
    made_at_s bigint NOT NULL,
    expires_at_s bigint NOT NULL,
    revoked_at_s bigint,
    CONSTRAINT api_token_pkey PRIMARY KEY (token),
    CONSTRAINT api_token_digest_key UNIQUE (digest),
    CONSTRAINT api_token_digest_check CHECK (octet_length(digest) = 32),
    CONSTRAINT api_token_role_check CHECK (role IN ('member', 'coordinator', 'auditor')),
    CONSTRAINT api_token_account_check CHECK (role = 'auditor' OR account IS NOT NULL)
);

-- What a request with an idempotency key was answered; kept for some days and then dropped. The
-- answer is sealed under the data key of the member for whom the token speaks: erasing that member
-- makes it unreadable.
CREATE TABLE api_answer (
    key bytea NOT NULL,
    digest bytea NOT NULL,
    answer bytea NOT NULL,
    at_s bigint NOT NULL,
    CONSTRAINT api_answer_pkey PRIMARY KEY (key),
    CONSTRAINT api_answer_key_check CHECK (octet_length(key) = 16)
);
CREATE INDEX api_answer_at ON api_answer (at_s);
