-- name: read_page
-- The public page as it was written last.
SELECT version, said, changed_at_s FROM public_page

-- name: write_page
-- Write it anew, unless somebody else did since it was read; no row then.
INSERT INTO public_page (version, said, changed_by, changed_at_s) VALUES ($1 + 1, $2, $3, $4)
ON CONFLICT (only_row) DO UPDATE SET version = excluded.version, said = excluded.said,
    changed_by = excluded.changed_by, changed_at_s = excluded.changed_at_s
WHERE public_page.version = $1
RETURNING version

-- name: read_quarters
-- The quarters that were published.
SELECT quarter, figures FROM public_quarter

-- name: publish_quarter
-- Fix the figures of a quarter; who comes second changes nothing.
INSERT INTO public_quarter (quarter, figures, published_at_s) VALUES ($1, $2, $3)
ON CONFLICT (quarter) DO UPDATE SET quarter = excluded.quarter RETURNING figures

-- name: first_booking
-- When the first booking was made; nothing before there is one.
SELECT min(at_s) FROM posting

-- name: legs
-- The postings of some seconds in the order of the log, without bookings that were given back.
SELECT seq, account, kind, amount_minor FROM posting JOIN account USING (account)
WHERE at_s >= $1 AND at_s < $2
    AND NOT EXISTS (SELECT FROM booking_reversal r WHERE posting.seq IN (r.original, r.reversal))
ORDER BY seq, ordinal

-- name: receipts
-- What was settled with other groups: receipts of the own log, and those that partners sent.
SELECT true AS own, e.core FROM line_event JOIN log_event e USING (seq)
WHERE position(convert_to('"type":"pay.receipt"', 'UTF8') IN e.core) > 0
UNION ALL
SELECT false, core FROM line_inbox
WHERE position(convert_to('"type":"pay.receipt"', 'UTF8') IN core) > 0

-- name: web_thanks
-- Words of thanks inside the group that their writers let everybody read, the newest first.
SELECT thanks.seq, thanks.account, thanks.at_s FROM public_thanks JOIN thanks USING (seq, account)
WHERE thanks.public ORDER BY thanks.seq DESC LIMIT $1

-- name: thanks_by
-- Words of thanks inside the group that a member wrote for the group to read, and whether
-- everybody may.
SELECT thanks.seq, thanks.other, thanks.at_s, public_thanks.seq IS NOT NULL AS everybody
FROM thanks LEFT JOIN public_thanks ON public_thanks.seq = thanks.seq
WHERE thanks.account = $1 AND thanks.public AND thanks.other IS NOT NULL
ORDER BY thanks.seq DESC LIMIT $2

-- name: agree_thanks
-- A writer lets everybody read its own words.
INSERT INTO public_thanks (seq, account, agreed_at_s)
SELECT seq, account, $3 FROM thanks WHERE seq = ANY($2::bigint[]) AND account = $1 AND public
ON CONFLICT (seq) DO NOTHING

-- name: withdraw_thanks
-- A writer lets them no longer.
DELETE FROM public_thanks WHERE account = $1 AND seq = ANY($2::bigint[])

-- name: keep_card
-- What a group says about itself, unless a newer one is held.
INSERT INTO group_card (node, note, made_at_s, fetched_at_s) VALUES ($1, $2, $3, $4)
ON CONFLICT (node) DO UPDATE SET note = excluded.note, made_at_s = excluded.made_at_s,
    fetched_at_s = excluded.fetched_at_s
WHERE group_card.made_at_s <= excluded.made_at_s

-- name: drop_card
-- A group says nothing about itself any more.
DELETE FROM group_card WHERE node = $1

-- name: read_cards
-- What groups say about themselves.
SELECT node, note, fetched_at_s FROM group_card

-- name: cards_of
-- What some groups say about themselves.
SELECT node, note FROM group_card WHERE node = ANY($1::text[])

