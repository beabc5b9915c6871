-- Two thirds of what a post of another group cost was its stems: its text was parsed four times.
-- Posts of a feed come by the hundred and share most of their words, so whoever writes many posts
-- brings their stems along, each word having been stemmed once. For all others a trigger does.

-- The stems of one word, as `plain.stems`. That a word of plain letters is one, and how it is
-- stemmed, needs no parser.
CREATE FUNCTION plain.stems_of_word(word text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN word ~ '[^a-z]' THEN tsvector_to_array(plain.stems(word)) ELSE
        array_remove(ARRAY[
            (ts_lexize('pg_catalog.dutch_stem',
                       (ts_lexize('pg_catalog.dutch_stem', word))[1]))[1],
            (ts_lexize('pg_catalog.french_stem', word))[1],
            (ts_lexize('pg_catalog.english_stem', word))[1]], NULL) END;

-- `plain.stems` of many texts, by their numbers from 1 on; a text without a stem may be left out.
-- Where signs stand that the parser makes addresses and the like of, it gets the whole text.
CREATE FUNCTION plain.stems_of_many(simplified text[])
    RETURNS TABLE (n bigint, search tsvector)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 100
    SET enable_sort = off AS $$
    SELECT n, ts_delete(array_to_tsvector(array_agg(stem)),
                        '{a,and,au,de,des,du,een,en,est,et,het,i,ik,in,is,je,l,la,le,met,of,on,op,
                          ou,pour,s,te,the,to,un,une,van,voor}')
    FROM (SELECT word, array_agg(n) AS numbers
          FROM unnest(simplified) WITH ORDINALITY AS said (text, n),
               unnest(tsvector_to_array(to_tsvector('pg_catalog.simple', text))) AS word
          WHERE text !~ '[^a-z0-9\s,;:!?()"''-]'
          GROUP BY word) AS words,
         unnest(plain.stems_of_word(word)) AS stem,
         unnest(numbers) AS n
    GROUP BY n
    UNION ALL
    SELECT n, plain.stems(text)
    FROM unnest(simplified) WITH ORDINALITY AS said (text, n)
    WHERE text ~ '[^a-z0-9\s,;:!?()"''-]'
$$;

ALTER TABLE plain.post
    ALTER COLUMN search DROP EXPRESSION,
    ALTER COLUMN heading DROP EXPRESSION;
CREATE FUNCTION plain.stem_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search := plain.stems(plain.simplified(
        NEW.title || ' ' || NEW.category_name || ' ' || NEW.place || ' ' || NEW.text));
    NEW.heading := plain.stems(plain.simplified(NEW.title));
    RETURN NEW;
END $$;
CREATE TRIGGER post_is_new BEFORE INSERT ON plain.post FOR EACH ROW
    WHEN (NEW.search IS NULL OR NEW.heading IS NULL)
    EXECUTE FUNCTION plain.stem_post();
CREATE TRIGGER post_says_other BEFORE UPDATE OF title, category_name, place, text ON plain.post
    FOR EACH ROW
    WHEN (NEW.search = OLD.search AND NEW.heading = OLD.heading AND
          (NEW.title, NEW.category_name, NEW.place, NEW.text)
              IS DISTINCT FROM (OLD.title, OLD.category_name, OLD.place, OLD.text))
    EXECUTE FUNCTION plain.stem_post();

-- The square before each word as one letter: seven bytes less for each word of each post. Two
-- squares that bear the same letter lie far from each other, and distances are looked at anyway.
DROP INDEX plain.post_placed_words;
CREATE OR REPLACE FUNCTION plain.placed_words(search tsvector, spot point) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN array_to_tsvector(array(
        SELECT chr(256 + ((floor(spot[0] / 20000) * 100000 + floor(spot[1] / 20000))::integer
                          & 1023)) || word
        FROM unnest(tsvector_to_array(search)) AS word
        WHERE octet_length(word) < 2000));
CREATE INDEX post_placed_words ON plain.post USING gin (plain.placed_words(search, spot));
