-- How the pages of a group look: one colour (empty: ours) and a logo, a small JPEG of at most 320
-- pixels each way. Nothing here is about a person.
CREATE TABLE group_look (
    only_row boolean NOT NULL DEFAULT true,
    colour text NOT NULL,
    logo bytea,
    CONSTRAINT group_look_pkey PRIMARY KEY (only_row),
    CONSTRAINT group_look_only_row_check CHECK (only_row),
    CONSTRAINT group_look_colour_check CHECK (colour ~ '^(#[0-9a-f]{6})?$'),
    CONSTRAINT group_look_logo_check CHECK (logo IS NULL OR octet_length(logo) <= 262144)
);
