-- name: read_progress
-- The next event to read.
SELECT seq, generation FROM plain.progress FOR UPDATE

-- name: start_progress
-- A new projection, from the first event on.
INSERT INTO plain.progress (seq, generation) VALUES (0, $1)

-- name: advance
-- The next event to read.
UPDATE plain.progress SET seq = $1

-- name: forget_all
-- Everything that was projected; other groups' posts are the feed's.
DO $$ BEGIN
    DELETE FROM plain.progress;
    DELETE FROM plain.member;
    DELETE FROM plain.contact;
    DELETE FROM plain.person;
    DELETE FROM plain.helper;
    DELETE FROM plain.role;
    DELETE FROM plain.category;
    DELETE FROM plain.post WHERE node = '';
    DELETE FROM plain.board_item;
END $$

-- name: read_bodies
-- Bodies of a range of events but for bookings, which say nothing here.
SELECT seq, coalesce(body, stands_in) AS body FROM log_event LEFT JOIN lost_body USING (seq)
WHERE seq >= $1 AND seq < $2 AND coalesce(body, stands_in) IS NOT NULL
    AND position('"type":"transfer'::bytea in coalesce(body, stands_in)) = 0
ORDER BY seq

-- name: read_personal
-- The sealed texts of some events.
SELECT seq, subject, commitment, sealed FROM sealed_text
WHERE seq = ANY($1::bigint[]) AND layer = 'personal'

-- name: open_member
-- A new member, or one whose opening is read again.
INSERT INTO plain.member (account, code, status, since_s, subject) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (account) DO NOTHING

-- name: describe_member
-- What is written about a member; contacts and person 0 follow.
UPDATE plain.member SET name = $2, postcode = $3, place = $4, latitude = $5, longitude = $6,
    about = $7, skills = $8, picture = $9::jsonb
WHERE account = $1

-- name: drop_contacts
-- The contacts that were written before.
DELETE FROM plain.contact WHERE account = $1

-- name: write_contact
-- One way to reach a member.
INSERT INTO plain.contact (account, ordinal, kind, value, access, comment)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: write_person
-- Somebody who signs in.
INSERT INTO plain.person (account, person, name, address, address_key, language, subject)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (account, person) DO UPDATE SET
    name = excluded.name, address = excluded.address, address_key = excluded.address_key,
    language = excluded.language

-- name: drop_person
-- Somebody who no longer does.
DELETE FROM plain.person WHERE account = $1 AND person = $2

-- name: drop_persons
-- Nobody signs in for a member who was erased.
DELETE FROM plain.person WHERE account = $1

-- name: drop_own_posts
-- Nor is anything of it offered or wanted.
DELETE FROM plain.post WHERE node = '' AND account = $1

-- name: drop_helpers
-- It helps nobody, and nobody helps it.
DELETE FROM plain.helper WHERE account = $1 OR helper = $1

-- name: drop_roles
-- It has no role.
DELETE FROM plain.role WHERE account = $1

-- name: move_posts
-- A member's posts carry its name, and lie where it is unless they name a place of their own.
UPDATE plain.post SET poster_name = m.name,
    postcode = CASE WHEN own_place THEN post.postcode ELSE m.postcode END,
    place = CASE WHEN own_place THEN post.place ELSE m.place END,
    latitude = CASE WHEN own_place THEN post.latitude ELSE m.latitude END,
    longitude = CASE WHEN own_place THEN post.longitude ELSE m.longitude END,
    change_n = nextval('plain.change_number')
FROM plain.member m
WHERE post.node = '' AND post.account = $1 AND m.account = $1

-- name: set_status
-- A member is active, leaving or inactive.
UPDATE plain.member SET status = $2 WHERE account = $1

-- name: set_pause
-- A member is away until a time; 0: not away.
UPDATE plain.member SET paused_until_s = $2 WHERE account = $1

-- name: show_posts
-- Show a member's posts, or hide them, as it is now.
UPDATE plain.post SET shown = NOT shown, change_n = nextval('plain.change_number')
FROM plain.member m
WHERE post.node = '' AND post.account = $1 AND m.account = $1
    AND shown <> (NOT ended AND NOT hidden AND m.status IN ('active', 'leaving') AND m.paused_until_s <= $2)

-- name: show_returned
-- Show the posts of members whose pause has run out by itself.
UPDATE plain.post SET shown = true, change_n = nextval('plain.change_number')
FROM plain.member m
WHERE post.node = '' AND post.account = m.account AND NOT shown AND NOT ended
    AND NOT hidden AND m.status IN ('active', 'leaving') AND m.paused_until_s BETWEEN 1 AND $1

-- name: write_helper
-- Somebody who may act for a member.
INSERT INTO plain.helper (account, helper) VALUES ($1, $2)
ON CONFLICT (account, helper) DO NOTHING

-- name: drop_helper
-- Somebody who no longer may.
DELETE FROM plain.helper WHERE account = $1 AND helper = $2

-- name: write_role
-- What a member does for the group.
INSERT INTO plain.role (account, role) VALUES ($1, $2) ON CONFLICT (account, role) DO NOTHING

-- name: drop_role
-- What it no longer does.
DELETE FROM plain.role WHERE account = $1 AND role = $2

-- name: write_category
-- A category of posts.
INSERT INTO plain.category (category, parent, name) VALUES ($1, $2, $3)
ON CONFLICT (category) DO UPDATE SET name = excluded.name

