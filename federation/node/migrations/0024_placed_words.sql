-- What is asked most, words in a neighbourhood, by one index: each word of a post together with the
-- square of 20 km in which the post lies. A word is in thousands of posts and a neighbourhood too;
-- finding both and keeping what they share was three fifths of what such a search cost.

-- The words of a post as "square@word". Nobody looks for a word of 2000 bytes, and with a square
-- before it PostgreSQL would not take it.
CREATE FUNCTION plain.placed_words(search tsvector, spot point) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN array_to_tsvector(array(
        SELECT (floor(spot[0] / 20000) * 100000 + floor(spot[1] / 20000))::integer || '@' || word
        FROM unnest(tsvector_to_array(search)) AS word
        WHERE octet_length(word) < 2000));
CREATE INDEX post_placed_words ON plain.post USING gin (plain.placed_words(search, spot));

-- Said outright, one plan serves every question. Titles alone (`headed`) are not asked of it.
DROP FUNCTION plain.findable_near(
    tsquery, boolean, text[], bigint, bigint, bigint, boolean, boolean, text, text[], bigint, point,
    double precision, integer[]);
CREATE FUNCTION plain.findable_near(
    wanted tsquery, headed boolean, seen text[], reader bigint, now_s bigint, fresh_from_s bigint,
    want boolean, goods boolean, of_node text, categories text[],
    placed_from_s bigint,
    here point, within_m double precision, placed tsquery
) RETURNS SETOF plain.post LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT post.*
    FROM plain.findable(
        NULL, NULL, seen, reader, now_s, fresh_from_s, findable_near.want, findable_near.goods,
        of_node, categories, placed_from_s, here, within_m, NULL) AS post
    WHERE plain.placed_words(post.search, post.spot) @@ findable_near.placed
$$;
