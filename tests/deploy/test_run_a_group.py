"""The recipe for volunteers says commands that there are; its rehearsal runs them as they stand."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest

from deploy.rehearse_commands import ANSWERS, INSTALL, main, sections
from federation.cli.main import cli
from federation.setup.answers import QUESTIONS
from schemas.errors import InputError

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "run-a-group.md"
ENDS = ("|", ">", ">>")


def commands() -> list[list[str]]:
    """Give the words of each `ruilbrug` command of the recipe."""
    blocks = "".join(block for some in sections(DOCUMENT.read_text()).values() for block in some)
    found = []
    for line in blocks.replace("\\\n", " ").splitlines():
        words = shlex.split(line.replace(" >", " > ")) if line.startswith("ruilbrug ") else []
        end = next((at for at, word in enumerate(words) if word in ENDS), len(words))
        found += [words[1:end]] if words else []
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_a_command_of_the_recipe_is_one_of_ours(words: list[str]) -> None:
    command: click.Command = cli
    context = click.Context(cli)
    for word in words:
        if word.startswith("-"):
            assert any(word in option.opts for option in command.params), word
        elif isinstance(command, click.Group):
            following = command.get_command(context, word)
            assert following is not None or word.startswith("/srv/ruilbrug/"), word
            command = following or command
    assert not isinstance(command, click.Group)


def test_the_recipe_goes_the_whole_way() -> None:
    said = [" ".join(words) for words in commands()]

    for step in ("setup", "paper keep", "import", "line propose", "line accept", "pay", "verify"):
        assert any(step in command for command in said), step


def test_the_rehearsal_runs_each_command_as_it_stands(tmp_path: Path) -> None:
    main(DOCUMENT, tmp_path)

    scripts = (tmp_path / "install.sh").read_text() + (tmp_path / "others.sh").read_text()
    at = 0
    for blocks in sections(DOCUMENT.read_text()).values():
        for line in "".join(blocks).splitlines():
            at = scripts.index(line, at) + len(line)
    assert "apt-get" not in (tmp_path / "others.sh").read_text()
    assert INSTALL in sections(DOCUMENT.read_text())


def test_the_person_of_the_rehearsal_makes_two_mistakes_and_answers_everything() -> None:
    answers, questions = list(ANSWERS), list(QUESTIONS)
    mistakes = []
    while questions:
        try:
            questions[0].read(answers.pop(0))
        except InputError as error:
            mistakes.append(error.facts["field"])
        else:
            questions.pop(0)

    assert mistakes == ["per_hour", "url"]
    assert answers == ["no"]
