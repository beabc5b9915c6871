"""Files that name accounts by code: eLAS, former eLAND, screens, and the template of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import permutations

import pytest

from federation.migrate.archive import Archive
from federation.migrate.choices import Choices, Generation
from federation.migrate.plan import build_plan, posts, transfers
from federation.migrate.planned import ImportedAccount, Plan
from federation.migrate.template import LANGUAGES, template
from schemas.bodies import AccountStatus
from schemas.errors import Code, InputError

Tables = dict[str, str | bytes]
OpenTables = Callable[[Mapping[str, str | bytes]], Archive]

MEMBERS = """\
lidnummer;naam;status;e-mail;gsm;zichtbaar voor;saldo;rol;lid sinds
045;Els Maes;actief;els@voorbeeld.be;0470 00 00 00;leden;-5;;31/05/2020
046;Bart Claes;uitstapper;;;;12;;1/6/2020
P7;LETS Leuven;;;;;-7;groep;
"""
POSTS = """\
lidnummer;soort;titel;tekst;categorie;richtprijs;per;vervalt
045;aanbod;Fiets herstellen;Ook banden;Fietsen;8;uur;31/12/2027
046;vraag;Wie snoeit?;;Tuin;;;
45;aanbod;Soep;;fietsen;;;
"""
TRANSFERS = """\
datum;van;aan;bedrag;waarvoor
31/05/2024 18:30;045;046;5;"Soep &amp; brood"
1/6/2024;P7;046;7;
"""


@pytest.fixture
def coded() -> Tables:
    return {"leden": MEMBERS, "aanbod": POSTS, "boekingen": TRANSFERS}


def issues(plan: Plan) -> list[tuple[str, int, Code, str, bool]]:
    return [
        (each.file, each.line, each.code, each.field, each.refused) for each in plan.receipt.issues
    ]


def test_the_template_becomes_accounts_posts_and_bookings(
    open_tables: OpenTables, coded: Tables
) -> None:
    archive = open_tables(coded)
    plan = build_plan(archive)
    els, bart, leuven = (
        next(each for each in plan.accounts if each.code == code) for code in ("045", "046", "P7")
    )

    assert plan.receipt.generation is Generation.SCREEN
    assert (els.name, els.status, els.kind) == ("Els Maes", AccountStatus.ACTIVE, "member")
    assert [(each.kind, each.value, each.access) for each in els.contacts] == [
        ("mail", "els@voorbeeld.be", "user"),
        ("gsm", "0470 00 00 00", "user"),
    ]
    assert (bart.status, leuven.kind) == (AccountStatus.LEAVING, "partner")
    assert [
        (each.subject, each.offer_want, each.amount, each.units) for each in posts(archive, plan)
    ] == [
        ("Fiets herstellen", "offer", 8, "uur"),
        ("Wie snoeit?", "want", None, ""),
        ("Soep", "offer", None, ""),
    ]
    assert [each.name for each in plan.categories] == ["Fietsen", "Tuin"]
    first, second = transfers(archive, plan)
    assert (first.payer_source_id, first.payee_source_id) == (els.source_id, bart.source_id)
    assert (first.amount_minor, first.description) == (5, "Soep & brood")
    assert (first.at_s, second.at_s) == (1_717_173_000, 1_717_236_000)  # Brussels; noon of the day
    assert {each.code: each.difference_minor for each in plan.receipt.balances} == {
        "045": 0,
        "046": 0,
        "P7": 0,
    }
    assert plan.receipt.sum_file_minor == plan.receipt.sum_computed_minor == 0
    assert issues(plan) == [("aanbod.csv", 4, Code.MALFORMED, "code", False)]  # 45 is 045


def test_the_order_of_columns_and_rows_means_nothing(
    open_tables: OpenTables, coded: Tables
) -> None:
    rows = TRANSFERS.replace("&amp; ", "")
    coded["boekingen"] = rows
    plain = build_plan(open_tables(coded))
    for order in [*permutations(range(5))][::17]:
        turned = dict(coded)
        lines = rows.splitlines()
        turned["boekingen"] = "\n".join(
            ";".join(line.split(";")[place] for place in order)
            for line in (lines[0], *lines[:0:-1])
        )
        archive = open_tables(turned)
        plan = build_plan(archive)

        assert plan.receipt.balances == plain.receipt.balances
        assert len({each.source_key for each in transfers(archive, plan)}) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_template_with_its_examples_is_read_without_a_word(
    open_tables: OpenTables, language: str
) -> None:
    files = {name.removesuffix(".csv"): content for name, content in template(language).items()}

    archive = open_tables(files)
    plan = build_plan(archive)

    assert plan.receipt.issues == ()
    assert (plan.receipt.members, plan.receipt.posts, plan.receipt.transfers) == (2, 2, 1)
    assert [table.aside for table in plan.receipt.tables] == [()] * 3
    assert [check.difference_minor for check in plan.receipt.balances] == [0, 0]
    assert {each.kind for account in plan.accounts for each in account.contacts} == {
        *("mail", "tel", "gsm", "adr")
    }


def test_a_doubled_file_adds_nothing_and_says_so(open_tables: OpenTables, coded: Tables) -> None:
    header, rows = TRANSFERS.split("\n", 1)
    coded["boekingen"] = f"{header}\n{rows}{rows}"
    header, rows = MEMBERS.split("\n", 1)
    coded["leden"] = f"{header}\n{rows}{rows}"

    plan = build_plan(open_tables(coded))
    twice = build_plan(open_tables(coded), Choices(same_rows=True))

    assert (plan.receipt.members, plan.receipt.transfers) == (2, 2)
    assert [each[:4] for each in issues(plan) if each[2] is Code.CONFLICT and each[4]] == [
        *(("leden.csv", line, Code.CONFLICT, "id") for line in (5, 6, 7)),
        *(("boekingen.csv", line, Code.CONFLICT, "row") for line in (4, 5)),
    ]
    assert twice.receipt.transfers == 4


def test_equal_rows_that_are_taken_have_keys_of_their_own(
    open_tables: OpenTables, coded: Tables
) -> None:
    header, rows = TRANSFERS.split("\n", 1)
    coded["boekingen"] = f"{header}\n{rows}{rows}"
    archive = open_tables(coded)

    plan = build_plan(archive, Choices(same_rows=True))
    keys = [each.source_key for each in transfers(archive, plan)]

    assert len(set(keys)) == 4
    assert keys == [each.source_key for each in transfers(archive, plan)]


def test_rows_without_a_known_account_are_named(open_tables: OpenTables, coded: Tables) -> None:
    coded["boekingen"] = (
        TRANSFERS + "2/6/2024;099;046;1;\n2/6/2024;045;;1;\n2/6/2024;045;046;1,5;\n"
    )

    plan = build_plan(open_tables(coded))

    assert issues(plan)[:-1] == [
        ("boekingen.csv", 4, Code.ACCOUNT_UNKNOWN, "from", True),
        ("boekingen.csv", 5, Code.ACCOUNT_UNKNOWN, "to", True),
        ("boekingen.csv", 6, Code.AMOUNT_NOT_INTEGER, "amount", True),
    ]
    assert [each.column for each in plan.receipt.issues[:3]] == ["van", "aan", "bedrag"]


def test_who_does_not_come_along_leaves_bookings_only(
    open_tables: OpenTables, coded: Tables
) -> None:
    archive = open_tables(coded)
    plan = build_plan(archive, Choices(statuses=(AccountStatus.ACTIVE,)))
    bart = next(each for each in plan.accounts if each.code == "046")

    assert (bart.name, bart.contacts, bart.bookings_only) == ("046", (), True)
    assert [each.subject for each in posts(archive, plan)] == ["Fiets herstellen", "Soep"]
    assert plan.receipt.transfers == 2


ELAS_USERS = (
    '"letscode","cdate","comments","hobbies","name","postcode","login","mailinglist","password",'
    '"accountrole","status","lastlogin","minlimit","fullname","admincomment","activeringsdatum"\r\n'
    '"001","2010-01-01 12:00:00","zegt "hallo"","","Els","2000","els","1","PLANTED","user","1","",'
    '"-500","Els Maes","","2010-01-02 00:00:00"\r\n'
    '"002","","","","Bart","2000","b","1","PLANTED","admin","2","","-500","Bart Claes","",""\r\n'
    '"900","","","","LETS Y","","y","0","PLANTED","interlets","7","","-999999999","","",""\r\n'
)
ELAS_MESSAGES = (
    '"letscode","cdate","validity","id_category","content","msg_type"\r\n'
    '"001","2019-07-01 10:00:00","2020-07-01 10:00:00","12","Taart "met slagroom"","1"\r\n'
)
ELAS_CONTACTS = (
    '"letscode","id_type_contact","comments","value","flag_public"\r\n'
    '"001","3","","els@voorbeeld.be","1"\r\n"002","1","","03 123 45 67","0"\r\n'
)
ELAS_TRANSFERS = (
    '"Datum","Van","Aan","Bedrag","Dienst"\r\n'
    '"2019-07-01 10:00:00","001","002","10","Soep &amp; brood"\r\n'
    '"2019-07-01 10:00:01","002","900","4","voor "Jan""\r\n'
)
ELAS = {
    "elas-users-2019-07-02": ELAS_USERS,
    "elas-messages-2019-07-02": ELAS_MESSAGES,
    "elas-contacts-2019-07-02": ELAS_CONTACTS,
    "elas-transactions-2019-07-02": ELAS_TRANSFERS,
    "elas-categories-2019-07-02": '"name","id_parent","description","cdate","fullname"\r\n',
    "csv_memberlist": 'Code,Naam,Postcode,Saldo,mail\n"001","Els","2000",-10,"x@voorbeeld.be"\n'
    '"002","Bart","2000",6,""\n"900","LETS Y","",4,""\n',
}


def test_elas_is_read_in_the_time_of_brussels_with_its_bare_quotes(
    open_tables: OpenTables,
) -> None:
    archive = open_tables(ELAS)
    plan = build_plan(archive)

    assert plan.receipt.generation is Generation.ELAS
    assert [(each.code, each.kind, each.lower_minor) for each in sorted_accounts(plan)] == [
        ("001", "member", -500),
        ("002", "member", -500),
        ("900", "partner", None),
    ]
    assert [each.name for each in sorted_accounts(plan)][2] == "oude rekening van groep LETS Y"
    (post,) = posts(archive, plan)
    assert (post.subject, post.offer_want) == ('Taart "met slagroom"', "offer")
    first, second = transfers(archive, plan)
    assert (first.at_s, first.description) == (1_561_968_000, "Soep & brood")  # 08:00 UTC
    assert second.description == 'voor "Jan"'
    contacts = {each.code: each.contacts for each in plan.accounts}
    assert [(each.kind, each.access) for each in contacts["001"]] == [
        ("mail", "user"),
        ("mail", "user"),
    ]
    assert [(each.kind, each.access) for each in contacts["002"]] == [("tel", "admin")]
    assert {each.code: each.difference_minor for each in plan.receipt.balances} == {
        "001": 0,
        "002": 0,
        "900": 0,
    }
    assert "PLANTED" not in repr(plan)
    assert plan.receipt.secrets_dropped == ("elas-users-2019-07-02.csv, column password",)
    assert [each.file for each in plan.receipt.skipped] == ["elas-categories-2019-07-02.csv"]


def sorted_accounts(plan: Plan) -> list[ImportedAccount]:
    return sorted(plan.accounts, key=lambda each: each.code)


def test_former_eland_is_read_in_utc_with_the_member_behind_a_partner(
    open_tables: OpenTables,
) -> None:
    files: Tables = {
        "elas-user-1560000000": ELAS_USERS.replace('"minlimit"', '"minlimit","maxlimit"')
        .replace('"-500"', '"-500","1500"')
        .replace('"-999999999"', '"-999999999","999999999"'),
        "elas-trans-1560000000": (
            '"Datum","Van","interlets","Aan","interlets","Bedrag","Dienst","transactie id"\r\n'
            '"2019-07-01 10:00:00","900 LETS Y","012 Jan","001 Els","","3","Taart","abc1"\r\n'
        ),
    }
    archive = open_tables(files)
    plan = build_plan(archive)
    (transfer,) = transfers(archive, plan)

    assert plan.receipt.generation is Generation.ELAND_FORMER
    assert (transfer.source_key, transfer.at_s) == ("transid:abc1", 1_561_975_200)
    assert (transfer.payer_real, transfer.payee_real) == ("012 Jan", "")
    assert [each.upper_minor for each in sorted_accounts(plan)] == [1500, 1500, None]


def test_bookings_of_a_screen_know_their_account_by_code_and_name(
    open_tables: OpenTables, coded: Tables
) -> None:
    coded["boekingen"] = (
        '"id","Creatiedatum","Transactiedatum","Van","Aan","Bedrag","Dienst","Ingebracht door"\r\n'
        '"7","","31 mei 2024 18:30","045 (Els Maes)","046 (Bart)","5","zei ""dag""","x"\r\n'
    )
    archive = open_tables(coded)
    (transfer,) = transfers(archive, build_plan(archive))

    assert (transfer.source_key, transfer.at_s) == ("transid:7", 1_717_173_000)
    assert transfer.description == 'zei "dag"'


def test_without_members_nothing_is_read(open_tables: OpenTables, coded: Tables) -> None:
    del coded["leden"]

    with pytest.raises(InputError) as caught:
        build_plan(open_tables(coded))

    assert caught.value.code is Code.IMPORT_TABLE_MISSING
