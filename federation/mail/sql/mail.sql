-- name: tell_once
-- Note that something is told to somebody; no row when it was told before.
INSERT INTO mail_told (key, told_at_s) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING RETURNING key

-- name: may_mail
-- Whether somebody wants this kind, has an address that works, how much waits for this person, and
-- between which hours it wants no mail.
SELECT EXISTS (SELECT FROM mail_choice WHERE account = $1 AND person = $2 AND kind = $3)
           AS stopped,
       EXISTS (SELECT FROM plain.mail_address WHERE address_key = $4) AS marked,
       (SELECT count(*) FROM (SELECT FROM plain.mail WHERE account = $1 AND person = $2
                              AND state = 'waiting' LIMIT $5) AS few) AS waiting,
       (SELECT evening FROM mail_habit WHERE account = $1 AND person = $2) AS evening,
       (SELECT morning FROM mail_habit WHERE account = $1 AND person = $2) AS morning

-- name: put_mail
-- Put a mail into the outbox.
INSERT INTO plain.mail (mail, kind, account, person, name, address, language, subject, text, html,
                        stop_url, written_at_s, give_up_at_s, next_attempt_at_s)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- name: due_mails
-- Mails of known kinds whose time has come, the oldest first; what has to go at once before the
-- rest.
SELECT mail, kind, account, person, name, address, language, subject, text, html, stop_url,
       written_at_s, give_up_at_s, attempts, begun
FROM plain.mail
WHERE state = 'waiting' AND next_attempt_at_s <= $1 AND kind = ANY($2::text[])
ORDER BY kind = ANY($3::text[]) DESC, next_attempt_at_s, mail LIMIT $4

-- name: mails_of_unknown_kinds
-- How many mails wait for a version that knows their kind.
SELECT kind, count(*) AS mails FROM plain.mail
WHERE state = 'waiting' AND kind <> ALL($1::text[]) GROUP BY kind ORDER BY kind

-- name: begin_attempt
-- An attempt begins; its end may never be known.
UPDATE plain.mail SET attempts = attempts + 1, begun = begun + 1, next_attempt_at_s = $2
WHERE mail = $1 AND state = 'waiting' RETURNING mail

-- name: wait_until
-- A mail waits for the morning.
UPDATE plain.mail SET next_attempt_at_s = $2 WHERE mail = $1 AND state = 'waiting'

-- name: put_off
-- The server said no for now, or was not there: later again.
UPDATE plain.mail SET begun = 0, next_attempt_at_s = $2, reply = $3
WHERE mail = $1 AND state = 'waiting'

-- name: end_mail
-- A mail has its end; its text is not needed any more.
UPDATE plain.mail SET state = $2, reply = $3, begun = 0, text = '', html = '', stop_url = ''
WHERE mail = $1 AND state = 'waiting'

-- name: keep_mail
-- The demo keeps a mail instead of sending it.
UPDATE plain.mail SET state = 'kept', begun = 0 WHERE mail = $1 AND state = 'waiting'

-- name: sweep_mails
-- Mails that had their end long ago.
DELETE FROM plain.mail WHERE written_at_s < $1

-- name: crowded_mailbox
-- The demo keeps the newest mails only.
DELETE FROM plain.mail WHERE state = 'kept' AND mail NOT IN (
    SELECT mail FROM plain.mail WHERE state = 'kept' ORDER BY written_at_s DESC, mail LIMIT $1)

-- name: sweep_told
-- What was told so long ago that nobody would tell it again.
DELETE FROM mail_told WHERE told_at_s < $1

-- name: read_stops
-- The kinds that a person does not want.
SELECT kind FROM mail_choice WHERE account = $1 AND person = $2

-- name: stop_kind
-- A person does not want a kind.
INSERT INTO mail_choice (account, person, kind, changed_at_s) VALUES ($1, $2, $3, $4)
ON CONFLICT (account, person, kind) DO NOTHING

-- name: want_kind
-- A person wants a kind again.
DELETE FROM mail_choice WHERE account = $1 AND person = $2 AND kind = $3

