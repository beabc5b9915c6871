-- name: list_devices
-- The devices on which a person is signed in, the one used last first.
SELECT session, device, begun_at_s, seen_at_s FROM web_session
WHERE account = $1 AND person = $2 AND expires_at_s > $3 ORDER BY seen_at_s DESC, session DESC

-- name: end_device
-- A device is signed out, by the person it belongs to.
UPDATE web_session SET expires_at_s = $4
WHERE session = $1 AND account = $2 AND person = $3 AND expires_at_s > $4

-- name: end_other_devices
-- All devices of a person but one are signed out.
UPDATE web_session SET expires_at_s = $4
WHERE account = $1 AND person = $2 AND session <> $3 AND expires_at_s > $4
