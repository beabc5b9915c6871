"""A made-up export comes through whole: counts, balances, odd codes; no secret anywhere."""

from __future__ import annotations

import io
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from deploy.demo.make_export import (
    GROUP_CODE,
    SECRET_MARKER,
    ExportFacts,
    ExportSize,
    main,
    make_export,
)
from federation.migrate import Archive, build_plan, posts, render, to_json, transfers
from federation.migrate.choices import Choices
from federation.migrate.planned import Receipt
from schemas.errors import InputError

SIZE = ExportSize(members=30, posts=60, transactions=400)
OpenTables = Callable[[Mapping[str, str | bytes]], Archive]


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ExportFacts]:
    path = tmp_path_factory.mktemp("export") / "export.zip"
    return path, make_export(path, seed=7, group="LETS Proef", unit="stropke", size=SIZE)


def tables_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name.removesuffix(".csv"): archive.read(name) for name in archive.namelist()}


def test_the_same_seed_makes_the_same_export(
    tmp_path: Path, export: tuple[Path, ExportFacts]
) -> None:
    for name, seed in (("a", 7), ("b", 8)):
        make_export(tmp_path / name, seed=seed, group="LETS Proef", unit="stropke", size=SIZE)

    assert tables_of(tmp_path / "a") == tables_of(export[0])
    assert tables_of(tmp_path / "b") != tables_of(export[0])


def test_an_export_is_made_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--seed", "3", "--members", "20", "--posts", "5", "--transactions", "9"]
    monkeypatch.setattr(sys, "argv", ["make_export", str(tmp_path / "x.zip"), *given])

    main()

    assert capsys.readouterr().out == "20 members, 5 posts, 9 transfers\n"
    with Archive(tmp_path / "x.zip") as archive:
        assert build_plan(archive).receipt.transfers == 9


def test_an_export_comes_through_whole(export: tuple[Path, ExportFacts]) -> None:
    path, facts = export
    with Archive(path) as archive:
        plan = build_plan(archive, group_code=GROUP_CODE)
        booked = list(transfers(archive, plan))
        found_posts = list(posts(archive, plan))

    receipt = plan.receipt
    assert (receipt.members, receipt.partners, receipt.group_accounts) == (30, 3, 1)
    assert (receipt.categories, receipt.contacts) == (facts.categories, facts.contacts)
    assert (receipt.posts, receipt.transfers) == (len(found_posts), len(booked)) == (60, 400)
    assert (receipt.refused_total, receipt.sum_file_minor, receipt.missing) == (0, 0, ())
    assert {
        check.source_id: (check.file_minor, check.computed_minor) for check in receipt.balances
    } == {account: (units, units) for account, units in facts.balances.items()}
    assert plan.in_time_order
    assert sum(each.source_key.startswith("id:") for each in booked) == facts.without_transid > 0
    assert (plan.group.name, plan.group.unit_name) == ("LETS Proef", "stropke")
    assert (plan.group.per_hour, plan.group.lower_minor) == (20, -500)


def test_the_dirt_of_a_real_export_is_in_it(export: tuple[Path, ExportFacts]) -> None:
    path, _ = export
    content = tables_of(path)
    with Archive(path) as archive:
        plan = build_plan(archive)
        booked = list(transfers(archive, plan))
        found_posts = list(posts(archive, plan))

    assert {account.code for account in plan.accounts} >= {"004", "006", "K9", "k9-2", "005-2"}
    assert b"2, 004," not in content["users"]
    assert b", 004," in content["users"]
    assert {account.name for account in plan.accounts if account.kind == "partner"} == {
        f"oude rekening van groep LETS {place}" for place in ("Aalter", "Leuven", "Mechelen")
    }
    assert any(each.payer_real for each in booked)
    assert any(each.payee_real for each in booked)
    assert b"999999999" in content["max_limit"]
    assert b"-999999999" in content["min_limit"]
    assert b'[""voorbeeld_' in content["messages"]
    assert b"<b>" in content["messages"]
    assert not any("<" in post.content_text or "&nbsp" in post.content_text for post in found_posts)
    assert {skipped.file for skipped in plan.receipt.skipped} == {"logs.csv", "news.csv"}
    assert [skipped.rows for skipped in plan.receipt.skipped] == [200, 12]


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_secrets_never_come_out(export: tuple[Path, ExportFacts]) -> None:
    path, _ = export
    assert tables_of(path)["users"].count(SECRET_MARKER.encode()) == 34
    assert tables_of(path)["config"].count(SECRET_MARKER.encode()) == 1

    with Archive(path) as archive:
        plan = build_plan(archive, Choices(book_difference=True))
        all_of_it = b"\n".join(
            [
                msgspec.json.encode(plan),
                msgspec.json.encode(list(transfers(archive, plan))),
                msgspec.json.encode(list(posts(archive, plan))),
                to_json(plan.receipt),
                render(plan.receipt).encode(),
            ]
        )

    assert b"GEHEIM" not in all_of_it
    assert b"$2y$" not in all_of_it
    assert not any("password" in table.aside for table in plan.receipt.tables)
    assert plan.receipt.secrets_dropped == ("users.csv, column password", "config.csv, 2 rows")


