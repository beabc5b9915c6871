"""One sentence for each code of the register and its key statements, as in `error_texts`."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.error_texts import Text

REGISTER_TEXTS: Final[dict[Code, Text]] = {
    Code.GROUP_UNKNOWN: Text(
        "{field}: this group is not in the register.",
        "Admit it first: 'ruilbrug group admit' with its invitation.",
    ),
    Code.ADDRESS_TAKEN: Text(
        "{field}: another group of the register has this address: {group}.",
        "Ask for an invitation with the group's own address; if the other is no more, take it out "
        "first: 'ruilbrug group leave'.",
    ),
    Code.KEY_BORROWED: Text(
        "{field}: this key, or this statement about one, belongs to another group.",
        "Ask the group for statements about keys of its own.",
    ),
    Code.KEY_LATE: Text(
        "{field}: it comes too late; the log has spoken with the other key up to entry {size}.",
        "State it from the present end of the log: 'ruilbrug key' does so by itself.",
    ),
    Code.KEY_REVOKED: Text(
        "{field}: signed with a key that was revoked, and not known before that.",
        "Write any newer event on the line: under the new key it vouches for those before it.",
    ),
    Code.KEYS_FORGOTTEN: Text(
        "This node was put back to before its keys were changed; others still hold the newer key "
        "statements, signed with the root key.",
        "Start it, run 'ruilbrug node recover', stop it, run 'ruilbrug key recover log --root "
        "root.key', and start it again.",
        kept="Nothing that is booked here is lost, and nothing has left the node since.",
    ),
}
