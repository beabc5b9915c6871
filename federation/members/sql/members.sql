-- name: by_address
-- Who signs in under an address, of members who are not inactive.
SELECT p.account, p.person, m.code, p.name, p.address, p.language
FROM plain.person p JOIN plain.member m USING (account)
WHERE p.address_key = $1 AND p.address_key <> '' AND m.status IN ('active', 'leaving')
ORDER BY p.account, p.person

-- name: persons
-- Who signs in for some accounts.
SELECT p.account, p.person, m.code, p.name, p.address, p.language
FROM plain.person p JOIN plain.member m USING (account)
WHERE p.account = ANY($1::bigint[]) ORDER BY p.account, p.person

-- name: member
-- Some members.
SELECT account, code, name, status, postcode, place, latitude, longitude, about, skills, since_s,
    paused_until_s, picture
FROM plain.member WHERE account = ANY($1::bigint[]) ORDER BY account

-- name: members
-- Members in the order of their codes, numbers as numbers; found by name or code.
SELECT account, code, name, status, postcode, place, latitude, longitude, about, skills, since_s,
    paused_until_s, picture
FROM plain.member
WHERE (status IN ('active', 'leaving') OR $1) AND strpos(words, plain.words($2)) > 0
ORDER BY lpad(code, 40, ' ') COLLATE "C", account OFFSET $3 LIMIT $4

-- name: contacts
-- The contacts of some members that somebody may see.
SELECT account, kind, value, access, comment FROM plain.contact
WHERE account = ANY($1::bigint[]) AND (access = ANY($2::text[]) OR account = ANY($3::bigint[]))
ORDER BY account, ordinal

-- name: post
-- One own post.
SELECT post, account, poster_name, want, goods, category, category_name, title, text, price_kind,
    price_minor, postcode, place, latitude, longitude, visibility, placed_at_s, expires_at_s, ended,
    shown, hidden, pictures
FROM plain.post WHERE node = '' AND post = $1

-- name: posts_of
-- Own posts of a member, newest first; ended and expired ones too when asked for.
SELECT post, account, poster_name, want, goods, category, category_name, title, text, price_kind,
    price_minor, postcode, place, latitude, longitude, visibility, placed_at_s, expires_at_s, ended,
    shown, hidden, pictures
FROM plain.post
WHERE node = '' AND account = $1 AND (visibility = ANY($2::text[]) OR $3)
    AND ($4 OR (shown AND expires_at_s > $5))
ORDER BY placed_at_s DESC, post::bigint DESC

-- name: expiring
-- Own posts that are shown and expire in a time, in the order in which they do.
SELECT post, account, poster_name, want, goods, category, category_name, title, text, price_kind,
    price_minor, postcode, place, latitude, longitude, visibility, placed_at_s, expires_at_s, ended,
    shown, hidden, pictures
FROM plain.post
WHERE node = '' AND shown AND NOT ended AND expires_at_s >= $1 AND expires_at_s < $2
ORDER BY expires_at_s, post::bigint

-- name: hidden_posts
-- Own posts that the group hides, by their title.
SELECT post, title, poster_name FROM plain.post
WHERE node = '' AND hidden AND NOT ended AND visibility = ANY($1::text[])
ORDER BY plain.words(title), post::bigint LIMIT $2

-- name: categories
-- All categories, each parent before its children; in the group's order, the others behind by name.
SELECT c.category, c.parent, c.name FROM plain.category c
LEFT JOIN plain.category p ON p.category = c.parent
ORDER BY coalesce(p.ordinal, c.ordinal) = 0, coalesce(p.ordinal, c.ordinal),
    plain.words(coalesce(p.name, c.name)), coalesce(c.parent, c.category), c.parent IS NOT NULL,
    c.ordinal = 0, c.ordinal, plain.words(c.name), c.category

-- name: store_picture
-- A picture under the key of who placed it; the same again is there already.
INSERT INTO picture (digest, subject, width, height, size, sealed, thumbnail, stored_at_s)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (digest, subject) DO UPDATE SET stored_at_s = excluded.stored_at_s

-- name: pictures_of
-- Some pictures of a member, as they lie sealed.
SELECT digest, width, height, size, sealed, thumbnail FROM picture
WHERE subject = $1 AND digest = ANY($2::bytea[])

-- name: count_pictures
-- How many pictures a member has here.
SELECT count(*) FROM picture WHERE subject = $1

-- name: has_pictures
-- Which of these pictures a member has here.
SELECT digest, size FROM picture WHERE subject = $1 AND digest = ANY($2::bytea[])

-- name: picture
-- A picture as some members have it.
SELECT subject, sealed FROM picture WHERE digest = $1 AND subject = ANY($2::bytea[])

-- name: thumbnail
-- A small picture as some members have it.
SELECT subject, thumbnail AS sealed FROM picture WHERE digest = $1 AND subject = ANY($2::bytea[])

-- name: shows_picture
-- Own posts that show a picture.
SELECT p.account, p.visibility, p.shown AND p.expires_at_s > $2 AS shown
FROM plain.post p WHERE p.node = '' AND p.pictures @> $1::jsonb

-- name: shows_face
-- Members whose profile shows a picture.
SELECT account FROM plain.member WHERE picture @> $1::jsonb

-- name: drop_pictures
-- Pictures that were taken in before a time and that neither a post nor a profile shows.
DELETE FROM picture WHERE stored_at_s < $1 AND NOT EXISTS (
    SELECT FROM jsonb_build_object(
        'digest', rtrim(translate(encode(picture.digest, 'base64'), '+/', '-_'), '=')) AS this
    JOIN plain.member m ON m.subject = picture.subject
    LEFT JOIN plain.post p ON p.node = '' AND p.account = m.account
    WHERE m.picture @> this OR p.pictures @> jsonb_build_array(this))

-- name: items
-- What the group tells, of some kinds and in a period, soonest or latest first.
SELECT item, kind, title, text, place, starts_at_s, ends_at_s, file_name, file_digest, file_size,
    placed_at_s, others
FROM plain.board_item
WHERE kind = ANY($1::text[]) AND coalesce(ends_at_s, starts_at_s) BETWEEN $2 AND $3
ORDER BY CASE WHEN $4 THEN -starts_at_s ELSE starts_at_s END, item DESC LIMIT $5 OFFSET $6

-- name: item
-- One item.
SELECT item, kind, title, text, place, starts_at_s, ends_at_s, file_name, file_digest, file_size,
    placed_at_s, others
FROM plain.board_item WHERE item = $1

-- name: store_file
-- A file of a document; the same again is there already.
INSERT INTO document_file (digest, size, sealed, stored_at_s) VALUES ($1, $2, $3, $4)
ON CONFLICT (digest) DO UPDATE SET stored_at_s = excluded.stored_at_s

-- name: file_size
-- How much a file is, when it is here.
SELECT size FROM document_file WHERE digest = $1

-- name: files_size
-- How much all files of documents are.
SELECT coalesce(sum(size), 0)::bigint FROM document_file

-- name: file
-- A sealed file.
SELECT sealed FROM document_file WHERE digest = $1

-- name: drop_files
-- Files that were taken in before a time and that no document shows.
DELETE FROM document_file WHERE stored_at_s < $1 AND NOT EXISTS (
    SELECT FROM plain.board_item WHERE board_item.file_digest = document_file.digest)
