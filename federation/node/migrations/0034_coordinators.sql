-- What coordinators keep about members beside the log: how they like their list, who asks to join.

-- Which columns of the list of members a coordinator wants to see, and in which order. Columns only;
-- erasing a member deletes its rows.
CREATE TABLE member_columns (
    account bigint NOT NULL,
    person bigint NOT NULL,
    columns text[] NOT NULL,
    sorted text NOT NULL,
    CONSTRAINT member_columns_pkey PRIMARY KEY (account, person)
);

-- Whether strangers may ask on a page to become a member; no row: they may not.
CREATE TABLE joining (
    only_row boolean NOT NULL DEFAULT true,
    open boolean NOT NULL,
    CONSTRAINT joining_pkey PRIMARY KEY (only_row),
    CONSTRAINT joining_only_row_check CHECK (only_row)
);

-- Who asks to become a member. Opened text, so it lies in `plain`: left out of backups, and who
-- asked before a restore asks again. A request that nobody confirmed goes after two days; when it is
-- decided its texts go at once and the row a month later. The link lies here as its SHA-256 only.
CREATE TABLE plain.applicant (
    applicant bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    link bytea NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    address_key text NOT NULL,
    phone text NOT NULL,
    postcode text NOT NULL,
    place text NOT NULL,
    about text NOT NULL,
    language text NOT NULL,
    asked_at_s bigint NOT NULL,
    confirmed_at_s bigint,
    decided_at_s bigint,
    decision text NOT NULL DEFAULT '',
    account bigint,
    CONSTRAINT applicant_pkey PRIMARY KEY (applicant),
    CONSTRAINT applicant_link_key UNIQUE (link),
    CONSTRAINT applicant_link_check CHECK (octet_length(link) = 32),
    CONSTRAINT applicant_decision_check CHECK (decision IN ('', 'approved', 'declined')),
    CONSTRAINT applicant_decided_check CHECK ((decision = '') = (decided_at_s IS NULL))
);
CREATE INDEX applicant_asked ON plain.applicant (asked_at_s);
