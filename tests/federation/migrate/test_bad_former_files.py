"""Files by member code, of eLAS, former eLAND, a screen and our template, as groups bring them.

Truncated, re-ordered, in another encoding or delimiter, saved by a spreadsheet, doubled: what comes
of it means the same, or what was left out is named.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from federation.migrate import Archive, build_plan, posts, transfers
from federation.migrate.choices import Generation
from federation.migrate.planned import Plan
from schemas.errors import Code, InputError

Rows = list[list[str]]
Tables = dict[str, Rows]
Read = Callable[[dict[str, bytes]], Plan]
USERS = (
    "letscode,cdate,comments,hobbies,name,postcode,login,mailinglist,password,accountrole,status,"
    "lastlogin,minlimit,fullname,admincomment,activeringsdatum"
)
ELAS: dict[str, tuple[str, ...]] = {
    "elas-users-2019-05-01": (
        USERS,
        "a1,2015-01-01 10:00:00,,,Els,2000,els,1,x,user,1,,-500,Els Maes,,2015-01-02 10:00:00",
        "b2,2015-01-01 10:00:00,,,Zoë,2018,zoe,1,x,user,2,,-500,Zoë Claes,,2015-01-02 10:00:00",
        "c3,2015-01-01 10:00:00,,,Kas,,kas,0,x,interlets,7,,-500,LETS Gent,,",
    ),
    "elas-contacts-2019-05-01": (
        "letscode,id_type_contact,comments,value,flag_public",
        "a1,3,,els@voorbeeld.be,1",
        "b2,1,,Kerkstraat 1,0",
    ),
    "elas-messages-2019-05-01": (
        "letscode,cdate,validity,id_category,content,msg_type",
        "a1,2019-01-01 10:00:00,2030-01-01 10:00:00,4,Fiets herstellen,1",
        "b2,2019-02-01 10:00:00,2030-01-01 10:00:00,4,Wie snoeit de haag?,0",
    ),
    "elas-transactions-2019-05-01": (
        "Datum,Van,Aan,Bedrag,Dienst",
        "2019-03-01 10:00:00,a1,b2,5,Soep",
        "2019-03-02 10:00:00,b2,c3,12,Brood &amp; crème",
        "2019-03-03 10:00:00,c3,a1,3,",
    ),
}
FORMER: dict[str, tuple[str, ...]] = {
    "elas-users-1556700000": (
        USERS.replace("minlimit", "minlimit,maxlimit"),
        *(row.replace(",-500,", ",-500,500,") for row in ELAS["elas-users-2019-05-01"][1:]),
    ),
    "elas-contacts-1556700000": (
        "letscode,username,abbrev,comments,value,flag_public",
        "a1,Els,mail,,els@voorbeeld.be,1",
        "b2,Zoë,adr,,Kerkstraat 1,0",
    ),
    "elas-messages-1556700000": (
        "letscode,username,cdate,validity,content,msg_type",
        "a1,Els,2019-01-01 10:00:00,2030-01-01 10:00:00,Fiets herstellen,1",
        "b2,Zoë,2019-02-01 10:00:00,2030-01-01 10:00:00,Wie snoeit de haag?,0",
    ),
    "elas-transactions-1556700000": (
        "Datum,Van,interlets,Aan,interlets,Bedrag,Dienst,transactie id",
        "2019-03-01 10:00:00,a1 Els,,b2 Zoë,,5,Soep,t1",
        "2019-03-02 10:00:00,b2 Zoë,,c3 Kas,Marc,12,Brood,t2",
        "2019-03-03 10:00:00,c3 Kas,Marc,a1 Els,,3,,t3",
    ),
}
SCREEN: dict[str, tuple[str, ...]] = {
    "leden": (
        "lidnummer,naam,status,e-mail,saldo,rol",
        "a1,Els,actief,els@voorbeeld.be,-2,",
        "b2,Zoë,uitstapper,,-7,",
        "c3,LETS Gent,actief,,9,groep",
    ),
    "berichten": (
        "lidnummer,soort,titel,categorie,geplaatst",
        "a1,aanbod,Fiets herstellen,Fietsen,01/01/2019",
        "b2,vraag,Wie snoeit de haag?,Tuin,01/02/2019",
    ),
    "export": (
        "datum,van,aan,bedrag,waarvoor",
        "01/03/2019 10:00,a1,b2,5,Soep",
        "02/03/2019 10:00,b2,c3,12,Brood",
        "03/03/2019 10:00,c3,a1,3,",
    ),
}
KINDS = {
    Generation.ELAS: ELAS,
    Generation.ELAND_FORMER: FORMER,
    Generation.SCREEN: SCREEN,
}
PARTS = [(kind, table) for kind, tables in KINDS.items() for table in tables]


def rows_of(kind: Generation) -> Tables:
    return {name: list(csv.reader(lines)) for name, lines in KINDS[kind].items()}


def quoted(rows: Rows, encoding: str = "utf-8") -> bytes:
    """Write as eLAS and screens do: every cell in quotes, CRLF."""
    said = io.StringIO()
    csv.writer(said, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return said.getvalue().encode(encoding)


def saved(rows: Rows, delimiter: str, encoding: str) -> bytes:
    """Write as a spreadsheet does: quotes only where they must be."""
    said = io.StringIO()
    csv.writer(said, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return said.getvalue().encode(encoding)


def files_of(kind: Generation) -> dict[str, bytes]:
    return {name: quoted(rows) for name, rows in rows_of(kind).items()}


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Give a function that reads files to their end, streams and all."""

    def reads(files: dict[str, bytes]) -> Plan:
        path = tmp_path / "brought.zip"
        with zipfile.ZipFile(path, "w") as packed:
            for name, content in files.items():
                packed.writestr(f"{name}.csv", content)
        with Archive(path) as archive:
            plan = build_plan(archive)
            assert len(list(transfers(archive, plan))) == plan.receipt.transfers
            assert len(list(posts(archive, plan))) == plan.receipt.posts
        assert plan.receipt.sum_computed_minor == 0
        return plan

    return reads


