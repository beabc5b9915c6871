-- name: tell_once
-- Note that something is told to somebody; no row when it was told before.
INSERT INTO mail_told (key, told_at_s) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING RETURNING key

-- name: may_mail
-- Whether somebody wants this kind, has an address that works, and how much waits for this person.
SELECT EXISTS (SELECT FROM plain.mail_choice WHERE account = $1 AND person = $2 AND kind = $3)
           AS stopped,
       EXISTS (SELECT FROM plain.mail_address WHERE address_key = $4) AS marked,
       (SELECT count(*) FROM (SELECT FROM plain.mail WHERE account = $1 AND person = $2
                              AND state = 'waiting' LIMIT $5) AS few) AS waiting

-- name: put_mail
-- Put a mail into the outbox.
INSERT INTO plain.mail (mail, kind, account, person, name, address, language, subject, text, html,
                        stop_url, written_at_s, give_up_at_s, next_attempt_at_s)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- name: due_mails
-- Mails whose time has come, the oldest first; what has to go at once before the rest.
SELECT mail, kind, account, person, name, address, language, subject, text, html, stop_url,
       written_at_s, give_up_at_s, attempts, begun
FROM plain.mail WHERE state = 'waiting' AND next_attempt_at_s <= $1
ORDER BY kind = ANY($2::text[]) DESC, next_attempt_at_s, mail LIMIT $3

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
SELECT kind FROM plain.mail_choice WHERE account = $1 AND person = $2

-- name: stop_kind
-- A person does not want a kind.
INSERT INTO plain.mail_choice (account, person, kind, changed_at_s) VALUES ($1, $2, $3, $4)
ON CONFLICT (account, person, kind) DO NOTHING

-- name: want_kind
-- A person wants a kind again.
DELETE FROM plain.mail_choice WHERE account = $1 AND person = $2 AND kind = $3

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
DELETE FROM plain.mail_choice WHERE account = $1

-- name: forget_addresses
-- Erasing a member: its addresses that did not work.
DELETE FROM plain.mail_address WHERE account = $1

-- name: coordinators
-- Whom to tell what is wrong: everybody with the role who has an address.
SELECT p.account, p.person, p.name, p.address, p.language
FROM plain.role r JOIN plain.member m ON m.account = r.account
JOIN plain.person p ON p.account = r.account
WHERE r.role = 'coordinator' AND m.status <> 'inactive' AND p.address <> ''
ORDER BY p.account, p.person LIMIT $1

-- name: people
-- The persons of an account.
SELECT account, person, name, address, language FROM plain.person
WHERE account = $1 AND address <> '' ORDER BY person

-- name: member
-- How a member is called.
SELECT code, name FROM plain.member WHERE account = $1
