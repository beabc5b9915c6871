-- The newest move of each peer that told one, as its root key signed it: an older one that comes
-- again changes nothing.
CREATE TABLE peer_move (
    node text NOT NULL,
    holds_from bigint NOT NULL,
    move bytea NOT NULL,
    CONSTRAINT peer_move_pkey PRIMARY KEY (node),
    CONSTRAINT peer_move_holds_from_check CHECK (holds_from >= 0)
);
