"""The command `ruilbrug`."""
