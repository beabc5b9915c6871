-- name: write_posts
-- Offers and wants that are new or say something else.
INSERT INTO post (post, account, want, category, expires_at_s, seq, ended, hidden_seq)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::bigint[], $5::bigint[],
                     $6::bigint[], $7::boolean[], $8::bigint[])
ON CONFLICT (post) DO UPDATE SET
    want = excluded.want, category = excluded.category, expires_at_s = excluded.expires_at_s,
    seq = excluded.seq, ended = excluded.ended, hidden_seq = excluded.hidden_seq

-- name: write_categories
-- Categories of posts that are new, stand elsewhere, or are no more.
INSERT INTO category (category, parent, seq, place, ended)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[])
ON CONFLICT (category) DO UPDATE SET parent = excluded.parent, seq = excluded.seq,
    place = excluded.place, ended = excluded.ended

-- name: write_persons
-- Persons who joined or left a household.
INSERT INTO person (account, person, subject, here, seq)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::boolean[], $5::bigint[])
ON CONFLICT (account, person) DO UPDATE SET here = excluded.here

-- name: write_member_texts
-- Which event described a member last.
INSERT INTO member_text (account, seq) SELECT * FROM unnest($1::bigint[], $2::bigint[])
ON CONFLICT (account) DO UPDATE SET seq = excluded.seq

-- name: write_helpers
-- Helpers that were appointed, and those that were dismissed.
WITH said AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::boolean[]) AS said (account, helper, on_)
), dismissed AS (
    DELETE FROM helper USING said
    WHERE NOT said.on_ AND helper.account = said.account AND helper.helper = said.helper
)
INSERT INTO helper (account, helper) SELECT account, helper FROM said WHERE on_
ON CONFLICT (account, helper) DO NOTHING

-- name: write_roles
-- Roles that were given, and those that were taken.
WITH said AS (
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::boolean[]) AS said (account, role, on_)
), taken AS (
    DELETE FROM member_role USING said
    WHERE NOT said.on_ AND member_role.account = said.account AND member_role.role = said.role
)
INSERT INTO member_role (account, role) SELECT account, role FROM said WHERE on_
ON CONFLICT (account, role) DO NOTHING

-- name: write_pauses
-- Members who are away, and those who are back.
WITH said AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::boolean[]) AS said (account, until_s, on_)
), back AS (
    DELETE FROM pause USING said WHERE NOT said.on_ AND pause.account = said.account
)
INSERT INTO pause (account, until_s) SELECT account, until_s FROM said WHERE on_
ON CONFLICT (account) DO UPDATE SET until_s = excluded.until_s

-- name: write_shared_names
-- Members who may be found by name from other groups, and those who may no longer.
WITH said AS (
    SELECT * FROM unnest($1::bigint[], $2::boolean[]) AS said (account, on_)
), taken_back AS (
    DELETE FROM shared_name USING said WHERE NOT said.on_ AND shared_name.account = said.account
)
INSERT INTO shared_name (account) SELECT account FROM said WHERE on_
ON CONFLICT (account) DO NOTHING

-- name: write_items
-- News, dates and documents that are new, say something else, or are gone.
INSERT INTO board_item (item, kind, starts_at_s, ends_at_s, seq, removed)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[],
                     $6::boolean[])
ON CONFLICT (item) DO UPDATE SET starts_at_s = excluded.starts_at_s,
    ends_at_s = excluded.ends_at_s, seq = excluded.seq, removed = excluded.removed

-- name: write_rules
-- How the group wants its pages.
INSERT INTO group_rule (members_see_balances, names_shared) VALUES ($1, $2)
ON CONFLICT (only_row) DO UPDATE SET members_see_balances = excluded.members_see_balances,
    names_shared = excluded.names_shared

-- name: read_posts
-- All offers and wants.
SELECT post, account, want, category, expires_at_s, seq, ended, hidden_seq FROM post

-- name: read_categories
-- Categories and the events that named them.
SELECT category, parent, seq, place, ended FROM category ORDER BY category

-- name: read_persons
-- Persons of households.
SELECT account, person, subject, here, seq FROM person

-- name: read_member_texts
-- Which event described a member last.
SELECT account, seq FROM member_text

-- name: read_helpers
-- Who may act for whom.
SELECT account, helper FROM helper

-- name: read_roles
-- Who has which role.
SELECT account, role FROM member_role

-- name: read_pauses
-- Who is away.
SELECT account, until_s FROM pause

-- name: read_shared_names
-- Who may be found by name from other groups.
SELECT account FROM shared_name

-- name: read_rules
-- How the group wants its pages.
SELECT members_see_balances, names_shared FROM group_rule

-- name: read_items
-- News, dates and documents.
SELECT item, kind, starts_at_s, ends_at_s, seq, removed FROM board_item

-- name: write_erasures
-- Who is to be erased, who thought better of it, who was.
WITH said AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::boolean[], $5::boolean[])
        AS said (account, due_s, entered_by, done, on_)
), stays AS (
    DELETE FROM erasure USING said WHERE NOT said.on_ AND erasure.account = said.account
)
INSERT INTO erasure (account, due_s, entered_by, done)
SELECT account, due_s, entered_by, done FROM said WHERE on_
ON CONFLICT (account) DO UPDATE
SET due_s = excluded.due_s, entered_by = excluded.entered_by, done = excluded.done

-- name: read_erasures
-- Who is to be erased, and who was.
SELECT account, due_s, entered_by, done FROM erasure
