"""What is written into a cell of a spreadsheet, so that it is read as it was meant. Pure."""

from __future__ import annotations

from federation.words.amounts import NO_BREAK

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain_number(amount: str) -> str:
    """Give a number as a spreadsheet reads it: without blanks between its digits."""
    return amount.replace(NO_BREAK, "")


def plain_text(said: str) -> str:
    """Give a text that no spreadsheet takes for a formula."""
    return f"'{said}" if said.startswith(_FORMULA) else said


def one_line(said: str) -> str:
    """Give a text as it stands in a cell: in one line."""
    return " ".join(said.split())
