"""Every table of an export truncated, re-ordered, doubled or saved anew: read rightly, or told.

Whatever is done to one table, the rest of the export being whole, reading ends in a plan whose
books are at zero or in an error that names the file; and what a plan left out is listed.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from deploy.demo.make_export import ExportSize, make_export
from federation.migrate import Archive, build_plan, posts, transfers
from federation.migrate.choices import Choices
from federation.migrate.planned import Plan, Receipt
from federation.migrate.template import template
from schemas.errors import InputError

SIZE = ExportSize(members=9, posts=12, transactions=60)
BOOKED = Choices(book_difference=True)
Files = dict[str, bytes]
KINDS = (
    *("users", "transactions", "balance", "min_limit", "max_limit", "messages"),
    *("contact", "type_contact", "categories", "letsgroups", "config"),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Files:
    path = tmp_path_factory.mktemp("whole") / "export.zip"
    make_export(path, seed=3, size=SIZE)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


Read = Callable[[Files], Plan]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Give a function that reads an export to its end, streams and all."""

    def reads(files: Files) -> Plan:
        path = tmp_path / "export.zip"
        with zipfile.ZipFile(path, "w") as packed:
            for name, content in files.items():
                packed.writestr(name, content)
        with Archive(path) as archive:
            plan = build_plan(archive, BOOKED)
            assert len(list(transfers(archive, plan))) == plan.receipt.transfers
            assert len(list(posts(archive, plan))) == plan.receipt.posts
        assert plan.receipt.sum_computed_minor == 0
        return plan

    return reads


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))


def written(rows: list[list[str]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    said = io.StringIO()
    csv.writer(said, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return said.getvalue().encode(encoding, errors="replace")


def cuts(content: bytes) -> Iterator[bytes]:
    for part in range(1, 40):
        yield content[: len(content) * part // 40]


def meaning(plan: Plan) -> object:
    """Give what a plan comes down to, whatever the order of its rows."""
    return (
        plan.group,
        [
            msgspec.structs.replace(each, contacts=tuple(sorted(each.contacts, key=repr)))
            for each in sorted(plan.accounts, key=lambda each: each.source_id)
        ],
        sorted((each.source_id, each.name) for each in plan.categories),
        {check.source_id: check.computed_minor for check in plan.receipt.balances},
        (plan.receipt.posts, plan.receipt.transfers, plan.receipt.contacts),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_cut_off_anywhere_is_read_or_named(read: Read, whole: Files, kind: str) -> None:
    name = f"{kind}.csv"
    for cut in cuts(whole[name]):
        try:
            read({**whole, name: cut})
        except InputError as error:
            assert error.facts["field"] == name


@pytest.mark.parametrize("kind", KINDS)
def test_rows_and_columns_in_another_order_mean_the_same(
    read: Read, whole: Files, kind: str
) -> None:
    name, chance = f"{kind}.csv", random.Random(kind)
    header, *rows = rows_of(whole[name])
    order = chance.sample(range(len(header)), len(header))
    chance.shuffle(rows)
    turned = [[row[place] for place in order] for row in (header, *rows)]

    plan = read({**whole, name: written(turned)})

    assert meaning(plan) == meaning(read(whole))
    assert plan.receipt.refused_total == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "cp1252"), ("\t", "utf-16")])
def test_a_table_that_a_spreadsheet_saved_means_the_same(
    read: Read, whole: Files, kind: str, delimiter: str, encoding: str
) -> None:
    name = f"{kind}.csv"

    plan = read({**whole, name: written(rows_of(whole[name]), delimiter, encoding)})

    assert meaning(plan) == meaning(read(whole))
    assert any(
        issue.file == name and "spreadsheet" in issue.reason for issue in plan.receipt.issues
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_whose_rows_stand_twice_adds_nothing(read: Read, whole: Files, kind: str) -> None:
    name = f"{kind}.csv"
    header, *rows = rows_of(whole[name])

    plan = read({**whole, name: written([header, *rows, *rows])})

    before = read(whole).receipt
    after = plan.receipt
    assert counts(after) == counts(before)
    assert {check.code: check.computed_minor for check in after.balances} == {
        check.code: check.computed_minor for check in before.balances
    }


def counts(receipt: Receipt) -> tuple[int, ...]:
    return (
        *(receipt.members, receipt.partners, receipt.contacts),
        *(receipt.posts, receipt.transfers, receipt.categories),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_given_twice_in_one_file_is_read_or_named(
    read: Read, whole: Files, kind: str
) -> None:
    name = f"{kind}.csv"

    try:
        plan = read({**whole, name: whole[name] + whole[name]})
    except InputError as error:
        assert error.facts["field"] == name
    else:  # the second header is a row like any other, and is told
        assert kind in {"config", "letsgroups", "type_contact"} or plan.receipt.refused_total


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_a_template_cut_off_anywhere_is_read_or_named(read: Read, language: str) -> None:
    files = template(language)
    for name, content in files.items():
        for cut in cuts(content):
            try:
                read({**files, name: cut})
            except InputError as error:
                assert "field" in error.facts
