-- name: tables
-- Every table that a backup holds, with its columns as they are copied, its size, and the tables
-- whose rows have to be there before its own.
SELECT c.relname AS name,
       array_agg(a.attname ORDER BY a.attnum) AS columns,
       pg_table_size(c.oid) AS bytes_count,
       array(SELECT f.relname FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
             WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS behind
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attgenerated = ''
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    AND c.relname <> ALL ($1::text[])
GROUP BY c.oid
ORDER BY c.relname

-- name: newest_migration
-- How new the tables are.
SELECT max(number) FROM migration

-- name: holds_migrations
-- Whether tables were ever made here.
SELECT to_regclass('public.migration') IS NOT NULL

-- name: holds_log
-- Whether a log was started here.
SELECT EXISTS (SELECT FROM log_state)

-- name: wrapping_keys
-- Which keys wrap the data keys of members.
SELECT DISTINCT wrapping_key FROM data_key ORDER BY wrapping_key

-- name: count_rows
-- Let the planner know what the tables hold now, before anything is asked of them.
DO $$
DECLARE t record;
BEGIN
    FOR t IN SELECT relname FROM pg_class
             WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('ANALYZE public.%I', t.relname);
    END LOOP;
END $$
