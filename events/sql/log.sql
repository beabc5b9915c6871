-- name: create_state
-- Start a log; refused by the primary key when there is one.
INSERT INTO log_state (origin, size, root, epoch) VALUES ($1, 0, $2, 0)

-- name: read_state
-- How long the log is.
SELECT origin, size, root, epoch, batch FROM log_state

-- name: take_over
-- Become the only writer; waits for the transaction of the one before.
UPDATE log_state SET epoch = epoch + 1, writer = $1
RETURNING origin, size, root, epoch, batch

-- name: take_over_again
-- The same after a lost connection, unless somebody else took over meanwhile.
UPDATE log_state SET epoch = epoch + 1 WHERE writer = $1
RETURNING origin, size, root, epoch, batch

-- name: append_events
-- Events of a small part of a batch. This and the next two can be joined with others. Each array
-- stands in the list of columns: in FROM it would be laid aside as rows first.
INSERT INTO log_event (seq, id, core, signature, body, body_salt)
SELECT unnest($1::bigint[]), unnest($2::bytea[]), unnest($3::bytea[]), unnest($4::bytea[]),
       unnest($5::bytea[]), unnest($6::bytea[])

-- name: append_texts
-- Their sealed texts.
INSERT INTO sealed_text (seq, commitment, subject, layer, sealed)
SELECT unnest($1::bigint[]), unnest($2::bytea[]), unnest($3::bytea[]), unnest($4::text[]),
       unnest($5::bytea[])

-- name: append_roots
-- Roots of tiles that are full by them.
INSERT INTO log_subroot (tile, root) SELECT unnest($1::bigint[]), unnest($2::bytea[])

-- name: advance
-- The compare and swap that ends a batch: on a log that another writer has moved on, the epoch
-- becomes NULL, which its column refuses, and of what it is joined with nothing at all is written.
UPDATE log_state SET size = $1, root = $2, batch = batch + 1,
    epoch = CASE WHEN size = $3 AND epoch = $4 THEN epoch END
WHERE only_row

-- name: read_data_keys
-- Every wrapped data key.
SELECT subject, wrapping_key, wrapped FROM data_key

-- name: read_text
-- The sealed texts of one event.
SELECT subject, commitment, layer, sealed FROM sealed_text WHERE seq = $1

-- name: read_texts
-- The sealed texts of a range of events.
SELECT seq, subject, commitment, layer, sealed FROM sealed_text
WHERE seq >= $1 AND seq < $2 ORDER BY seq, subject, commitment

-- name: read_subroots
-- Roots of the full tiles in a range.
SELECT tile, root FROM log_subroot WHERE tile >= $1 AND tile < $2 ORDER BY tile

-- name: read_ids
-- Event ids in a range.
SELECT seq, id FROM log_event WHERE seq >= $1 AND seq < $2 ORDER BY seq

-- name: read_cores
-- Cores and signatures in a range.
SELECT seq, core, signature FROM log_event WHERE seq >= $1 AND seq < $2 ORDER BY seq

-- name: read_events
-- Everything about a range of events.
SELECT seq, id, core, signature, body, body_salt FROM log_event
WHERE seq >= $1 AND seq < $2 ORDER BY seq

-- name: read_columns
-- A range of events as arrays: four times faster to read than rows.
SELECT array_agg(seq ORDER BY seq), array_agg(id ORDER BY seq), array_agg(core ORDER BY seq),
       array_agg(signature ORDER BY seq), array_agg(body ORDER BY seq),
       array_agg(body_salt ORDER BY seq)
FROM (SELECT * FROM log_event WHERE seq >= $1 AND seq < $2 ORDER BY seq) AS page

-- name: newest_checkpoint
-- The newest checkpoint that was recorded.
SELECT size, root, note, made_at_s FROM log_checkpoint ORDER BY size DESC LIMIT 1

-- name: record_checkpoint
-- Record a checkpoint; a second one of the same size is refused by the primary key.
INSERT INTO log_checkpoint (size, root, note, made_at_s) VALUES ($1, $2, $3, $4)
