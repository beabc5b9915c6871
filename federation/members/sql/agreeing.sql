-- name: own_messages
-- The own events of some threads of a member, with what they say in numbers.
SELECT thread_message.thread, thread_message.seq, thread_message.line,
    log_event.id, log_event.core, log_event.body
FROM thread_message JOIN log_event USING (seq)
WHERE thread_message.account = $1 AND thread_message.thread = ANY($2::text[])
ORDER BY thread_message.seq

-- name: received_messages
-- What members of other groups wrote in some threads of a member; a forgotten text is not there.
SELECT line_inbox_member.about AS thread, line_inbox_member.line, line_inbox_member.sender,
    line_inbox.id, line_inbox.core,
    line_inbox_text.subject, line_inbox_text.commitment, line_inbox_text.sealed
FROM line_inbox_member
JOIN line_inbox USING (line, n)
LEFT JOIN line_inbox_text USING (line, n)
WHERE line_inbox_member.account = $1 AND line_inbox_member.kind = 'message'
    AND line_inbox_member.about = ANY($2::text[])
ORDER BY line_inbox_member.line, line_inbox_member.n

-- name: newest_threads
-- Threads of a member in which something was said last before a moment, newest first.
SELECT thread, max(at_s) AS at_s FROM (
    SELECT thread, at_s FROM thread_message WHERE account = $1
    UNION ALL
    SELECT about, at_s FROM line_inbox_member WHERE account = $1 AND kind = 'message'
) AS said
GROUP BY thread HAVING (max(at_s), thread) < ($2, $3)
ORDER BY max(at_s) DESC, thread DESC LIMIT $4

-- name: threads_with
-- Threads of a member with another one, or over some lines, newest first.
SELECT thread FROM (
    SELECT own.thread, own.at_s FROM thread_message AS own
    WHERE own.account = $1 AND own.line IS NULL AND EXISTS (
        SELECT FROM thread_message AS theirs
        WHERE theirs.account = $2 AND theirs.thread = own.thread)
    UNION ALL
    SELECT thread, at_s FROM thread_message WHERE account = $1 AND line = ANY($3::text[])
    UNION ALL
    SELECT about, at_s FROM line_inbox_member
    WHERE account = $1 AND kind = 'message' AND line = ANY($3::text[])
) AS said
GROUP BY thread ORDER BY max(at_s) DESC, thread DESC LIMIT $4

-- name: sealed_for
-- Sealed texts of some events under one key.
SELECT seq, layer, commitment, subject, sealed FROM sealed_text
WHERE seq = ANY($1::bigint[]) AND subject = $2

-- name: used_keys
-- Which of these keys were used, and for which event.
SELECT key, seq FROM command_key WHERE key = ANY($1::bytea[])

-- name: bookings_of
-- What moved on an account before a place in the log, newest first, with what each event says.
SELECT posting.seq, posting.amount_minor, posting.at_s, log_event.body
FROM posting JOIN log_event USING (seq)
WHERE posting.account = $1 AND posting.seq < $2 ORDER BY posting.seq DESC LIMIT $3

-- name: collectives_of
-- Collective bookings of which an account is the one side, newest first.
SELECT posting.seq, log_event.body FROM posting JOIN log_event USING (seq)
WHERE posting.account = $1 AND posting.ordinal = 0
    AND position(convert_to('"type":"transfer.collective"', 'UTF8') IN log_event.body) > 0
ORDER BY posting.seq DESC LIMIT $2

-- name: transfers_of
-- Trades of a member with other groups, those too that it was asked for and has not answered: some
-- that are on their way, newest first, and then those that were done last before a place.
WITH own AS (
    SELECT path, line, direction, done, state FROM transfer WHERE account = $1
    UNION
    SELECT transfer.path, transfer.line, transfer.direction, transfer.done, transfer.state
    FROM line_inbox_member JOIN transfer ON transfer.path = line_inbox_member.about
        AND transfer.line = line_inbox_member.line AND transfer.direction = 'out'
    WHERE line_inbox_member.account = $1 AND line_inbox_member.kind = 'request'
), told AS (
    SELECT state, done, path, convert_from(state, 'UTF8')::jsonb AS said FROM own
), placed AS (
    SELECT state, done, path, coalesce((said ->> 'at_s')::bigint, 0) AS at_s,
        greatest(1, (said ->> 'last_seq')::bigint) AS last_seq
    FROM told
)
(SELECT state FROM placed WHERE NOT done ORDER BY at_s DESC, path LIMIT $4)
UNION ALL
(SELECT state FROM placed WHERE done AND last_seq < $2 ORDER BY last_seq DESC, path LIMIT $3)

-- name: transfers_named
-- The same, of one path.
SELECT state FROM transfer WHERE account = $1 AND path = $2
UNION
SELECT transfer.state
FROM line_inbox_member JOIN transfer ON transfer.path = line_inbox_member.about
    AND transfer.line = line_inbox_member.line AND transfer.direction = 'out'
WHERE line_inbox_member.account = $1 AND line_inbox_member.kind = 'request'
    AND line_inbox_member.about = $2

-- name: transfers_reversing
-- What gives some trades back.
SELECT state FROM transfer WHERE reverses = ANY($1::text[])

-- name: requests_of
-- Requests inside the group of a member that ended before a place in the log, newest first.
SELECT state FROM request WHERE (payer = $1 OR payee = $1) AND NOT open AND last_seq < $2
ORDER BY last_seq DESC LIMIT $3

-- name: open_requests_of
-- Requests inside the group of a member that nobody has answered, newest first.
SELECT state FROM request WHERE (payer = $1 OR payee = $1) AND open
ORDER BY last_seq DESC LIMIT $2

