-- name: read_found
-- What the own log says about findings, in its order.
SELECT seq, core, body FROM log_event
WHERE position('"type":"audit.'::bytea in body) > 0 ORDER BY seq

-- name: read_gone
-- What is not found any more, and since when.
SELECT finding, since_s FROM audit_gone

-- name: is_gone
-- What is not found any more from now on; what was not before stays as it was.
INSERT INTO audit_gone (finding, since_s) SELECT unnest($1::bytea[]), $2
ON CONFLICT (finding) DO NOTHING

-- name: is_back
-- What is found again.
DELETE FROM audit_gone WHERE finding = ANY($1::bytea[])

-- name: line_ends
-- Between which groups some lines are.
SELECT line, lower, higher FROM flow_line WHERE line = ANY($1::text[])
