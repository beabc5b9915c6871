"""The sheet is one page and holds the keys; they leave the server after proof, and come back."""

from __future__ import annotations

import asyncio
import html
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from federation.cli.main import cli
from federation.setup import paper_keys
from federation.setup.keeping import keep, made_sheet, written_sheet
from federation.setup.paper import PAPER_KEYS, line_names, read_lines
from federation.setup.sheet import Sheet, sheet_page, sheet_text
from federation.setup.talk import language_of
from schemas.errors import Code, InputError
from schemas.texts.words import Language
from tests.federation.setup.scripted import Scripted
from tests.federation.world.conftest import World, WorldNode

SHEET = Sheet(
    name="LETS <Voorbeeld> & co",
    url="https://lets.example.org",
    node="abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst",
    day="vrijdag 27 november 2026",
    folder="/srv/ruilbrug/voorbeeld",
    keys={name: bytes(range(at, at + 32)) for at, name in enumerate(PAPER_KEYS.values())},
)
PAGE_LINES = 60


def lines_of(sheet: str) -> dict[str, str]:
    found = re.findall(r"([ABC][1-4])  ((?:[0-9A-Z]{4} ?){4})", sheet)
    return {name: line.strip() for name, line in found}


@pytest.mark.parametrize("language", Language)
def test_the_sheet_fits_on_a_page_and_holds_the_keys(language: Language) -> None:
    text = sheet_text(SHEET, language)

    assert len(text.splitlines()) <= PAGE_LINES
    assert max(map(len, text.splitlines())) <= 76
    assert read_lines(text) == SHEET.keys


@pytest.mark.parametrize("language", Language)
def test_the_page_to_print_holds_the_same_lines_and_a_code_for_each_key(
    language: Language,
) -> None:
    page = sheet_page(SHEET, language)

    assert page.count("<svg") == 3
    assert lines_of(page) == lines_of(sheet_text(SHEET, language))
    assert html.escape(SHEET.name) in page
    assert "<Voorbeeld>" not in page
    assert "http" not in page.replace(SHEET.url, "").replace("http://www.w3.org/2000/svg", "")


@pytest.fixture
async def node(world: World) -> WorldNode:
    return await world.make("alfa", 20)


async def sheet_of(node: WorldNode) -> dict[str, str]:
    return lines_of(sheet_text(await made_sheet(node.folder, Language.EN, now_s=0), Language.EN))


async def test_keys_are_deleted_once_every_line_is_proven(node: WorldNode) -> None:
    endings = {name: line[-4:] for name, line in (await sheet_of(node)).items()}
    written_sheet(node.folder, await made_sheet(node.folder, Language.NL, now_s=0), Language.NL)
    # B2 is read wrong at first, and asked for again alone
    answers = ["zzzz" if name == "B2" else endings[name].lower() for name in line_names()]
    scripted = Scripted(*answers, endings["B2"])

    gone = keep(node.folder, scripted.talk())

    assert gone == ["root.key", "root-next.key", "recovery.key", "paper.html"]
    assert scripted.asked == [*line_names(), "B2"]
    assert "B2" in scripted.told[1]
    left = {path.name for path in node.folder.keys.iterdir()}
    assert left.isdisjoint(gone)
    assert "recovery.pub" in left
    with pytest.raises(InputError) as again:
        keep(node.folder, scripted.talk())
    assert again.value.code is Code.PAPER_GONE


async def test_nothing_is_deleted_without_proof(node: WorldNode) -> None:
    before = sorted(path.name for path in node.folder.keys.iterdir())
    scripted = Scripted(*("?" for _ in range(3 * len(line_names()))))

    assert keep(node.folder, scripted.talk()) == []

    assert sorted(path.name for path in node.folder.keys.iterdir()) == before


async def test_the_sheet_is_as_secret_as_the_keys(node: WorldNode) -> None:
    sheet = await made_sheet(node.folder, Language.FR, now_s=0)

    for _ in range(2):
        path = written_sheet(node.folder, sheet, Language.FR)
    assert path.stat().st_mode & 0o777 == 0o600


