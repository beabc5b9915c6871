-- name: setting
-- When digests go out.
SELECT active, weekday FROM digest_setting

-- name: write_setting
-- Coordinators choose when.
INSERT INTO digest_setting (active, weekday) VALUES ($1, $2)
ON CONFLICT (only_row) DO UPDATE SET active = excluded.active, weekday = excluded.weekday

-- name: wish
-- How often somebody wants a digest, and with what.
SELECT rhythm, blocks FROM digest_choice WHERE account = $1 AND person = $2

-- name: write_wish
-- Somebody chooses.
INSERT INTO digest_choice (account, person, rhythm, blocks) VALUES ($1, $2, $3, $4)
ON CONFLICT (account, person) DO UPDATE SET rhythm = excluded.rhythm, blocks = excluded.blocks

-- name: progress
-- How far digests have come.
SELECT begun_s, fixed_s, told_s FROM plain.digest_progress

-- name: begin
-- Telling begins here, or begins anew.
INSERT INTO plain.digest_progress (begun_s, fixed_s, told_s) VALUES ($1, $1, $1)
ON CONFLICT (only_row) DO UPDATE SET begun_s = $1, fixed_s = $1, told_s = $1

-- name: fix
-- The contents of an edition are fixed.
UPDATE plain.digest_progress SET fixed_s = $1

-- name: told_all
-- Everybody was told an edition.
UPDATE plain.digest_progress SET told_s = $1

-- name: know_posts
-- Offers and wants that are here for the first time.
INSERT INTO plain.digest_known (kind, node, name, due_s)
SELECT 'post', node, post, $1 FROM plain.post
WHERE shown AND NOT ended AND expires_at_s > $1 AND placed_at_s > $2 AND visibility <> 'staff'
ON CONFLICT (kind, node, name) DO NOTHING

-- name: know_items
-- News and dates that are here for the first time.
INSERT INTO plain.digest_known (kind, node, name, due_s)
SELECT 'item', '', item::text, $1 FROM plain.board_item
WHERE kind = 'news' AND placed_at_s > $2 OR kind = 'date' AND starts_at_s > $1
ON CONFLICT (kind, node, name) DO NOTHING

-- name: know_activities
-- Activities that are here for the first time.
INSERT INTO plain.digest_known (kind, node, name, due_s)
SELECT 'activity', '', named, $1 FROM unnest($2::text[]) AS named
ON CONFLICT (kind, node, name) DO NOTHING

-- name: sweep_known
-- What is known for so long that it would be no news if it came anew. Dates are not swept so soon.
DELETE FROM plain.digest_known WHERE due_s < $1 AND kind = 'post' OR due_s < $2

-- name: posts
-- Offers and wants that are known since a moment, or would be in this edition, the newest first.
SELECT p.node, p.post, p.account, p.title, p.want, p.poster_name, p.place, p.latitude, p.longitude,
       p.placed_at_s, coalesce(k.due_s, $1) AS known_s
FROM plain.post p
LEFT JOIN plain.digest_known k ON k.kind = 'post' AND k.node = p.node AND k.name = p.post
WHERE p.shown AND NOT p.ended AND p.expires_at_s > $1 AND p.placed_at_s > $3
    AND p.visibility = ANY($4::text[]) AND (p.node = '' OR p.refreshed_at_s >= $5)
    AND coalesce(k.due_s, $1) > $2
ORDER BY p.placed_at_s DESC, p.node, p.post LIMIT $6

-- name: items
-- News that is known since a moment, and dates to come.
SELECT i.item, i.kind, i.title, i.text, i.place, i.starts_at_s, i.placed_at_s, i.others,
       coalesce(k.due_s, $1) AS known_s
FROM plain.board_item i
LEFT JOIN plain.digest_known k ON k.kind = 'item' AND k.node = '' AND k.name = i.item::text
WHERE i.kind = 'news' AND i.placed_at_s > $3 AND coalesce(k.due_s, $1) > $2
   OR i.kind = 'date' AND i.starts_at_s BETWEEN $1 AND $4
ORDER BY i.placed_at_s DESC, i.item LIMIT $5

-- name: known_activities
-- Since when activities are known.
SELECT name, due_s FROM plain.digest_known WHERE kind = 'activity' AND name = ANY($1::text[])

-- name: subscribers
-- Who gets digests: persons with an address, of members who are not inactive, with where they live
-- and what they want; without those who want none or whose address does not work.
SELECT p.account, p.person, p.name, p.address, m.latitude, m.longitude,
       coalesce(nullif(h.language, ''), p.language) AS language,
       coalesce(c.rhythm, 'weekly') AS rhythm, c.blocks, t.due_s AS told_s
FROM plain.person p JOIN plain.member m USING (account)
LEFT JOIN mail_habit h USING (account, person)
LEFT JOIN digest_choice c USING (account, person)
LEFT JOIN plain.digest_told t USING (account, person)
WHERE m.status IN ('active', 'leaving') AND p.address <> ''
    AND ($1::bigint IS NULL OR p.account = $1 AND p.person = $2)
    AND ($1::bigint IS NOT NULL
        OR NOT EXISTS (SELECT FROM mail_choice s
                       WHERE s.account = p.account AND s.person = p.person AND s.kind = 'digest')
       AND NOT EXISTS (SELECT FROM plain.mail_address a WHERE a.address_key = p.address_key))
ORDER BY p.account, p.person

-- name: tell
-- Somebody was told up to an edition.
INSERT INTO plain.digest_told (account, person, due_s) VALUES ($1, $2, $3)
ON CONFLICT (account, person) DO UPDATE SET due_s = excluded.due_s

-- name: forget_wishes
-- Erasing a member: what it wanted in digests.
DELETE FROM digest_choice WHERE account = $1

-- name: forget_told
-- Erasing a member: up to where it was told.
DELETE FROM plain.digest_told WHERE account = $1
