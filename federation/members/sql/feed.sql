-- name: listed_posts
-- Own posts that are in the feed now: what stands for their content, and the key of who placed them.
SELECT post.post, member.subject, md5(row(
        post.want, post.goods, post.category_name, post.title, post.text, post.price_kind,
        post.price_minor, post.per_hour, post.decimals, post.unit_singular, post.unit_plural,
        post.postcode, post.placed_at_s, post.expires_at_s, post.pictures, member.name
    )::text) AS content
FROM plain.post AS post
JOIN plain.member AS member USING (account)
WHERE post.node = '' AND post.shown AND NOT post.ended AND post.expires_at_s > $1
    AND post.visibility IN ('interlets', 'public')
    AND member.status = 'active' AND member.paused_until_s <= $1
ORDER BY post.change_n, post.post

-- name: posts_to_tell
-- Some of them with what they say; one that is no longer listed is left out. The posts are found by
-- their names, whatever the planner believes of a table that has just been filled.
WITH named AS MATERIALIZED (
    SELECT * FROM plain.post WHERE node = '' AND post = ANY($2::text[])
)
SELECT named.post, named.want, named.goods, named.category_name, named.title, named.text,
    named.price_kind, named.price_minor, named.per_hour, named.decimals, named.unit_singular,
    named.unit_plural, named.postcode, named.placed_at_s, named.expires_at_s,
    named.pictures::text AS pictures, member.name, member.subject
FROM named
JOIN plain.member AS member USING (account)
WHERE named.shown AND NOT named.ended AND named.expires_at_s > $1
    AND named.visibility IN ('interlets', 'public')
    AND member.status = 'active' AND member.paused_until_s <= $1

-- name: cards_to_tell
-- What the cards of some members say, and what stands for it.
SELECT account, subject, name, place, md5(row(name, place)::text) AS content
FROM plain.member WHERE account = ANY($1::bigint[]) AND name <> ''
ORDER BY account

-- name: take_cards
-- Cards of members of another group as they are now.
INSERT INTO plain.card (node, pass_n, refreshed_at_s, card, member, name, place)
SELECT $1, $2, $3, * FROM unnest($4::text[], $5::text[], $6::text[], $7::text[])
ON CONFLICT (node, card) DO UPDATE SET pass_n = excluded.pass_n,
    refreshed_at_s = excluded.refreshed_at_s, member = excluded.member, name = excluded.name,
    place = excluded.place

-- name: drop_cards
-- Cards that another group no longer tells.
DELETE FROM plain.card WHERE node = $1 AND card = ANY($2::text[])

-- name: count_cards
-- How many cards of one group are here.
SELECT count(*) FROM plain.card WHERE node = $1

-- name: read_choices
-- What coordinators chose.
SELECT node, reads_ours, shown_here FROM feed_choice

-- name: write_choice
-- What they choose for one group, or for all others.
INSERT INTO feed_choice (node, reads_ours, shown_here) VALUES ($1, $2, $3)
ON CONFLICT (node) DO UPDATE SET reads_ours = excluded.reads_ours,
    shown_here = excluded.shown_here

-- name: not_waiting_for_the_disk
-- What a crash loses of a feed is read again: how far it was read is lost with it.
SET LOCAL synchronous_commit = off

-- name: generation
-- Which projection this is.
SELECT generation FROM plain.progress

-- name: read_reading
-- How far a feed was read, and in which projection.
SELECT generation, epoch, n, pass_n, pages, began_at_s, left_out::text AS left_out
FROM plain.feed WHERE node = $1

-- name: write_reading
-- How far a feed was read.
INSERT INTO plain.feed (node, generation, epoch, n, pass_n, pages, began_at_s, left_out)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)
ON CONFLICT (node) DO UPDATE SET generation = excluded.generation, epoch = excluded.epoch,
    n = excluded.n, pass_n = excluded.pass_n, pages = excluded.pages,
    began_at_s = excluded.began_at_s, left_out = excluded.left_out

-- name: write_refreshed
-- A feed was read to its end.
UPDATE plain.feed SET refreshed_at_s = $2, trouble = '' WHERE node = $1

