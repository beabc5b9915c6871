-- rebuild
-- Soft limits, limits of newcomers, limits that grow with what one gave. A rebuild fills in since when
-- members are ones, and what they gave; until then both stand as if everybody were new to the count.
ALTER TABLE account
    ADD COLUMN soft_lower_minor bigint,
    ADD COLUMN soft_upper_minor bigint,
    ADD COLUMN since_s bigint NOT NULL DEFAULT 0,
    ADD COLUMN given_minor bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT account_given_check CHECK (given_minor >= 0);

ALTER TABLE group_setting
    ADD COLUMN soft_lower_minor bigint,
    ADD COLUMN soft_upper_minor bigint,
    ADD COLUMN newcomer_days integer NOT NULL DEFAULT 0,
    ADD COLUMN newcomer_lower_minor bigint,
    ADD COLUMN newcomer_upper_minor bigint,
    ADD COLUMN growth_percent integer NOT NULL DEFAULT 0,
    ADD COLUMN growth_most_minor bigint NOT NULL DEFAULT 0;
