-- name: came_back
-- Whether there is a data key of somebody who was erased.
SELECT EXISTS (SELECT FROM data_key WHERE subject = ANY($1::bytea[]))

-- name: told_partners
-- Own line events whose peer layer members have sealed: what they told members of other groups.
SELECT line_event.line, sealed_text.commitment, log_event.core
FROM sealed_text JOIN line_event USING (seq) JOIN log_event USING (seq)
WHERE sealed_text.layer = 'peer' AND sealed_text.subject = ANY($1::bytea[])
ORDER BY seq

-- name: erase_copies
-- What members wrote to others, where those keep a copy: messages, thanks, reports by and about
-- them. What others wrote to them, and what bookings were for, stays with the others.
DELETE FROM sealed_text USING (
    SELECT seq, convert_from(body, 'UTF8')::jsonb AS said FROM log_event
    WHERE seq IN (
        SELECT seq FROM sealed_text WHERE subject = ANY($2::bytea[]) AND layer = 'personal'
        UNION SELECT seq FROM report
        UNION SELECT handled_seq FROM report WHERE handled_seq IS NOT NULL
    )
) AS written
WHERE sealed_text.seq = written.seq AND sealed_text.layer = 'personal'
    AND NOT sealed_text.subject = ANY($2::bytea[])
    AND CASE written.said ->> 'type'
        WHEN 'message.written' THEN (written.said ->> 'sender')::bigint = ANY($1::bigint[])
        WHEN 'thanks.given' THEN (written.said ->> 'account')::bigint = ANY($1::bigint[])
        WHEN 'report.made' THEN (written.said ->> 'account')::bigint = ANY($1::bigint[])
            OR (written.said ->> 'other')::bigint = ANY($1::bigint[])
        WHEN 'report.handled' THEN written.seq IN (
            SELECT handled_seq FROM report JOIN log_event made ON made.seq = report.seq,
                LATERAL (SELECT convert_from(made.body, 'UTF8')::jsonb AS said) AS told
            WHERE handled_seq IS NOT NULL
                AND ((told.said ->> 'account')::bigint = ANY($1::bigint[])
                    OR (told.said ->> 'other')::bigint = ANY($1::bigint[])))
        ELSE false END

-- name: erase_digests
-- Digests of commands that held a text: who guesses the text could find it confirmed.
UPDATE command_key SET digest = decode(repeat('00', 32), 'hex')
WHERE seq IN (SELECT seq FROM sealed_text WHERE subject = ANY($2::bytea[]))
    AND $1::bigint[] IS NOT NULL

-- name: erase_data_keys
-- The data keys, and with them salts and pseudonym secrets.
DELETE FROM data_key WHERE subject = ANY($2::bytea[]) AND $1::bigint[] IS NOT NULL

-- name: erase_pseudonyms
-- By which names other groups know them.
DELETE FROM pseudonym WHERE subject = ANY($2::bytea[]) AND $1::bigint[] IS NOT NULL

-- name: erase_received
-- What members of other groups wrote to them.
DELETE FROM line_inbox_text WHERE subject = ANY($2::bytea[]) AND $1::bigint[] IS NOT NULL

-- name: erase_received_places
-- Which notes and requests of other groups concerned them.
DELETE FROM line_inbox_member WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_pictures
-- Their pictures.
DELETE FROM picture WHERE subject = ANY($2::bytea[]) AND $1::bigint[] IS NOT NULL

-- name: erase_tokens
-- Their tokens for programs.
DELETE FROM api_token WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_sessions
-- Devices on which they are signed in.
DELETE FROM web_session WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_acting
-- Devices on which somebody acts for them.
UPDATE web_session SET acting_for = NULL
WHERE acting_for = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_logins
-- Mails that let them in.
DELETE FROM login_link WHERE accounts && $1::bigint[] AND $2::bytea[] IS NOT NULL

-- name: erase_passwords
-- Their passwords.
DELETE FROM password WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_invited
-- That they were invited to sign in.
DELETE FROM web_invited WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_looked
-- Who looked at them.
DELETE FROM looked WHERE about = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_told
-- That they were told that their data would be erased.
DELETE FROM left_told WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_public_thanks
-- Words of thanks by them and for them that everybody on the web may read.
DELETE FROM public_thanks WHERE $2::bytea[] IS NOT NULL AND (
    account = ANY($1::bigint[])
    OR seq IN (SELECT seq FROM thanks WHERE account = ANY($1::bigint[]) OR other = ANY($1::bigint[]))
)

-- name: erase_digest_choices
-- How often they wanted to hear what is new.
DELETE FROM digest_choice WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_digest_told
-- And up to where they did.
DELETE FROM plain.digest_told WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_drafts
-- What they typed and did not send.
DELETE FROM plain.draft WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_mails
-- Mails to them; and those that wait or were kept and call one of them by name.
DELETE FROM plain.mail WHERE $2::bytea[] IS NOT NULL AND (
    account = ANY($1::bigint[])
    OR EXISTS (
        SELECT FROM plain.person AS person
        WHERE person.account = ANY($1::bigint[]) AND length(person.name) > 1
            AND mail.subject || ' ' || mail.text ~* ('\m' || regexp_replace(
                person.name, '([^[:alnum:][:space:]])', '\\\1', 'g') || '\M')
    )
)

-- name: erase_mail_choices
-- Which mails they did not want.
DELETE FROM mail_choice WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_mail_habits
-- In which language and when they wanted mails.
DELETE FROM mail_habit WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_mail_addresses
-- Their addresses that did not work.
DELETE FROM plain.mail_address WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: wrapping_keys
-- Which keys wrap the data keys of members.
SELECT DISTINCT wrapping_key FROM data_key

-- name: write_wrapped
-- Data keys, wrapped anew; one that was erased meanwhile stays gone.
UPDATE data_key SET wrapping_key = anew.wrapping_key, wrapped = anew.wrapped
FROM unnest($1::bytea[], $2::text[], $3::bytea[]) AS anew (subject, wrapping_key, wrapped)
WHERE data_key.subject = anew.subject

-- name: erase_columns
-- How a coordinator likes the list of members.
DELETE FROM member_columns WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_joining
-- That they asked to become members.
DELETE FROM plain.applicant WHERE account = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL

-- name: erase_member_mails
-- What they sent to members as coordinators.
DELETE FROM plain.member_mail WHERE sent_by = ANY($1::bigint[]) AND $2::bytea[] IS NOT NULL
