"""What happened to a member, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group.member_list import Standing, standing_of
from federation.web.member_cells import ROLES, STANDINGS
from federation.words.amounts import number
from federation.words.texts import later
from projections.room import is_newcomer
from schemas import bodies
from schemas.content_bodies import PostHidden, PostUnhidden

if TYPE_CHECKING:
    from federation.members.member_history import Change
    from federation.members.people import Party
    from federation.web.visit import Visit
    from projections.ledger import Account

FIELDS: Final = {
    "name": later("naam"),
    "full_name": later("volledige naam"),
    "postcode": later("postcode"),
    "place": later("gemeente"),
    "birthdate": later("geboortedatum"),
    "hobbies": later("hobby's"),
    "comment": later("over zichzelf"),
    "admin_comment": later("notitie van de kerngroep"),
    "contacts": later("hoe men het lid bereikt"),
    "skills": later("wat het lid goed kan"),
    "language": later("taal"),
    "picture": later("foto"),
}


def standing(visit: Visit, account: Account) -> Standing:
    """Say what a member is to the group now."""
    ledger = visit.node.machine.books.ledger
    newcomer = is_newcomer(ledger, account, now_s=visit.now_s)
    return standing_of(account.status, newcomer=newcomer)


def said(visit: Visit, change: Change) -> str:
    """Say what happened in one sentence."""
    say, body = visit.texts.say, change.body
    match body:
        case bodies.AccountOpened():
            return say("Kwam erbij.")
        case bodies.AccountStatusSet(merged_into=int()):
            return say("Was een dubbele, en gaat verder als %(name)s.", name=_named(change.other))
        case bodies.AccountStatusSet():
            words = say(STANDINGS[standing_of(body.status, newcomer=False)])
            return say("Toestand werd: %(status)s.", status=words)
        case bodies.AccountLimited():
            return _limited(visit, body)
        case bodies.MemberDescribed():
            fields = [say(FIELDS[name]) for name in change.fields if name in FIELDS]
            if fields:
                return say("Aangepast: %(fields)s.", fields=", ".join(fields))
            return say("Gegevens bewaard.")
        case bodies.PersonJoined():
            return say("Iemand van het huishouden kwam erbij.")
        case bodies.PersonLeft():
            return say("Iemand van het huishouden meldt zich niet meer aan.")
        case bodies.HelperAppointed() | bodies.HelperDismissed():
            return _helped(visit, change)
        case PostHidden():
            return say("Een vraag of aanbod werd verborgen.")
        case PostUnhidden():
            return say("Een vraag of aanbod werd weer getoond.")
        case _:
            words = say(ROLES[body.role]) if body.role in ROLES else body.role.value
            if isinstance(body, bodies.RoleGiven):
                return say("Kreeg een taak: %(role)s.", role=words)
            return say("Heeft die taak niet meer: %(role)s.", role=words)


def _helped(visit: Visit, change: Change) -> str:
    name = _named(change.other)
    if isinstance(change.body, bodies.HelperAppointed):
        return visit.texts.say("%(name)s mag helpen.", name=name)
    return visit.texts.say("%(name)s helpt niet meer.", name=name)


def _named(other: Party | None) -> str:
    if other is None:
        return ""
    return f"{other.name} ({other.code})" if other.name else other.code


def _limited(visit: Visit, body: bodies.AccountLimited) -> str:
    if body.unlimited:
        return visit.texts.say("Kreeg geen grenzen.")
    decimals, language = visit.unit.rate.decimals, visit.language
    lower, upper = (
        visit.texts.say("zoals de groep") if minor is None else number(minor, decimals, language)
        for minor in (body.lower_minor, body.upper_minor)
    )
    return visit.texts.say("Eigen grenzen: van %(lower)s tot %(upper)s.", lower=lower, upper=upper)
