-- Who asked to be erased, and when that is due; who was erased. Numbers only, as the log says them;
-- filled anew by a rebuild. Erasing a member leaves its row: it is how everybody knows.
CREATE TABLE erasure (
    account bigint NOT NULL,
    due_s bigint NOT NULL,
    entered_by bigint,
    done boolean NOT NULL,
    CONSTRAINT erasure_pkey PRIMARY KEY (account)
);
-- Everything that one data key sealed is looked for when its member is erased.
CREATE INDEX sealed_text_subject ON sealed_text (subject);

-- Two more roles, each with the least that it needs.
ALTER TABLE member_role
    DROP CONSTRAINT member_role_role_check,
    ADD CONSTRAINT member_role_role_check
        CHECK (role IN ('coordinator', 'auditor', 'treasurer', 'editor'));

-- Who saw or changed what about whom by a right that not every member has: once a day for each,
-- with how often. `by_account` 0: whoever runs the server; `about` 0: all members at once. Numbers
-- only. Erasing a member deletes the rows about it; all rows go when they are as old as
-- `looked_days` says.
CREATE TABLE looked (
    about bigint NOT NULL,
    day integer NOT NULL,
    by_account bigint NOT NULL,
    what text NOT NULL,
    times integer NOT NULL,
    last_at_s bigint NOT NULL,
    CONSTRAINT looked_pkey PRIMARY KEY (about, day, by_account, what),
    CONSTRAINT looked_what_check
        CHECK (what IN ('profile', 'bookings', 'listed', 'changed', 'acted', 'sign_in'))
);
CREATE INDEX looked_day ON looked (day);
