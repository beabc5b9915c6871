"""The JSON API under `/api/v1`: one table of operations, routes and documents made from it."""
