-- name: not_invited
-- Who can sign in, was not invited and has not signed in yet, by code.
SELECT p.account, p.person, m.code, p.name, p.address, p.language
FROM plain.person p JOIN plain.member m USING (account)
WHERE p.address_key <> '' AND m.status IN ('active', 'leaving')
  AND NOT EXISTS (SELECT FROM web_invited i WHERE i.account = p.account AND i.person = p.person)
  AND NOT EXISTS (SELECT FROM web_session s WHERE s.account = p.account AND s.person = p.person)
ORDER BY m.code, p.person LIMIT $1

-- name: unreachable
-- How many active members have no address to which a mail could go.
SELECT count(*) FROM plain.member m
WHERE m.status IN ('active', 'leaving')
  AND NOT EXISTS (SELECT FROM plain.person p WHERE p.account = m.account AND p.address_key <> '')

-- name: waves
-- Each wave: when it began, how many it invited, and how many of them have signed in since.
SELECT i.wave, min(i.invited_at_s) AS begun_at_s, count(*) AS invited,
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM web_session s WHERE s.account = i.account AND s.person = i.person)) AS here
FROM web_invited i GROUP BY i.wave ORDER BY begun_at_s DESC, i.wave

-- name: invite
-- Note that somebody is invited; nothing when that one was before.
INSERT INTO web_invited (account, person, wave, invited_at_s) VALUES ($1, $2, $3, $4)
ON CONFLICT ON CONSTRAINT web_invited_pkey DO NOTHING RETURNING account

-- name: begin_invitation
-- A link that lets one person in for longer than one that was asked for.
INSERT INTO login_link (link, browser, code, accounts, persons, next_path, expires_at_s)
VALUES ($1, $2, $3, $4, $5, $6, $7)