-- name: mark_address
-- Mails to an address came back; no row when it was marked before.
INSERT INTO plain.mail_address (address_key, account, person, reply, marked_at_s)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT (address_key) DO NOTHING RETURNING address_key

-- name: clear_address
-- An address works again.
DELETE FROM plain.mail_address WHERE address_key = $1 RETURNING address_key

-- name: marked_addresses
-- Addresses from which mails came back, of one member or of all, the newest first.
SELECT address_key, account, person, reply, marked_at_s FROM plain.mail_address
WHERE $1::bigint IS NULL OR account = $1 ORDER BY marked_at_s DESC, address_key LIMIT $2

-- name: find_mail
-- Whom a mail was for.
SELECT account, person, address FROM plain.mail WHERE mail = $1

-- name: mailbox
-- What the demo kept, the newest first.
SELECT mail, kind, name, address, language, subject, written_at_s FROM plain.mail
WHERE state = 'kept' AND ($1::text IS NULL OR lower(address) = lower($1))
ORDER BY written_at_s DESC, mail LIMIT $2

-- name: message
-- One mail that the demo kept.
SELECT mail, kind, name, address, language, subject, written_at_s, text, html, stop_url
FROM plain.mail WHERE mail = $1 AND state = 'kept'

-- name: outbox_counts
-- How many mails are in which state.
SELECT state, count(*) AS mails FROM plain.mail GROUP BY state ORDER BY state

-- name: forget_mails
-- Erasing a member: its mails.
DELETE FROM plain.mail WHERE account = $1

-- name: forget_choices
-- Erasing a member: what it did not want.
DELETE FROM mail_choice WHERE account = $1

-- name: forget_addresses
-- Erasing a member: its addresses that did not work.
DELETE FROM plain.mail_address WHERE account = $1

-- name: coordinators
-- Whom to tell what is wrong: everybody with the role who has an address.
SELECT p.account, p.person, p.name, p.address,
       coalesce(nullif(h.language, ''), p.language) AS language
FROM plain.role r JOIN plain.member m ON m.account = r.account
JOIN plain.person p ON p.account = r.account
LEFT JOIN mail_habit h ON h.account = p.account AND h.person = p.person
WHERE r.role = 'coordinator' AND m.status IN ('active', 'leaving') AND p.address <> ''
ORDER BY p.account, p.person LIMIT $1

-- name: people
-- The persons of some accounts that have an address, each account's member first.
SELECT p.account, p.person, p.name, p.address,
       coalesce(nullif(h.language, ''), p.language) AS language
FROM plain.person p LEFT JOIN mail_habit h USING (account, person)
WHERE p.account = ANY($1::bigint[]) AND p.address <> '' ORDER BY p.account, p.person

-- name: member
-- How a member is called.
SELECT code, name FROM plain.member WHERE account = $1

-- name: read_habit
-- In which language and outside which hours somebody wants to be mailed.
SELECT language, evening, morning FROM mail_habit WHERE account = $1 AND person = $2

-- name: write_habit
-- Somebody says so.
INSERT INTO mail_habit (account, person, language, evening, morning)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account, person) DO UPDATE
SET language = excluded.language, evening = excluded.evening, morning = excluded.morning

-- name: forget_habits
-- Erasing a member: its language and hours.
DELETE FROM mail_habit WHERE account = $1

-- name: told_of
-- Which of these were told.
SELECT key FROM mail_told WHERE key = ANY($1::bytea[])

-- name: places_read
-- How far the teller has read.
SELECT line, n FROM plain.mail_read

-- name: place_read
-- The teller has read so far.
INSERT INTO plain.mail_read (line, n) VALUES ($1, $2)
ON CONFLICT (line) DO UPDATE SET n = excluded.n

-- name: own_news
-- A range of the own log, with the line of what belongs to one.
SELECT e.seq, CASE WHEN l.line IS NULL THEN e.body END AS body,
       CASE WHEN l.line IS NOT NULL THEN e.core END AS core
FROM log_event e LEFT JOIN line_event l USING (seq)
WHERE e.seq >= $1 AND e.seq < $2 ORDER BY e.seq

