-- name: own_posts
-- How many own posts are there to be read.
SELECT count(*) FROM plain.post WHERE node = '' AND shown

-- name: read_posts
-- How many posts of other groups were read.
SELECT count(*) FROM plain.post WHERE node <> ''

-- name: feeds_read
-- How many feeds were read to their end.
SELECT count(*) FROM plain.feed WHERE refreshed_at_s > 0

-- name: bare_table
-- A table like that of the posts, with all its indexes.
CREATE TABLE plain.bare (LIKE plain.post INCLUDING ALL)

-- name: bare_rows
-- The rows of the feed once more, with their stems as they are.
INSERT INTO plain.bare (node, post, poster, poster_name, want, goods, category_name, title, text,
    price_kind, price_minor, per_hour, decimals, unit_singular, unit_plural, postcode, place,
    latitude, longitude, visibility, placed_at_s, expires_at_s, pictures, change_n, refreshed_at_s,
    search, heading)
SELECT node, post, poster, poster_name, want, goods, category_name, title, text, price_kind,
    price_minor, per_hour, decimals, unit_singular, unit_plural, postcode, place, latitude,
    longitude, visibility, placed_at_s, expires_at_s, pictures, change_n, refreshed_at_s, search,
    heading
FROM plain.post WHERE node <> ''
