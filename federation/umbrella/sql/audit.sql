-- name: one_at_a_time
-- Wait until no other audit goes on with the records.
SELECT pg_advisory_xact_lock($1)

-- name: read_nodes
-- How far each log was audited.
SELECT state FROM audit_node ORDER BY node

-- name: read_lines
-- Every line, as far as it was audited.
SELECT state FROM audit_line ORDER BY line

-- name: read_open
-- Payments of which something is missing or wrong.
SELECT state FROM audit_path WHERE open ORDER BY path

-- name: read_paths
-- Payments by name.
SELECT state, open FROM audit_path WHERE path = ANY($1::text[])

-- name: write_nodes
-- How far logs were audited.
INSERT INTO audit_node (node, events, state)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[])
ON CONFLICT (node) DO UPDATE SET events = excluded.events, state = excluded.state

-- name: write_lines
-- Lines that have changed.
INSERT INTO audit_line (line, state) SELECT * FROM unnest($1::text[], $2::bytea[])
ON CONFLICT (line) DO UPDATE SET state = excluded.state

-- name: write_paths
-- Payments that have changed.
INSERT INTO audit_path (path, open, state)
SELECT * FROM unnest($1::text[], $2::boolean[], $3::bytea[])
ON CONFLICT (path) DO UPDATE SET open = excluded.open, state = excluded.state

-- name: no_nodes
-- Begin anew, in a transaction that is undone.
DELETE FROM audit_node

-- name: no_lines
-- As above.
DELETE FROM audit_line

-- name: no_paths
-- As above.
DELETE FROM audit_path
