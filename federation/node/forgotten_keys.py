"""Key statements that this node made and does not remember: it was put back to before them.

Umbrella and partners keep what was stated, and take no other statement in its place: a node that
stated anew what it has forgotten would be refused for ever, and what it signed with a key that it
had replaced would count nowhere. So it compares at its start. Each statement has to carry the
signature of its own root key, whoever tells of it: nobody else can make it give up a key. What is
forgotten lies in a file, until `ruilbrug key` writes it into the log again, before a new statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from events.keys import read_history, read_statement, with_statement
from events.restore import Judgement, Mode
from federation.node.queries import SQL
from federation.node.settings import write_private
from schemas.cores import KeyCore
from schemas.encoding import encode
from schemas.errors import Code, VerificationError
from schemas.ids import SAFE_INTEGER
from schemas.keys import Role, SignedKeyStatement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from events.log_store import AnyConnection
    from federation.node.settings import NodeFolder

    Statements = tuple[SignedKeyStatement, ...]

TOLD_FILE: Final = "told-statements.json"
"""Beside the settings; statements are public."""
FORGOTTEN: Final = Judgement(
    Mode.READ_ONLY,
    "others hold newer key statements of this group than its log: it was put back to before them. "
    "Nothing is lost. Run 'ruilbrug node recover', stop the node, run "
    "'ruilbrug key recover log --root root.key', start it again",
    code=Code.KEYS_FORGOTTEN,
)
_KEY_CORE: Final = msgspec.json.Decoder(KeyCore)
_STATEMENTS: Final = msgspec.json.Decoder(tuple[SignedKeyStatement, ...])


class Forgotten(NamedTuple):
    """What this node once stated, and its log does not hold."""

    known: int
    """So many statements of the log stand; those behind were made without knowing of these."""
    statements: Statements

    def ends_at(self) -> int | None:
        """Give the first place of the log at which a key ended by these; none if none did."""
        said = [read_statement(signed) for signed in self.statements]
        return min((one.holds_from for one in said if one.role is Role.LOG), default=None)


def forgotten(own: Statements, told: Statements) -> Forgotten | None:
    """Compare the statements of the own log with those that somebody tells of.

    Nothing is forgotten if the log holds all of them. What is not signed by the root key of this
    node, as it stood there, counts for nothing, with all that is told behind it.
    """
    known = _alike(own, told)
    if not known:
        return None
    found: list[SignedKeyStatement] = []
    history = read_history(own[:known])
    for signed in told[known:]:
        root = history.current(Role.ROOT)
        assert root is not None
        try:
            history = with_statement(history, signed)
        except VerificationError:
            break
        if root.key not in {one.key for one in signed.signatures}:
            break
        found.append(signed)
    return Forgotten(known, tuple(found)) if found else None


def forgotten_by_all(own: Statements, told: Iterable[Statements]) -> Forgotten | None:
    """Compare with what each of several tells of; who knows most counts.

    Where somebody holds what the log states now, that stands, whatever another holds in its place:
    it has left this node, and is not taken back.
    """
    answers = list(told)
    confirmed = max((_alike(own, said) for said in answers), default=0)
    found = [one for said in answers if (one := forgotten(own, said)) is not None]
    found = [one for one in found if one.known >= confirmed]
    return max(found, key=lambda one: one.known + len(one.statements), default=None)


def _alike(one: Statements, other: Statements) -> int:
    """Tell how many statements both begin with."""
    pairs = zip(one, other, strict=False)
    return next(
        (at for at, (here, there) in enumerate(pairs) if here != there), min(len(one), len(other))
    )


async def first_without(connection: AnyConnection, found: Forgotten) -> int:
    """Give the first place of the log that was written without knowing of these statements.

    A key signed there that spoke no more, or it states what takes their place; none does: its end.
    """
    cores = [_KEY_CORE.decode(row["core"]) for row in await connection.fetch(SQL["read_key_cores"])]
    places = [core.seq for core in cores[found.known :]]
    ends_at = found.ends_at()
    return min([*places, *([] if ends_at is None else [ends_at])], default=SAFE_INTEGER)


def keep_told(folder: NodeFolder, own: Statements, found: Forgotten | None) -> None:
    """Keep what is forgotten for the commands that change keys, which run while the node stands."""
    path, aside = folder.path / TOLD_FILE, folder.path / f"{TOLD_FILE}.new"
    if found is None:
        path.unlink(missing_ok=True)
        return
    aside.unlink(missing_ok=True)
    write_private(aside, encode((*own[: found.known], *found.statements)))
    aside.replace(path)


def read_told(folder: NodeFolder, own: Sequence[SignedKeyStatement]) -> Forgotten | None:
    """Give what the log of a stopped node lacks, as far as its node had heard of it."""
    try:
        told = _STATEMENTS.decode((folder.path / TOLD_FILE).read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None
    return forgotten(tuple(own), told)
