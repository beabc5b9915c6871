"""The sheet of a node: made of what lies on the server, and taken off it once it is on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from federation.setup import paper_keys
from federation.setup.paper_talk import prove
from federation.setup.sheet import Sheet, sheet_page
from federation.words.days import day
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from federation.node.settings import NodeFolder
    from federation.setup.talk import Talk
    from schemas.texts.words import Language


async def made_sheet(folder: NodeFolder, language: Language, *, now_s: int) -> Sheet:
    """Make the sheet of the keys that still lie on the server.

    Raises:
        InputError: `paper_gone` when there is none, `node_missing`, `bad_key`.
        StorageError: `database_unavailable`.

    """
    settings, keys = folder.settings(), _kept(folder)
    return Sheet(
        name=settings.name,
        url=settings.public_url,
        node=await paper_keys.node_of(folder),
        day=day(now_s, ZoneInfo(settings.timezone), language, year=True),
        folder=str(folder.path),
        keys=keys,
    )


def written_sheet(folder: NodeFolder, sheet: Sheet, language: Language) -> Path:
    """Write the sheet as a page to print, beside the keys, and give where."""
    return paper_keys.write_sheet(folder, sheet_page(sheet, language))


def keep(folder: NodeFolder, talk: Talk) -> list[str]:
    """Let somebody prove that the paper is written; then delete the keys, and name the files.

    Raises:
        InputError: `paper_gone`, `bad_key`.

    """
    if not prove(talk, _kept(folder)):
        talk.say("Er is niets gewist. Begin opnieuw met het papier erbij: ruilbrug paper keep")
        return []
    gone = paper_keys.take_away(folder)
    talk.say("Het papier klopt. De sleutels zijn van deze server gewist:")
    return gone


def _kept(folder: NodeFolder) -> dict[str, bytes]:
    keys = paper_keys.kept_keys(folder)
    if not keys:
        raise InputError(Code.PAPER_GONE)
    return keys
