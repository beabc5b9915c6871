-- Members, their persons, helpers and roles, offers and wants, pictures. What stands in `public`
-- says who and what in numbers; the log says the same, and a rebuild fills it anew. What stands in
-- the schema `plain` are names and texts, opened: filled from the log by the projector, rebuilt at
-- any time, and left out of backups (pg_dump --exclude-table-data 'plain.*').
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Offers and wants; `seq` is now the event that said last what the post says.
ALTER TABLE post ADD COLUMN ended boolean NOT NULL DEFAULT false;

-- Persons of a household beside the member itself. Numbers only: erasing the member leaves the row,
-- whose subject means nothing without its data key. A number is never used twice.
CREATE TABLE person (
    account bigint NOT NULL,
    person bigint NOT NULL,
    subject bytea NOT NULL,
    here boolean NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT person_pkey PRIMARY KEY (account, person),
    CONSTRAINT person_person_check CHECK (person >= 1)
);

-- Which event described a member last. Numbers only: erasing the member leaves the row.
CREATE TABLE member_text (
    account bigint NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT member_text_pkey PRIMARY KEY (account)
);

-- Who may act for a member. Numbers only: erasing the member leaves the row.
CREATE TABLE helper (
    account bigint NOT NULL,
    helper bigint NOT NULL,
    CONSTRAINT helper_pkey PRIMARY KEY (account, helper),
    CONSTRAINT helper_helper_check CHECK (helper <> account)
);

-- What members do for the group. Numbers only: erasing the member leaves the row.
CREATE TABLE member_role (
    account bigint NOT NULL,
    role text NOT NULL,
    CONSTRAINT member_role_pkey PRIMARY KEY (account, role),
    CONSTRAINT member_role_role_check CHECK (role IN ('coordinator', 'auditor'))
);

-- Members who are away, and until when. Numbers only: erasing the member leaves the row.
CREATE TABLE pause (
    account bigint NOT NULL,
    until_s bigint,
    CONSTRAINT pause_pkey PRIMARY KEY (account)
);

-- How the group wants its pages.
CREATE TABLE group_rule (
    only_row boolean NOT NULL DEFAULT true,
    members_see_balances boolean NOT NULL,
    CONSTRAINT group_rule_pkey PRIMARY KEY (only_row),
    CONSTRAINT group_rule_only_row_check CHECK (only_row)
);

-- Pictures after resizing, and a small one of each, sealed under the data key of who placed them;
-- not in the log. Erasing the member makes them unreadable with its data key. Two members may have
-- the same picture: each has an own row under an own key.
CREATE TABLE picture (
    digest bytea NOT NULL,
    subject bytea NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    size bigint NOT NULL,
    sealed bytea NOT NULL,
    thumbnail bytea NOT NULL,
    stored_at_s bigint NOT NULL,
    CONSTRAINT picture_pkey PRIMARY KEY (digest, subject),
    CONSTRAINT picture_digest_check CHECK (octet_length(digest) = 32)
);
CREATE INDEX picture_subject ON picture (subject);
ALTER TABLE picture ALTER COLUMN sealed SET STORAGE EXTERNAL; -- what is sealed does not compress
ALTER TABLE picture ALTER COLUMN thumbnail SET STORAGE EXTERNAL;

-- Everything below is opened text. Erasing a member: its data key goes, and the projector, told by
-- the event or by a rebuild, leaves rows without name and text.
CREATE SCHEMA plain;