@pytest.mark.parametrize("table", ["users", "config"])
@pytest.mark.parametrize("change", [b"\xff", b'"', b'""', b",", b"\n", b"\x00", b"{", b"CUT"])
def test_secrets_never_come_out_of_a_damaged_export(
    open_tables: OpenTables, export: tuple[Path, ExportFacts], table: str, change: bytes
) -> None:
    content = tables_of(export[0])
    at = content[table].index(SECRET_MARKER.encode())
    rest = b"" if change == b"CUT" else change.removesuffix(b"CUT")
    for place in (at - 8, at, at + 5, at + len(SECRET_MARKER)):
        damaged = content[table][:place] + rest
        damaged += b"" if change == b"CUT" else content[table][place:]
        archive = open_tables({**content, table: damaged})

        try:
            told = msgspec.json.encode(build_plan(archive)).decode()
        except InputError as error:
            told = "".join(f"{each} {each!r} {vars(each)}" for each in chain(error))

        assert "GEHEIM" not in told
        assert "$2y$" not in told


def test_a_receipt_reads_well_and_survives_json(export: tuple[Path, ExportFacts]) -> None:
    with Archive(export[0]) as archive:
        receipt = build_plan(archive, group_code=GROUP_CODE).receipt

    text = render(receipt)

    assert msgspec.json.decode(to_json(receipt), type=Receipt) == receipt
    assert "transfers                  400        0\n" in text
    assert "\nsum                        0         0\n" in text
    assert "  users.csv, column password: secret, dropped unread\n" in text
    assert "Refused rows: 0; oddities: 2\n" in text
    assert not any(line != line.rstrip() for line in text.split("\n"))


def test_a_receipt_lists_differences_and_refused_rows(
    open_tables: OpenTables, tables: dict[str, str]
) -> None:
    tables["balance"] += "7,2,3,-7,2024-01-05 00:00:00\n8,3,-3,2,2024-01-05 00:00:00\n"
    tables["transactions"] += "9,x,0,,2,3,,,2024-01-01 00:00:00\n8,y,0,,2,3,,,2024-01-01 00:00:00\n"

    receipt = build_plan(open_tables(tables)).receipt
    corrected = build_plan(open_tables(tables), Choices(book_difference=True)).receipt

    text = render(receipt, issues_shown_max=1)
    assert ["001", "member", "-7", "-10", "3"] in map(str.split, text.splitlines())
    assert "The transfers count; differences are listed here and not booked.\n" in text
    assert "2 differences are booked against the group's account.\n" in render(corrected)
    assert "transactions.csv     5  refused  amount  not more than zero\n... and 1 more\n" in text


def test_a_receipt_of_members_alone(open_tables: OpenTables, tables: dict[str, str]) -> None:
    text = render(build_plan(open_tables({"users": tables["users"]})).receipt)

    assert "Group     (no name)\n" in text
    assert ["001", "member", "-", "0"] in map(str.split, text.splitlines())
    assert "  transactions.csv: not in the export\n" in text


def test_issues_are_all_counted_but_a_thousand_kept(
    open_tables: OpenTables, tables: dict[str, str]
) -> None:
    row = "9,x,0,,2,3,,,2024-01-01 00:00:00\n"
    tables["transactions"] += row * 1500

    receipt = build_plan(open_tables(tables)).receipt

    assert (len(receipt.issues), receipt.refused_total) == (1000, 1500)
    assert receipt.transfers_refused == 1500


def test_transfers_are_not_held_in_memory(open_tables: OpenTables, tables: dict[str, str]) -> None:
    text = io.StringIO()
    text.write(tables["transactions"])
    for number in range(6_000):
        text.write(f"{number + 9},,1,{'x' * 500},2,3,,,2024-01-01 00:00:00\n")
    del tables["balance"]
    tables["transactions"] = text.getvalue()
    archive = open_tables(tables)
    del text, tables["transactions"]

    tracemalloc.start()
    plan = build_plan(archive)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert plan.receipt.transfers == 6_003
    assert peak < 2 * 2**20  # the texts alone are 3 MB, the keys half a one