-- name: write_trouble
-- A feed could not be read; how far it was stays as it is.
INSERT INTO plain.feed (node, trouble, trouble_at_s) VALUES ($1, $2, $3)
ON CONFLICT (node) DO UPDATE SET trouble = excluded.trouble, trouble_at_s = excluded.trouble_at_s

-- name: count_posts
-- How many posts of one group are here.
SELECT count(*) FROM plain.post WHERE node = $1

-- name: take_posts
-- Posts of another group as they are now. One that says nothing new is only marked as seen: its
-- place in the search index costs a hundred times as much. What is here is found by name, whatever
-- the planner believes of a table that grows by the page.
WITH told AS MATERIALIZED (
    SELECT * FROM unnest(
        $4::text[], $5::text[], $6::text[], $7::boolean[], $8::boolean[], $9::text[],
        $10::text[], $11::text[], $12::text[], $13::bigint[], $14::bigint[], $15::smallint[],
        $16::text[], $17::text[], $18::text[], $19::text[], $20::double precision[],
        $21::double precision[], $22::bigint[], $23::bigint[], $24::jsonb[]
    ) AS told (
        post, poster, poster_name, want, goods, category_name, title, text, price_kind,
        price_minor, per_hour, decimals, unit_singular, unit_plural, postcode, place, latitude,
        longitude, placed_at_s, expires_at_s, pictures
    )
), kept AS MATERIALIZED (
    SELECT * FROM plain.post WHERE node = $1 AND post = ANY($4::text[])
), same AS MATERIALIZED (
    SELECT kept.post FROM kept JOIN told USING (post)
    WHERE (
        kept.poster, kept.poster_name, kept.want, kept.goods, kept.category_name, kept.title,
        kept.text, kept.price_kind, kept.price_minor, kept.per_hour, kept.decimals,
        kept.unit_singular, kept.unit_plural, kept.postcode, kept.place, kept.latitude,
        kept.longitude, kept.placed_at_s, kept.expires_at_s, kept.pictures
    ) IS NOT DISTINCT FROM (
        told.poster, told.poster_name, told.want, told.goods, told.category_name, told.title,
        told.text, told.price_kind, told.price_minor, told.per_hour, told.decimals,
        told.unit_singular, told.unit_plural, told.postcode, told.place, told.latitude,
        told.longitude, told.placed_at_s, told.expires_at_s, told.pictures
    )
), seen AS (
    UPDATE plain.post SET change_n = $2, refreshed_at_s = $3
    WHERE node = $1 AND post = ANY(ARRAY(SELECT post FROM same))
), fresh AS MATERIALIZED (
    SELECT *, row_number() OVER () AS n FROM told WHERE post NOT IN (SELECT post FROM same)
), stems AS MATERIALIZED (
    SELECT * FROM plain.stems_of_many(
        ARRAY(SELECT plain.simplified(title || ' ' || category_name || ' ' || place || ' ' || text)
              FROM fresh ORDER BY n)
        || ARRAY(SELECT plain.simplified(title) FROM fresh ORDER BY n))
)
INSERT INTO plain.post (
    search, heading, node, visibility, change_n, refreshed_at_s,
    post, poster, poster_name, want, goods, category_name, title, text, price_kind, price_minor,
    per_hour, decimals, unit_singular, unit_plural, postcode, place, latitude, longitude,
    placed_at_s, expires_at_s, pictures
)
SELECT coalesce(said.search, ''), coalesce(heading.search, ''), $1, 'interlets', $2, $3,
    post, poster, poster_name, want, goods, category_name, title, text, price_kind, price_minor,
    per_hour, decimals, unit_singular, unit_plural, postcode, place, latitude, longitude,
    placed_at_s, expires_at_s, pictures
FROM fresh
LEFT JOIN stems AS said USING (n)
LEFT JOIN stems AS heading ON heading.n = fresh.n + (SELECT count(*) FROM fresh)
ON CONFLICT (node, post) DO UPDATE SET search = excluded.search, heading = excluded.heading,
    change_n = excluded.change_n,
    refreshed_at_s = excluded.refreshed_at_s,
    poster = excluded.poster, poster_name = excluded.poster_name, want = excluded.want,
    goods = excluded.goods, category_name = excluded.category_name, title = excluded.title,
    text = excluded.text, price_kind = excluded.price_kind, price_minor = excluded.price_minor,
    per_hour = excluded.per_hour, decimals = excluded.decimals,
    unit_singular = excluded.unit_singular, unit_plural = excluded.unit_plural,
    postcode = excluded.postcode, place = excluded.place, latitude = excluded.latitude,
    longitude = excluded.longitude, placed_at_s = excluded.placed_at_s,
    expires_at_s = excluded.expires_at_s, pictures = excluded.pictures

