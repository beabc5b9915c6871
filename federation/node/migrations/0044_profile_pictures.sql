-- Which picture a member's profile shows, as a post names its own: digest and size. It lies sealed
-- in `picture`; no row before this file names one, so there is nothing to fill anew.
ALTER TABLE plain.member ADD COLUMN picture jsonb;