-- name: change_category
-- A category is called something else, or stands below another.
UPDATE plain.category SET parent = $2, name = $3 WHERE category = $1

-- name: rename_in_posts
-- What stands in a category carries its name.
UPDATE plain.post SET category_name = $2, change_n = nextval('plain.change_number')
WHERE node = '' AND category = $1 AND category_name <> $2

-- name: order_category
-- Where a category stands; 0: behind the others.
UPDATE plain.category SET ordinal = $2 WHERE category = $1

-- name: unorder_categories
-- No category has a place.
UPDATE plain.category SET ordinal = 0 WHERE ordinal <> 0

-- name: move_to_category
-- What stood in a category stands in another, or in none.
UPDATE plain.post SET category = $2, change_n = nextval('plain.change_number'),
    category_name = coalesce((SELECT name FROM plain.category WHERE category = $2), '')
WHERE node = '' AND category = $1

-- name: move_categories
-- Those below a category stand below another, or on the upper level.
UPDATE plain.category SET parent = $2 WHERE parent = $1

-- name: drop_category
-- A category is no more.
DELETE FROM plain.category WHERE category = $1

-- name: write_post
-- An offer or a want, or what it says now; it stays where and since when it was placed.
INSERT INTO plain.post (post, account, poster_name, want, goods, category, category_name, title,
    text, price_kind, price_minor, per_hour, decimals, unit_singular, unit_plural, own_place,
    postcode, place, latitude, longitude, visibility, placed_at_s, expires_at_s, pictures, shown,
    change_n)
SELECT $1, $2, coalesce(m.name, ''), $3, $4, $5, coalesce(c.name, ''), $6, $7, $8, $9, $10, $11,
    $12, $13, $14::boolean,
    CASE WHEN $14 THEN $15::text ELSE coalesce(m.postcode, '') END,
    CASE WHEN $14 THEN $16::text ELSE coalesce(m.place, '') END,
    CASE WHEN $14 THEN $17::double precision ELSE m.latitude END,
    CASE WHEN $14 THEN $18::double precision ELSE m.longitude END,
    $19, $20, $21, $22::jsonb,
    coalesce(m.status IN ('active', 'leaving') AND m.paused_until_s <= $23, false),
    nextval('plain.change_number')
FROM (SELECT) AS one
LEFT JOIN plain.member m ON m.account = $2
LEFT JOIN plain.category c ON c.category = $5
ON CONFLICT (node, post) DO UPDATE SET
    poster_name = excluded.poster_name, want = excluded.want, goods = excluded.goods,
    category = excluded.category, category_name = excluded.category_name,
    title = excluded.title, text = excluded.text, price_kind = excluded.price_kind,
    price_minor = excluded.price_minor, per_hour = excluded.per_hour,
    decimals = excluded.decimals, unit_singular = excluded.unit_singular,
    unit_plural = excluded.unit_plural, own_place = excluded.own_place,
    postcode = excluded.postcode, place = excluded.place, latitude = excluded.latitude,
    longitude = excluded.longitude, visibility = excluded.visibility,
    expires_at_s = excluded.expires_at_s, pictures = excluded.pictures,
    shown = excluded.shown AND NOT post.ended AND NOT post.hidden, change_n = excluded.change_n

-- name: renew_post
-- An offer or a want lasts longer, also one that had ended.
UPDATE plain.post SET expires_at_s = $2, ended = false, change_n = nextval('plain.change_number')
WHERE node = '' AND post = $1

-- name: end_post
-- An offer or a want is over.
UPDATE plain.post SET ended = true, shown = false, change_n = nextval('plain.change_number')
WHERE node = '' AND post = $1

-- name: show_post
-- Show an offer or a want again, unless its member is away or inactive, or the group hides it.
UPDATE plain.post SET shown = (NOT ended AND NOT hidden AND m.status IN ('active', 'leaving') AND m.paused_until_s <= $2)
FROM plain.member m
WHERE post.node = '' AND post.post = $1 AND m.account = post.account

-- name: hide_post
-- The group shows an offer or a want to nobody.
UPDATE plain.post SET hidden = true, shown = false, change_n = nextval('plain.change_number')
WHERE node = '' AND post = $1

-- name: unhide_post
-- It hides it no more.
UPDATE plain.post SET hidden = false, change_n = nextval('plain.change_number')
WHERE node = '' AND post = $1

-- name: set_unit
-- The unit in which own posts have their price.
UPDATE plain.post SET per_hour = $1, decimals = $2, unit_singular = $3, unit_plural = $4,
    change_n = nextval('plain.change_number')
WHERE node = ''

-- name: write_item
-- News, a date or a document as it is told now; what is told anew keeps the moment it was placed.
INSERT INTO plain.board_item (item, kind, title, text, place, starts_at_s, ends_at_s, file_name,
    file_digest, file_size, placed_at_s, others)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (item) DO UPDATE SET title = excluded.title, text = excluded.text,
    place = excluded.place, starts_at_s = excluded.starts_at_s, ends_at_s = excluded.ends_at_s,
    file_name = excluded.file_name, file_digest = excluded.file_digest,
    file_size = excluded.file_size, others = excluded.others

-- name: drop_item
-- One that is no longer told.
DELETE FROM plain.board_item WHERE item = $1
