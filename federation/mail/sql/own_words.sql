-- name: words
-- What a group says itself.
SELECT letter, language, said FROM mail_words

-- name: write_words
-- It says this from now on.
INSERT INTO mail_words (letter, language, said) VALUES ($1, $2, $3)
ON CONFLICT (letter, language) DO UPDATE SET said = excluded.said

-- name: drop_words
-- It says nothing itself any more.
DELETE FROM mail_words WHERE letter = $1 AND language = $2
