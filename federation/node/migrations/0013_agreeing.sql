-- Agreeing inside a group and between members of two groups. What members write lies sealed in
-- `sealed_text` and `line_inbox_text`; here is only where to look. All but `line_inbox_member` is
-- derived from the own log, and filled anew by a rebuild.

-- Requests for units inside the group, with the end that each had. Holds account numbers only;
-- erasing a member leaves them, as it leaves bookings.
CREATE TABLE request (
    request bytea NOT NULL,
    payer bigint NOT NULL,
    payee bigint NOT NULL,
    open boolean NOT NULL,
    last_seq bigint NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT request_pkey PRIMARY KEY (request),
    CONSTRAINT request_parties_check CHECK (payer <> payee)
);
CREATE INDEX request_open ON request (payer) WHERE open;
CREATE INDEX request_payer ON request (payer, last_seq);
CREATE INDEX request_payee ON request (payee, last_seq);

-- Which booking gives which back: the key lets each be given back once. Stays when a member is
-- erased, as the bookings do.
CREATE TABLE booking_reversal (
    original bigint NOT NULL,
    reversal bigint NOT NULL,
    CONSTRAINT booking_reversal_pkey PRIMARY KEY (original),
    CONSTRAINT booking_reversal_reversal_key UNIQUE (reversal),
    CONSTRAINT booking_reversal_order_check CHECK (reversal > original)
);

-- What members do together, and who comes along; title and text lie sealed under the organiser's
-- key. Erasing a member leaves its number in the list, without a name.
CREATE TABLE activity (
    activity bigint NOT NULL,
    starts_at_s bigint NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT activity_pkey PRIMARY KEY (activity)
);
CREATE INDEX activity_starts ON activity (starts_at_s);

-- Who wants to hear nothing of whom, while it is so. Erasing a member deletes what it blocked and,
-- of its own group, that it is blocked.
CREATE TABLE member_block (
    account bigint NOT NULL,
    other bigint NOT NULL,
    node text NOT NULL,
    pseudonym text NOT NULL,
    CONSTRAINT member_block_pkey PRIMARY KEY (account, other, node, pseudonym)
);

-- The own side of every thread: which event of the own log concerns which member of ours. A
-- message inside the group has a row for each of the two. Erasing a member deletes its rows.
CREATE TABLE thread_message (
    account bigint NOT NULL,
    thread text NOT NULL,
    seq bigint NOT NULL,
    line text,
    at_s bigint NOT NULL,
    CONSTRAINT thread_message_pkey PRIMARY KEY (account, seq)
);
CREATE INDEX thread_message_thread ON thread_message (thread);

-- Words of thanks inside the group, and those that a member sent to another group (`line` is set,
-- `other` is nobody of ours). The text is sealed beside the event. Erasing a member deletes the
-- rows that name it.
CREATE TABLE thanks (
    seq bigint NOT NULL,
    trade text NOT NULL,
    account bigint NOT NULL,
    other bigint,
    public boolean NOT NULL,
    at_s bigint NOT NULL,
    CONSTRAINT thanks_pkey PRIMARY KEY (seq)
);
CREATE INDEX thanks_trade ON thanks (trade);
CREATE INDEX thanks_other ON thanks (other, seq);

-- What members told the coordinators, and who has seen to it; the text is sealed under the group's
-- key. Erasing the member that a report is about leaves it without a name; erasing who made it,
-- likewise.
CREATE TABLE report (
    report bytea NOT NULL,
    seq bigint NOT NULL,
    account bigint NOT NULL,
    handled_by bigint,
    CONSTRAINT report_pkey PRIMARY KEY (report)
);
CREATE INDEX report_open ON report (seq) WHERE handled_by IS NULL;

-- Which member of ours a received note or request concerns: written when it comes in, with its
-- sealed text, because only the peer layer says so. Erasing a member deletes its rows.
CREATE TABLE line_inbox_member (
    line text NOT NULL,
    n bigint NOT NULL,
    account bigint NOT NULL,
    kind text NOT NULL,
    about text NOT NULL,
    sender text NOT NULL,
    at_s bigint NOT NULL,
    CONSTRAINT line_inbox_member_pkey PRIMARY KEY (line, n),
    CONSTRAINT line_inbox_member_kind_check
        CHECK (kind IN ('message', 'request', 'thanks', 'public_thanks'))
);
CREATE INDEX line_inbox_member_account ON line_inbox_member (account, kind, at_s);
CREATE INDEX line_inbox_member_about ON line_inbox_member (about);

-- Requests that came in before this release.
INSERT INTO line_inbox_member (line, n, account, kind, about, sender, at_s)
SELECT line_inbox_text.line, line_inbox_text.n, account.account, 'request',
    convert_from(line_inbox.core, 'UTF8')::jsonb ->> 'path', '', line_inbox.received_at_s
FROM line_inbox_text
JOIN line_inbox USING (line, n)
JOIN account ON account.subject = line_inbox_text.subject
WHERE position(convert_to('"type":"pay.request"', 'UTF8') in line_inbox.core) > 0;
