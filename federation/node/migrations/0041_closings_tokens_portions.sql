-- The last word of each peer that has ended, as its log key signed it: told again after the group
-- was taken in anew, it changes nothing.
CREATE TABLE peer_closing (
    node text NOT NULL,
    size bigint NOT NULL,
    closed_at_s bigint NOT NULL,
    closing bytea NOT NULL,
    CONSTRAINT peer_closing_pkey PRIMARY KEY (node),
    CONSTRAINT peer_closing_size_check CHECK (size >= 0)
);

-- Tokens for the roles treasurer and editor.
ALTER TABLE api_token DROP CONSTRAINT api_token_role_check;
ALTER TABLE api_token ADD CONSTRAINT api_token_role_check
    CHECK (role IN ('member', 'coordinator', 'treasurer', 'editor', 'auditor'));

-- Whom a mail to members has still to reach, in their order: a long list goes in portions.
ALTER TABLE plain.member_mail ADD COLUMN waiting bigint[] NOT NULL DEFAULT '{}';