-- name: drop_posts
-- Posts that another group no longer has.
DELETE FROM plain.post WHERE node = $1 AND post = ANY($2::text[])

-- name: drop_unseen
-- Posts and cards of a group that the last pass over its feed, now at its end, did not bring.
WITH cards AS (
    DELETE FROM plain.card WHERE node = $1 AND pass_n <> $2
)
DELETE FROM plain.post WHERE node = $1 AND change_n <> $2

-- name: touch_posts
-- Posts and cards of a group are as it says, which is written once in a while only.
WITH cards AS (
    UPDATE plain.card SET refreshed_at_s = $2 WHERE node = $1 AND refreshed_at_s < $3
)
UPDATE plain.post SET refreshed_at_s = $2 WHERE node = $1 AND refreshed_at_s < $3

-- name: drop_group
-- A group that may not be shown any more, or lets us read no longer.
WITH cards AS (
    DELETE FROM plain.card WHERE node = $1
)
DELETE FROM plain.post WHERE node = $1

-- name: drop_reading
-- How far its feed was read: the next reading begins anew.
DELETE FROM plain.feed WHERE node = $1

-- name: sweep_groups
-- Groups of which there are posts or cards here, or a reading.
SELECT node FROM plain.feed UNION SELECT DISTINCT node FROM plain.card
UNION SELECT DISTINCT node FROM plain.post WHERE node <> ''

-- name: sweep_expired
-- Posts of other groups whose time is over.
DELETE FROM plain.post WHERE node <> '' AND expires_at_s <= $1

-- name: sweep_stale
-- What is here of groups that were not heard of for too long, whose feeds are then read anew.
WITH stale AS (
    DELETE FROM plain.post WHERE node <> '' AND refreshed_at_s < $1 RETURNING node
), cards AS (
    DELETE FROM plain.card WHERE refreshed_at_s < $1 RETURNING node
)
DELETE FROM plain.feed
WHERE node IN (SELECT node FROM stale UNION SELECT node FROM cards)

-- name: sweep_pictures
-- Pictures that nobody looked at for long, or that no post of their group names any more.
DELETE FROM plain.feed_picture AS picture
WHERE picture.used_at_s < $1 OR NOT EXISTS (
    SELECT FROM plain.post AS post
    WHERE post.node = picture.node
        AND post.pictures @> jsonb_build_array(jsonb_build_object('digest', picture.digest))
)

-- name: picture_bytes
-- How much the kept pictures take.
SELECT coalesce(sum(octet_length(content)), 0)::bigint FROM plain.feed_picture

-- name: drop_oldest_pictures
-- Of the kept pictures those that were looked at longest ago.
DELETE FROM plain.feed_picture WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM plain.feed_picture ORDER BY used_at_s LIMIT $1
))

-- name: picture_named
-- How large a picture is said to be, if a post of this group that is here names it.
SELECT (named ->> 'size')::bigint AS size
FROM plain.post AS post, jsonb_array_elements(post.pictures) AS named
WHERE post.node = $1 AND post.pictures @> $2::jsonb AND post.expires_at_s > $4
    AND named ->> 'digest' = $3
LIMIT 1

-- name: kept_picture
-- A picture that was fetched before.
UPDATE plain.feed_picture SET used_at_s = $4
WHERE node = $1 AND digest = $2 AND thumb = $3
RETURNING content

-- name: keep_picture
-- A picture that was fetched now.
INSERT INTO plain.feed_picture (node, digest, thumb, content, used_at_s)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (node, digest, thumb) DO UPDATE SET content = excluded.content,
    used_at_s = excluded.used_at_s

-- name: status
-- How the feed of each group is.
SELECT feed.node, feed.refreshed_at_s, feed.trouble, feed.trouble_at_s,
    feed.left_out::text AS left_out,
    (SELECT count(*) FROM plain.post AS post WHERE post.node = feed.node) AS posts
FROM plain.feed AS feed
