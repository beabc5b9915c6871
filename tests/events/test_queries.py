"""Named SQL: several statements become one with all their parameters."""

from __future__ import annotations

from events.queries import joined


def test_a_joined_statement_counts_the_placeholders_on() -> None:
    keys = "INSERT INTO command_key VALUES ($1, $2, $10)\n"
    events = "INSERT INTO log_event VALUES ($1, $12)\n"
    state = "UPDATE log_state SET size = $1\n"

    assert joined((keys, events, state)) == (
        "WITH part0 AS (\nINSERT INTO command_key VALUES ($1, $2, $10)\n),\n"
        "part1 AS (\nINSERT INTO log_event VALUES ($11, $22)\n)\n"
        "UPDATE log_state SET size = $23\n"
    )


def test_a_statement_alone_stays_as_it_is() -> None:
    assert joined(("UPDATE log_state SET size = $1\n",)) == "UPDATE log_state SET size = $1\n"
