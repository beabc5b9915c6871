-- The offer feed: whom it goes to and whose is shown, and how far each other group's was read. The
-- posts themselves stand in plain.post, under the id of their node.

-- What coordinators chose for one group; `node` empty is for all others. No row: both. Nothing here
-- is about a person.
CREATE TABLE feed_choice (
    node text NOT NULL,
    reads_ours boolean NOT NULL,
    shown_here boolean NOT NULL,
    CONSTRAINT feed_choice_pkey PRIMARY KEY (node)
);

-- How far the feed of each group was read. Lies beside the posts, so that whatever loses them makes
-- the reading begin anew; `generation` is that of plain.progress. Posts of a group that the present
-- pass over its feed has seen bear `pass_n` as their change_n. Nothing here is about a person.
CREATE TABLE plain.feed (
    node text NOT NULL,
    generation text NOT NULL DEFAULT '',
    epoch text NOT NULL DEFAULT '',
    n bigint NOT NULL DEFAULT 0,
    pass_n bigint NOT NULL DEFAULT 0,
    pages bigint NOT NULL DEFAULT 0,
    began_at_s bigint NOT NULL DEFAULT 0,
    left_out jsonb NOT NULL DEFAULT '{}',
    refreshed_at_s bigint NOT NULL DEFAULT 0,
    trouble text NOT NULL DEFAULT '',
    trouble_at_s bigint NOT NULL DEFAULT 0,
    CONSTRAINT feed_pkey PRIMARY KEY (node)
) WITH (fillfactor = 50);

-- Pictures of other groups' posts that somebody looked at, for a while. Erasing a member of another
-- group takes its posts out of that group's feed, and the sweep takes the pictures that no post
-- names any more.
CREATE TABLE plain.feed_picture (
    node text NOT NULL,
    digest text NOT NULL,
    thumb boolean NOT NULL,
    content bytea NOT NULL,
    used_at_s bigint NOT NULL,
    CONSTRAINT feed_picture_pkey PRIMARY KEY (node, digest, thumb)
);
CREATE INDEX feed_picture_used ON plain.feed_picture (used_at_s);
ALTER TABLE plain.feed_picture ALTER COLUMN content SET STORAGE EXTERNAL; -- compressed already
