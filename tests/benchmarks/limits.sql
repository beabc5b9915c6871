-- name: one_row
-- The table of the smallest transaction that still has to be kept.
CREATE TABLE one_row (only_row boolean PRIMARY KEY, counted bigint NOT NULL) WITH (fillfactor = 50)

-- name: first_row
-- Its row.
INSERT INTO one_row VALUES (true, 0)

-- name: count_up
-- One row changes.
UPDATE one_row SET counted = counted + 1

-- name: accounts
-- As many accounts as there are members.
INSERT INTO account (account, code, code_key, kind, status, unlimited, opened_seq)
SELECT number, number::text, number::text, 'member', 'active', false, number
FROM generate_series(1, $1::bigint) AS number

-- name: events
-- The events of a batch.
INSERT INTO log_event (seq, id, core, signature, body, body_salt)
SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[])

-- name: texts
-- Two sealed texts for each.
INSERT INTO sealed_text (seq, commitment, subject, layer, sealed)
SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::text[], $5::bytea[])

-- name: postings
-- Two postings for each.
INSERT INTO posting (account, seq, ordinal, amount_minor, balance_minor, at_s)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[],
                     $6::bigint[])

-- name: balances
-- The balances that they leave.
UPDATE account SET balance_minor = moved.balance_minor
FROM unnest($1::bigint[], $2::bigint[]) AS moved (account, balance_minor)
WHERE account.account = moved.account

-- name: keys
-- The keys of their commands.
INSERT INTO command_key (key, digest, seq) SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bigint[])

