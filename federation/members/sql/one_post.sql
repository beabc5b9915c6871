-- name: one_post
-- One post of this group or of another as a whole, and where its reader lives.
SELECT p.node, p.post, p.account, p.poster, p.poster_name, p.want, p.goods, p.category_name,
    p.title, p.text, p.price_kind, p.price_minor, p.per_hour, p.decimals, p.unit_singular,
    p.unit_plural, p.postcode, p.place, p.placed_at_s, p.expires_at_s, p.pictures, p.visibility,
    p.ended, p.shown, p.hidden, p.refreshed_at_s, p.latitude, p.longitude,
    m.latitude AS own_latitude, m.longitude AS own_longitude
FROM plain.post p LEFT JOIN plain.member m ON m.account = $3
WHERE p.node = $1 AND p.post = $2

-- name: picture_seen
-- Whether a post of another group that somebody sees now shows a picture.
SELECT EXISTS (
    SELECT FROM plain.post
    WHERE node = $1 AND pictures @> $2::jsonb AND visibility = ANY($3::text[]) AND shown
        AND expires_at_s > $4 AND refreshed_at_s > $5)
