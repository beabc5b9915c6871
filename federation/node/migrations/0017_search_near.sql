-- What is asked most, words in a neighbourhood, goes by two indexes whatever the rest is. Said
-- outright, one plan serves every question: making one takes a fifth of such a search. Titles alone
-- (`headed`) are not asked of it.
CREATE FUNCTION plain.findable_near(
    wanted tsquery, headed boolean, seen text[], reader bigint, now_s bigint, fresh_from_s bigint,
    want boolean, goods boolean, of_node text, categories text[],
    placed_from_s bigint,
    here point, within_m double precision, squares integer[]
) RETURNS SETOF plain.post LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT post.*
    FROM plain.findable(
        NULL, NULL, seen, reader, now_s, fresh_from_s, findable_near.want, findable_near.goods,
        of_node, categories, placed_from_s, here, within_m, NULL) AS post
    WHERE post.search @@ findable_near.wanted AND post.square = ANY (findable_near.squares)
$$;