-- name: event_at
-- One event of the own log.
SELECT seq, body FROM log_event WHERE seq = $1

-- name: request_of_text
-- What came with requests of other groups, sealed for the member who is asked.
SELECT line_inbox_member.about AS path, line_inbox_text.subject, line_inbox_text.commitment,
    line_inbox_text.sealed
FROM line_inbox_member JOIN line_inbox_text USING (line, n)
WHERE line_inbox_member.account = $1 AND line_inbox_member.kind = 'request'
    AND line_inbox_member.about = ANY($2::text[])

-- name: thanks_of_trade
-- Words of thanks inside the group, and own ones to other groups, for some trades.
SELECT seq, trade, account, other, public, at_s FROM thanks WHERE trade = ANY($1::text[])
ORDER BY seq

-- name: received_thanks
-- Words of thanks that came from other groups, for some trades of a member.
SELECT line_inbox_member.about AS trade, line_inbox_member.kind, line_inbox_member.at_s,
    line_inbox_text.subject, line_inbox_text.commitment, line_inbox_text.sealed
FROM line_inbox_member JOIN line_inbox_text USING (line, n)
WHERE line_inbox_member.account = $1
    AND line_inbox_member.kind IN ('thanks', 'public_thanks')
    AND line_inbox_member.about = ANY($2::text[])
ORDER BY line_inbox_member.line, line_inbox_member.n

-- name: thanks_to
-- Public words of thanks to a member inside the group, newest first.
SELECT seq, account, at_s FROM thanks WHERE other = $1 AND public ORDER BY seq DESC LIMIT $2

-- name: received_thanks_to
-- Public words of thanks to a member from other groups, newest first.
SELECT line_inbox_member.line, line_inbox_member.at_s,
    line_inbox_text.subject, line_inbox_text.commitment, line_inbox_text.sealed
FROM line_inbox_member JOIN line_inbox_text USING (line, n)
WHERE line_inbox_member.account = $1 AND line_inbox_member.kind = 'public_thanks'
ORDER BY line_inbox_member.at_s DESC LIMIT $2

-- name: reports
-- What members told the coordinators, open ones first.
SELECT report, seq, account, handled_by, handled_seq, coalesce(body, stands_in) AS body
FROM report JOIN log_event USING (seq) LEFT JOIN lost_body USING (seq)
ORDER BY handled_by IS NOT NULL, seq DESC LIMIT $1

-- name: open_reports
-- Those of them that nobody has seen to, newest first.
SELECT coalesce(body, stands_in) AS body
FROM report JOIN log_event USING (seq) LEFT JOIN lost_body USING (seq)
WHERE handled_by IS NULL ORDER BY seq DESC LIMIT $1

-- name: report_named
-- The report under a name.
SELECT coalesce(body, stands_in) AS body
FROM report JOIN log_event USING (seq) LEFT JOIN lost_body USING (seq) WHERE report = $1

-- name: contacts_told
-- How members of other groups may reach a member.
SELECT kind, value FROM plain.contact
WHERE account = $1 AND access IN ('interlets', 'public') ORDER BY ordinal LIMIT $2

-- name: names_told
-- What members of other groups were called in their newest message to a member.
SELECT DISTINCT ON (line_inbox_member.sender) line_inbox_member.sender,
    line_inbox_text.subject, line_inbox_text.commitment, line_inbox_text.sealed
FROM line_inbox_member JOIN line_inbox_text USING (line, n)
WHERE line_inbox_member.account = $1 AND line_inbox_member.kind <> 'request'
    AND line_inbox_member.sender = ANY($2::text[])
ORDER BY line_inbox_member.sender, line_inbox_member.at_s DESC

-- name: names_of_posters
-- What members of other groups are called on their cards, else beside their offers and wants.
SELECT DISTINCT ON (poster) poster, poster_name FROM (
    SELECT member AS poster, name AS poster_name, 1 AS place FROM plain.card
    WHERE member = ANY($1::text[])
    UNION ALL
    SELECT poster, poster_name, 2 FROM plain.post
    WHERE poster = ANY($1::text[]) AND node <> '' AND poster_name <> ''
) AS called ORDER BY poster, place

-- name: named_elsewhere
-- Members of some groups who have a card, an offer or a want there, by a part of their name: each
-- once, as its card says where it has one.
WITH known AS MATERIALIZED (
    SELECT node, member, name, place, true AS card FROM plain.card
    WHERE node = ANY($1::text[]) AND refreshed_at_s >= $4
    UNION
    SELECT node, poster, poster_name, '', false FROM plain.post
    WHERE node = ANY($1::text[]) AND poster <> '' AND poster_name <> ''
        AND shown AND NOT ended AND expires_at_s > $3 AND refreshed_at_s >= $4
), named AS (
    SELECT DISTINCT ON (node, member) node, member, name, place FROM known
    WHERE strpos(plain.words(name), plain.words($2)) > 0
    ORDER BY node, member, card DESC, name DESC
)
SELECT node, member, name, place FROM named ORDER BY name, node, member LIMIT $5

-- name: post_elsewhere
-- One offer or want of another group.
SELECT node, post, poster, poster_name, want, title, price_kind, price_minor, per_hour, decimals,
    shown AND NOT ended AND expires_at_s > $3 AND refreshed_at_s >= $4 AS there
FROM plain.post WHERE node = $1 AND post = $2

-- name: asked_of
-- Which of these trades a member was asked to consent to by another group.
SELECT about FROM line_inbox_member
WHERE account = $1 AND kind = 'request' AND about = ANY($2::text[])
