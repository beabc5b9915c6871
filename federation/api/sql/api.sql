-- name: read_postings
-- The legs of the bookings among some events of the log, in order.
SELECT seq, ordinal, account, amount_minor, balance_minor, at_s FROM posting
WHERE seq > $1 AND seq <= $2 ORDER BY seq, ordinal

-- name: account_trades
-- Trades of an account with other groups, from a path on.
SELECT state FROM transfer WHERE account = $1 AND path > $2 ORDER BY path, line, direction LIMIT $3

-- name: asked_of
-- Which of these requests of other groups are addressed to a member.
SELECT line_inbox.line, line_inbox.id FROM line_inbox_text JOIN line_inbox USING (line, n)
WHERE line_inbox_text.subject = $1 AND line_inbox.id = ANY($2::bytea[])

-- name: read_answer
-- What a key was answered before.
SELECT digest, answer FROM api_answer WHERE key = $1

-- name: write_answer
-- What a key was answered; asked twice at once, the first answer stays.
INSERT INTO api_answer (key, digest, answer, at_s) VALUES ($1, $2, $3, $4)
ON CONFLICT (key) DO NOTHING

-- name: forget_answers
-- Answers that nobody will ask for again.
DELETE FROM api_answer WHERE at_s < $1
