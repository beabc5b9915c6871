-- name: look
-- How the pages look.
SELECT colour, logo FROM group_look

-- name: write_look
-- How they look from now on.
INSERT INTO group_look (colour, logo) VALUES ($1, $2)
ON CONFLICT (only_row) DO UPDATE SET colour = excluded.colour, logo = excluded.logo
