-- name: left_days
-- After how many days who has left is erased, when the group chose that.
SELECT left_days FROM retention

-- name: write_left_days
-- Coordinators choose; nothing stands for never.
INSERT INTO retention (left_days) VALUES ($1)
ON CONFLICT (only_row) DO UPDATE SET left_days = excluded.left_days

-- name: left_told
-- Who was told that its data will be erased, about which leaving, and when.
SELECT account, left_s, told_at_s FROM left_told ORDER BY account

-- name: tell_left
-- Note that somebody is told about a leaving; no row when it was told of this one before.
INSERT INTO left_told (account, left_s, told_at_s) VALUES ($1, $2, $3)
ON CONFLICT (account) DO UPDATE SET left_s = excluded.left_s, told_at_s = excluded.told_at_s
WHERE left_told.left_s <> excluded.left_s RETURNING account

-- name: forget_told
-- What these were told is over.
DELETE FROM left_told WHERE account = ANY($1::bigint[])

-- name: forget_all_told
-- What everybody was told is over.
DELETE FROM left_told
