-- name: households
-- Who signs in beside the members themselves, by account.
SELECT account, name FROM plain.person WHERE person > 0 ORDER BY account, person

-- name: read_columns
-- Which columns a coordinator wants to see.
SELECT columns, sorted FROM member_columns WHERE account = $1 AND person = $2

-- name: keep_columns
-- Which columns a coordinator wants to see from now on.
INSERT INTO member_columns (account, person, columns, sorted) VALUES ($1, $2, $3, $4)
ON CONFLICT (account, person) DO UPDATE SET columns = excluded.columns, sorted = excluded.sorted

-- name: changes
-- What the log says about one member, bookings and messages aside, the newest first. `$2` and `$3`
-- are how a body names the account, `$4` the kinds that count.
SELECT seq, coalesce(body, stands_in) AS body FROM log_event LEFT JOIN lost_body USING (seq)
WHERE seq < $1 AND (position($2::bytea in coalesce(body, stands_in)) > 0
                    OR position($3::bytea in coalesce(body, stands_in)) > 0)
    AND substring(convert_from(coalesce(body, stands_in), 'UTF8')
                  from '"type":"([a-z_.]+)"') = ANY($4::text[])
ORDER BY seq DESC LIMIT $5
