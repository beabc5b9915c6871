-- The ledger: what the log says about accounts, kept in the transaction that appends.
CREATE TABLE account (
    account bigint NOT NULL,
    code text NOT NULL,
    code_key text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    subject bytea,
    line text,
    lower_minor bigint,
    upper_minor bigint,
    unlimited boolean NOT NULL,
    opened_seq bigint NOT NULL,
    balance_minor bigint NOT NULL DEFAULT 0,
    held_lower_minor bigint NOT NULL DEFAULT 0,
    held_upper_minor bigint NOT NULL DEFAULT 0,
    CONSTRAINT account_pkey PRIMARY KEY (account),
    CONSTRAINT account_code_key UNIQUE (code_key),
    CONSTRAINT account_held_check CHECK (held_lower_minor >= 0 AND held_upper_minor >= 0)
) WITH (fillfactor = 50);

-- Statements: every posting with the balance that it left.
CREATE TABLE posting (
    account bigint NOT NULL,
    seq bigint NOT NULL,
    ordinal smallint NOT NULL,
    amount_minor bigint NOT NULL,
    balance_minor bigint NOT NULL,
    at_s bigint NOT NULL,
    CONSTRAINT posting_pkey PRIMARY KEY (account, seq, ordinal)
);
CREATE INDEX posting_seq ON posting USING brin (seq) WITH (pages_per_range = 16);

-- Units set apart for trades between groups.
CREATE TABLE hold (
    line text NOT NULL,
    path text NOT NULL,
    direction text NOT NULL,
    account bigint NOT NULL,
    lower_minor bigint NOT NULL,
    upper_minor bigint NOT NULL,
    open boolean NOT NULL,
    CONSTRAINT hold_pkey PRIMARY KEY (line, path, direction),
    CONSTRAINT hold_direction_check CHECK (direction IN ('out', 'in')),
    CONSTRAINT hold_amount_check CHECK (lower_minor >= 0 AND upper_minor >= 0)
);
CREATE INDEX hold_open ON hold (account) WHERE open;

-- Which command made which event: the same key again gives the same answer.
CREATE TABLE command_key (
    key bytea NOT NULL,
    digest bytea NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT command_key_pkey PRIMARY KEY (key)
);

-- The group's unit and default limits.
CREATE TABLE group_setting (
    only_row boolean NOT NULL DEFAULT true,
    unit_singular text NOT NULL,
    unit_plural text NOT NULL,
    per_hour bigint NOT NULL,
    decimals smallint NOT NULL,
    lower_minor bigint,
    upper_minor bigint,
    CONSTRAINT group_setting_pkey PRIMARY KEY (only_row),
    CONSTRAINT group_setting_only_row_check CHECK (only_row)
);

-- Offers and wants; title and text lie sealed.
CREATE TABLE post (
    post bigint NOT NULL,
    account bigint NOT NULL,
    want boolean NOT NULL,
    category bigint,
    expires_at_s bigint,
    seq bigint NOT NULL,
    CONSTRAINT post_pkey PRIMARY KEY (post)
);

CREATE TABLE category (
    category bigint NOT NULL,
    parent bigint,
    seq bigint NOT NULL,
    CONSTRAINT category_pkey PRIMARY KEY (category)
);