-- name: subscriber_key
-- Keep the data key of a new subscriber.
INSERT INTO data_key (subject, wrapping_key, wrapped) VALUES ($1, $2, $3)

-- name: drop_key
-- Without its data key nothing of a subscriber can be read, in old backups neither.
DELETE FROM data_key WHERE subject = $1

-- name: subscribe_in_turn
-- Numbers are given one after the other, so nobody else takes one meanwhile.
LOCK TABLE subscriber IN SHARE ROW EXCLUSIVE MODE

-- name: subscribe
-- Somebody gets the newsletter; no row for an address that gets it already. The number lies behind
-- those of everybody to whom an issue went or goes, whoever left since.
INSERT INTO subscriber (subject, number, address_mac, sealed)
SELECT $1, 1 + greatest(
    (SELECT max(number) FROM subscriber), (SELECT max(until_number) FROM newsletter_issue), 0
), $2, $3
ON CONFLICT (address_mac) DO NOTHING RETURNING number

-- name: find_subscriber
-- Somebody with what opens the address.
SELECT s.subject, s.sealed, k.wrapping_key, k.wrapped
FROM subscriber s JOIN data_key k USING (subject) WHERE s.subject = $1 FOR UPDATE OF s

-- name: unsubscribe
-- Somebody gets it no more.
DELETE FROM subscriber WHERE subject = $1 RETURNING subject

-- name: find_address
-- Whose address this is.
SELECT subject FROM subscriber WHERE address_mac = $1

-- name: count_subscribers
-- How many get it.
SELECT count(*) FROM subscriber

-- name: newest_subscriber
-- The last who came.
SELECT coalesce(max(number), 0) FROM subscriber

-- name: subscribers_behind
-- Who gets an issue, behind a number, with what opens the address.
SELECT s.number, s.subject, s.sealed, k.wrapping_key, k.wrapped
FROM subscriber s JOIN data_key k USING (subject)
WHERE s.number > $1 AND s.number <= $2 ORDER BY s.number LIMIT $3

-- name: drop_waiting
-- Mails to somebody who gets the newsletter no more.
DELETE FROM plain.mail WHERE account = 0 AND person = $1

-- name: write_in_turn
-- Numbers are given one after the other.
LOCK TABLE newsletter_issue IN SHARE ROW EXCLUSIVE MODE

-- name: write_issue
-- A new issue.
INSERT INTO newsletter_issue (issue, said, changed_at_s, changed_by)
SELECT coalesce(max(issue), 0) + 1, $1, $2, $3 FROM newsletter_issue RETURNING issue

-- name: change_issue
-- Write a draft anew, unless somebody else did since it was read, or it is on its way.
UPDATE newsletter_issue SET said = $3, version = version + 1, changed_at_s = $4, changed_by = $5
WHERE issue = $1 AND version = $2 AND state = 'draft' RETURNING version

-- name: issues
-- The issues, the newest first.
SELECT issue, said, version, state, changed_at_s, sent_at_s, mails FROM newsletter_issue
ORDER BY issue DESC LIMIT $1

-- name: issue
-- One issue.
SELECT issue, said, version, state, changed_at_s, sent_at_s, mails FROM newsletter_issue
WHERE issue = $1

-- name: begin_sending
-- An issue goes out as it was read: once, to who gets the newsletter at this moment.
UPDATE newsletter_issue SET state = 'sending', sent_at_s = $3, until_number = $4
WHERE issue = $1 AND version = $2 AND state = 'draft' RETURNING issue

-- name: sending
-- The issue that is going out, the oldest first.
SELECT issue, said, sent_at_s, sent_to, until_number FROM newsletter_issue
WHERE state = 'sending' ORDER BY issue LIMIT 1

-- name: sent_so_far
-- Mails were written for everybody up to a number.
UPDATE newsletter_issue SET sent_to = $2, mails = mails + $3 WHERE issue = $1

-- name: sent
-- They were written for all.
UPDATE newsletter_issue SET state = 'sent' WHERE issue = $1
