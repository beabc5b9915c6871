-- name: read_peers
-- Nodes that may be spoken with, and those that no longer may.
SELECT node, url, name, standing FROM peer

-- name: write_peer
-- A peer, or its new address.
INSERT INTO peer (node, url, name, standing) VALUES ($1, $2, $3, $4)
ON CONFLICT (node) DO UPDATE SET url = excluded.url, name = excluded.name,
    standing = excluded.standing

-- name: closed_peers
-- Who has ended by its own word and was not taken in again, the newest first.
SELECT c.node, p.name, c.closed_at_s FROM peer_closing c JOIN peer p USING (node)
WHERE p.standing = 'removed' ORDER BY c.closed_at_s DESC, c.node

-- name: read_peer_statements
-- Key statements of peers, in their order.
SELECT node, statement FROM peer_key_statement ORDER BY node, ordinal

-- name: write_peer_statement
-- One key statement of a peer.
INSERT INTO peer_key_statement (node, ordinal, statement) VALUES ($1, $2, $3)
ON CONFLICT (node, ordinal) DO UPDATE SET statement = excluded.statement

-- name: read_key_cores
-- The own events that carry key statements, in their order.
SELECT core FROM log_event
WHERE position('"type":"key.statement"'::bytea in core) > 0 ORDER BY seq

-- name: own_chain
-- Own events of a line, with what is sealed beside them.
SELECT line_event.n, log_event.seq, log_event.core, log_event.signature
FROM line_event JOIN log_event USING (seq)
WHERE line_event.line = $1 AND line_event.n > $2 ORDER BY line_event.n LIMIT $3

-- name: peer_texts
-- Sealed peer texts of some events.
SELECT seq, commitment, subject, sealed FROM sealed_text WHERE seq = ANY($1::bigint[]) AND layer = 'peer'

-- name: inbox_ids
-- Ids of received events in a range.
SELECT n, id FROM line_inbox WHERE line = $1 AND n >= $2 AND n <= $3

-- name: inbox_heads
-- How far each partner's chain was received.
SELECT line, max(n) AS n FROM line_inbox GROUP BY line

-- name: read_deliveries
-- How far each partner has come.
SELECT line, acknowledged_n, failures, next_attempt_at_s, last_contact_at_s FROM line_delivery

-- name: write_delivery
-- How far a partner has come, and when to try again.
INSERT INTO line_delivery (line, acknowledged_n, failures, next_attempt_at_s, last_contact_at_s)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (line) DO UPDATE SET acknowledged_n = excluded.acknowledged_n,
    failures = excluded.failures, next_attempt_at_s = excluded.next_attempt_at_s,
    last_contact_at_s = excluded.last_contact_at_s

-- name: write_pseudonym
-- By which name one reading node knows a member.
INSERT INTO pseudonym (reader, pseudonym, subject) VALUES ($1, $2, $3)
ON CONFLICT (reader, pseudonym) DO NOTHING

-- name: read_pseudonyms
-- Who stands behind these pseudonyms.
SELECT pseudonym, subject FROM pseudonym WHERE reader = $1 AND pseudonym = ANY($2::text[])

-- name: account_transfers
-- Trades of an account with other groups, newest first.
SELECT state FROM transfer WHERE account = $1 ORDER BY path LIMIT $2

-- name: event_bodies
-- Bodies of some events.
SELECT seq, core, coalesce(body, stands_in) AS body
FROM log_event LEFT JOIN lost_body USING (seq) WHERE seq = ANY($1::bigint[])

-- name: texts_of
-- Sealed texts of some events under one subject.
SELECT seq, commitment, subject, layer, sealed FROM sealed_text WHERE seq = ANY($1::bigint[])

-- name: write_known_payee
-- A payee of another group, by code.
INSERT INTO known_payee (node, code_key, pseudonym) VALUES ($1, $2, $3)
ON CONFLICT (node, code_key) DO UPDATE SET pseudonym = excluded.pseudonym

-- name: forget_known_payee
-- A payee that the other group does not know by that name any more.
DELETE FROM known_payee WHERE node = $1 AND code_key = $2

-- name: read_known_payee
-- A payee of another group that was asked for before.
SELECT pseudonym FROM known_payee WHERE node = $1 AND code_key = $2

-- name: own_notes
-- Own notes of coordinators on a line and what was asked to be forgotten, newest first.
SELECT line_event.n, log_event.seq, log_event.core
FROM line_event JOIN log_event USING (seq)
WHERE line_event.line = $1
    AND (position(convert_to('"type":"line.note"', 'UTF8') in log_event.core) > 0
        OR position(convert_to('"type":"line.forget"', 'UTF8') in log_event.core) > 0)
    AND NOT EXISTS (SELECT FROM thread_message WHERE thread_message.seq = log_event.seq)
    AND NOT EXISTS (SELECT FROM thanks WHERE thanks.seq = log_event.seq)
ORDER BY line_event.n DESC LIMIT $2

-- name: received_notes
-- The partner's notes to coordinators on a line and what it asked to be forgotten, newest first.
SELECT n, core FROM line_inbox
WHERE line = $1
    AND (position(convert_to('"type":"line.note"', 'UTF8') in core) > 0
        OR position(convert_to('"type":"line.forget"', 'UTF8') in core) > 0)
    AND NOT EXISTS (SELECT FROM line_inbox_member
                    WHERE line_inbox_member.line = line_inbox.line
                        AND line_inbox_member.n = line_inbox.n)
ORDER BY n DESC LIMIT $2

-- name: received_texts
-- What came with some events of a partner, sealed for the member whom it concerns.
SELECT n, subject, commitment, sealed FROM line_inbox_text
WHERE line = $1 AND n = ANY($2::bigint[])

-- name: request_text
-- What came with a request, sealed for the member who is asked.
SELECT line_inbox_text.subject, line_inbox_text.commitment, line_inbox_text.sealed
FROM line_inbox_text
JOIN line_inbox USING (line, n)
WHERE line_inbox_text.line = $1
    AND line_inbox.id = $2

-- name: register_cursor
-- How far the register of an umbrella was read.
SELECT seq FROM register_cursor WHERE umbrella = $1

-- name: write_register_cursor
-- Note how far the register of an umbrella was read.
INSERT INTO register_cursor (umbrella, seq) VALUES ($1, $2)
ON CONFLICT (umbrella) DO UPDATE SET seq = excluded.seq

-- name: last_under_key
-- The last event of each line of a partner that was signed under a key.
SELECT DISTINCT ON (line) core FROM line_inbox
WHERE line = ANY($1::text[]) AND position(convert_to('"key":"' || $2::text || '","line":', 'UTF8') in core) > 0
ORDER BY line, n DESC
