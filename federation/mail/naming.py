"""What the other is called in a mail, also where no name is known. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.words.texts import later

if TYPE_CHECKING:
    from federation.members.people import Party
    from federation.words.texts import Texts

SOMEBODY: Final = later("iemand")
OF_GROUP: Final = later("iemand van %(group)s")
BY_CODE: Final = later("letscode %(code)s")


def called(other: Party, said: Texts) -> str:
    """Give what the other is called; whoever was erased, or never said, is somebody.

    In the middle of a sentence; `begun` makes it fit for the beginning.
    """
    if other.name:
        return other.name
    if other.code:
        return said.say(BY_CODE, code=other.code)
    return said.say(OF_GROUP, group=other.group) if other.group else said.say(SOMEBODY)


def group_behind(other: Party) -> str:
    """Give the group that stands in brackets behind the name; without a name it is told already."""
    return other.group if other.name else ""


def begun(text: str, said: Texts) -> str:
    """Give a sentence with a capital, where it begins with a word of ours and not with a name."""
    ours = (said.say(SOMEBODY), said.say(BY_CODE, code=""))
    return text[:1].upper() + text[1:] if text.startswith(ours) else text
