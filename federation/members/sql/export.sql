-- name: rows_about
-- How many bookings and posts there are to write, about.
SELECT (SELECT count(*) FROM posting) / 2
    + (SELECT count(*) FROM plain.post WHERE node = '') AS rows_about

-- name: booked
-- Accounts that were ever booked on.
SELECT DISTINCT account FROM posting

-- name: postings
-- All postings, those of one booking together.
SELECT seq, account, amount_minor, at_s FROM posting ORDER BY seq, ordinal

-- name: posts
-- All own posts, ended and expired ones too; none that was erased.
SELECT post::bigint AS post, account, category, title, text, want, goods, price_kind, price_minor,
    CASE WHEN own_place THEN postcode END AS postcode, CASE WHEN own_place THEN place END AS place,
    visibility, placed_at_s, expires_at_s, ended, pictures
FROM plain.post WHERE node = '' AND title <> '' ORDER BY post::bigint

-- name: pictures_shown
-- Members and own posts that show pictures.
SELECT account, jsonb_build_array(picture) AS pictures FROM plain.member WHERE picture IS NOT NULL
UNION ALL SELECT account, pictures FROM plain.post
WHERE node = '' AND title <> '' AND pictures <> '[]'::jsonb
