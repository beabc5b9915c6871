-- name: logs_behind
-- Logs that were followed further than flows were summed, and from where on.
SELECT s.node, s.size, coalesce(p.size, 0) AS done, coalesce(p.counted_units, 0) AS counted_units
FROM mirror_state s LEFT JOIN flow_progress p USING (node)
WHERE s.size > coalesce(p.size, 0)
ORDER BY s.node

-- name: lock_progress
-- How far a log was read; nobody else writes meanwhile.
SELECT size FROM flow_progress WHERE node = $1 FOR UPDATE

-- name: advance
-- How far a log was read by now.
INSERT INTO flow_progress (node, size, last_at_s, counted_units) VALUES ($1, $2, $3, $4)
ON CONFLICT (node) DO UPDATE SET size = excluded.size, last_at_s = excluded.last_at_s,
    counted_units = excluded.counted_units

-- name: add_asides
-- Add to what is in no sum of a log.
INSERT INTO flow_aside AS a (node, why, entries, first_seq)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
ON CONFLICT (node, why) DO UPDATE SET entries = a.entries + excluded.entries

-- name: read_asides
-- What is in no sum of each log.
SELECT node, why, entries, first_seq FROM flow_aside ORDER BY node, why

-- name: read_mirrored
-- Mirrored cores of a log between two places.
SELECT seq, core FROM mirror_event WHERE node = $1 AND seq >= $2 AND seq < $3 ORDER BY seq

-- name: add_days
-- Add to what a log says about its lines by day.
INSERT INTO flow_day AS d
    (line, node, day, paid_trades, paid_units, credited_trades, credited_units)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
ON CONFLICT (line, node, day) DO UPDATE SET
    paid_trades = d.paid_trades + excluded.paid_trades,
    paid_units = d.paid_units + excluded.paid_units,
    credited_trades = d.credited_trades + excluded.credited_trades,
    credited_units = d.credited_units + excluded.credited_units

-- name: add_sums
-- Add to what a log says about its lines by month, quarter or year.
INSERT INTO flow_sum AS s
    (line, node, first_day, paid_trades, paid_units, credited_trades, credited_units, span)
SELECT *, $8::"char" FROM unnest(
    $1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
ON CONFLICT (span, first_day, line, node) DO UPDATE SET
    paid_trades = s.paid_trades + excluded.paid_trades,
    paid_units = s.paid_units + excluded.paid_units,
    credited_trades = s.credited_trades + excluded.credited_trades,
    credited_units = s.credited_units + excluded.credited_units

-- name: add_milestones
-- Keep what makes lines what they are.
INSERT INTO flow_milestone (node, seq, line, core)
SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::bytea[])

-- name: read_milestones
-- All that makes some lines what they are.
SELECT core FROM flow_milestone WHERE line = ANY($1::text[])

-- name: write_lines
-- What lines are by now.
INSERT INTO flow_line (line, lower, higher, moved_units, closed)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::boolean[])
ON CONFLICT (line) DO UPDATE SET moved_units = excluded.moved_units, closed = excluded.closed

-- name: write_rates
-- The rates of groups, unless newer terms have said another.
INSERT INTO flow_rate AS r (node, day, per_hour, decimals)
SELECT * FROM unnest($1::text[], $2::integer[], $3::integer[], $4::integer[])
ON CONFLICT (node) DO UPDATE SET
    day = excluded.day, per_hour = excluded.per_hour, decimals = excluded.decimals
WHERE excluded.day >= r.day

-- name: read_rates
-- The rate of some groups, or of all.
SELECT node, per_hour, decimals FROM flow_rate WHERE $1::text[] IS NULL OR node = ANY($1::text[])

-- name: flows_of_span
-- Who traded with whom in a period, the most first.
SELECT payer, payee, trades, units FROM flow_pair WHERE span = $1 AND first_day = $2
ORDER BY units DESC, payer, payee LIMIT $3 OFFSET $4

-- name: turnovers_of_span
-- What each group gave and got in a period, who moved most first.
SELECT node, gave_units, gave_trades, got_units, got_trades FROM flow_turnover
WHERE span = $1 AND first_day = $2
ORDER BY gave_units + got_units DESC, node LIMIT $3 OFFSET $4

-- name: totals_of_span
-- How many groups gave and got, and how much in all.
SELECT count(*) AS groups, count(*) FILTER (WHERE gave_units > 0) AS givers,
    count(*) FILTER (WHERE got_units > 0) AS takers,
    coalesce(sum(gave_trades), 0)::bigint AS trades, coalesce(sum(gave_units), 0)::bigint AS units
FROM flow_turnover WHERE span = $1 AND first_day = $2

-- name: top_givers
-- Who gave most in a period.
SELECT node, gave_units AS units FROM flow_turnover
WHERE span = $1 AND first_day = $2 AND gave_units > 0
ORDER BY gave_units DESC, node LIMIT $3

-- name: top_takers
-- Who got most in a period.
SELECT node, got_units AS units FROM flow_turnover
WHERE span = $1 AND first_day = $2 AND got_units > 0
ORDER BY got_units DESC, node LIMIT $3

-- name: pairs_between
-- What some groups gave some others in a period.
SELECT payer, payee, units FROM flow_pair
WHERE span = $1 AND first_day = $2 AND payer = ANY($3::text[]) AND payee = ANY($4::text[])

