-- Groups that are reached by mail only, as the books hold them.
CREATE TABLE partner (
    account bigint NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT partner_pkey PRIMARY KEY (account)
);
