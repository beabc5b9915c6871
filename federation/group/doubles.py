"""Members who may be one person twice: the same mail address, phone, or name and postcode. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.group.member_list import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from federation.group.member_list import Member

DIGITS_MIN: Final = 8
"""Fewer digits are no phone number that only one has."""
_NO_DIGIT: Final = re.compile(r"[^0-9]")
_BELGIUM: Final = re.compile(r"^(?:00)?32(?=[1-9])")


class Why(StrEnum):
    """Why two may be one."""

    MAIL = "mail"
    PHONE = "phone"
    NAME = "name"


class Double(NamedTuple):
    """Two members who may be one person."""

    one: Member
    other: Member
    why: tuple[Why, ...]


def doubles(members: Iterable[Member]) -> list[Double]:
    """Give pairs of members who are not gone and have something in common that others have not."""
    found: dict[tuple[int, int], tuple[Member, Member, set[Why]]] = {}
    by_mark: dict[tuple[Why, str], list[Member]] = {}
    for member in members:
        if member.standing is Standing.GONE:
            continue
        for mark in _marks(member):
            for before in by_mark.setdefault(mark, []):
                pair = found.setdefault((before.account, member.account), (before, member, set()))
                pair[2].add(mark[0])
            by_mark[mark].append(member)
    return [
        Double(one, other, tuple(sorted(why, key=list(Why).index)))
        for one, other, why in found.values()
    ]


def _marks(member: Member) -> Iterator[tuple[Why, str]]:
    if member.mail:
        yield Why.MAIL, member.mail.strip().casefold()
    digits = _BELGIUM.sub("0", _NO_DIGIT.sub("", member.phone), count=1)
    if len(digits) >= DIGITS_MIN:
        yield Why.PHONE, digits
    names = {" ".join(sorted(name.casefold().split())) for name in (member.name, member.full_name)}
    if member.postcode.strip():
        for name in sorted(names - {""}):
            yield Why.NAME, f"{name} {member.postcode.strip()}"
