-- name: read_tokens
-- Every token that may still be used.
SELECT token, digest, name, role, account, made_at_s, expires_at_s, revoked_at_s
FROM api_token WHERE revoked_at_s IS NULL AND expires_at_s > $1

-- name: list_tokens
-- Every token there ever was, newest first.
SELECT token, digest, name, role, account, made_at_s, expires_at_s, revoked_at_s
FROM api_token ORDER BY made_at_s DESC, token LIMIT $1

-- name: write_token
-- A new token, by its digest.
INSERT INTO api_token (token, digest, name, role, account, made_at_s, expires_at_s)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: revoke_token
-- A token is of no use from now on; gives its digest unless there is none, or it was revoked before.
UPDATE api_token SET revoked_at_s = $2 WHERE token = $1 AND revoked_at_s IS NULL RETURNING digest
