-- What an umbrella has audited and summed is read anew from its mirror: a line's record says by now
-- between whom it is, and a log says how much of it is in the sums.
TRUNCATE audit_node, audit_line, audit_path;
TRUNCATE flow_progress, flow_day, flow_sum, flow_milestone, flow_line, flow_pair, flow_turnover,
    flow_rate;

-- How many line units of a log are in the sums: there is a most that one log may bring.
ALTER TABLE flow_progress ADD COLUMN counted_units bigint NOT NULL;

-- Entries of a log that are in no sum: why, how many, and which was the first.
CREATE TABLE flow_aside (
    node text NOT NULL,
    why text NOT NULL,
    entries bigint NOT NULL,
    first_seq bigint NOT NULL,
    CONSTRAINT flow_aside_pkey PRIMARY KEY (node, why),
    CONSTRAINT flow_aside_why_check CHECK (why IN ('too_much', 'unreadable'))
);
