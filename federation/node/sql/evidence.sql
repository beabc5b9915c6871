-- name: keep
-- A proof; one against the same group about the same event or payment that is there stays.
INSERT INTO evidence (id, kind, line, about, accused, kept_at_s, file)
SELECT $1::bytea, $2::text, $3::text, $4::text, $5::text, $6::bigint, $7::bytea
WHERE (SELECT count(*) FROM evidence WHERE line = $3 AND accused = $5) < $8
ON CONFLICT (line, kind, about, accused) DO NOTHING

-- name: kept
-- The proof against one group about one event or payment.
SELECT id, kept_at_s FROM evidence
WHERE line = $1 AND kind = $2 AND about = $3 AND accused = $4

-- name: list
-- Every proof, oldest first.
SELECT id, kind, line, about, accused, kept_at_s FROM evidence ORDER BY kept_at_s, id

-- name: file
-- One proof, byte for byte.
SELECT file FROM evidence WHERE id = $1

-- name: statements
-- Key statements of a peer, in their order.
SELECT statement FROM peer_key_statement WHERE node = $1 ORDER BY ordinal

-- name: received
-- Events of a partner as they came in.
SELECT n, core, signature FROM line_inbox WHERE line = $1 AND n = ANY($2::bigint[])

-- name: received_batch
-- One event of a partner as it came in, and those behind it up to the one that closed its batch.
SELECT core, signature FROM line_inbox
WHERE line = $1 AND n >= $2
    AND n <= (SELECT cover FROM line_inbox WHERE line = $1 AND n = $2)
ORDER BY n LIMIT $3

-- name: about
-- Events of a partner that name a payment.
SELECT core FROM line_inbox
WHERE line = $1 AND position(convert_to($2::text, 'UTF8') in core) > 0 ORDER BY n

-- name: decisions
-- Events of a partner that carry a decision, a page at a time.
SELECT n, core FROM line_inbox
WHERE line = $1 AND n > $2 AND position('"verdict":'::bytea in core) > 0 ORDER BY n LIMIT $3
