-- name: write_register
-- What a batch adds to the register of an umbrella.
INSERT INTO register_event (seq, readers, body)
SELECT seq, CASE WHEN line THEN ARRAY[lower, higher] ELSE '{}' END, body
FROM unnest($1::bigint[], $2::boolean[], $3::text[], $4::text[], $5::bytea[])
    AS added (seq, line, lower, higher, body)

-- name: read_register
-- The whole register, in the order of the log.
SELECT seq, body FROM register_event ORDER BY seq

-- name: register_page
-- What one group is told of the register behind a place.
SELECT seq, body FROM register_event
WHERE seq > $1 AND (readers = '{}' OR $2 = ANY(readers)) ORDER BY seq LIMIT $3
