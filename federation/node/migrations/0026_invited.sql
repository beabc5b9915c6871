-- Who was invited to sign in after the group moved in, and in which wave: once each. A wave has the
-- name that a coordinator gave it. Backups keep it, so that a restored node invites nobody again.
CREATE TABLE web_invited (
    account bigint NOT NULL,
    person bigint NOT NULL,
    wave text NOT NULL,
    invited_at_s bigint NOT NULL,
    CONSTRAINT web_invited_pkey PRIMARY KEY (account, person),
    CONSTRAINT web_invited_wave_check CHECK (length(wave) BETWEEN 1 AND 60)
);
