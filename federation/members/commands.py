"""The commands of the control socket about members, offers and wants: parse, ask, answer.

Whoever may enter the node's folder is the operator and may do everything; with `by`, a command is
done as that member would do it, by the same rules.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from federation.members import categories, export, pictures, posts, profiles, roles
from federation.members.reader import OPERATOR, Reader
from federation.node.control_shapes import ControlCommand, Nothing
from federation.node.use_cases import account_by_code, new_key
from schemas.errors import Code, InputError
from schemas.ids import Count, Positive, Salt
from schemas.member_bodies import Picture, Price, PriceKind, Role, Visibility
from schemas.openings import Contact, MemberText

if TYPE_CHECKING:
    from federation.node.service import Node


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every command has: who asks, and a key by which it is done once."""

    by: str = ""
    """The code of the member who does it; empty: the operator."""
    key: Salt | None = None

    def reader(self, node: Node) -> Reader:
        """Give the reader that asks."""
        return (
            roles.reader_of(node, account_by_code(node, self.by).account) if self.by else OPERATOR
        )

    def once(self) -> str:
        """Give the key, a new one where none was named."""
        return self.key or new_key()


class Member(Asked, frozen=True, kw_only=True):
    """A member, by code."""

    code: str


class Search(Asked, frozen=True, kw_only=True):
    """Members by name or code."""

    words: str = ""


class Describe(Asked, frozen=True, kw_only=True):
    """What changes in what is written about a member; what is left out stays."""

    code: str
    name: str | UnsetType = UNSET
    full_name: str | UnsetType = UNSET
    postcode: str | UnsetType = UNSET
    place: str | UnsetType = UNSET
    comment: str | UnsetType = UNSET
    skills: str | UnsetType = UNSET
    admin_comment: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    contacts: tuple[Contact, ...] | UnsetType = UNSET


class Join(Asked, frozen=True, kw_only=True):
    """Somebody else of a household."""

    code: str
    name: str
    address: str
    language: str = ""


class Leave(Asked, frozen=True, kw_only=True):
    """A person of a household, by number."""

    code: str
    person: Positive


class Helper(Asked, frozen=True, kw_only=True):
    """A member and one who may act for it."""

    code: str
    helper: str
    dismiss: bool = False


class RoleOf(Asked, frozen=True, kw_only=True):
    """A role of a member."""

    code: str
    role: Role
    take: bool = False


class Rules(Asked, frozen=True, kw_only=True):
    """How the group wants its pages."""

    members_see_balances: bool


