-- name: read_mirror
-- Mirrored cores of a node from a place on.
SELECT seq, core FROM mirror_event WHERE node = $1 AND seq >= $2 ORDER BY seq LIMIT $3

-- name: read_columns
-- Mirrored entries of a node from a place on, column by column: a third faster than rows.
SELECT array_agg(seq), array_agg(core), array_agg(signature) FROM (
    SELECT seq, core, signature FROM mirror_event WHERE node = $1 AND seq >= $2
    ORDER BY seq LIMIT $3
) AS page

-- name: write_mirror_state
-- How far a log was followed, and the checkpoint that it matched.
INSERT INTO mirror_state (node, size, root, checkpoint, pulled_at_s) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (node) DO UPDATE SET size = excluded.size, root = excluded.root,
    checkpoint = excluded.checkpoint, pulled_at_s = excluded.pulled_at_s

-- name: read_mirror_states
-- How far each log was followed.
SELECT node, size, pulled_at_s FROM mirror_state ORDER BY node

-- name: followed
-- How far a log was followed, and the checkpoint that the mirror matched.
SELECT size, root, checkpoint, pulled_at_s FROM mirror_state WHERE node = $1

-- name: read_held
-- Which bodies the kept bundles of a tile hold.
SELECT width, held FROM mirror_bodies WHERE node = $1 AND tile = $2

-- name: drop_bodies
-- Give up a bundle that holds nothing more than a newer one.
DELETE FROM mirror_bodies WHERE node = $1 AND tile = $2 AND width = $3

-- name: keep_bodies
-- A bundle of sealed bodies.
INSERT INTO mirror_bodies (node, tile, width, held, sealed) VALUES ($1, $2, $3, $4, $5)

-- name: mirror_head
-- The last entry that was followed of a node's log.
SELECT seq, core FROM mirror_event WHERE node = $1 ORDER BY seq DESC LIMIT 1

-- name: mirrored_range
-- Mirrored entries of a node in a range.
SELECT seq, core, signature FROM mirror_event
WHERE node = $1 AND seq >= $2 AND seq < $3 ORDER BY seq

-- name: mirrored_bodies
-- The bundles of sealed bodies of a tile, the fullest first.
SELECT width, sealed FROM mirror_bodies WHERE node = $1 AND tile = $2 ORDER BY width DESC

-- name: mirrored_line
-- What a node has written on a line behind a place of its log.
SELECT core, signature FROM mirror_event
WHERE node = $1 AND seq > $3
  AND position(convert_to('"line":"' || $2::text || '"', 'UTF8') in core) > 0
ORDER BY seq LIMIT $4

-- name: read_tree
-- How far a log was followed, to go on from there.
SELECT size, peaks, statements, used FROM mirror_tree WHERE node = $1

-- name: write_tree
-- How far a log was followed.
INSERT INTO mirror_tree (node, size, peaks, statements, used) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (node) DO UPDATE SET size = excluded.size, peaks = excluded.peaks,
    statements = excluded.statements, used = excluded.used

-- name: mirror_state
-- How far one log was followed.
SELECT size, root FROM mirror_state WHERE node = $1

-- name: mirror_entry
-- A followed entry, and how far its log was followed.
SELECT core, size FROM mirror_event JOIN mirror_state USING (node) WHERE node = $1 AND seq = $2

-- name: mirrored_terms
-- What groups propose to each other and accept, in the order of their logs.
SELECT core FROM mirror_event
WHERE position('"type":"terms.accept"'::bytea in core) > 0
    OR position('"type":"terms.propose"'::bytea in core) > 0
ORDER BY node, seq
