"""Named SQL: two statements become one with all the parameters of both."""

from __future__ import annotations

from events.queries import joined


def test_a_joined_statement_counts_the_placeholders_of_the_second_on() -> None:
    first = "WITH keys AS (\n    INSERT INTO command_key VALUES ($1, $2, $10)\n)\nSELECT\n"
    last = "WITH events AS (\n    INSERT INTO log_event VALUES ($1, $12)\n)\nTABLE events\n"

    assert joined(first, last) == (
        "WITH keys AS (\n    INSERT INTO command_key VALUES ($1, $2, $10)\n),\n"
        "events AS (\n    INSERT INTO log_event VALUES ($11, $22)\n)\nTABLE events\n"
    )
