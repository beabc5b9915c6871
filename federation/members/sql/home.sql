-- name: newest_posts
-- The newest offers and wants of others that a member may see, near by where both places are known.
-- They are read from the newest on, until enough are near or $8 were looked at: most often few.
SELECT node, post, account, poster_name, want, goods, title, price_kind, price_minor, per_hour,
       decimals, unit_singular, unit_plural, place, pictures, placed_at_s, distance_km
FROM (
    SELECT post.*, 111.2 * sqrt(
        power(post.latitude - $4, 2)
        + power((post.longitude - $5) * cos(radians($4)), 2)) AS distance_km
    FROM plain.post
    WHERE shown AND expires_at_s > $1 AND visibility = ANY($2::text[])
        AND (node <> '' OR account <> $3)
    ORDER BY placed_at_s DESC LIMIT $8
) AS newest
WHERE distance_km IS NULL OR distance_km <= $6
ORDER BY placed_at_s DESC, node, post LIMIT $7

-- name: whereabouts
-- Where a member lives, as far as it is known.
SELECT latitude, longitude FROM plain.member WHERE account = $1

-- name: members_by_code
-- Names of some members.
SELECT account, code, name FROM plain.member WHERE code = ANY($1::text[])

-- name: partner_units
-- What the units of some groups are called, as their offers say.
SELECT DISTINCT ON (node) node, unit_singular, unit_plural FROM plain.post
WHERE node = ANY($1::text[]) AND unit_plural <> '' ORDER BY node, post

-- name: months_of
-- What an account got and gave in each month of those that begin at these seconds.
SELECT width_bucket(at_s, $2::bigint[]) AS month,
       sum(amount_minor) FILTER (WHERE amount_minor > 0)::bigint AS received_minor,
       -sum(amount_minor) FILTER (WHERE amount_minor < 0)::bigint AS given_minor,
       sum(amount_minor)::bigint AS change_minor
FROM posting WHERE account = $1 AND at_s >= ($2::bigint[])[1] GROUP BY 1 ORDER BY 1

-- name: balances_before
-- Where each account stood just before a moment: the sum of what was booked until then.
SELECT account, sum(amount_minor)::bigint AS balance_minor FROM posting
WHERE at_s < $1 GROUP BY account

-- name: far_since
-- Since when some accounts lie beyond a balance below or above zero of their own: when the first
-- booking was made after the last one that left them within.
SELECT wanted.account, min(posting.at_s)::bigint AS since_s
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS wanted (account, below, above)
CROSS JOIN LATERAL (
    SELECT coalesce(max(seq), -1) AS seq FROM posting
    WHERE posting.account = wanted.account
        AND posting.balance_minor BETWEEN wanted.below AND wanted.above
) AS within
JOIN posting ON posting.account = wanted.account AND posting.seq > within.seq
GROUP BY wanted.account
