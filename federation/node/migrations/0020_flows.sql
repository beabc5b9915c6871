-- What flows between groups, summed from the umbrella's mirror; all of it can be made anew from it.

-- How far each log was read, and when its last entry says that it was written.
CREATE TABLE flow_progress (
    node text NOT NULL,
    size bigint NOT NULL,
    last_at_s bigint NOT NULL,
    CONSTRAINT flow_progress_pkey PRIMARY KEY (node)
);

-- What the log of `node` says about a line on one day of UTC; days since 1970-01-01.
CREATE TABLE flow_day (
    line text NOT NULL,
    node text NOT NULL,
    day integer NOT NULL,
    paid_trades bigint NOT NULL,
    paid_units bigint NOT NULL,
    credited_trades bigint NOT NULL,
    credited_units bigint NOT NULL,
    CONSTRAINT flow_day_pkey PRIMARY KEY (line, node, day)
);

-- The same summed by month (m), quarter (q) and year (y), so that a page sums few rows.
CREATE TABLE flow_sum (
    span "char" NOT NULL,
    first_day integer NOT NULL,
    line text NOT NULL,
    node text NOT NULL,
    paid_trades bigint NOT NULL,
    paid_units bigint NOT NULL,
    credited_trades bigint NOT NULL,
    credited_units bigint NOT NULL,
    CONSTRAINT flow_sum_pkey PRIMARY KEY (span, first_day, line, node),
    CONSTRAINT flow_sum_span_check CHECK (span IN ('m', 'q', 'y'))
);
CREATE INDEX flow_sum_line_idx ON flow_sum (line, span);

-- Terms, acceptances, lowered limits and closings, as they were signed.
CREATE TABLE flow_milestone (
    node text NOT NULL,
    seq bigint NOT NULL,
    line text NOT NULL,
    core bytea NOT NULL,
    CONSTRAINT flow_milestone_pkey PRIMARY KEY (node, seq)
);
CREATE INDEX flow_milestone_line_idx ON flow_milestone (line);

-- Lines on which both ends have signed. `moved_units`: what `lower` owes without a trade.
CREATE TABLE flow_line (
    line text NOT NULL,
    lower text NOT NULL,
    higher text NOT NULL,
    moved_units bigint NOT NULL,
    closed boolean NOT NULL,
    CONSTRAINT flow_line_pkey PRIMARY KEY (line)
);
CREATE INDEX flow_line_lower_idx ON flow_line (lower);
CREATE INDEX flow_line_higher_idx ON flow_line (higher);

-- What the members of `payee` gave those of `payer`; also over all time (a), from day 0.
CREATE TABLE flow_pair (
    span "char" NOT NULL,
    first_day integer NOT NULL,
    payer text NOT NULL,
    payee text NOT NULL,
    trades bigint NOT NULL,
    units bigint NOT NULL,
    CONSTRAINT flow_pair_pkey PRIMARY KEY (span, first_day, payer, payee),
    CONSTRAINT flow_pair_span_check CHECK (span IN ('m', 'q', 'y', 'a'))
);
CREATE INDEX flow_pair_units_idx ON flow_pair (span, first_day, units DESC, payer, payee);

-- The same by group.
CREATE TABLE flow_turnover (
    span "char" NOT NULL,
    first_day integer NOT NULL,
    node text NOT NULL,
    gave_trades bigint NOT NULL,
    gave_units bigint NOT NULL,
    got_trades bigint NOT NULL,
    got_units bigint NOT NULL,
    CONSTRAINT flow_turnover_pkey PRIMARY KEY (span, first_day, node),
    CONSTRAINT flow_turnover_span_check CHECK (span IN ('m', 'q', 'y', 'a'))
);

-- The rate of each group's own unit, by the newest terms of any of its lines.
CREATE TABLE flow_rate (
    node text NOT NULL,
    day integer NOT NULL,
    per_hour integer NOT NULL,
    decimals integer NOT NULL,
    CONSTRAINT flow_rate_pkey PRIMARY KEY (node)
);

-- Figures of a quarter that were published: they stay as they were then.
CREATE TABLE flow_published (
    quarter text NOT NULL,
    cells bytea NOT NULL,
    published_at_s bigint NOT NULL,
    CONSTRAINT flow_published_pkey PRIMARY KEY (quarter)
);
