"""Operations about members: who is there, what is written about them, household, helpers, roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.api import member_shapes as shapes
from federation.api.access import own_accounts, reader_for, seen_account
from federation.api.operation import ANYBODY, BOOKERS, STAFF, Call, KeyUse, Operation
from federation.api.shapes import Empty, Nothing
from federation.api.tokens import TokenRole
from federation.group.shared_names import found_elsewhere
from federation.members import posts as use_cases_of_posts
from federation.members import profiles, roles
from federation.members.reader import former_visibility
from federation.node.service import now_s
from federation.node.use_cases import account_by_code, new_key
from schemas.errors import Code, InputError, RefusedError
from schemas.openings import Contact, MemberText

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from federation.node.service import Node


async def members(call: Call, asked: shapes.MembersAsked) -> shapes.Members:
    """Give the members of this group, by code."""
    offset = int(asked.after)
    found = await profiles.profiles(
        call.node, reader_for(call), said=asked.said, offset=offset, limit=asked.limit + 1
    )
    page = found[: asked.limit]
    return shapes.Members(
        members=tuple(_shown(call.node, profile) for profile in page),
        next=str(offset + len(page)) if len(found) > len(page) else None,
    )


async def member(call: Call, _: None) -> shapes.Member:
    """Give a member as whoever asks may see it."""
    account = known_member(call)
    own = account if account in own_accounts(call) else None
    return _shown(call.node, await profiles.profile(call.node, account, reader_for(call, own)))


async def description(call: Call, _: None) -> shapes.Described:
    """Give all that is written about a member; for itself and coordinators."""
    text = await profiles.member_text(call.node, seen_account(call).account)
    if text is None:
        raise RefusedError(Code.NOT_FOUND, field="code")
    staff = call.token.role is TokenRole.COORDINATOR
    return shapes.Described(
        name=text.name,
        full_name=text.full_name,
        postcode=text.postcode,
        place=text.place,
        birthdate=text.birthdate,
        about=text.comment,
        skills=text.skills,
        hobbies=text.hobbies,
        admin_comment=text.admin_comment if staff else "",
        language=text.language,
        contacts=tuple(
            shapes.ContactSaid(
                kind=contact.kind,
                value=contact.value,
                visibility=former_visibility(contact.access),
                comment=contact.comment,
            )
            for contact in text.contacts
        ),
    )


async def describe(call: Call, asked: shapes.Described) -> shapes.Described:
    """Write anew what is written about a member, as a whole."""
    account = seen_account(call).account
    text = MemberText(
        name=asked.name,
        full_name=asked.full_name,
        postcode=asked.postcode,
        place=asked.place,
        birthdate=asked.birthdate,
        comment=asked.about,
        skills=asked.skills,
        hobbies=asked.hobbies,
        admin_comment=asked.admin_comment,
        language=asked.language,
        contacts=tuple(
            Contact(kind=said.kind, value=said.value, access=said.visibility, comment=said.comment)
            for said in asked.contacts
        ),
    )
    await profiles.describe(call.node, reader_for(call, account), account, text, key=new_key())
    return await description(call, None)


async def picture_show(call: Call, asked: shapes.PictureShown) -> shapes.Member:
    """Let the profile of a member show a picture that was taken in before, or none."""
    account = seen_account(call).account
    reader, picture = reader_for(call, account), asked.picture
    await profiles.show_picture(call.node, reader, account, picture, key=new_key())
    return await member(call, None)


async def person_join(call: Call, asked: shapes.PersonJoins) -> shapes.Person:
    """Let somebody else of the household sign in for a member."""
    account = seen_account(call).account
    number = await roles.join_person(
        call.node,
        reader_for(call, account),
        account,
        name=asked.name,
        address=asked.address,
        language=asked.language,
        key=call.key,
    )
    return shapes.Person(
        person=str(number), name=asked.name, address=asked.address, language=asked.language
    )


async def person_leave(call: Call, _: Empty) -> Nothing:
    """Let a person of the household no longer sign in."""
    account, number = seen_account(call).account, int(call.places["person"])
    await roles.leave_person(call.node, reader_for(call, account), account, number, key=call.key)
    return Nothing()


async def helper_set(call: Call, asked: shapes.HelperSet) -> shapes.Member:
    """Let another member act for this one, or no longer."""
    account = seen_account(call).account
    helper = account_by_code(call.node, asked.helper, field="helper").account
    change = roles.appoint_helper if asked.helps else roles.dismiss_helper
    reader = reader_for(call, account)
    await so(change(call.node, reader, account, helper, key=new_key()))
    return await member(call, None)


async def role_set(call: Call, asked: shapes.RoleSet) -> shapes.Member:
    """Give a member a role for the group, or take it."""
    account = seen_account(call).account
    change = roles.give_role if asked.has else roles.take_role
    await so(change(call.node, reader_for(call), account, asked.role, key=new_key()))
    return await member(call, None)


async def away_set(call: Call, asked: shapes.AwaySet) -> shapes.Member:
    """Let a member be away, so that its posts are not shown, or back."""
    account = seen_account(call).account
    reader = reader_for(call, account)
    if asked.away:
        pause = use_cases_of_posts.pause
        await so(pause(call.node, reader, account, asked.until_s, key=new_key()))
    else:
        await so(use_cases_of_posts.resume(call.node, reader, account, key=new_key()))
    return await member(call, None)


async def name_shared(call: Call, _: None) -> shapes.NameShared:
    """Tell whether members of other groups find a member by name; for itself and coordinators."""
    books, account = call.node.machine.books, seen_account(call).account
    return shapes.NameShared(
        group_shares=books.members.names_shared,
        shares=books.members.shares_name(account),
        found=found_elsewhere(books, account, now_s=now_s()),
    )


async def name_shared_set(call: Call, asked: shapes.NameSharedSet) -> shapes.NameShared:
    """Let members of other groups find a member by name, or no longer. Only itself says yes."""
    account = seen_account(call).account
    reader = reader_for(call, account)
    await so(roles.share_name(call.node, reader, account, shares=asked.shares, key=new_key()))
    return await name_shared(call, None)


async def rules(call: Call, _: None) -> shapes.Rules:
    """Tell how the group wants it."""
    members = call.node.machine.books.members
    return shapes.Rules(
        members_see_balances=members.members_see_balances, names_shared=members.names_shared
    )


async def rules_set(call: Call, asked: shapes.RulesSet) -> shapes.Rules:
    """Set how the group wants it."""
    await so(
        roles.set_rules(
            call.node,
            reader_for(call),
            members_see_balances=asked.members_see_balances,
            names_shared=asked.names_shared,
            key=new_key(),
        )
    )
    return await rules(call, None)


async def so(change: Awaitable[None]) -> None:
    """Make something so; that it is so already is no refusal to who says how it shall be."""
    try:
        await change
    except RefusedError as error:
        if error.code is not Code.ALREADY_SO:
            raise


def known_member(call: Call) -> int:
    """Give the account of a member whom the members of this group may see."""
    try:
        return account_by_code(call.node, call.places["code"]).account
    except InputError as error:
        raise RefusedError(Code.NOT_FOUND, field="code") from error


def _shown(node: Node, profile: profiles.Profile) -> shapes.Member:
    accounts = node.machine.books.ledger.accounts
    return shapes.Member(
        code=profile.code,
        name=profile.name,
        status=profile.status,
        postcode=profile.postcode,
        place=profile.place,
        about=profile.about,
        skills=profile.skills,
        since_s=profile.since_s,
        paused_until_s=profile.paused_until_s,
        contacts=tuple(
            shapes.Contact(
                kind=contact.kind,
                value=contact.value,
                visibility=contact.visibility,
                comment=contact.comment,
            )
            for contact in profile.contacts
        ),
        persons=tuple(
            shapes.Person(
                person=str(one.person), name=one.name, address=one.address, language=one.language
            )
            for one in profile.persons
        ),
        helpers=tuple(accounts[number].code for number in profile.helpers),
        roles=profile.roles,
        picture=profile.picture,
        balance_minor=profile.balance_minor,
    )


MEMBER_CODES: Final = (Code.NOT_FOUND, Code.ACCOUNT_UNKNOWN, Code.ACCOUNT_INACTIVE, Code.NOT_YOURS)
TEXT_CODES: Final = (Code.TEXT_MISSING, Code.TOO_MANY, Code.MAIL_ADDRESS_INVALID)
OPERATIONS: Final = (
    Operation("members", "GET", "/members", BOOKERS, members, shapes.Members, shapes.MembersAsked),
    Operation(
        "member", "GET", "/members/{code}", BOOKERS, member, shapes.Member, codes=MEMBER_CODES
    ),
    Operation(
        "description",
        "GET",
        "/members/{code}/description",
        BOOKERS,
        description,
        shapes.Described,
        codes=(Code.NOT_FOUND,),
    ),
    Operation(
        "describe",
        "PUT",
        "/members/{code}/description",
        BOOKERS,
        describe,
        shapes.Described,
        shapes.Described,
        codes=(*MEMBER_CODES, *TEXT_CODES),
    ),
    Operation(
        "picture_show",
        "PUT",
        "/members/{code}/picture",
        BOOKERS,
        picture_show,
        shapes.Member,
        shapes.PictureShown,
        codes=(*MEMBER_CODES, Code.PICTURE_UNKNOWN),
    ),
    Operation(
        "person_join",
        "POST",
        "/members/{code}/persons",
        BOOKERS,
        person_join,
        shapes.Person,
        shapes.PersonJoins,
        codes=(*MEMBER_CODES, *TEXT_CODES),
        key=KeyUse.COMMAND,
        status=201,
    ),
    Operation(
        "person_leave",
        "POST",
        "/members/{code}/persons/{person}/leave",
        BOOKERS,
        person_leave,
        Nothing,
        Empty,
        codes=(*MEMBER_CODES, Code.PERSON_UNKNOWN),
        key=KeyUse.COMMAND,
    ),
    Operation(
        "helper_set",
        "PUT",
        "/members/{code}/helpers",
        BOOKERS,
        helper_set,
        shapes.Member,
        shapes.HelperSet,
        codes=(*MEMBER_CODES, Code.HELPER_SAME, Code.TOO_MANY),
    ),
    Operation(
        "role_set",
        "PUT",
        "/members/{code}/roles",
        STAFF,
        role_set,
        shapes.Member,
        shapes.RoleSet,
        codes=(*MEMBER_CODES, Code.LAST_COORDINATOR),
    ),
    Operation(
        "away_set",
        "PUT",
        "/members/{code}/away",
        BOOKERS,
        away_set,
        shapes.Member,
        shapes.AwaySet,
        codes=(*MEMBER_CODES, Code.EXPIRY_PAST, Code.EXPIRY_TOO_FAR),
    ),
    Operation(
        "name_shared",
        "GET",
        "/members/{code}/name-shared",
        BOOKERS,
        name_shared,
        shapes.NameShared,
        codes=(Code.NOT_FOUND,),
    ),
    Operation(
        "name_shared_set",
        "PUT",
        "/members/{code}/name-shared",
        BOOKERS,
        name_shared_set,
        shapes.NameShared,
        shapes.NameSharedSet,
        codes=(*MEMBER_CODES, Code.NAMES_NOT_SHARED),
    ),
    Operation("rules", "GET", "/rules", ANYBODY, rules, shapes.Rules),
    Operation("rules_set", "PUT", "/rules", STAFF, rules_set, shapes.Rules, shapes.RulesSet),
)
