"""A group's card: made from its public page, signed by its log key, read by the umbrella. Pure.

Fields of a card are texts and a postcode; whatever else somebody signs into one has no effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from events.note import NoteKey, SignedNote, sign_note
from schemas.encoding import encode, parse
from schemas.errors import Code, VerificationError
from schemas.group_card import CARD_BYTES_MAX, KIND, GroupCard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from events.note import NoteSigner
    from events.signing import PublicKey
    from federation.public.page import PublicPage
    from schemas.amounts import Unit

JOIN_MAX: Final = 1_000
CLOCKS_DIFFER_S: Final = 300
_CARD: Final = msgspec.json.Decoder(GroupCard)


def card_of(
    page: PublicPage, *, node: str, name: str, made_at_s: int, unit: Unit | None = None
) -> GroupCard:
    """Give the card of a group's public page, with what the group calls its unit."""
    return GroupCard(
        v=1,
        node=node,
        name=name,
        made_at_s=made_at_s,
        postcode=page.postcode,
        lead=dict(page.lead),
        join={language: text[:JOIN_MAX] for language, text in page.join.items()},
        contact=page.contact,
        unit_singular="" if unit is None else unit.singular,
        unit_plural="" if unit is None else unit.plural,
    )


def sign_card(card: GroupCard, signer: NoteSigner) -> bytes:
    """Sign a card as a C2SP signed note: kind, then the card as one line of JSON."""
    return sign_note(KIND.encode() + b"\n" + encode(card) + b"\n", signer).encode()


def read_card(note: bytes, *, node: str, origin: str, key: PublicKey, now_s: int) -> GroupCard:
    """Read a card that `node` signed with its log key `key` under the name `origin`.

    Raises:
        VerificationError: `too_large`; `bad_note` when it is none, is another's, or is of a time
            to come.

    """
    if len(note) > CARD_BYTES_MAX:
        raise VerificationError(Code.TOO_LARGE, field="card", limit=CARD_BYTES_MAX)
    signed = SignedNote.parse(note)
    signed.require([NoteKey(origin, key)])
    kind, _, said = signed.text.partition(b"\n")
    try:
        card = parse(_CARD, said.removesuffix(b"\n"))
    except msgspec.MsgspecError as error:
        raise VerificationError(Code.BAD_NOTE, reason="it is no card") from error
    if kind != KIND.encode() or card.node != node:
        raise VerificationError(Code.BAD_NOTE, reason="it is another's card")
    if card.made_at_s > now_s + CLOCKS_DIFFER_S:
        raise VerificationError(Code.BAD_NOTE, reason="it is of a time to come")
    return card


class UnitNames(NamedTuple):
    """What a group calls its unit: one of it, and several."""

    singular: str
    plural: str


def unit_names_of(card: GroupCard) -> UnitNames | None:
    """Give what a card calls the group's unit, in letters alone; none when it does not say."""
    said = (card.unit_singular, card.unit_plural)
    singular, plural = ("".join(filter(str.isprintable, one)).strip() for one in said)
    return UnitNames(singular, plural) if singular and plural else None


def texts_of(texts: Mapping[str, str]) -> dict[str, str]:
    """Give texts as pages take them: without what is no letter, and none that are empty."""
    return {
        language: clean
        for language, text in texts.items()
        if (clean := "".join(c for c in text if c.isprintable() or c == "\n").strip())
    }