-- name: read_ends
-- The ends of lines that both have signed.
SELECT line, lower, higher FROM flow_line WHERE line = ANY($1::text[])

-- name: add_pairs
-- Add to what groups gave each other in months, quarters, years or all time.
INSERT INTO flow_pair AS p (payer, payee, trades, units, first_day, span)
SELECT *, $5::integer, $6::"char"
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
ON CONFLICT (span, first_day, payer, payee) DO UPDATE SET
    trades = p.trades + excluded.trades, units = p.units + excluded.units

-- name: add_turnovers
-- Add to what groups gave and got in months, quarters, years or all time.
INSERT INTO flow_turnover AS t
    (node, gave_units, gave_trades, got_units, got_trades, first_day, span)
SELECT *, $6::integer, $7::"char"
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
ON CONFLICT (span, first_day, node) DO UPDATE SET
    gave_trades = t.gave_trades + excluded.gave_trades,
    gave_units = t.gave_units + excluded.gave_units,
    got_trades = t.got_trades + excluded.got_trades,
    got_units = t.got_units + excluded.got_units

-- name: spans
-- The months, quarters and years in which something was traded, and that have begun by a day; from
-- one to the next by the index.
WITH RECURSIVE found AS (
    (SELECT span, first_day FROM flow_sum WHERE first_day <= $1
    ORDER BY span, first_day LIMIT 1)
    UNION ALL
    SELECT following.span, following.first_day
    FROM found CROSS JOIN LATERAL (
        SELECT span, first_day FROM flow_sum s
        WHERE (s.span, s.first_day) > (found.span, found.first_day) AND s.first_day <= $1
        ORDER BY span, first_day LIMIT 1
    ) AS following
)
SELECT span::text AS span, first_day FROM found ORDER BY first_day DESC

-- name: line_sums
-- What each line was used for, all years together, and what its `lower` owes.
SELECT l.line, l.lower, l.higher, l.closed, t.lower_paid, t.higher_paid, t.lower_credited,
    t.higher_credited, l.moved_units + t.higher_credited - t.lower_credited AS lower_owes
FROM flow_line l CROSS JOIN LATERAL (
    SELECT coalesce(sum(s.paid_units) FILTER (WHERE s.node = l.lower), 0)::bigint AS lower_paid,
        coalesce(sum(s.paid_units) FILTER (WHERE s.node = l.higher), 0)::bigint AS higher_paid,
        coalesce(sum(s.credited_units) FILTER (WHERE s.node = l.lower), 0)::bigint
            AS lower_credited,
        coalesce(sum(s.credited_units) FILTER (WHERE s.node = l.higher), 0)::bigint
            AS higher_credited
    FROM flow_sum s WHERE s.line = l.line AND s.span = 'y'
) t
WHERE $1::text IS NULL OR l.lower = $1 OR l.higher = $1
ORDER BY abs(l.moved_units + t.higher_credited - t.lower_credited) DESC, l.line
LIMIT $2 OFFSET $3

-- name: days_of_lines
-- What was said about some lines, day by day.
SELECT line, node, day, paid_trades, paid_units, credited_trades, credited_units
FROM flow_day WHERE line = ANY($1::text[]) ORDER BY line, node, day

-- name: on_its_way
-- Directions of lines on which more was paid than credited.
SELECT * FROM (
    SELECT l.line, l.lower AS payer, l.higher AS payee,
        coalesce(sum(s.paid_units) FILTER (WHERE s.node = l.lower), 0)::bigint AS paid,
        coalesce(sum(s.credited_units) FILTER (WHERE s.node = l.higher), 0)::bigint AS credited
    FROM flow_line l JOIN flow_sum s ON s.line = l.line AND s.span = 'y' GROUP BY l.line
    UNION ALL
    SELECT l.line, l.higher, l.lower,
        coalesce(sum(s.paid_units) FILTER (WHERE s.node = l.higher), 0)::bigint,
        coalesce(sum(s.credited_units) FILTER (WHERE s.node = l.lower), 0)::bigint
    FROM flow_line l JOIN flow_sum s ON s.line = l.line AND s.span = 'y' GROUP BY l.line
) AS directions WHERE paid > credited ORDER BY paid - credited DESC LIMIT $1

-- name: read_logs
-- How far each log was followed and read, and under which root.
SELECT s.node, s.size, s.root, s.pulled_at_s, coalesce(p.size, 0) AS summed,
    coalesce(p.last_at_s, 0) AS last_at_s
FROM mirror_state s LEFT JOIN flow_progress p USING (node) ORDER BY s.node

-- name: read_published
-- The figures of all quarters that were published.
SELECT quarter, cells, published_at_s FROM flow_published ORDER BY quarter DESC

-- name: publish
-- Fix the figures of a quarter; who comes second changes nothing.
INSERT INTO flow_published (quarter, cells, published_at_s) VALUES ($1, $2, $3)
ON CONFLICT (quarter) DO UPDATE SET quarter = excluded.quarter RETURNING cells

-- name: sums_before
-- What was said about lines in all quarters before a day; each stands on its first day.
SELECT line, node, first_day AS day, paid_trades, paid_units, credited_trades, credited_units
FROM flow_sum WHERE span = 'q' AND first_day < $1

-- name: all_milestones
-- All that makes lines what they are.
SELECT core FROM flow_milestone
