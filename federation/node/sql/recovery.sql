-- name: received_on_line
-- What a partner sent on a line after a place, as it was received.
SELECT core, signature FROM line_inbox WHERE line = $1 AND n > $2 ORDER BY n LIMIT $3

-- name: own_line_id
-- The id of an own event of a line.
SELECT log_event.id FROM line_event JOIN log_event USING (seq)
WHERE line_event.line = $1 AND line_event.n = $2

-- name: own_id
-- The id of an own event.
SELECT id FROM log_event WHERE seq = $1

-- name: received_core
-- One event of a partner.
SELECT core FROM line_inbox WHERE line = $1 AND n = $2

-- name: write_lost
-- Events whose body did not come back, and what stands for it.
INSERT INTO lost_body (seq, stands_in) SELECT * FROM unnest($1::bigint[], $2::bytea[])

-- name: read_lost
-- Every event whose body did not come back.
SELECT seq, stands_in FROM lost_body ORDER BY seq

-- name: newest_checkpoint_size
-- How much of the log the newest checkpoint covers.
SELECT coalesce(max(size), 0) FROM log_checkpoint

-- name: lock_log
-- Compare and swap when a tail is taken out: the log as the caller knows it, or nothing.
UPDATE log_state SET size = $1, root = $2, batch = batch + 1 WHERE size = $3 AND epoch = $4

-- name: move_tail
-- Events that nobody ever saw leave the log: the only place where rows leave it.
INSERT INTO unreleased_event (seq, id, core, signature, body, body_salt, command_key, moved_at_s)
SELECT e.seq, e.id, e.core, e.signature, e.body, e.body_salt,
       (SELECT min(k.key) FROM command_key k WHERE k.seq = e.seq), $2
FROM log_event e WHERE e.seq >= $1

-- name: move_tail_texts
-- Their texts go with them.
INSERT INTO unreleased_text (event, commitment, subject, layer, sealed)
SELECT e.id, t.commitment, t.subject, t.layer, t.sealed
FROM sealed_text t JOIN log_event e USING (seq) WHERE t.seq >= $1

-- name: open_log
-- The owner of the tables lets rows leave, until the end of this transaction.
DO $$ BEGIN
    ALTER TABLE log_event DISABLE TRIGGER log_event_unchanged;
    ALTER TABLE log_subroot DISABLE TRIGGER log_subroot_unchanged;
    ALTER TABLE line_inbox DISABLE TRIGGER line_inbox_unchanged;
END $$

-- name: close_log
-- Nothing leaves the log any more.
DO $$ BEGIN
    ALTER TABLE log_event ENABLE TRIGGER log_event_unchanged;
    ALTER TABLE log_subroot ENABLE TRIGGER log_subroot_unchanged;
    ALTER TABLE line_inbox ENABLE TRIGGER line_inbox_unchanged;
END $$

-- name: drop_tail
-- After the move: events, texts, keys and tile roots of the tail.
WITH events AS (DELETE FROM log_event WHERE seq >= $1),
     texts AS (DELETE FROM sealed_text WHERE seq >= $1),
     keys AS (DELETE FROM command_key WHERE seq >= $1)
DELETE FROM log_subroot WHERE (tile + 1) * 256 > $1

-- name: drop_unseen
-- What a partner sent and no own event has seen: it comes again, and is answered then.
DELETE FROM line_inbox USING unnest($1::text[], $2::bigint[]) AS known (line, in_n)
WHERE line_inbox.line = known.line AND line_inbox.n > known.in_n

-- name: drop_unseen_texts
-- Their texts come again with them, as those of lines that are not known any more.
DELETE FROM line_inbox_text t WHERE NOT EXISTS (
    SELECT FROM unnest($1::text[], $2::bigint[]) AS known (line, in_n)
    WHERE t.line = known.line AND t.n <= known.in_n)

-- name: drop_unknown_lines
-- Likewise of lines that are not known any more.
DELETE FROM line_inbox WHERE NOT line = ANY($1::text[])

-- name: tail_left
-- What was taken out and is still to be appended anew, in its old order.
SELECT seq, id, core, body, command_key, moved_at_s FROM unreleased_event
WHERE outcome = '' ORDER BY moved_at_s, seq

-- name: tail_texts
-- The texts of one of them.
SELECT commitment, subject, layer, sealed FROM unreleased_text WHERE event = $1

-- name: tail_done
-- What became of one of them.
UPDATE unreleased_event SET outcome = $2 WHERE id = $1

-- name: tail_done_before
-- What became of those of one tail that an earlier run has looked at.
SELECT seq, body, outcome FROM unreleased_event
WHERE moved_at_s = $1 AND outcome <> '' AND body IS NOT NULL

-- name: released_n
-- How much of an own chain lies below a place of the log.
SELECT coalesce(max(n), 0) FROM line_event WHERE line = $1 AND seq < $2

-- name: key_used
-- Whether a command was given before.
SELECT seq FROM command_key WHERE key = $1