class Pause(Asked, frozen=True, kw_only=True):
    """A member is away."""

    code: str
    until_s: Count | None = None


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mail address."""

    address: str


class PlacePost(Asked, frozen=True, kw_only=True):
    """An offer or a want of a member; pictures are files."""

    code: str = ""
    post: Positive | None = None
    want: bool = False
    title: str
    text: str = ""
    goods: bool = False
    category: Positive | None = None
    price_kind: PriceKind = PriceKind.TALK
    price_minor: Positive | None = None
    postcode: str = ""
    place: str = ""
    visibility: Visibility = Visibility.MEMBERS
    expires_at_s: Count
    pictures: tuple[str, ...] = ()


class Post(Asked, frozen=True, kw_only=True):
    """An offer or a want, by number."""

    post: Positive


class Renew(Asked, frozen=True, kw_only=True):
    """How long an offer or a want lasts from now on."""

    post: Positive
    expires_at_s: Count


class PostsOf(Asked, frozen=True, kw_only=True):
    """The offers and wants of a member."""

    code: str
    all_of_them: bool = False


class PlaceCategory(Asked, frozen=True, kw_only=True):
    """A category, below another or on the upper level."""

    name: str
    parent: Positive | None = None


def _account(node: Node, code: str, field: str = "account") -> int:
    return account_by_code(node, code, field=field).account


async def show(node: Node, arguments: Member) -> profiles.Profile:
    """Show a member."""
    account = _account(node, arguments.code)
    return await profiles.profile(node, account, arguments.reader(node))


async def search(node: Node, arguments: Search) -> list[profiles.Profile]:
    """Find members by name or code."""
    return await profiles.profiles(node, arguments.reader(node), said=arguments.words)


async def describe(node: Node, arguments: Describe) -> profiles.Profile:
    """Change what is written about a member."""
    account, reader = _account(node, arguments.code), arguments.reader(node)
    before = await profiles.member_text(node, account) or MemberText(name="")
    said = {
        name: value
        for name in MemberText.__struct_fields__
        if (value := getattr(arguments, name, UNSET)) is not UNSET
    }
    text = replace(before, **said)
    await profiles.describe(node, reader, account, text, key=arguments.once())
    return await profiles.profile(node, account, reader)


async def join(node: Node, arguments: Join) -> dict[str, Any]:
    """Let somebody else of the household sign in."""
    person = await roles.join_person(
        node,
        arguments.reader(node),
        _account(node, arguments.code),
        name=arguments.name,
        address=arguments.address,
        language=arguments.language,
        key=arguments.once(),
    )
    return {"code": arguments.code, "person": person}


async def leave(node: Node, arguments: Leave) -> dict[str, Any]:
    """Let a person of the household no longer sign in."""
    account, reader = _account(node, arguments.code), arguments.reader(node)
    await roles.leave_person(node, reader, account, arguments.person, key=arguments.once())
    return {"code": arguments.code, "person": arguments.person}


async def helper(node: Node, arguments: Helper) -> dict[str, Any]:
    """Let another member act for this one, or no longer."""
    account = _account(node, arguments.code)
    other = _account(node, arguments.helper, "helper")
    act = roles.dismiss_helper if arguments.dismiss else roles.appoint_helper
    await act(node, arguments.reader(node), account, other, key=arguments.once())
    return {"code": arguments.code, "helpers": roles.helpers_of(node, account)}


async def role(node: Node, arguments: RoleOf) -> dict[str, Any]:
    """Give a member a role, or take it."""
    account = _account(node, arguments.code)
    act = roles.take_role if arguments.take else roles.give_role
    await act(node, arguments.reader(node), account, arguments.role, key=arguments.once())
    return {"code": arguments.code, "roles": sorted(roles.roles_of(node, account))}


async def set_rules(node: Node, arguments: Rules) -> dict[str, Any]:
    """Set how the group wants its pages."""
    seen, reader = arguments.members_see_balances, arguments.reader(node)
    await roles.set_rules(node, reader, members_see_balances=seen, key=arguments.once())
    return {"members_see_balances": seen}


async def pause(node: Node, arguments: Pause) -> profiles.Profile:
    """Do not show a member's posts for a while."""
    account, reader = _account(node, arguments.code), arguments.reader(node)
    await posts.pause(node, reader, account, arguments.until_s, key=arguments.once())
    return await profiles.profile(node, account, reader)


async def resume(node: Node, arguments: Member) -> profiles.Profile:
    """Show a member's posts again."""
    account, reader = _account(node, arguments.code), arguments.reader(node)
    await posts.resume(node, reader, account, key=arguments.once())
    return await profiles.profile(node, account, reader)


async def by_address(node: Node, arguments: Address) -> list[profiles.Person]:
    """Tell who signs in under an address."""
    return await profiles.person_by_address(node, arguments.address)


async def place_post(node: Node, arguments: PlacePost) -> posts.ShownPost:
    """Place an offer or a want, or change one as a whole."""
    reader = arguments.reader(node)
    account = _account(node, arguments.code) if arguments.code else None
    changed = node.machine.books.members.posts.get(arguments.post or 0)
    owner = account if changed is None else changed.account
    form = posts.PostForm(
        want=arguments.want,
        title=arguments.title,
        text=arguments.text,
        goods=arguments.goods,
        category=arguments.category,
        price=Price(kind=arguments.price_kind, amount_minor=arguments.price_minor),
        postcode=arguments.postcode,
        place=arguments.place,
        visibility=arguments.visibility,
        expires_at_s=arguments.expires_at_s,
        pictures=await _pictures(node, reader, owner, arguments.pictures),
    )
    number, key = arguments.post, arguments.once()
    if number is None:
        number = await posts.place(node, reader, form, key=key, account=account)
    else:
        await posts.change(node, reader, number, form, key=key)
    return await posts.post(node, number, reader)


