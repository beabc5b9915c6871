-- name: few
-- Everything that was found, up to a bound, and of it one page in any order after a place in it.
WITH found AS MATERIALIZED (
    SELECT node, post, placed_at_s, CASE WHEN $13 THEN 0 ELSE spot <-> $10 END AS key,
           $14 AND NOT heading @@ $1::text::tsquery AS rest,
           $22::text[] IS NOT NULL
               AND (node <> ALL($22) OR node = '' AND account IS NOT DISTINCT FROM $3) AS later
    FROM plain.findable(
        $1::text::tsquery, NULL, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10, $11, $12)
    LIMIT $15
), page AS (
    SELECT * FROM found
    WHERE $16::boolean IS NULL
        OR later > $23::boolean
        OR later = $23 AND (rest > $16
            OR rest = $16 AND (key > $17::double precision
                OR key = $17 AND (placed_at_s < $18::bigint
                    OR placed_at_s = $18 AND (node, post) > ($19::text, $20::text))))
    ORDER BY later, rest, key, placed_at_s DESC, node, post
    LIMIT $21
)
SELECT node, post, account, poster, poster_name, want, goods, category_name, title,
       left(text, 300) AS text, price_kind, price_minor, per_hour, decimals, unit_singular,
       unit_plural, postcode, place, post.placed_at_s, expires_at_s, pictures, spot <-> $10 AS away,
       page.later, page.rest, (SELECT count(*) FROM found) AS total
FROM page JOIN plain.post USING (node, post)
ORDER BY page.later, page.rest, page.key, page.placed_at_s DESC, node, post

-- name: nearest
-- One page, nearest first, after a place in that order; of what can be booked now, or of the rest.
SELECT node, post, account, poster, poster_name, want, goods, category_name, title,
       left(text, 300) AS text, price_kind, price_minor, per_hour, decimals, unit_singular,
       unit_plural, postcode, place, placed_at_s, expires_at_s, pictures, spot <-> $10 AS away
FROM plain.findable(
    $1::text::tsquery, $13, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10, $11, $12)
WHERE ($14::double precision IS NULL
        OR spot <-> $10 > $14
        OR spot <-> $10 = $14 AND (placed_at_s < $15
            OR placed_at_s = $15 AND (node, post) > ($16::text, $17::text)))
    AND ($20::boolean IS NOT TRUE
        OR node = ANY($19::text[]) AND NOT (node = '' AND account IS NOT DISTINCT FROM $3))
    AND ($20 IS NOT FALSE OR node <> ALL($19) OR node = '' AND account IS NOT DISTINCT FROM $3)
ORDER BY spot <-> $10, placed_at_s DESC, node, post
LIMIT $18

-- name: newest
-- One page, newest first, after a place in that order; of what can be booked now, or of the rest.
SELECT node, post, account, poster, poster_name, want, goods, category_name, title,
       left(text, 300) AS text, price_kind, price_minor, per_hour, decimals, unit_singular,
       unit_plural, postcode, place, placed_at_s, expires_at_s, pictures, spot <-> $10 AS away
FROM plain.findable(
    $1::text::tsquery, $13, $2, $3, $4, $5, $6, $7, $8, $9, $18, $10, $11, $12)
WHERE ($14::bigint IS NULL
        OR placed_at_s < $14
        OR placed_at_s = $14 AND (node, post) > ($15::text, $16::text))
    AND ($20::boolean IS NOT TRUE
        OR node = ANY($19::text[]) AND NOT (node = '' AND account IS NOT DISTINCT FROM $3))
    AND ($20 IS NOT FALSE OR node <> ALL($19) OR node = '' AND account IS NOT DISTINCT FROM $3)
ORDER BY placed_at_s DESC, node, post
LIMIT $17

-- name: alike
-- Posts with words like those that were asked for.
SELECT node, post, likeness, away, placed_at_s
FROM plain.alike(plain.simplified($1), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: some_posts
-- Posts by their names.
SELECT node, post, account, poster, poster_name, want, goods, category_name, title,
       left(text, 300) AS text, price_kind, price_minor, per_hour, decimals, unit_singular,
       unit_plural, postcode, place, placed_at_s, expires_at_s, pictures,
       spot <-> $3::point AS away
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS named (node, post, n)
JOIN plain.post USING (node, post)
ORDER BY n

-- name: post_of_group
-- One post of another group, if a search could find it.
SELECT node, post, account, poster, poster_name, want, goods, category_name, title, text,
       price_kind, price_minor, per_hour, decimals, unit_singular, unit_plural, postcode, place,
       placed_at_s, expires_at_s, pictures
FROM plain.post
WHERE node = $1 AND post = $2 AND visibility = ANY($3) AND shown AND expires_at_s > $4
    AND refreshed_at_s >= $5

-- name: beginning
-- What is asked for as the other statements take it, and where the reader lives.
SELECT plain.wanted(plain.simplified($1))::text AS wanted, member.latitude, member.longitude,
       CASE WHEN $2 <> '' THEN array(
           SELECT plain.simplified($2)
           UNION SELECT plain.simplified(under.name)
           FROM plain.category AS over
           JOIN plain.category AS under ON under.parent = over.category
           WHERE plain.simplified(over.name) = plain.simplified($2)) END AS categories
FROM (VALUES (1)) AS one LEFT JOIN plain.member ON member.account = $3
