-- name: read_witnessed
-- The newest checkpoint that was cosigned of a log.
SELECT size, root FROM witnessed WHERE log = $1

-- name: read_witnessed_note
-- The same as a signed note.
SELECT note FROM witnessed WHERE log = $1

-- name: read_witnessed_whole
-- The newest checkpoint that was cosigned of a log, with its note.
SELECT size, root, note FROM witnessed WHERE log = $1

-- name: first_witnessed
-- The first checkpoint of a log; nothing when another was quicker.
INSERT INTO witnessed (log, origin, size, root, note, cosigned_at_s) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (log) DO NOTHING RETURNING size

-- name: next_witnessed
-- The next one, over the one that was decided on; nothing when another was quicker.
UPDATE witnessed SET size = $2, root = $3, note = $4, cosigned_at_s = $5
WHERE log = $1 AND size = $6 AND root = $7 RETURNING size

-- name: keep_cosignature
-- What a witness signed of an own checkpoint that is still held; of two, the newer.
INSERT INTO cosignature (size, witness, lines, cosigned_at_s)
SELECT size, $2, $3, $4::bigint FROM log_checkpoint WHERE size = $1
ON CONFLICT (size, witness) DO UPDATE SET lines = excluded.lines,
    cosigned_at_s = excluded.cosigned_at_s
WHERE cosignature.cosigned_at_s < excluded.cosigned_at_s

-- name: cosignatures_of
-- The signature lines below an own checkpoint: of the newest 64, which a note has room for.
SELECT witness, lines FROM cosignature WHERE size = $1 ORDER BY cosigned_at_s DESC, witness LIMIT 64

-- name: newest_cosignatures
-- How far each witness has cosigned.
SELECT DISTINCT ON (witness) witness, size, cosigned_at_s FROM cosignature
ORDER BY witness, size DESC

-- name: cosigned_checkpoints
-- Own checkpoints below a size, newest first, with the lines of their witnesses; those without any
-- when that is asked for.
SELECT c.size, c.note, coalesce(array_agg(k.lines ORDER BY k.witness)
    FILTER (WHERE k.lines IS NOT NULL), '{}') AS lines
FROM log_checkpoint c LEFT JOIN cosignature k ON k.size = c.size
WHERE c.size < $1 AND ($3 OR k.size IS NOT NULL)
GROUP BY c.size ORDER BY c.size DESC LIMIT $2

-- name: newest_size
-- The size of the newest own checkpoint.
SELECT max(size) FROM log_checkpoint

-- name: witnessed_logs
-- The logs of which checkpoints were cosigned, the newest first.
SELECT origin, size, cosigned_at_s FROM witnessed ORDER BY cosigned_at_s DESC, origin LIMIT $1

-- name: keep_fork
-- Two checkpoints that do not fit; the same two once, and not more than so many of one log.
INSERT INTO forked_checkpoint (log, origin, held, told, peer, told_at_s)
SELECT $1, $2, $3, $4, $5, $6
WHERE (SELECT count(*) FROM forked_checkpoint WHERE log = $1) < $7
ON CONFLICT (log, told) DO NOTHING

-- name: forks
-- All that do not fit, the newest first.
SELECT origin, held, told, peer, told_at_s FROM forked_checkpoint
ORDER BY told_at_s DESC, origin LIMIT $1
