-- name: write_posts
-- Offers and wants that are new or say something else.
INSERT INTO post (post, account, want, category, expires_at_s, seq, ended)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::bigint[], $5::bigint[],
                     $6::bigint[], $7::boolean[])
ON CONFLICT (post) DO UPDATE SET
    want = excluded.want, category = excluded.category, expires_at_s = excluded.expires_at_s,
    seq = excluded.seq, ended = excluded.ended

-- name: write_categories
-- Categories of posts.
INSERT INTO category (category, parent, seq)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])

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

-- name: write_items
-- News, dates and documents that are new, say something else, or are gone.
INSERT INTO board_item (item, kind, starts_at_s, ends_at_s, seq, removed)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[],
                     $6::boolean[])
ON CONFLICT (item) DO UPDATE SET starts_at_s = excluded.starts_at_s,
    ends_at_s = excluded.ends_at_s, seq = excluded.seq, removed = excluded.removed

-- name: write_rules
-- How the group wants its pages.
INSERT INTO group_rule (members_see_balances) VALUES ($1)
ON CONFLICT (only_row) DO UPDATE SET members_see_balances = excluded.members_see_balances

-- name: read_posts
-- All offers and wants.
SELECT post, account, want, category, expires_at_s, seq, ended FROM post

-- name: read_categories
-- Categories and the events that placed them.
SELECT category, parent, seq FROM category ORDER BY category

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

-- name: read_rules
-- How the group wants its pages.
SELECT members_see_balances FROM group_rule

-- name: read_items
-- News, dates and documents.
SELECT item, kind, starts_at_s, ends_at_s, seq, removed FROM board_item