async def _pictures(
    node: Node, reader: Reader, account: int | None, files: tuple[str, ...]
) -> tuple[Picture, ...]:
    found = []
    for name in files:
        upload = await read_upload(name, pictures.UPLOAD_MAX)
        found.append((await pictures.store(node, reader, upload, account=account)).picture)
    return tuple(found)


async def read_upload(name: str, most: int) -> bytes:
    """Read a file of this machine, of a too large one a byte too many.

    Raises:
        InputError: `not_found`, with the file's name.

    """
    try:
        return await asyncio.to_thread(_read, Path(name), most)
    except OSError as error:
        raise InputError(Code.NOT_FOUND, field=name) from error


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most + 1)


async def show_post(node: Node, arguments: Post) -> posts.ShownPost:
    """Show an offer or a want."""
    return await posts.post(node, arguments.post, arguments.reader(node))


async def renew_post(node: Node, arguments: Renew) -> posts.ShownPost:
    """Let an offer or a want last longer."""
    reader, until_s = arguments.reader(node), arguments.expires_at_s
    await posts.renew(node, reader, arguments.post, until_s, key=arguments.once())
    return await posts.post(node, arguments.post, reader)


async def end_post(node: Node, arguments: Post) -> posts.ShownPost:
    """Take an offer or a want back."""
    reader = arguments.reader(node)
    await posts.end(node, reader, arguments.post, key=arguments.once())
    return await posts.post(node, arguments.post, reader)


async def posts_of(node: Node, arguments: PostsOf) -> list[posts.ShownPost]:
    """List the offers and wants of a member."""
    account, reader = _account(node, arguments.code), arguments.reader(node)
    return await posts.posts_of(node, account, reader, all_of_them=arguments.all_of_them)


async def export_progress(node: Node, _: Nothing) -> export.ExportProgress:
    """Tell how far an export has come."""
    return export.progress(node)


async def list_categories(node: Node, _: Nothing) -> list[categories.Category]:
    """List the categories."""
    return list(await categories.categories(node))


async def place_category(node: Node, arguments: PlaceCategory) -> dict[str, Any]:
    """Make a category."""
    reader, parent = arguments.reader(node), arguments.parent
    number = await categories.place(
        node, reader, arguments.name, parent=parent, key=arguments.once()
    )
    return {"category": number, "name": arguments.name}


COMMANDS = {
    "member.show": ControlCommand(Member, show),
    "member.search": ControlCommand(Search, search),
    "member.describe": ControlCommand(Describe, describe),
    "member.join": ControlCommand(Join, join),
    "member.leave": ControlCommand(Leave, leave),
    "member.helper": ControlCommand(Helper, helper),
    "export": ControlCommand(export.ExportFile, export.run),
    "export.progress": ControlCommand(Nothing, export_progress),
    "member.role": ControlCommand(RoleOf, role),
    "member.rules": ControlCommand(Rules, set_rules),
    "member.pause": ControlCommand(Pause, pause),
    "member.resume": ControlCommand(Member, resume),
    "member.by_address": ControlCommand(Address, by_address),
    "post.place": ControlCommand(PlacePost, place_post),
    "post.show": ControlCommand(Post, show_post),
    "post.renew": ControlCommand(Renew, renew_post),
    "post.end": ControlCommand(Post, end_post),
    "post.list": ControlCommand(PostsOf, posts_of),
    "category.list": ControlCommand(Nothing, list_categories),
    "category.place": ControlCommand(PlaceCategory, place_category),
}