-- Dutch, French and English with accents forgiven; a post's language is not known, so it is indexed
-- in all three.
CREATE TEXT SEARCH CONFIGURATION plain.nl (COPY = pg_catalog.dutch);
ALTER TEXT SEARCH CONFIGURATION plain.nl
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, dutch_stem;
CREATE TEXT SEARCH CONFIGURATION plain.fr (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION plain.fr
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, french_stem;
CREATE TEXT SEARCH CONFIGURATION plain.en (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION plain.en
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;

-- A text as it is compared when typing errors are forgiven: lower case without accents.
CREATE FUNCTION plain.words(said text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, said));

-- What full text search looks through: the title counts most, then the category, then the text.
CREATE FUNCTION plain.search_of(title text, category_name text, said text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN setweight(to_tsvector('plain.nl', title) || to_tsvector('plain.fr', title)
                     || to_tsvector('plain.en', title), 'A')
        || setweight(to_tsvector('plain.nl', category_name) || to_tsvector('plain.fr', category_name)
                     || to_tsvector('plain.en', category_name), 'B')
        || setweight(to_tsvector('plain.nl', said) || to_tsvector('plain.fr', said)
                     || to_tsvector('plain.en', said), 'C');

-- The next event of the log to read. `generation` is new whenever the projection starts anew.
CREATE TABLE plain.progress (
    only_row boolean NOT NULL DEFAULT true,
    seq bigint NOT NULL,
    generation text NOT NULL,
    CONSTRAINT progress_pkey PRIMARY KEY (only_row),
    CONSTRAINT progress_only_row_check CHECK (only_row)
);

CREATE TABLE plain.member (
    account bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL DEFAULT '',
    status text NOT NULL,
    postcode text NOT NULL DEFAULT '',
    place text NOT NULL DEFAULT '',
    latitude double precision,
    longitude double precision,
    about text NOT NULL DEFAULT '',
    skills text NOT NULL DEFAULT '',
    since_s bigint NOT NULL,
    paused_until_s bigint NOT NULL DEFAULT 0,
    subject bytea NOT NULL,
    words text NOT NULL GENERATED ALWAYS AS (plain.words(code || ' ' || name)) STORED,
    CONSTRAINT member_pkey PRIMARY KEY (account)
);
CREATE INDEX member_words ON plain.member USING gin (words gin_trgm_ops);

CREATE TABLE plain.contact (
    account bigint NOT NULL,
    ordinal integer NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    access text NOT NULL,
    comment text NOT NULL DEFAULT '',
    CONSTRAINT contact_pkey PRIMARY KEY (account, ordinal),
    CONSTRAINT contact_access_check CHECK (access IN ('staff', 'members', 'interlets', 'public'))
);

-- Who signs in; person 0 is the member itself.
CREATE TABLE plain.person (
    account bigint NOT NULL,
    person bigint NOT NULL,
    name text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    address_key text NOT NULL DEFAULT '',
    language text NOT NULL DEFAULT '',
    subject bytea NOT NULL,
    CONSTRAINT person_pkey PRIMARY KEY (account, person)
);
CREATE INDEX person_address_key ON plain.person (address_key);

CREATE TABLE plain.helper (
    account bigint NOT NULL,
    helper bigint NOT NULL,
    CONSTRAINT helper_pkey PRIMARY KEY (account, helper)
);

CREATE TABLE plain.role (
    account bigint NOT NULL,
    role text NOT NULL,
    CONSTRAINT role_pkey PRIMARY KEY (account, role)
);

CREATE TABLE plain.category (
    category bigint NOT NULL,
    parent bigint,
    name text NOT NULL DEFAULT '',
    CONSTRAINT category_pkey PRIMARY KEY (category)
);

-- The order in which own posts changed, for the offer feed. Never counts again from the start while
-- the database lives; `plain.progress.generation` tells a lost one.
CREATE SEQUENCE plain.change_number;

-- Own posts (`node` empty) and those of other groups (by the feed), with one index over all.
-- `shown` is false when it has ended, its member is away or inactive; expiry is asked separately.
-- `own_place`: the post names a place of its own; otherwise it is where its member is. Another
-- group's post holds a first name at most; it goes with its group's tombstone, or after 7 days.
CREATE TABLE plain.post (
    node text NOT NULL DEFAULT '',
    post text NOT NULL,
    account bigint,
    poster text NOT NULL DEFAULT '',
    poster_name text NOT NULL DEFAULT '',
    want boolean NOT NULL,
    goods boolean NOT NULL DEFAULT false,
    category bigint,
    category_name text NOT NULL DEFAULT '',
    title text NOT NULL DEFAULT '',
    text text NOT NULL DEFAULT '',
    price_kind text NOT NULL DEFAULT 'talk',
    price_minor bigint,
    per_hour bigint,
    decimals smallint,
    unit_singular text NOT NULL DEFAULT '',
    unit_plural text NOT NULL DEFAULT '',
    own_place boolean NOT NULL DEFAULT false,
    postcode text NOT NULL DEFAULT '',
    place text NOT NULL DEFAULT '',
    latitude double precision,
    longitude double precision,
    visibility text NOT NULL,
    placed_at_s bigint NOT NULL,
    expires_at_s bigint NOT NULL,
    ended boolean NOT NULL DEFAULT false,
    shown boolean NOT NULL DEFAULT true,
    pictures jsonb NOT NULL DEFAULT '[]',
    change_n bigint NOT NULL DEFAULT 0,
    refreshed_at_s bigint NOT NULL DEFAULT 0,
    search tsvector NOT NULL GENERATED ALWAYS AS
        (plain.search_of(title, category_name, text)) STORED,
    words text NOT NULL GENERATED ALWAYS AS
        (plain.words(title || ' ' || category_name)) STORED,
    CONSTRAINT post_pkey PRIMARY KEY (node, post),
    CONSTRAINT post_visibility_check
        CHECK (visibility IN ('staff', 'members', 'interlets', 'public')),
    CONSTRAINT post_price_check CHECK (price_kind IN ('hour', 'piece', 'talk'))
);
CREATE INDEX post_account ON plain.post (account) WHERE node = '';
CREATE INDEX post_change ON plain.post (change_n) WHERE node = '';
CREATE INDEX post_pictures ON plain.post USING gin (pictures jsonb_path_ops);
CREATE INDEX post_search ON plain.post USING gin (search);
CREATE INDEX post_words ON plain.post USING gin (words gin_trgm_ops);
