-- name: write_requests
-- Requests that are new, or have an end now.
INSERT INTO request (request, payer, payee, open, last_seq, state)
SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::boolean[], $5::bigint[],
                     $6::bytea[])
ON CONFLICT (request) DO UPDATE SET
    open = excluded.open, last_seq = excluded.last_seq, state = excluded.state

-- name: write_reversals
-- Which booking gives which back; a second one is refused by the key.
INSERT INTO booking_reversal (original, reversal) SELECT * FROM unnest($1::bigint[], $2::bigint[])

-- name: write_activities
-- Activities that are new or changed.
INSERT INTO activity (activity, starts_at_s, state)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])
ON CONFLICT (activity) DO UPDATE SET
    starts_at_s = excluded.starts_at_s, state = excluded.state

-- name: write_blocks
-- Who wants to hear nothing of whom from now on.
INSERT INTO member_block (account, other, node, pseudonym)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[])
ON CONFLICT (account, other, node, pseudonym) DO NOTHING

-- name: drop_blocks
-- Who may write again.
DELETE FROM member_block USING unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[])
    AS gone (account, other, node, pseudonym)
WHERE member_block.account = gone.account AND member_block.other = gone.other
    AND member_block.node = gone.node AND member_block.pseudonym = gone.pseudonym

-- name: write_messages
-- Which events concern which members' threads.
INSERT INTO thread_message (account, thread, seq, line, at_s)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[])

-- name: write_thanks
-- Words of thanks.
INSERT INTO thanks (seq, trade, account, other, public, at_s)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::boolean[],
                     $6::bigint[])

-- name: write_reports
-- What coordinators are told.
INSERT INTO report (report, seq, account)
SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[])

-- name: handle_reports
-- What coordinators have seen to; the first counts.
UPDATE report SET handled_by = done.handled_by, handled_seq = done.seq
FROM unnest($1::bytea[], $2::bigint[], $3::bigint[]) AS done (report, handled_by, seq)
WHERE report.report = done.report AND report.handled_by IS NULL

-- name: write_inbox_members
-- Which members received notes and requests concern.
INSERT INTO line_inbox_member (line, n, account, kind, about, sender, at_s)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                     $7::bigint[])

-- name: read_open_requests
-- Requests that wait for an answer.
SELECT state FROM request WHERE open

-- name: read_requests
-- Requests by their id, ended ones too.
SELECT state FROM request WHERE request = ANY($1::bytea[])

-- name: read_reversals
-- What gives these bookings back.
SELECT original, reversal FROM booking_reversal WHERE original = ANY($1::bigint[])

-- name: read_activities
-- All activities.
SELECT state FROM activity ORDER BY activity

-- name: read_blocks
-- Who wants to hear nothing of whom.
SELECT account, other, node, pseudonym FROM member_block

-- name: write_partners
-- Groups that are reached by mail, new or changed.
INSERT INTO partner (account, state) SELECT * FROM unnest($1::bigint[], $2::bytea[])
ON CONFLICT (account) DO UPDATE SET state = excluded.state

-- name: read_partners
-- Every group that is reached by mail.
SELECT state FROM partner ORDER BY account

-- name: read_bodies
-- Bodies of bookings that commands name.
SELECT seq, body FROM log_event WHERE seq = ANY($1::bigint[]) AND body IS NOT NULL

-- name: all_requests
-- Every request.
SELECT request, state FROM request

-- name: all_reversals
-- Every reversal.
SELECT original, reversal FROM booking_reversal

-- name: forget_inbox_members
-- Whom received events concerned that were dropped with what nobody had seen.
DELETE FROM line_inbox_member t WHERE NOT EXISTS (
    SELECT FROM line_inbox WHERE line_inbox.line = t.line AND line_inbox.n = t.n)

-- name: messages_of_range
-- Rows of threads of a range of events.
SELECT account, thread, seq, line, at_s FROM thread_message
WHERE seq >= $1 AND seq < $2 ORDER BY seq, account
