"""The profile as a form: what is written about a member, field by field, and back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from federation.members import profiles
from federation.members.profiles import CONTACTS_MAX
from federation.members.reader import former_visibility
from federation.web.kinds import KINDS, VISIBILITIES
from federation.words.texts import later
from schemas.openings import Contact, MemberText
from schemas.texts.words import Language

if TYPE_CHECKING:
    from federation.web.forms import Form
    from federation.web.visit import Visit

EMPTY_ROWS: Final = 1
_POSTCODE: Final = re.compile(r"[0-9A-Za-z -]{0,12}")
_NO_POSTCODE: Final = later("Dit lijkt geen postcode. Een postcode ziet eruit als 9000.")
_NO_MAIL: Final = later("Laat één mailadres staan: daarmee meld je je aan.")


async def known(visit: Visit) -> MemberText:
    """Give what is written about the member whose page this is."""
    text = await profiles.member_text(visit.node, visit.member.shown_account)
    return text or MemberText(name=visit.member.name)


def values_of(text: MemberText) -> dict[str, str]:
    """Give what stands in each field."""
    values = {
        "name": text.name,
        "postcode": text.postcode,
        "place": text.place,
        "about": text.comment,
        "skills": text.skills,
        "language": text.language,
    }
    for number, contact in enumerate(text.contacts):
        values |= {
            f"contact-{number}-kind": contact.kind,
            f"contact-{number}-value": contact.value,
            f"contact-{number}-access": former_visibility(contact.access).value,
        }
    return values


def rows(form: Form) -> range:
    """Give the numbers of the rows of contacts to show: those that hold something, and a few."""
    held = [n for n in range(CONTACTS_MAX) if form.value(f"contact-{n}-value")]
    return range(min(CONTACTS_MAX, (held[-1] + 1 if held else 0) + EMPTY_ROWS))


def read(form: Form, before: MemberText) -> MemberText:
    """Read the form over what was written before; what is no field of it stays."""
    contacts = [found for n in range(CONTACTS_MAX) if (found := _contact(form, n, before))]
    had_mail = any(contact.kind == "mail" for contact in before.contacts)
    if had_mail and not any(contact.kind == "mail" for contact in contacts):
        form.fail("contact-0-value", _NO_MAIL)
    postcode = form.text("postcode", most=12)
    if not _POSTCODE.fullmatch(postcode):
        form.fail("postcode", _NO_POSTCODE)
    return replace(
        before,
        name=form.text("name", most=100, required=True),
        postcode=postcode,
        place=form.text("place", most=100),
        comment=form.text("about", most=2000, lines=True),
        skills=form.text("skills", most=500, lines=True),
        language=form.choice("language", ["", *Language]),
        contacts=tuple(contacts),
    )


def _contact(form: Form, number: int, before: MemberText) -> Contact | None:
    """Read one row of contacts; an empty one is none."""
    name = f"contact-{number}"
    if not form.value(f"{name}-value").strip():
        return None
    kinds = {*KINDS, *(contact.kind for contact in before.contacts)}
    kind = form.choice(f"{name}-kind", kinds)
    value = (
        form.address(f"{name}-value") if kind == "mail" else form.text(f"{name}-value", most=200)
    )
    same = (old for old in before.contacts if (old.kind, old.value) == (kind, value))
    old = next(same, None)
    return Contact(
        kind=kind,
        value=value,
        access=form.choice(f"{name}-access", VISIBILITIES),
        comment="" if old is None else old.comment,
    )
