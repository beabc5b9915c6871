-- Members whom members of other groups may find by name, and what other groups tell of theirs.

-- How the group wants it; nobody is found while it does not.
ALTER TABLE group_rule ADD COLUMN names_shared boolean NOT NULL DEFAULT false;

-- Members who said yes. Numbers only: erasing the member leaves the row, and tells nobody anything.
CREATE TABLE shared_name (
    account bigint NOT NULL,
    CONSTRAINT shared_name_pkey PRIMARY KEY (account)
);

-- Cards of members of other groups, as their feeds tell them. Opened text, so it lies in `plain`:
-- left out of backups, and read again from the feeds. A card that the present pass over its feed has
-- seen bears its `pass_n`. Erasing a member of another group takes its card out of that group's feed.
CREATE TABLE plain.card (
    node text NOT NULL,
    card text NOT NULL,
    member text NOT NULL,
    name text NOT NULL,
    place text NOT NULL,
    pass_n bigint NOT NULL,
    refreshed_at_s bigint NOT NULL,
    CONSTRAINT card_pkey PRIMARY KEY (node, card)
);
-- What members of other groups are called is looked up by their pseudonym on every page of trades.
CREATE INDEX card_member ON plain.card (member);
