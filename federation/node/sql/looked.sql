-- name: note_look
-- Somebody saw or changed something; once more on the same day counts up.
INSERT INTO looked (about, day, by_account, what, peer, times, last_at_s)
VALUES ($1, $2, $3, $4, $5, 1, $6)
ON CONFLICT (about, day, by_account, what, peer) DO UPDATE
SET times = looked.times + 1, last_at_s = excluded.last_at_s

-- name: looks_about
-- Who saw or changed what about a member, or about everybody, newest first; with their names now.
SELECT looked.about, looked.by_account, looked.what, looked.times, looked.last_at_s,
       coalesce(member.code, '') AS code, coalesce(member.name, '') AS name, looked.peer
FROM looked LEFT JOIN plain.member AS member ON member.account = looked.by_account
WHERE looked.about IN ($1, 0) AND looked.by_account <> $1
ORDER BY looked.last_at_s DESC, looked.by_account, looked.what, looked.peer LIMIT $2

-- name: account_of_token
-- For whom a token of the API speaks; nobody for an auditor's that has no member.
SELECT account FROM api_token WHERE token = $1

-- name: drop_looks
-- What is older than the group keeps it.
DELETE FROM looked WHERE day < $1

-- name: looked_days
-- For how long the group keeps it, when it chose.
SELECT looked_days FROM retention

-- name: write_looked_days
-- Coordinators choose.
INSERT INTO retention (looked_days) VALUES ($1)
ON CONFLICT (only_row) DO UPDATE SET looked_days = excluded.looked_days
