-- name: read_mirror
-- Mirrored cores of a node from a place on.
SELECT seq, core FROM mirror_event WHERE node = $1 AND seq >= $2 ORDER BY seq LIMIT $3

-- name: read_entries
-- Mirrored entries of a node from a place on, in one array: a third faster than rows.
SELECT array_agg(core), NULL FROM (
    SELECT core FROM mirror_event WHERE node = $1 AND seq >= $2 ORDER BY seq LIMIT $3
) AS page

-- name: read_signed
-- As above, with their signatures.
SELECT array_agg(core), array_agg(signature) FROM (
    SELECT core, signature FROM mirror_event WHERE node = $1 AND seq >= $2
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

-- name: drop_narrow_bodies
-- Give up the narrowest bundles of a tile, so that so many are left.
DELETE FROM mirror_bodies WHERE node = $1 AND tile = $2 AND width NOT IN (
    SELECT width FROM mirror_bodies WHERE node = $1 AND tile = $2 ORDER BY width DESC LIMIT $3
)

-- name: mirrored_bodies
-- The bundles of sealed bodies of a tile, the fullest first, up to so many bytes; always the first.
SELECT width, sealed FROM (
    SELECT
        width,
        sealed,
        row_number() OVER fullest AS place,
        sum(octet_length(sealed)) OVER fullest AS bytes
    FROM mirror_bodies
    WHERE node = $1 AND tile = $2
    WINDOW fullest AS (ORDER BY width DESC)
) AS bundle
WHERE place = 1 OR bytes <= $3
ORDER BY width DESC

-- name: mirrored_line
-- What a node has written on a line behind a place of its log.
SELECT core, signature FROM mirror_event
WHERE node = $1 AND seq > $3
  AND position(convert_to('"line":"' || $2::text || '"', 'UTF8') in core) > 0
ORDER BY seq LIMIT $4

-- name: mirrored_numbers
-- Entries of a node about a line in which a number stands; one of them has it as its own.
SELECT core, signature FROM mirror_event
WHERE node = $1
  AND position(convert_to('"line":"' || $2::text || '"', 'UTF8') in core) > 0
  AND position(convert_to('"n":' || $3::bigint || ',', 'UTF8') in core) > 0
ORDER BY seq

-- name: mirrored_places
-- Entries by log and place.
SELECT node, seq, core
FROM mirror_event JOIN unnest($1::text[], $2::bigint[]) AS named (node, seq) USING (node, seq)

-- name: mirrored_path
-- What a node has written about a payment up to a place of its log.
SELECT core FROM mirror_event
WHERE node = $1 AND seq <= $3
  AND position(convert_to('"path":"' || $2::text || '"', 'UTF8') in core) > 0
ORDER BY seq

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

-- name: mirrored_logs
-- Every log as far as it was followed, with the checkpoint that it matched.
SELECT node, size, root, checkpoint FROM mirror_state ORDER BY node

-- name: read_cosigned
-- The checkpoints of a log that are kept for the sake of their witnesses.
SELECT size, witnesses, note FROM mirror_cosigned WHERE node = $1

-- name: write_cosigned
-- Keep these and no others, in one statement; the names of witnesses stand in a row.
WITH kept AS (
    SELECT size, string_to_array(named, ' ') AS witnesses, note
    FROM unnest($2::bigint[], $3::text[], $4::bytea[]) AS one (size, named, note)
), gone AS (
    DELETE FROM mirror_cosigned WHERE node = $1 AND size <> ALL ($2::bigint[])
)
INSERT INTO mirror_cosigned (node, size, witnesses, note)
SELECT $1, size, witnesses, note FROM kept
ON CONFLICT (node, size) DO UPDATE SET witnesses = excluded.witnesses, note = excluded.note

-- name: cosigned_logs
-- All that is kept so, the newest of each log first.
SELECT node, note FROM mirror_cosigned ORDER BY node, size DESC

-- name: read_compared
-- How far a log was held against what was followed before, where that was broken off.
SELECT size FROM mirror_held WHERE node = $1

-- name: write_compared
-- The same, written down.
INSERT INTO mirror_held (node, size) VALUES ($1, $2)
ON CONFLICT (node) DO UPDATE SET size = excluded.size

-- name: drop_compared
-- All of a log was held against what was followed before.
DELETE FROM mirror_held WHERE node = $1
