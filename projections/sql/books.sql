-- name: write_accounts
-- What is fixed about accounts that are new or changed.
INSERT INTO account (account, code, code_key, kind, status, subject, line,
                     lower_minor, upper_minor, unlimited, opened_seq,
                     soft_lower_minor, soft_upper_minor, since_s, merged_into,
                     left_s)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[],
                     $7::text[], $8::bigint[], $9::bigint[], $10::boolean[], $11::bigint[],
                     $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[],
                     $16::bigint[])
ON CONFLICT (account) DO UPDATE SET
    status = excluded.status, lower_minor = excluded.lower_minor,
    upper_minor = excluded.upper_minor, unlimited = excluded.unlimited,
    soft_lower_minor = excluded.soft_lower_minor, soft_upper_minor = excluded.soft_upper_minor,
    since_s = excluded.since_s, merged_into = excluded.merged_into,
    left_s = excluded.left_s

-- name: write_balances
-- Balances and holds of the accounts that a batch moved. Like what follows it can be joined with
-- others. Each array stands in the list of columns: in FROM it would be laid aside as rows first.
UPDATE account SET balance_minor = moved.balance_minor,
    held_lower_minor = moved.held_lower_minor, held_upper_minor = moved.held_upper_minor,
    given_minor = moved.given_minor
FROM (SELECT unnest($1::bigint[]) AS account, unnest($2::bigint[]) AS balance_minor,
             unnest($3::bigint[]) AS held_lower_minor, unnest($4::bigint[]) AS held_upper_minor,
             unnest($5::bigint[]) AS given_minor) AS moved
WHERE account.account = moved.account

-- name: write_postings
-- Rows of statements.
INSERT INTO posting (account, seq, ordinal, amount_minor, balance_minor, at_s)
SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::smallint[]), unnest($4::bigint[]),
       unnest($5::bigint[]), unnest($6::bigint[])

-- name: write_holds
-- Holds that are new or let go.
INSERT INTO hold (line, path, direction, account, lower_minor, upper_minor, open)
SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::bigint[]),
       unnest($5::bigint[]), unnest($6::bigint[]), unnest($7::boolean[])
ON CONFLICT (line, path, direction) DO UPDATE SET open = excluded.open

-- name: write_lines
-- Lines that a batch changed.
INSERT INTO line (line, state) SELECT unnest($1::text[]), unnest($2::bytea[])
ON CONFLICT (line) DO UPDATE SET state = excluded.state

-- name: write_trades
-- Trades that a batch changed.
INSERT INTO transfer (line, path, direction, account, done, state, reverses)
SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::bigint[]),
       unnest($5::boolean[]), unnest($6::bytea[]), unnest($7::text[])
ON CONFLICT (path, line, direction) DO UPDATE SET
    account = excluded.account, done = excluded.done, state = excluded.state

-- name: write_chained
-- Places in the own chains.
INSERT INTO line_event (line, n, seq)
SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::bigint[])

-- name: write_keys
-- Keys of commands; one that is taken is refused.
INSERT INTO command_key (key, digest, seq)
SELECT unnest($1::bytea[]), unnest($2::bytea[]), unnest($3::bigint[])

-- name: write_inbox
-- What a partner sent; a place that is taken is refused.
INSERT INTO line_inbox (line, n, id, core, signature, cover, received_at_s)
SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::bytea[]), unnest($4::bytea[]),
       unnest($5::bytea[]), unnest($6::bigint[]), unnest($7::bigint[])

-- name: write_setting
-- The group's unit and limits.
INSERT INTO group_setting (unit_singular, unit_plural, per_hour, decimals,
    lower_minor, upper_minor, soft_lower_minor, soft_upper_minor,
    newcomer_days, newcomer_lower_minor, newcomer_upper_minor, growth_percent, growth_most_minor)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (only_row) DO UPDATE SET
    unit_singular = excluded.unit_singular, unit_plural = excluded.unit_plural,
    per_hour = excluded.per_hour, decimals = excluded.decimals,
    lower_minor = excluded.lower_minor, upper_minor = excluded.upper_minor,
    soft_lower_minor = excluded.soft_lower_minor, soft_upper_minor = excluded.soft_upper_minor,
    newcomer_days = excluded.newcomer_days,
    newcomer_lower_minor = excluded.newcomer_lower_minor,
    newcomer_upper_minor = excluded.newcomer_upper_minor,
    growth_percent = excluded.growth_percent, growth_most_minor = excluded.growth_most_minor

