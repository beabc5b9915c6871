-- What is mailed. None of it is in the log; all of it may be lost. What holds names, addresses or
-- texts lies in `plain`, which is left out of backups and which the projector leaves alone here.

-- What was told to whom, as the SHA-256 of its key: a rebuild, a restart or a restored backup tells
-- nothing again. No address and no text; erasing a member leaves the rows, which go after 30 days.
CREATE TABLE mail_told (
    key bytea NOT NULL,
    told_at_s bigint NOT NULL,
    CONSTRAINT mail_told_pkey PRIMARY KEY (key),
    CONSTRAINT mail_told_key_check CHECK (octet_length(key) = 32)
);
CREATE INDEX mail_told_at ON mail_told (told_at_s);

-- The outbox. `begun` counts attempts whose end is not known: the process died meanwhile. When a
-- mail has left or was given up, its text goes; the row goes after 30 days. The demo's mailbox is
-- the rows that were kept instead of sent. Erasing a member deletes its rows.
CREATE TABLE plain.mail (
    mail bytea NOT NULL,
    kind text NOT NULL,
    account bigint NOT NULL,
    person bigint NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    language text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    stop_url text NOT NULL,
    written_at_s bigint NOT NULL,
    give_up_at_s bigint NOT NULL,
    next_attempt_at_s bigint NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    begun integer NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'waiting',
    reply text NOT NULL DEFAULT '',
    CONSTRAINT mail_pkey PRIMARY KEY (mail),
    CONSTRAINT mail_mail_check CHECK (octet_length(mail) = 16),
    CONSTRAINT mail_language_check CHECK (language IN ('nl', 'fr', 'en')),
    CONSTRAINT mail_size_check
        CHECK (octet_length(text) <= 32768 AND octet_length(html) <= 131072
               AND length(subject) <= 150),
    CONSTRAINT mail_state_check
        CHECK (state IN ('waiting', 'sent', 'kept', 'stopped', 'refused', 'given_up'))
);
CREATE INDEX mail_due ON plain.mail (next_attempt_at_s) WHERE state = 'waiting';
CREATE INDEX mail_person ON plain.mail (account, person, state);
CREATE INDEX mail_written ON plain.mail (written_at_s);

-- Kinds of mail that somebody does not want. Erasing a member deletes its rows.
CREATE TABLE plain.mail_choice (
    account bigint NOT NULL,
    person bigint NOT NULL,
    kind text NOT NULL,
    changed_at_s bigint NOT NULL,
    CONSTRAINT mail_choice_pkey PRIMARY KEY (account, person, kind)
);

-- Addresses from which mails came back: nothing more goes there. Erasing a member deletes its rows.
CREATE TABLE plain.mail_address (
    address_key text NOT NULL,
    account bigint NOT NULL,
    person bigint NOT NULL,
    reply text NOT NULL,
    marked_at_s bigint NOT NULL,
    CONSTRAINT mail_address_pkey PRIMARY KEY (address_key)
);
CREATE INDEX mail_address_account ON plain.mail_address (account);

-- In which language and outside which hours somebody wants to be mailed; who has no row is mailed in
-- its own language, outside the usual night. Erasing a member deletes its rows.
CREATE TABLE plain.mail_habit (
    account bigint NOT NULL,
    person bigint NOT NULL,
    language text NOT NULL DEFAULT '',
    evening smallint NOT NULL,
    morning smallint NOT NULL,
    CONSTRAINT mail_habit_pkey PRIMARY KEY (account, person),
    CONSTRAINT mail_habit_hours_check
        CHECK (evening BETWEEN 0 AND 23 AND morning BETWEEN 0 AND 23)
);

-- How far the teller has read: the own log (`line` is empty), and what each partner sent. Where it is
-- lost, what happened before is not told. Nothing here is about a person.
CREATE TABLE plain.mail_read (
    line text NOT NULL,
    n bigint NOT NULL,
    CONSTRAINT mail_read_pkey PRIMARY KEY (line)
);
