-- Mails that coordinators wrote to a selection of members: who, when, to how many. Opened text, so it
-- lies in `plain`: left out of backups; who was told what already stands in `mail_told`, which is
-- not. The words go after 30 days, as those of mails do, the row after a year. `key` is that of the
-- form, so that a form sent twice is one mail. Erasing a member deletes what it sent.
CREATE TABLE plain.member_mail (
    member_mail bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    key text NOT NULL,
    sent_by bigint NOT NULL,
    sent_by_person bigint NOT NULL,
    sent_at_s bigint NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    members bigint NOT NULL,
    mails bigint NOT NULL,
    CONSTRAINT member_mail_pkey PRIMARY KEY (member_mail),
    CONSTRAINT member_mail_key_key UNIQUE (key)
);
CREATE INDEX member_mail_sent ON plain.member_mail (sent_at_s);

-- The account that goes on for the member of one that is closed, since the two became one.
ALTER TABLE account ADD COLUMN merged_into bigint;