-- name: read_command_keys
-- Which of these keys have been used.
SELECT key, digest, seq FROM command_key WHERE key = ANY($1::bytea[])

-- name: read_transfers
-- Trades with one of these paths, done ones too.
SELECT state FROM transfer WHERE path = ANY($1::text[])

-- name: read_related_transfers
-- Trades with one of these paths, what they reverse, and what reverses either.
WITH named AS (
    SELECT unnest($1::text[]) AS path
    UNION SELECT reverses FROM transfer WHERE path = ANY($1::text[]) AND reverses IS NOT NULL
)
SELECT state FROM transfer
WHERE path IN (SELECT path FROM named) OR reverses IN (SELECT path FROM named)

-- name: write_inbox_texts
-- What a received request or note says, sealed for the member whom it concerns.
INSERT INTO line_inbox_text (line, n, commitment, subject, sealed)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[])

-- name: forget_own_texts
-- Drop peer layers that were sealed beside own events.
DELETE FROM sealed_text WHERE layer = 'peer' AND commitment = ANY($1::bytea[])

-- name: forget_inbox_texts
-- Drop peer layers that came in.
DELETE FROM line_inbox_text WHERE commitment = ANY($1::bytea[])

-- name: read_accounts
-- All accounts.
SELECT account, code, kind, status, subject, line, lower_minor, upper_minor, unlimited, opened_seq,
       soft_lower_minor, soft_upper_minor, since_s, merged_into, left_s,
       balance_minor, held_lower_minor, held_upper_minor, given_minor
FROM account ORDER BY account

-- name: read_setting
-- The group's unit and limits.
SELECT unit_singular, unit_plural, per_hour, decimals,
    lower_minor, upper_minor, soft_lower_minor, soft_upper_minor,
    newcomer_days, newcomer_lower_minor, newcomer_upper_minor, growth_percent, growth_most_minor
FROM group_setting

-- name: read_open_holds
-- Holds that are open.
SELECT line, path, direction, account, lower_minor, upper_minor FROM hold WHERE open

-- name: read_lines
-- All lines.
SELECT state FROM line ORDER BY line

-- name: read_open_transfers
-- Trades on their way.
SELECT state FROM transfer WHERE NOT done

-- name: statement_page
-- A page of a statement, newest first, before a place, within a period.
SELECT seq, ordinal, amount_minor, balance_minor, at_s FROM posting
WHERE account = $1 AND at_s >= $2 AND at_s < $3 AND (seq, ordinal) < ($4, $5)
ORDER BY seq DESC, ordinal DESC LIMIT $6

-- name: postings_of_range
-- The statement rows of a range of events, as arrays.
SELECT array_agg(seq ORDER BY seq, ordinal), array_agg(ordinal ORDER BY seq, ordinal),
       array_agg(account ORDER BY seq, ordinal), array_agg(amount_minor ORDER BY seq, ordinal),
       array_agg(balance_minor ORDER BY seq, ordinal), array_agg(at_s ORDER BY seq, ordinal)
FROM posting WHERE seq >= $1 AND seq < $2

-- name: inbox_after
-- What a partner sent on a line, in its order.
SELECT n, id, core, signature, cover FROM line_inbox
WHERE line = $1 AND n > $2 ORDER BY n LIMIT $3

-- name: inbox_lines
-- Lines on which something was received.
SELECT DISTINCT line FROM line_inbox ORDER BY line

-- name: all_transfers
-- Every trade.
SELECT path, line, direction, state FROM transfer

-- name: empty_tables
-- Empty what is derived from log and inbox, and leave out an index until it is filled again. The
-- projector finds no progress and starts anew.
DO $$ BEGIN
    TRUNCATE account, posting, hold, line, transfer, line_event, group_setting, post, category,
        person, member_text, helper, member_role, pause, shared_name, erasure, group_rule,
        board_item, request, booking_reversal, activity, partner, member_block, thread_message,
        thanks, report, register_event, plain.progress;
    ALTER TABLE posting DROP CONSTRAINT posting_pkey;
END $$

-- name: index_postings
-- The index of statements, made once over all rows.
ALTER TABLE posting ADD CONSTRAINT posting_pkey PRIMARY KEY (account, seq, ordinal)
