-- name: begin_session
-- A device on which somebody signs in.
INSERT INTO web_session (token, account, person, language, device, begun_at_s, seen_at_s,
                         expires_at_s)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7)

-- name: read_session
-- Whose session a token is, and what every page says about that person.
SELECT s.session, s.account, s.person, s.acting_for, s.language AS chosen_language,
       s.seen_at_s, s.expires_at_s, m.code, m.name AS member_name, p.name, p.language,
       f.code AS acting_code, f.name AS acting_name
FROM web_session s
LEFT JOIN plain.member m ON m.account = s.account
LEFT JOIN plain.person p ON p.account = s.account AND p.person = s.person
LEFT JOIN plain.member f ON f.account = s.acting_for
WHERE s.token = $1

-- name: touch_session
-- A session that is used goes on.
UPDATE web_session SET seen_at_s = $2, expires_at_s = $3 WHERE session = $1 AND expires_at_s > $2

-- name: act_for
-- For whom somebody acts on this device.
UPDATE web_session SET acting_for = $2 WHERE session = $1

-- name: list_helped
-- Names of the members for whom somebody may act.
SELECT account, code, name FROM plain.member WHERE account = ANY($1::bigint[]) ORDER BY name, code

-- name: choose_language
-- The language that a person chose on this device.
UPDATE web_session SET language = $2 WHERE session = $1

-- name: begin_login
-- Somebody asks for a mail that lets in.
INSERT INTO login_link (link, browser, code, next_path, expires_at_s) VALUES ($1, $2, $3, $4, $5)

-- name: ever_signed_in
-- Whether one of these accounts has signed in on any device, as far back as is kept.
SELECT EXISTS (SELECT FROM web_session WHERE account = ANY ($1::bigint[]))

-- name: let_in
-- Whom a mail lets in.
UPDATE login_link SET accounts = $2, persons = $3 WHERE link = $1

-- name: try_code
-- One more try at the code of this browser; the row only while tries are left.
UPDATE login_link SET tries = tries + 1
WHERE browser = $1 AND tries < $2 AND expires_at_s > $3 RETURNING link, code

-- name: look_at_link
-- Whether a mailed link still lets in.
SELECT expires_at_s FROM login_link WHERE link = $1 AND proven_at_s IS NULL AND expires_at_s > $2

-- name: prove
-- A link or a code was right, once; the second click on the same button counts as the first.
UPDATE login_link SET browser = $2, proof = $3, proven_at_s = coalesce(proven_at_s, $4)
WHERE link = $1 AND expires_at_s > $4 AND cardinality(accounts) > 0
    AND (proven_at_s IS NULL OR (proof = $3 AND proven_at_s > $4 - $5::bigint))
RETURNING link

-- name: proven_login
-- Whom this browser may sign in as, side by side.
SELECT accounts, persons, next_path FROM login_link
WHERE browser = $1 AND proven_at_s IS NOT NULL AND expires_at_s > $2

-- name: finish_login
-- What let in is used up; only the second click of a double one still gets in with it.
UPDATE login_link SET expires_at_s = least(expires_at_s, $2)
WHERE browser = $1 AND proven_at_s IS NOT NULL

-- name: passwords_of
-- The passwords of some persons.
SELECT account, person, hash FROM password
WHERE (account, person) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[]))
ORDER BY account, person

-- name: prove_by_password
-- A password was right: as if a mail had been.
INSERT INTO login_link (link, browser, code, accounts, persons, next_path, expires_at_s, proof,
                        proven_at_s)
VALUES ($1, $2, $1, $3, $4, $5, $6, $1, $7)

-- name: has_password
-- Whether a person has a password.
SELECT EXISTS (SELECT FROM password WHERE account = $1 AND person = $2)

-- name: write_password
-- A new password.
INSERT INTO password (account, person, hash, changed_at_s) VALUES ($1, $2, $3, $4)
ON CONFLICT (account, person) DO UPDATE
    SET hash = excluded.hash, changed_at_s = excluded.changed_at_s

-- name: drop_password
-- No password any more.
DELETE FROM password WHERE account = $1 AND person = $2

-- name: keep_draft
-- What somebody typed on a page and could not send.
INSERT INTO plain.draft (account, person, path, fields, kept_at_s) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (account, person, path) DO UPDATE
    SET fields = excluded.fields, kept_at_s = excluded.kept_at_s

-- name: crowded_drafts
-- Only the newest few drafts of a person stay.
DELETE FROM plain.draft WHERE account = $1 AND person = $2 AND path NOT IN (
    SELECT path FROM plain.draft WHERE account = $1 AND person = $2
    ORDER BY kept_at_s DESC, path LIMIT $3)

-- name: read_draft
-- What somebody typed on a page.
SELECT fields FROM plain.draft WHERE account = $1 AND person = $2 AND path = $3

-- name: drop_draft
-- It has been sent.
DELETE FROM plain.draft WHERE account = $1 AND person = $2 AND path = $3

-- name: sweep_sessions
-- Sessions that ended long ago.
DELETE FROM web_session WHERE expires_at_s < $1

-- name: sweep_logins
-- Mails that let nobody in any more.
DELETE FROM login_link WHERE expires_at_s < $1

-- name: sweep_drafts
-- Drafts that nobody came back for.
DELETE FROM plain.draft WHERE kept_at_s < $1
