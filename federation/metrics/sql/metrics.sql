-- name: count_migrations
-- How many migrations have run.
SELECT count(*) FROM migration
