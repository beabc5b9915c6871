-- name: checkpoints
-- A page of the checkpoints behind a size.
SELECT size, root, note, made_at_s FROM log_checkpoint WHERE size > $1 ORDER BY size LIMIT $2

-- name: known_move
-- From which index on the newest known address of a peer holds.
SELECT holds_from FROM peer_move WHERE node = $1

-- name: write_move
-- A peer's move, unless a later one is known.
INSERT INTO peer_move (node, holds_from, move) VALUES ($1, $2, $3)
ON CONFLICT (node) DO UPDATE SET holds_from = excluded.holds_from, move = excluded.move
    WHERE peer_move.holds_from <= excluded.holds_from
RETURNING holds_from

-- name: known_closing
-- Behind how many entries the log of a peer ended by its newest known closing.
SELECT size FROM peer_closing WHERE node = $1

-- name: write_closing
-- A peer's last word, unless a later one is known.
INSERT INTO peer_closing (node, size, closed_at_s, closing) VALUES ($1, $2, $3, $4)
ON CONFLICT (node) DO UPDATE SET size = excluded.size, closed_at_s = excluded.closed_at_s,
    closing = excluded.closing
    WHERE peer_closing.size < excluded.size
