-- The digest: a mail every week or month about what is new. None of it is in the log; all of it may
-- be lost: then a node tells what comes from then on.

-- When it goes out; no row: on Fridays.
CREATE TABLE digest_setting (
    only_row boolean NOT NULL DEFAULT true,
    active boolean NOT NULL,
    weekday smallint NOT NULL,
    CONSTRAINT digest_setting_pkey PRIMARY KEY (only_row),
    CONSTRAINT digest_setting_only_row_check CHECK (only_row),
    CONSTRAINT digest_setting_weekday_check CHECK (weekday BETWEEN 0 AND 6)
);

-- How often somebody wants it and with what; who has no row gets all of it every week. Who does not
-- want it has a row in `plain.mail_choice`. Erasing a member deletes its rows.
CREATE TABLE plain.digest_choice (
    account bigint NOT NULL,
    person bigint NOT NULL,
    rhythm text NOT NULL,
    blocks text[] NOT NULL,
    CONSTRAINT digest_choice_pkey PRIMARY KEY (account, person),
    CONSTRAINT digest_choice_rhythm_check CHECK (rhythm IN ('weekly', 'monthly'))
);

-- Up to which edition somebody was told. Erasing a member deletes its rows.
CREATE TABLE plain.digest_told (
    account bigint NOT NULL,
    person bigint NOT NULL,
    due_s bigint NOT NULL,
    CONSTRAINT digest_told_pkey PRIMARY KEY (account, person)
);

-- In which edition an offer, a want, news, a date or an activity was first there to be told.
CREATE TABLE plain.digest_known (
    kind text NOT NULL,
    node text NOT NULL,
    name text NOT NULL,
    due_s bigint NOT NULL,
    CONSTRAINT digest_known_pkey PRIMARY KEY (kind, node, name),
    CONSTRAINT digest_known_kind_check CHECK (kind IN ('post', 'item', 'activity'))
);

-- The edition at which telling began, the newest whose contents are fixed (`digest_known`), and the
-- newest that everybody was told.
CREATE TABLE plain.digest_progress (
    only_row boolean NOT NULL DEFAULT true,
    begun_s bigint NOT NULL,
    fixed_s bigint NOT NULL,
    told_s bigint NOT NULL,
    CONSTRAINT digest_progress_pkey PRIMARY KEY (only_row),
    CONSTRAINT digest_progress_only_row_check CHECK (only_row),
    CONSTRAINT digest_progress_order_check CHECK (begun_s <= told_s AND told_s <= fixed_s)
);
