-- name: read_postings
-- The legs of the bookings among some events of the log, in order.
SELECT seq, ordinal, account, amount_minor, balance_minor, at_s FROM posting
WHERE seq > $1 AND seq <= $2 ORDER BY seq, ordinal

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
