-- name: sum_days
-- The sums of all days by month, quarter or year.
INSERT INTO flow_sum
    (span, first_day, line, node, paid_trades, paid_units, credited_trades, credited_units)
SELECT $1::"char", date_trunc($2::text, date '1970-01-01' + day)::date - date '1970-01-01', line,
    node, sum(paid_trades), sum(paid_units), sum(credited_trades), sum(credited_units)
FROM flow_day GROUP BY 2, line, node

-- name: pair_sums
-- Who gave whom by the sums, and over all time.
INSERT INTO flow_pair (span, first_day, payer, payee, trades, units)
SELECT span, first_day, CASE WHEN node = lower THEN higher ELSE lower END, node,
    sum(credited_trades), sum(credited_units)
FROM (
    SELECT s.span, s.first_day, l.lower, l.higher, s.node, s.credited_trades, s.credited_units
    FROM flow_sum s JOIN flow_line l USING (line) WHERE s.credited_trades > 0
    UNION ALL
    SELECT 'a', 0, l.lower, l.higher, s.node, s.credited_trades, s.credited_units
    FROM flow_sum s JOIN flow_line l USING (line) WHERE s.credited_trades > 0 AND s.span = 'y'
) AS credited GROUP BY 1, 2, 3, 4

-- name: sum_pairs
-- The same by group.
INSERT INTO flow_turnover (span, first_day, node, gave_trades, gave_units, got_trades, got_units)
SELECT span, first_day, node, sum(a), sum(b), sum(c), sum(d)
FROM (
    SELECT span, first_day, payee AS node, trades AS a, units AS b, 0 AS c, 0 AS d FROM flow_pair
    UNION ALL
    SELECT span, first_day, payer, 0, 0, trades, units FROM flow_pair
) AS sides GROUP BY 1, 2, 3
