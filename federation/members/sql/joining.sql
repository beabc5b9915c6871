-- name: is_open
-- Whether strangers may ask to become a member.
SELECT coalesce((SELECT open FROM joining), false)

-- name: set_open
-- Let strangers ask, or no longer.
INSERT INTO joining (open) VALUES ($1)
ON CONFLICT ON CONSTRAINT joining_pkey DO UPDATE SET open = excluded.open

-- name: ask
-- Somebody asks; nothing when so many wait for a click already.
INSERT INTO plain.applicant (link, name, address, address_key, phone, postcode, place, about,
                             language, asked_at_s)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
WHERE (SELECT count(*) FROM plain.applicant WHERE confirmed_at_s IS NULL) < $11
RETURNING applicant

-- name: link_works
-- Whether a mailed link still confirms something.
SELECT applicant FROM plain.applicant
WHERE link = $1 AND decision = '' AND (confirmed_at_s IS NOT NULL OR asked_at_s > $2)

-- name: confirm
-- The address is the one of who asks; a second click changes nothing.
UPDATE plain.applicant SET confirmed_at_s = coalesce(confirmed_at_s, $2)
WHERE link = $1 AND decision = '' AND (confirmed_at_s IS NOT NULL OR asked_at_s > $3)
RETURNING applicant, address_key

-- name: drop_earlier
-- What the same address asked before and nobody has decided.
DELETE FROM plain.applicant WHERE address_key = $1 AND applicant <> $2 AND decision = ''

-- name: how_many_wait
-- How many have confirmed and wait for an answer.
SELECT count(*) FROM plain.applicant WHERE confirmed_at_s IS NOT NULL AND decision = ''

-- name: waiting
-- Who has confirmed and waits for an answer, who waits longest first.
SELECT applicant, name, address, phone, postcode, place, about, language, confirmed_at_s
FROM plain.applicant WHERE confirmed_at_s IS NOT NULL AND decision = ''
ORDER BY confirmed_at_s, applicant LIMIT $1

-- name: one
-- One of them.
SELECT applicant, name, address, phone, postcode, place, about, language, confirmed_at_s
FROM plain.applicant WHERE applicant = $1 AND confirmed_at_s IS NOT NULL AND decision = ''

-- name: decide
-- It is decided, once; what was written goes.
UPDATE plain.applicant SET decision = $2, decided_at_s = $3, account = $4, name = '', address = '',
    address_key = '', phone = '', postcode = '', place = '', about = ''
WHERE applicant = $1 AND confirmed_at_s IS NOT NULL AND decision = '' RETURNING applicant

-- name: decided
-- What was decided about somebody.
SELECT decision, account FROM plain.applicant WHERE applicant = $1 AND decision <> ''

-- name: sweep
-- What nobody confirmed in time, and what was decided long ago.
DELETE FROM plain.applicant
WHERE (confirmed_at_s IS NULL AND asked_at_s < $1) OR decided_at_s < $2
