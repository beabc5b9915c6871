"""A plan takes what can be booked, names what cannot, and keeps the books at zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from federation.migrate.archive import Archive
from federation.migrate.choices import Choices
from federation.migrate.plan import build_plan, transfers
from federation.migrate.planned import ImportedTransfer, Plan
from schemas.errors import Code, InputError
from schemas.ids import SAFE_INTEGER

Tables = dict[str, str | bytes]
OpenTables = Callable[[Mapping[str, str | bytes]], Archive]


def refused(open_tables: OpenTables, tables: Tables, **options: Any) -> InputError:
    archive = open_tables(tables)
    with pytest.raises(InputError) as caught:
        build_plan(archive, **options)
    return caught.value


def reasons(plan: Plan) -> list[tuple[str, int, Code, str, bool]]:
    return [
        (issue.file, issue.line, issue.code, issue.field, issue.refused)
        for issue in plan.receipt.issues
    ]


def test_transfers_carry_stable_keys(open_tables: OpenTables, tables: Tables) -> None:
    archive = open_tables(tables)
    plan = build_plan(archive)

    found = list(transfers(archive, plan))

    assert found == list(transfers(archive, plan))
    assert [transfer.source_key for transfer in found] == ["transid:aa", "id:2", "transid:cc"]
    assert found[1] == ImportedTransfer(
        source_key="id:2",
        payer_source_id=3,
        payee_source_id=4,
        amount_minor=5,
        at_s=1_704_240_000,
        line=3,
        description="Taart, groot",
        payee_real="012 Jan",
    )
    assert found[2].payer_real == "Piet"
    assert not plan.in_time_order


def test_balances_of_file_and_transfers_stand_side_by_side(
    open_tables: OpenTables, tables: Tables
) -> None:
    plan = build_plan(open_tables(tables), group_code="000")

    checks = {
        check.code: (check.kind, check.file_minor, check.computed_minor)
        for check in plan.receipt.balances
    }
    assert checks == {
        "000": ("group", 7, 7),
        "001": ("member", -10, -10),
        "002": ("member", 5, 5),
        "P-X": ("partner", -2, -2),
    }
    assert (plan.receipt.sum_file_minor, plan.receipt.sum_computed_minor) == (0, 0)
    assert plan.corrections == ()


def test_a_sum_other_than_zero_is_refused_with_the_difference(
    open_tables: OpenTables, tables: Tables
) -> None:
    tables["balance"] = str(tables["balance"]) + "7,2,3,-7,2024-01-05 00:00:00\n"

    error = refused(open_tables, tables)

    assert (error.code, error.facts) == (
        Code.IMPORT_SUM,
        {"field": "balance.csv", "difference": 3},
    )


def test_on_request_differences_are_booked_to_the_group_account(
    open_tables: OpenTables, tables: Tables
) -> None:
    tables["balance"] = str(tables["balance"]) + "7,2,3,-7,2024-01-05 00:00:00\n"

    plan = build_plan(open_tables(tables), Choices(book_difference=True), group_code="000")

    (correction,) = plan.corrections
    assert (correction.source_key, correction.account_source_id, correction.amount_minor) == (
        "correction:2",
        2,
        3,
    )
    assert plan.receipt.sum_file_minor == 3


def test_the_group_account_is_the_other_side_and_gets_no_correction(
    open_tables: OpenTables, tables: Tables
) -> None:
    tables["balance"] = (
        str(tables["balance"]) + "7,2,3,-7,2024-01-05 00:00:00\n8,1,-3,4,2024-01-05 00:00:00\n"
    )

    plan = build_plan(open_tables(tables), Choices(book_difference=True), group_code="000")

    assert [(each.account_source_id, each.amount_minor) for each in plan.corrections] == [(2, 3)]


def test_a_difference_that_cancels_out_is_listed_and_allowed(
    open_tables: OpenTables, tables: Tables
) -> None:
    tables["balance"] = (
        str(tables["balance"]) + "7,2,3,-7,2024-01-05 00:00:00\n8,3,-3,2,2024-01-05 00:00:00\n"
    )

    plan = build_plan(open_tables(tables))

    differences = {
        check.code: check.difference_minor
        for check in plan.receipt.balances
        if check.difference_minor
    }
    assert differences == {"001": 3, "002": -3}
    assert plan.corrections == ()


def test_a_difference_beyond_all_numbers_is_refused(
    open_tables: OpenTables, tables: Tables
) -> None:
    tables["balance"] = (
        f"id,account_id,balance\n1,2,{SAFE_INTEGER}\n2,3,-{SAFE_INTEGER}\n3,4,-2\n4,1,2\n"
    )

    assert refused(open_tables, tables).code is Code.AMOUNT_TOO_LARGE


def test_without_a_balance_table_the_saldo_of_2019_counts(
    open_tables: OpenTables, tables: Tables
) -> None:
    header, *lines = str(tables["users"]).splitlines()
    saldo = ("7", "-10", "5", "-2")
    del tables["balance"]
    tables["users"] = "\n".join(
        [f"{header},saldo", *(f"{line},{units}" for line, units in zip(lines, saldo, strict=True))]
        + [""]
    )

    plan = build_plan(open_tables(tables))

    assert [check.file_minor for check in plan.receipt.balances] == [7, -10, 5, -2]


def test_without_any_balances_only_the_computed_ones_are_shown(
    open_tables: OpenTables, tables: Tables
) -> None:
    del tables["balance"]

    plan = build_plan(open_tables(tables))

    assert plan.receipt.sum_file_minor is None
    assert {check.file_minor for check in plan.receipt.balances} == {None}
    assert "balance.csv" in plan.receipt.missing


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ("9,x,0,,2,3,,,2024-01-01 00:00:00", Code.AMOUNT_NOT_POSITIVE, "amount"),
        ("9,x,-4,,2,3,,,2024-01-01 00:00:00", Code.AMOUNT_NOT_POSITIVE, "amount"),
        ("9,x,2.5,,2,3,,,2024-01-01 00:00:00", Code.AMOUNT_NOT_INTEGER, "amount"),
        ("9,x,9007199254740992,,2,3,,,2024-01-01 00:00:00", Code.AMOUNT_TOO_LARGE, "amount"),
        ("9,x,9007199254740991,,3,2,,,2024-01-01 00:00:00", None, ""),
        ("9,x,9007199254740991,,2,3,,,2024-01-01 00:00:00", Code.AMOUNT_TOO_LARGE, "amount"),
        ("9,x,1,,77,3,,,2024-01-01 00:00:00", Code.ACCOUNT_UNKNOWN, "id_from"),
        ("9,x,1,,2,77,,,2024-01-01 00:00:00", Code.ACCOUNT_UNKNOWN, "id_to"),
        ("9,x,1,,2,,,,2024-01-01 00:00:00", Code.MALFORMED, "id_to"),
        ("9,x,1,,2,2,,,2024-01-01 00:00:00", Code.ACCOUNT_SAME, "id_to"),
        ("9,x,1,,2,3,,,gisteren", Code.MALFORMED, "created_at"),
        ("9,aa,1,,2,3,,,2024-01-01 00:00:00", Code.CONFLICT, "transid"),
        (",,1,,2,3,,,2024-01-01 00:00:00", Code.MALFORMED, "transid"),
        ("9,x,1,,2,3,,", Code.CSV_WIDTH, "row"),
        ("9,x,1,,2,3,,,2024-01-01 00:00:00,", Code.CSV_WIDTH, "row"),
    ],
)
def test_a_row_that_cannot_be_booked_is_refused_by_itself(
    open_tables: OpenTables, tables: Tables, row: str, code: Code | None, field: str
) -> None:
    del tables["balance"]
    tables["transactions"] = (
        str(tables["transactions"]) + f"{row}\n10,z,1,,2,3,,,2024-02-01 00:00:00\n"
    )
    archive = open_tables(tables)

    plan = build_plan(archive)

    wanted = [] if code is None else [("transactions.csv", 5, code, field, True)]
    assert reasons(plan) == wanted
    assert plan.receipt.transfers_refused == len(wanted)
    assert plan.receipt.transfers == 5 - len(wanted)
    assert len(list(transfers(archive, plan))) == 5 - len(wanted)
    assert plan.receipt.sum_computed_minor == 0


def test_no_balance_goes_beyond_all_numbers(open_tables: OpenTables, tables: Tables) -> None:
    del tables["balance"]
    tables["transactions"] = (
        "id,amount,id_from,id_to,created_at\n"
        f"1,{SAFE_INTEGER},2,3,2024-01-01\n2,1,4,3,2024-01-01\n3,1,2,4,2024-01-01\n"
    )

    plan = build_plan(open_tables(tables))

    assert [(line, code) for _, line, code, _, _ in reasons(plan)] == [
        (3, Code.AMOUNT_TOO_LARGE),
        (4, Code.AMOUNT_TOO_LARGE),
    ]


def test_an_overlong_transid_gives_way_to_the_row_number(
    open_tables: OpenTables, tables: Tables
) -> None:
    tables["transactions"] = str(tables["transactions"]).replace("aa", "a" * 101)
    archive = open_tables(tables)

    first = next(transfers(archive, build_plan(archive)))

    assert first.source_key == "id:1"


def test_an_export_needs_its_users(open_tables: OpenTables, tables: Tables) -> None:
    del tables["users"]

    error = refused(open_tables, tables)

    assert (error.code, error.facts) == (Code.IMPORT_TABLE_MISSING, {"field": "users.csv"})


def test_an_export_of_elas_without_members_is_named_as_such(open_tables: OpenTables) -> None:
    error = refused(open_tables, {"elas-users-2019-01-01": '"letscode"\r\n'})

    assert (error.code, error.facts) == (
        Code.IMPORT_GENERATION,
        {"field": "elas-users-2019-01-01.csv"},
    )


@pytest.mark.parametrize(
    ("table", "column"), [("users", "code"), ("transactions", "amount"), ("balance", "balance")]
)
def test_a_missing_column_is_refused_with_file_and_column(
    open_tables: OpenTables, tables: Tables, table: str, column: str
) -> None:
    tables[table] = str(tables[table]).replace(column, "iets", 1 if column != "balance" else 2)

    error = refused(open_tables, tables)

    assert (error.code, error.facts) == (
        Code.CSV_COLUMN_MISSING,
        {"field": f"{table}.csv", "column": column},
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text[:-25], Code.CSV_TRUNCATED),
        (lambda text: text.replace("Soep", 'So"ep'), Code.CSV_TRUNCATED),
        (lambda text: text.replace("Taart, groot", 'Ta"ar"t'), Code.CSV_QUOTES),
        (lambda text: text.encode().replace(b"Soep", b"\x81"), Code.CSV_ENCODING),
    ],
)
def test_damage_to_a_table_stops_the_import(
    open_tables: OpenTables,
    tables: Tables,
    change: Callable[[str], str | bytes],
    code: Code,
) -> None:
    tables["transactions"] = change(str(tables["transactions"]))

    error = refused(open_tables, tables)

    assert error.code is code
    assert error.facts["field"] == "transactions.csv"


def test_balances_of_unknown_accounts_are_refused(open_tables: OpenTables, tables: Tables) -> None:
    tables["balance"] = str(tables["balance"]) + "9,77,5,5,2024-01-01 00:00:00\n"

    assert reasons(build_plan(open_tables(tables))) == [
        ("balance.csv", 8, Code.ACCOUNT_UNKNOWN, "account_id", True)
    ]


def test_an_unknown_group_account_is_refused(open_tables: OpenTables, tables: Tables) -> None:
    error = refused(open_tables, tables, group_code="999")

    assert (error.code, error.facts) == (Code.ACCOUNT_UNKNOWN, {"field": "999"})
