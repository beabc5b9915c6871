-- What a group shows to everybody, and who asked for its newsletter. None of it is in the log; what
-- is public by purpose lies open, addresses lie sealed.

-- The group's public page as its coordinators wrote it. `version` goes up with each change.
CREATE TABLE public_page (
    only_row boolean NOT NULL DEFAULT true,
    version bigint NOT NULL,
    said bytea NOT NULL,
    changed_by bigint NOT NULL,
    changed_at_s bigint NOT NULL,
    CONSTRAINT public_page_pkey PRIMARY KEY (only_row),
    CONSTRAINT public_page_only_row_check CHECK (only_row),
    CONSTRAINT public_page_said_check CHECK (octet_length(said) <= 65536)
);

-- Figures of quarters that were shown to everybody: rounded, and fixed from then on.
CREATE TABLE public_quarter (
    quarter text NOT NULL,
    figures bytea NOT NULL,
    published_at_s bigint NOT NULL,
    CONSTRAINT public_quarter_pkey PRIMARY KEY (quarter)
);

-- Words of thanks that their writers let everybody on the web read.
CREATE TABLE public_thanks (
    seq bigint NOT NULL,
    account bigint NOT NULL,
    agreed_at_s bigint NOT NULL,
    CONSTRAINT public_thanks_pkey PRIMARY KEY (seq)
);

-- Who gets the newsletter. Address, language and the consent are sealed under a data key of the
-- subject's own; `address_mac` finds an address again and says nothing without a key that lies
-- outside the database. Ending deletes the row and the data key.
CREATE TABLE subscriber (
    subject bytea NOT NULL,
    number bigint NOT NULL,
    address_mac bytea NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT subscriber_pkey PRIMARY KEY (subject),
    CONSTRAINT subscriber_number_key UNIQUE (number),
    CONSTRAINT subscriber_address_mac_key UNIQUE (address_mac),
    CONSTRAINT subscriber_subject_check CHECK (octet_length(subject) = 16)
);

-- Issues of the newsletter. While one is being sent, `sent_to` is the last subscriber it was
-- written for: after a crash it goes on behind that one.
CREATE TABLE newsletter_issue (
    issue bigint NOT NULL,
    said bytea NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    state text NOT NULL DEFAULT 'draft',
    changed_at_s bigint NOT NULL,
    changed_by bigint NOT NULL,
    sent_at_s bigint,
    sent_to bigint NOT NULL DEFAULT 0,
    until_number bigint NOT NULL DEFAULT 0,
    mails bigint NOT NULL DEFAULT 0,
    CONSTRAINT newsletter_issue_pkey PRIMARY KEY (issue),
    CONSTRAINT newsletter_issue_state_check CHECK (state IN ('draft', 'sending', 'sent')),
    CONSTRAINT newsletter_issue_said_check CHECK (octet_length(said) <= 131072)
);

-- What groups say about themselves, as an umbrella fetched it: a signed note each.
CREATE TABLE group_card (
    node text NOT NULL,
    note bytea NOT NULL,
    made_at_s bigint NOT NULL,
    fetched_at_s bigint NOT NULL,
    CONSTRAINT group_card_pkey PRIMARY KEY (node),
    CONSTRAINT group_card_note_check CHECK (octet_length(note) <= 32768)
);
