-- Search over all groups' posts. Everything here is computed from other columns of `plain.post`:
-- erasing a member empties those, and these with them.

-- A text as it is compared: lower case, no accents. Full stop, slash and "<" would make the parser
-- see hosts, files and tags where people mean words. In the C locale `lower` knows ASCII only, so
-- Greek and Cyrillic are put into small letters by name. Most texts are ASCII and take the short
-- way: 10 microseconds, the long one 130.
CREATE FUNCTION plain.simplified(said text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(replace(replace(replace(
        CASE WHEN octet_length(said) = char_length(said) THEN said ELSE translate(
            public.unaccent('public.unaccent'::regdictionary, normalize(said, NFKC)),
            'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯІЇЄҐ',
            'αβγδεζηθικλμνξοπρστυφχψωабвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ') END,
        '.', ' '), '/', ' '), '<', ' '));

-- Dutch stems. The stemmer makes "fiet" of "fiets", and "fiets" of "fietsen": only a second time
-- do both give "fiet".
CREATE FUNCTION plain.dutch_stems(simplified text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN array_to_string(tsvector_to_array(to_tsvector('pg_catalog.dutch', simplified)), ' ');

-- A post's language is not known, so a text is stemmed in all three. Small words of one language
-- that the others take for words would be in every third post.
CREATE FUNCTION plain.stems(simplified text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ts_delete(strip(to_tsvector('pg_catalog.dutch', plain.dutch_stems(simplified))
                           || to_tsvector('pg_catalog.french', simplified)
                           || to_tsvector('pg_catalog.english', simplified)),
                     '{a,and,au,de,des,du,een,en,est,et,het,i,ik,in,is,je,l,la,le,met,of,on,op,ou,
                       pour,s,te,the,to,un,une,van,voor}');

-- What somebody looks for: every word must be there, in the stem of any of the three languages. A
-- word that one of them thinks nothing of ("de", "the") need not be there, unless there is no other.
-- A Dutch stem of four letters or more also finds what begins with it: "fiets" finds
-- "fietsherstelling".
CREATE FUNCTION plain.wanted(simplified text) RETURNS tsquery
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    word text;
    dutch tsquery;
    french tsquery;
    english tsquery;
    one tsquery;
    every tsquery := '';
    other tsquery := '';
BEGIN
    FOREACH word IN ARRAY regexp_split_to_array(simplified, '\s+') LOOP
        dutch := plainto_tsquery('pg_catalog.dutch', plain.dutch_stems(word));
        french := plainto_tsquery('pg_catalog.french', word);
        english := plainto_tsquery('pg_catalog.english', word);
        one := regexp_replace(dutch::text, $re$'([a-z]{4,})'$re$, $re$'\1':*$re$, 'g')::tsquery;
        IF french <> dutch THEN
            one := one || french;
        END IF;
        IF english <> dutch AND english <> french THEN
            one := one || english;
        END IF;
        IF least(numnode(dutch), numnode(french), numnode(english)) > 0 THEN
            every := every && one;
        ELSE
            other := other && one;
        END IF;
    END LOOP;
    RETURN CASE WHEN numnode(every) > 0 THEN every ELSE other END;
END $$;

-- A point on a plane map, in metres (Lambert's conformal cone on a sphere, with the two parallels
-- of the Belgian map, 49°50' and 51°10'): in Belgium, distances on it are right to 0.05 %, and an
-- index gives the nearest first. Whose place is not known lies far away from everybody.
CREATE FUNCTION plain.on_map(latitude double precision, longitude double precision) RETURNS point
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN latitude IS NULL OR longitude IS NULL THEN point(1e7, 1e7) ELSE
        point(11575694.004187712 * power(tan(radians(45 - latitude / 2)), 0.7716419963491863)
                  * sin(radians(0.7716419963491863 * (longitude - 4.367))),
              -11575694.004187712 * power(tan(radians(45 - latitude / 2)), 0.7716419963491863)
                  * cos(radians(0.7716419963491863 * (longitude - 4.367)))) END;

-- The square of 10 km in which a point lies. The planner knows how many posts each holds, which it
-- does not know of circles.
CREATE FUNCTION plain.square_of(spot point) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (floor(spot[0] / 10000) * 100000 + floor(spot[1] / 10000))::integer;

ALTER TABLE plain.post
    DROP COLUMN search,
    DROP COLUMN words,
    -- all that a post says, for full text
    ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (plain.stems(plain.simplified(
        title || ' ' || category_name || ' ' || place || ' ' || text))) STORED,
    -- its title alone: who finds a word there finds what fits better
    ADD COLUMN heading tsvector NOT NULL GENERATED ALWAYS AS
        (plain.stems(plain.simplified(title))) STORED,
    -- for typing errors
    ADD COLUMN words text NOT NULL GENERATED ALWAYS AS
        (plain.simplified(title || ' ' || category_name)) STORED,
    ADD COLUMN category_key text NOT NULL GENERATED ALWAYS AS
        (plain.simplified(category_name)) STORED,
    ADD COLUMN spot point NOT NULL GENERATED ALWAYS AS (plain.on_map(latitude, longitude)) STORED,
    ADD COLUMN square integer NOT NULL GENERATED ALWAYS AS
        (plain.square_of(plain.on_map(latitude, longitude))) STORED,
    ALTER COLUMN square SET STATISTICS 500,
    -- a copy that is refreshed stays on its page, and no index is touched
    SET (fillfactor = 80);
DROP FUNCTION plain.search_of(text, text, text);
DROP TEXT SEARCH CONFIGURATION plain.nl;
DROP TEXT SEARCH CONFIGURATION plain.fr;
DROP TEXT SEARCH CONFIGURATION plain.en;

-- None of them is partial ("WHERE shown"): the planner never combines two that share a condition,
-- and text with squares is what is asked most.
CREATE INDEX post_search ON plain.post USING gin (search);
CREATE INDEX post_heading ON plain.post USING gin (heading);
CREATE INDEX post_words ON plain.post USING gin (words public.gin_trgm_ops);
CREATE INDEX post_spot ON plain.post USING gist (spot);
CREATE INDEX post_square ON plain.post (square);
CREATE INDEX post_placed ON plain.post (placed_at_s DESC);
CREATE INDEX post_category_key ON plain.post (category_key);

-- Posts that somebody may find, by everything but the order. A NULL asks for nothing. Meant to be
-- written into the query that calls it, where the conditions that ask for nothing vanish.
CREATE FUNCTION plain.findable(
    wanted tsquery, headed boolean, seen text[], reader bigint, now_s bigint, fresh_from_s bigint,
    want boolean, goods boolean, of_node text, categories text[],
    placed_from_s bigint,
    here point, within_m double precision, squares integer[]
) RETURNS SETOF plain.post LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT post.* FROM plain.post
    WHERE post.shown
        AND post.expires_at_s > now_s
        AND (post.node = '' OR post.refreshed_at_s > fresh_from_s)
        AND (post.visibility = ANY (seen) OR post.node = '' AND post.account = reader)
        AND (wanted IS NULL OR post.search @@ wanted)
        AND (headed IS NULL OR headed AND post.heading @@ wanted
             OR NOT headed AND NOT post.heading @@ wanted)
        AND (findable.want IS NULL OR post.want = findable.want)
        AND (findable.goods IS NULL OR post.goods = findable.goods)
        AND (of_node IS NULL OR post.node = of_node)
        AND (categories IS NULL OR post.category_key = ANY (categories))
        AND (placed_from_s IS NULL OR post.placed_at_s >= placed_from_s)
        AND (squares IS NULL OR post.square = ANY (squares))
        AND (within_m IS NULL OR post.spot <-> here <= within_m)
$$;

-- Posts in whose title or category stands something like every word (of three letters or more, the
-- first four of them), the most alike first. For what full text finds too little of. The first
-- statement loads the extension: its settings can only be named by who has used it.
SELECT public.word_similarity('', '');
CREATE FUNCTION plain.alike(
    simplified text, seen text[], reader bigint, now_s bigint, fresh_from_s bigint,
    want boolean, goods boolean, of_node text, categories text[],
    here point, within_m double precision, squares integer[], found_max integer
) RETURNS TABLE (node text, post text, likeness integer, away double precision,
                 placed_at_s bigint)
LANGUAGE plpgsql STABLE
SET pg_trgm.word_similarity_threshold = 0.55
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
    words text[] := array(
        SELECT word FROM regexp_split_to_table(simplified, '\s+') WITH ORDINALITY AS w (word, n)
        WHERE length(word) BETWEEN 3 AND 40 ORDER BY n LIMIT 4);
    first text := coalesce(words[1], '');
    second text := coalesce(words[2], '');
    third text := coalesce(words[3], '');
    fourth text := coalesce(words[4], '');
BEGIN
    IF first = '' THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT p.node, p.post,
           (10 * least(public.word_similarity(first, p.words),
                       CASE WHEN second <> '' THEN public.word_similarity(second, p.words) END,
                       CASE WHEN third <> '' THEN public.word_similarity(third, p.words) END,
                       CASE WHEN fourth <> '' THEN public.word_similarity(fourth, p.words) END)
           )::integer AS likeness,
           p.spot <-> here, p.placed_at_s
    FROM plain.findable(NULL, NULL, seen, reader, now_s, fresh_from_s, alike.want, alike.goods,
                        of_node, categories, NULL, here, within_m, squares) AS p
    WHERE p.words OPERATOR(public.%>) first
        AND (second = '' OR p.words OPERATOR(public.%>) second)
        AND (third = '' OR p.words OPERATOR(public.%>) third)
        AND (fourth = '' OR p.words OPERATOR(public.%>) fourth)
    ORDER BY likeness DESC, 4, p.placed_at_s DESC, p.node, p.post
    LIMIT found_max;
END $$;
