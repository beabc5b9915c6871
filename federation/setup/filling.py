"""The first content of a group, brought in through the use cases that its coordinators have.

Each step has a key of its own that follows from the node, so a set-up that was interrupted goes on,
and nothing comes twice.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from federation.members import board, categories, profiles, roles
from federation.members.board import ItemForm
from federation.members.reader import OPERATOR
from federation.node.service import now_s
from federation.node.use_cases import add_member
from federation.setup import content
from federation.words.texts import texts
from schemas.board_bodies import ItemKind
from schemas.encoding import b64
from schemas.errors import Code, RefusedError
from schemas.member_bodies import Role
from schemas.openings import Contact, MemberText

if TYPE_CHECKING:
    from federation.node.service import Node
    from federation.setup.answers import Answers

FIRST_CODE: Final = "kern"
"""None that members of a former system have: those are numbers."""


async def fill(
    node: Node, answers: Answers, *, coordinator: str = "", moves_in: bool = False
) -> int:
    """Bring in what is missing, and give the account of the first coordinator.

    A group that moves in brings categories of its own.
    """
    for upper, lower in ({} if moves_in else content.categories(answers)).items():
        parent = await categories.place(node, OPERATOR, upper, key=_key(node, "category", upper))
        for name in lower:
            key = _key(node, "category", upper, name)
            await categories.place(node, OPERATOR, name, parent=parent, key=key)
    at_s = now_s()
    for kind, told in (
        (ItemKind.NEWS, content.welcome(answers)),
        (ItemKind.DOCUMENT, content.about(answers)),
    ):
        await _tell(node, kind, ItemForm(title=told.title, text=told.text, starts_at_s=at_s))
    name = coordinator or texts(answers.language).say(content.COORDINATOR)
    account = await add_member(node, code=FIRST_CODE, name=name, key=_key(node, "member"))
    await profiles.describe(
        node,
        OPERATOR,
        account,
        MemberText(
            name=name,
            language=answers.language.value,
            contacts=(Contact(kind="mail", value=answers.mail, access="members"),),
        ),
        key=_key(node, "described"),
    )
    await roles.give_role(node, OPERATOR, account, Role.COORDINATOR, key=_key(node, "role"))
    return account


async def _tell(node: Node, kind: ItemKind, form: ItemForm) -> None:
    """Tell something once; what an interrupted set-up told at another moment stays."""
    try:
        await board.place(node, OPERATOR, kind, form, key=_key(node, kind))
    except RefusedError as error:
        if error.code is not Code.CONFLICT:
            raise


def _key(node: Node, *what: str) -> str:
    return b64(sha256("\n".join(("ruilbrug/setup/v1", node.id, *what)).encode()).digest()[:16])
