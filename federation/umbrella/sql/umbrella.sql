-- name: read_mirror
-- Mirrored cores of a node from a place on.
SELECT seq, core FROM mirror_event WHERE node = $1 AND seq >= $2 ORDER BY seq LIMIT $3

-- name: write_mirror_state
-- How far a log was followed, and the checkpoint that it matched.
INSERT INTO mirror_state (node, size, root, checkpoint, pulled_at_s) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (node) DO UPDATE SET size = excluded.size, root = excluded.root,
    checkpoint = excluded.checkpoint, pulled_at_s = excluded.pulled_at_s

-- name: read_mirror_states
-- How far each log was followed.
SELECT node, size, pulled_at_s FROM mirror_state ORDER BY node