async def test_keys_of_another_group_are_told(node: WorldNode, world: World) -> None:
    other = await world.make("beta", 20)
    keys = paper_keys.kept_keys(other.folder)

    await paper_keys.require_own(node.folder, paper_keys.kept_keys(node.folder))
    for name, key in keys.items():
        with pytest.raises(InputError) as refused:
            await paper_keys.require_own(node.folder, {name: key})
        assert (refused.value.code, refused.value.facts) == (Code.PAPER_OTHER, {"field": name})


async def test_a_key_file_that_is_there_is_never_written_over(node: WorldNode) -> None:
    keys = paper_keys.kept_keys(node.folder)
    (node.folder.keys / "recovery.key").unlink()

    with pytest.raises(InputError) as refused:
        paper_keys.put_back(node.folder, keys | {"root": bytes(32)})
    assert refused.value.code is Code.CONFLICT
    assert not (node.folder.keys / "recovery.key").exists()
    written = paper_keys.put_back(node.folder, keys)
    assert [path.name for path in written] == ["recovery.key"]
    assert paper_keys.kept_keys(node.folder) == keys


async def ruilbrug(node: WorldNode, *arguments: str, typed: str = "") -> Result:
    """Run the command in a thread: it has an event loop of its own."""
    told: list[Any] = ["--node", str(node.folder.path), *arguments]
    return await asyncio.to_thread(CliRunner().invoke, cli, told, input=typed)


async def test_a_way_from_the_screen_to_paper_and_back(node: WorldNode, tmp_path: Path) -> None:
    keys = paper_keys.kept_keys(node.folder)
    shown = await ruilbrug(node, "paper", "show", "--language", "fr")
    lines = lines_of(shown.output)
    kept = await ruilbrug(
        node, "paper", "keep", typed="".join(f"{lines[name][-4:]}\n" for name in line_names())
    )
    assert (kept.exit_code, paper_keys.kept_keys(node.folder)) == (0, {})

    paper = tmp_path / "typed"
    paper.write_text("\n".join(f"{name} {line}" for name, line in lines.items()))
    checked = await ruilbrug(node, "paper", "check", str(paper))
    assert checked.output == "right: root, root-next, recovery\n"

    typed = "".join(f"{lines[name].lower()}\n" for name in line_names() if name[0] == "A")
    wrong = "0000 0000 0000 0000\n"
    back = await ruilbrug(node, "paper", "type", "--only", "root", typed=wrong + typed)
    assert back.exit_code == 0
    assert "A1" in back.output
    assert paper_keys.kept_keys(node.folder) == {"root": keys["root"]}


async def test_a_paper_with_a_typing_error_names_its_line(node: WorldNode) -> None:
    lines = await sheet_of(node)
    typed = "\n".join(f"{name} {line}" for name, line in lines.items())

    wrong = typed.replace(lines["C3"], "0" * 16)
    done = await ruilbrug(node, "paper", "check", "--language", "nl", typed=wrong)

    assert done.exit_code == 1
    assert done.stderr.startswith("paper_line: Regel C3 is niet getypt")


@pytest.mark.parametrize(
    ("language", "words"),
    [("nl", "niet meer op deze server"), ("fr", "ne sont plus sur ce serveur")],
)
@pytest.mark.parametrize("command", ["show", "keep"])
async def test_keys_that_are_gone_are_told_in_the_language(
    node: WorldNode, command: str, language: str, words: str
) -> None:
    paper_keys.take_away(node.folder)

    done = await ruilbrug(node, "paper", command, "--language", language)

    assert done.exit_code == 1
    assert words in done.stderr


@pytest.mark.parametrize(
    ("surroundings", "language"),
    [
        ({}, Language.NL),
        ({"LANG": "C.UTF-8"}, Language.NL),
        ({"LANG": "fr_BE.UTF-8"}, Language.FR),
        ({"LANG": "fr_BE.UTF-8", "LC_ALL": "en_GB"}, Language.EN),
        ({"LANG": "nl_BE", "LC_ALL": ""}, Language.NL),
        ({"LANG": "fr"}, Language.FR),
    ],
)
def test_the_locale_chooses_the_language(surroundings: dict[str, str], language: Language) -> None:
    assert language_of(surroundings) is language