def meaning(plan: Plan) -> object:
    """Give what a plan comes down to, whatever the order of its rows."""
    return (
        {(each.code, each.name, each.kind, each.status, each.contacts) for each in plan.accounts},
        {check.code: check.computed_minor for check in plan.receipt.balances},
        {each.name for each in plan.categories},
        (plan.receipt.posts, plan.receipt.transfers, plan.receipt.contacts),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_whole_files_are_read_without_a_word(read: Read, kind: Generation) -> None:
    plan = read(files_of(kind))

    assert plan.receipt.generation is kind
    assert plan.receipt.refused_total == 0
    assert (plan.receipt.members, plan.receipt.partners) == (2, 1)
    assert (plan.receipt.posts, plan.receipt.transfers) == (2, 3)
    assert {check.code: check.computed_minor for check in plan.receipt.balances} == {
        "a1": -2,
        "b2": -7,
        "c3": 9,
    }


@pytest.mark.parametrize(("kind", "table"), PARTS)
def test_a_file_cut_off_anywhere_is_read_or_named(read: Read, kind: Generation, table: str) -> None:
    files = files_of(kind)
    content = files[table]
    for part in range(0, len(content), max(1, len(content) // 60)):
        try:
            plan = read({**files, table: content[:part]})
        except InputError as error:
            members_gone = error.code is Code.IMPORT_GENERATION  # it says which file to give
            assert members_gone or error.facts["field"] in {f"{table}.csv", "users.csv"}
        else:
            told = plan.receipt.issues or plan.receipt.skipped
            fewer = meaning(plan) != meaning(read(files))
            at_a_row = content[:part].endswith(b"\r\n") or not part
            assert told or at_a_row or not fewer, content[:part]


@pytest.mark.parametrize(("kind", "table"), PARTS)
def test_rows_and_columns_in_another_order_mean_the_same(
    read: Read, kind: Generation, table: str
) -> None:
    tables, chance = rows_of(kind), random.Random(table)
    header, *rows = tables[table]
    order = chance.sample(range(len(header)), len(header))
    if header.count("interlets") > 1:  # which of the two is whose, only their order tells
        order = list(range(len(header)))[:5] + chance.sample(range(5, len(header)), 3)
    chance.shuffle(rows)
    turned = [[row[place] for place in order] for row in (header, *rows)]

    plan = read({**files_of(kind), table: quoted(turned)})

    assert meaning(plan) == meaning(read(files_of(kind)))


@pytest.mark.parametrize("form", [(";", "cp1252"), ("\t", "utf-16"), (";", "utf-8-sig")])
@pytest.mark.parametrize(("kind", "table"), PARTS)
def test_a_file_that_a_spreadsheet_saved_means_the_same(
    read: Read, kind: Generation, table: str, form: tuple[str, str]
) -> None:
    plan = read({**files_of(kind), table: saved(rows_of(kind)[table], *form)})

    assert meaning(plan) == meaning(read(files_of(kind)))


@pytest.mark.parametrize(("kind", "table"), PARTS)
def test_a_file_whose_rows_stand_twice_adds_nothing(
    read: Read, kind: Generation, table: str
) -> None:
    header, *rows = rows_of(kind)[table]

    plan = read({**files_of(kind), table: quoted([header, *rows, *rows])})

    assert meaning(plan) == meaning(read(files_of(kind)))
    assert plan.receipt.issues


@pytest.mark.parametrize(("kind", "table"), PARTS)
def test_a_file_that_is_there_under_two_names_counts_once(
    read: Read, kind: Generation, table: str
) -> None:
    files = files_of(kind)

    plan = read({**files, f"{table}-kopie": files[table]})

    before, after = read(files).receipt, plan.receipt
    assert (after.members, after.posts, after.transfers) == (2, 2, 3)
    assert {c.code: c.computed_minor for c in after.balances} == {
        c.code: c.computed_minor for c in before.balances
    }
    assert after.contacts <= 2 * before.contacts
