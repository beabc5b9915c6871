-- name: booking
-- One entry of the own log with what opens it; no body when it did not come back after a restore.
SELECT core, body, body_salt FROM log_event WHERE seq = $1

-- name: legs
-- Which accounts an entry of the own log books on.
SELECT account FROM posting WHERE seq = $1 ORDER BY account

-- name: own_earlier
-- An own event of a line by its id, looked for backwards from a place in the chain.
SELECT log_event.core FROM line_event JOIN log_event USING (seq)
WHERE line_event.line = $1 AND line_event.n <= $2 AND log_event.id = $3
ORDER BY line_event.n DESC LIMIT 1

-- name: their_earlier
-- The same of an event of the partner.
SELECT core FROM line_inbox WHERE line = $1 AND n <= $2 AND id = $3 ORDER BY n DESC LIMIT 1

-- name: peer_texts
-- The sealed texts that a commitment of the peer layer stands for.
SELECT subject, sealed FROM sealed_text WHERE layer = 'peer' AND commitment = $1

-- name: personal_texts
-- The sealed texts of one entry for one subject.
SELECT commitment, subject, sealed FROM sealed_text
WHERE seq = $1 AND subject = $2 AND layer = 'personal'
