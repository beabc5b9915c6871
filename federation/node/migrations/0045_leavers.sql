-- rebuild
-- Who has left is erased after so many days, where the coordinators chose that.

-- Since when the member of an account is gone, as the event says that made it so; a rebuild fills it
-- in. Until then nobody is gone long enough.
ALTER TABLE account ADD COLUMN left_s bigint;

-- After how many days, when coordinators chose; none: never. Each of the two can be chosen alone.
ALTER TABLE retention
    ALTER COLUMN looked_days DROP NOT NULL,
    ADD COLUMN left_days integer,
    ADD CONSTRAINT retention_left_days_check CHECK (left_days BETWEEN 180 AND 3650);

-- Who was told that its data will be erased, when, and about which leaving: who came back and left
-- again is told again. Numbers only, in backups too: a backup that is put back tells nobody twice.
CREATE TABLE left_told (
    account bigint NOT NULL,
    left_s bigint NOT NULL,
    told_at_s bigint NOT NULL,
    CONSTRAINT left_told_pkey PRIMARY KEY (account)
);

-- That the group's own choice erased somebody stands in the register, about everybody: whom it was
-- about reads it no more.
ALTER TABLE looked
    DROP CONSTRAINT looked_what_check,
    ADD CONSTRAINT looked_what_check
        CHECK (what IN ('profile', 'bookings', 'listed', 'changed', 'acted', 'sign_in',
                        'line_limit', 'line_pause', 'line_resume', 'line_close', 'left_erased'));
