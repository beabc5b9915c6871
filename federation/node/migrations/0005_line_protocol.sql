-- What the whole line protocol needs beside its chains.
ALTER TABLE transfer ADD COLUMN reverses text;
CREATE INDEX transfer_reverses ON transfer (reverses) WHERE reverses IS NOT NULL;

-- What received requests and notes say, sealed for the member whom they concern.
CREATE TABLE line_inbox_text (
    line text NOT NULL,
    n bigint NOT NULL,
    commitment bytea NOT NULL,
    subject bytea NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT line_inbox_text_pkey PRIMARY KEY (line, n)
);
CREATE INDEX line_inbox_text_subject ON line_inbox_text (subject);
CREATE INDEX line_inbox_text_commitment ON line_inbox_text (commitment);
CREATE INDEX sealed_text_peer ON sealed_text (commitment) WHERE layer = 'peer';