-- name: received_news
-- What a partner sent behind a place in its chain, with the member of ours that it concerns.
SELECT i.n, i.id, i.core, i.received_at_s, m.account, m.kind, m.about
FROM line_inbox i LEFT JOIN line_inbox_member m USING (line, n)
WHERE i.line = $1 AND i.n > $2 ORDER BY i.n LIMIT $3

-- name: trades_between
-- How trades with other groups stand, and who was asked when nobody has consented.
SELECT t.path, t.state, m.account AS asked FROM transfer t
LEFT JOIN line_inbox_member m ON m.line = t.line AND m.about = t.path AND m.kind = 'request'
WHERE t.path = ANY($1::text[])

-- name: trades_waiting
-- Trades of our members that wait for another group.
SELECT state FROM transfer WHERE NOT done AND direction = 'out' AND account <> 0

-- name: title_of
-- What an offer or a want is called.
SELECT title FROM plain.post WHERE node = $1 AND post = $2

-- name: unit_of
-- What the unit of another group is called, as its offers say.
SELECT unit_singular, unit_plural FROM plain.post WHERE node = $1 AND unit_plural <> '' LIMIT 1

-- name: begin_member_mail
-- A mail to members is sent; no row when this form sent it before.
INSERT INTO plain.member_mail (key, sent_by, sent_by_person, sent_at_s, subject, text, members,
    mails, waiting)
VALUES ($1, $2, $3, $4, $5, $6, cardinality($7::bigint[]), 0, $7::bigint[]) ON CONFLICT (key) DO NOTHING RETURNING member_mail

-- name: member_mail_waiting
-- The oldest sending that goes on; it is locked.
SELECT member_mail FROM plain.member_mail WHERE waiting <> '{}'
ORDER BY member_mail LIMIT 1 FOR UPDATE

-- name: member_mail_portion
-- The words of a sending, who wrote it, and the next accounts whose members get it.
SELECT s.sent_at_s, s.subject, s.text, s.waiting[1:$2] AS portion,
       coalesce(p.name, m.name, '') AS sender
FROM plain.member_mail s LEFT JOIN plain.member m ON m.account = s.sent_by
LEFT JOIN plain.person p ON p.account = s.sent_by AND p.person = s.sent_by_person
WHERE s.member_mail = $1 FOR UPDATE OF s

-- name: member_mail_went
-- So many mails more, and so many accounts fewer that wait.
UPDATE plain.member_mail SET mails = mails + $2, waiting = waiting[$3::integer + 1:]
WHERE member_mail = $1

-- name: member_mails
-- What coordinators sent to members, the newest first, and who it was.
SELECT s.member_mail, s.sent_at_s, s.subject, s.text, s.members, s.mails,
       cardinality(s.waiting) AS waiting,
       coalesce(p.name, m.name, '') AS sender, coalesce(m.code, '') AS code
FROM plain.member_mail s LEFT JOIN plain.member m ON m.account = s.sent_by
LEFT JOIN plain.person p ON p.account = s.sent_by AND p.person = s.sent_by_person
ORDER BY s.member_mail DESC LIMIT $1

-- name: told_already
-- Which of these were told before.
SELECT key FROM mail_told WHERE key = ANY($1::bytea[])

-- name: who_stopped
-- Who of some accounts does not want a kind, or has an address that does not work.
SELECT p.account, p.person FROM plain.person p
WHERE p.account = ANY($1::bigint[]) AND (
    EXISTS (SELECT FROM mail_choice c
            WHERE c.account = p.account AND c.person = p.person AND c.kind = $2)
    OR EXISTS (SELECT FROM plain.mail_address a WHERE a.address_key = p.address_key))

-- name: sweep_member_mail_words
-- The words of what was sent to members long ago.
UPDATE plain.member_mail SET subject = '', text = '' WHERE sent_at_s < $1 AND text <> ''

-- name: sweep_member_mails
-- That it was sent, a year ago.
DELETE FROM plain.member_mail WHERE sent_at_s < $1
