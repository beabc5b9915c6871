-- What a coordinator changes alone about a line with another group stands in the register too, with
-- which group it was: `peer` is its node, and empty for everything that is about members.
ALTER TABLE looked
    ADD COLUMN peer text NOT NULL DEFAULT '',
    DROP CONSTRAINT looked_pkey,
    ADD CONSTRAINT looked_pkey PRIMARY KEY (about, day, by_account, what, peer),
    DROP CONSTRAINT looked_what_check,
    ADD CONSTRAINT looked_what_check
        CHECK (what IN ('profile', 'bookings', 'listed', 'changed', 'acted', 'sign_in',
                        'line_limit', 'line_pause', 'line_resume', 'line_close')),
    ADD CONSTRAINT looked_peer_check CHECK ((peer <> '') = (what LIKE 'line\_%'));
