"""English: setting a group up, and its keys on paper."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.error_texts import Text

TEXTS: Final[dict[Code, Text]] = {
    Code.SETUP_DONE: Text(
        "In {field} a group is running or ready to run.",
        "Look at it with 'ruilbrug --node {field} node status'; give --node with another folder "
        "for another group.",
    ),
    Code.SETUP_OTHER: Text(
        "{field}: this set-up was begun with '{begun}'.",
        "Leave the option out to go on with that; give --node with another folder for another "
        "group.",
    ),
    Code.SETUP_STOPPED: Text(
        "The set-up stopped ({reason}).",
        "Mend that and run the same command again: it goes on from there.",
        kept="What was made until then stays.",
    ),
    Code.WEB_ADDRESS_INVALID: Text(
        "{field}: a group's web address begins with https:// and has a name alone behind it, "
        "such as https://lets.example.org.",
        "Write it so; the name has to be yours.",
    ),
    Code.RATE_INVALID: Text(
        "{field}: an hour is worth a whole number of units, from 1 to {limit}.",
        "Give such a number; most groups have 10 to 60.",
    ),
    Code.DATABASE_NOT_MADE: Text(
        "PostgreSQL did not make the database ({reason}).",
        "Install it (apt-get install postgresql) and run the same command again as root; or name "
        "a database with --database and --database-owner.",
    ),
    Code.PAPER_LINE: Text(
        "Line {field} was not typed as it stands on the paper.",
        "Read this line once more, group by group: 0 and O, and 1, I and L count as the same.",
    ),
    Code.PAPER_LINES_MISSING: Text(
        "These lines of the paper are missing: {field}.",
        "Type them too; each key has four.",
    ),
    Code.PAPER_OTHER: Text(
        "{field}: this is a key of another group, or an old one.",
        "Look for the paper with this group's name and the newest date.",
    ),
    Code.PAPER_GONE: Text(
        "The keys for the paper are no longer on this server.",
        "Nothing has to be done when you have the paper; 'ruilbrug paper check' tells whether it "
        "is right.",
    ),
}
