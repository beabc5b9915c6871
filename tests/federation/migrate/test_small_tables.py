"""Accounts, contacts, categories, settings and posts come out as what they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from federation.migrate import accounts as accounts_module
from federation.migrate import categories as categories_module
from federation.migrate.archive import Archive
from federation.migrate.plan import build_plan, posts
from federation.migrate.planned import Plan
from schemas.bodies import AccountStatus
from schemas.errors import Code, InputError
from schemas.openings import Contact

Tables = dict[str, str | bytes]
OpenTables = Callable[[Mapping[str, str | bytes]], Archive]
USER_HEADER = "id,code,name,full_name,role,status\n"


def refused(open_tables: OpenTables, tables: Tables) -> InputError:
    archive = open_tables(tables)
    with pytest.raises(InputError) as caught:
        build_plan(archive)
    return caught.value


def reasons(plan: Plan) -> list[tuple[str, int, Code, str, bool]]:
    return [
        (issue.file, issue.line, issue.code, issue.field, issue.refused)
        for issue in plan.receipt.issues
    ]


def test_codes_are_unique_whatever_their_case_and_blanks(open_tables: OpenTables) -> None:
    users = USER_HEADER + (
        "1, a1 ,x,,user,0\n2,A1,x,,user,1\n3,a 1,x,,user,1\n"
        f"4,,x,,user,1\n5,{'c' * 41},x,,user,1\n6,a1-2,x,,user,1\n"
    )

    plan = build_plan(open_tables({"users": users}))

    assert [account.code for account in plan.accounts] == [
        "a1-3",
        "A1",
        "a 1-2",
        "id4",
        "id5",
        "a1-2-2",
    ]
    assert [(line, code) for _, line, code, _, _ in reasons(plan)] == [
        (4, Code.CODE_TAKEN),
        (5, Code.MALFORMED),
        (6, Code.MALFORMED),
        (7, Code.CODE_TAKEN),
        (2, Code.CODE_TAKEN),
    ]


def test_partner_accounts_are_named_after_their_group(open_tables: OpenTables) -> None:
    users = (
        "id,letscode,name,fullname,accountrole,status,is_intersystem\n"
        "1,p-gent,Gent,LETS Gent vzw,interlets,7,\n"
        "2,P2,x,LETS Aalter,guest,7,\n"
        "3,P3,LETS Leie,,user,1,t\n"
        "4,P 4,x,y,user,1,f\n"
    )
    partners = "groupname,localletscode\nLETS Gent, P-Gent\nLETS Brussel,p4\n"

    plan = build_plan(open_tables({"users": users, "letsgroups": partners}))

    assert [(account.kind, account.name) for account in plan.accounts] == [
        ("partner", "oude rekening van groep LETS Gent"),
        ("partner", "oude rekening van groep LETS Aalter"),
        ("partner", "oude rekening van groep LETS Leie"),
        ("partner", "oude rekening van groep LETS Brussel"),
    ]
    assert plan.receipt.partners == 4


def test_states_of_members(open_tables: OpenTables) -> None:
    users = USER_HEADER + "".join(
        f"{number},{number},x,,user,{status}\n"
        for number, status in enumerate(("0", "1", "2", "5", "6", "7", "", "actief"), 1)
    )

    plan = build_plan(open_tables({"users": users}))

    inactive, active, leaving, information = (
        AccountStatus.INACTIVE,
        AccountStatus.ACTIVE,
        AccountStatus.LEAVING,
        AccountStatus.INFORMATION,
    )
    assert [account.status for account in plan.accounts] == [
        *(inactive, active, leaving, information, information, active, inactive, inactive)
    ]
    assert reasons(plan) == [("users.csv", 9, Code.MALFORMED, "status", False)]


def test_the_newest_limit_counts_and_sentinels_mean_none(open_tables: OpenTables) -> None:
    users = "id,code,status,minlimit,maxlimit\n" + "".join(
        f"{number},{number},1,-100,200\n" for number in range(1, 5)
    )
    lower = (
        "id,account_id,min_limit,created_at\n"
        "1,1,-500,2024-02-01 00:00:00\n2,1,-300,2023-01-01 00:00:00\n"
        "3,2,-999999999,2024-01-01 00:00:00\n4,3,-7,2024-01-01 00:00:00\n5,3,,2024-01-01 00:00:00\n"
    )
    upper = (
        "id,account_id,max_limit,created_at\n"
        "1,1,0,2024-01-01 00:00:00\n2,2,999999999,2024-01-01 00:00:00\n3,3,50,\n"
    )
    ours = "id,account_id,max_limit,created_at,exact\n1,1,0,,t\n2,2,0,,f\n3,3,50,,t\n4,4,,,t\n"

    plan = build_plan(open_tables({"users": users, "min_limit": lower, "max_limit": upper}))
    own = build_plan(open_tables({"users": users, "min_limit": lower, "max_limit": ours}))

    assert [(account.lower_minor, account.upper_minor) for account in plan.accounts] == [
        (-500, None),
        (None, None),
        (None, 50),
        (-100, 200),
    ]
    assert [account.upper_minor for account in own.accounts] == [0, None, 50, None]


def test_contacts_come_with_their_kind_and_visibility(open_tables: OpenTables) -> None:
    tables: Tables = {
        "users": USER_HEADER + "1,a,x,,user,1\n",
        "type_contact": "id,name,abbrev\n1,E-mail,mail\n2,Fax,\n",
        "contact": (
            "id,id_user,id_type_contact,value,comments,flag_public\n"
            "1,1,1,els@voorbeeld.invalid,thuis,2\n2,1,2,123,,x\n3,1,9,?,,\n"
            "4,1,1,,,1\n5,8,1,x,,1\n"
        ),
    }

    plan = build_plan(open_tables(tables))

    assert plan.accounts[0].contacts == (
        Contact(kind="mail", value="els@voorbeeld.invalid", access="guest", comment="thuis"),
        Contact(kind="Fax", value="123", access="admin"),
        Contact(kind="other", value="?", access="admin"),
    )
    assert reasons(plan) == [
        ("contact.csv", 5, Code.MALFORMED, "value", True),
        ("contact.csv", 6, Code.ACCOUNT_UNKNOWN, "user_id", True),
    ]


def test_posts_become_plain_text_with_their_category(open_tables: OpenTables) -> None:
    tables: Tables = {
        "users": USER_HEADER + "1,a,x,,user,1\n",
        "categories": "id,name,parent_id\n3,Fiets,\n",
        "messages": (
            "id,user_id,category_id,subject,content,offer_want,service_stuff,amount,units,"
            "expires_at,access,created_at,image_files\n"
            '1,1,3,Fiets,"<p>Snel &amp; net</p>",offer,service,8,uur,2025-01-01 00:00:00,guest,'
            '2024-01-01 00:00:00,"[""a.jpg""]"\n'
            "2,1,9,Taart,,want,,,,,,,\n"
            "3,8,3,Soep,,want,,,,,,,\n4,1,3,,,want,,,,,,,\n5,1,3,x,,ruil,,,,,,,\n1,1,3,x,,want,,,,,,,\n"
        ),
    }
    archive = open_tables(tables)
    plan = build_plan(archive)

    first, second = posts(archive, plan)

    assert (first.subject, first.content_text, first.offer_want) == ("Fiets", "Snel & net", "offer")
    assert (first.service_stuff, first.amount, first.units) == ("service", 8, "uur")
    assert (first.category_source_id, first.access) == (3, "guest")
    assert (first.created_at_s, first.expires_at_s) == (1_704_067_200, 1_735_689_600)
    assert (second.offer_want, second.category_source_id, second.access) == ("want", None, "user")
    assert (plan.receipt.posts, plan.receipt.posts_refused) == (2, 4)
    assert reasons(plan) == [
        ("messages.csv", 3, Code.NOT_FOUND, "category_id", False),
        ("messages.csv", 4, Code.ACCOUNT_UNKNOWN, "user_id", True),
        ("messages.csv", 5, Code.MALFORMED, "subject", True),
        ("messages.csv", 6, Code.MALFORMED, "offer_want", True),
        ("messages.csv", 7, Code.CONFLICT, "id", True),
    ]


def test_posts_under_their_former_column_names(open_tables: OpenTables) -> None:
    tables: Tables = {
        "users": USER_HEADER + "1,a,x,,user,1\n",
        "messages": (
            "id,id_user,id_category,content,Description,msg_type,validity,cdate\n"
            "1,1,,Fiets,<b>snel</b>,1,,2024-01-01 00:00:00\n2,1,,Soep,,0,,\n"
        ),
    }
    archive = open_tables(tables)

    found = list(posts(archive, build_plan(archive)))

    assert [(post.subject, post.content_text, post.offer_want) for post in found] == [
        ("Fiets", "snel", "offer"),
        ("Soep", "", "want"),
    ]


def test_categories_stand_behind_their_parents_and_circles_are_cut(
    open_tables: OpenTables,
) -> None:
    rows = "4,d,2\n2,b,1\n1,a,\n5,e,6\n6,f,5\n7,g,99\n8,h,0\n1,dubbel,\n9,,\n"
    tables: Tables = {
        "users": USER_HEADER + "1,a,x,,user,1\n",
        "categories": "id,name,parent_id\n" + rows,
    }

    plan = build_plan(open_tables(tables))

    assert [(each.source_id, each.parent_source_id) for each in plan.categories] == [
        (1, None),
        (2, 1),
        (4, 2),
        (6, None),
        (5, 6),
        (7, None),
        (8, None),
    ]
    assert [(line, code) for _, line, code, _, _ in reasons(plan)] == [
        (9, Code.CONFLICT),
        (10, Code.MALFORMED),
        (6, Code.NOT_FOUND),
        (7, Code.NOT_FOUND),
    ]


def test_settings_come_from_config(open_tables: OpenTables) -> None:
    tables: Tables = {
        "users": USER_HEADER + "1,a,x,,user,1\n",
        "config": (
            'id,data\nsystem.name,"""LETS Gent"""\n'
            'transactions,"{""currency"":{""name"":""stropke"",""per_hour_ratio"":""40""}}"\n'
            "accounts.limits.global.min,-999999999\naccounts.limits.global.max,1500\n"
            "users.new.days,366\nmail.x,{kapot\n"
        ),
    }

    group = build_plan(open_tables(tables)).group

    assert (group.name, group.unit_name, group.per_hour) == ("LETS Gent", "stropke", 40)
    assert (group.lower_minor, group.upper_minor, group.newcomer_days) == (None, 1500, 366)


def test_settings_that_cannot_be_are_left_out_with_a_note(open_tables: OpenTables) -> None:
    tables: Tables = {
        "users": USER_HEADER + "1,a,x,,user,1\n",
        "config": (
            "id,data\nsystem.name,{kapot\ntransactions.currency.per_hour_ratio,0\n"
            "users.new.days,true\naccounts.limits.global.max,1.5\n"
            'transactions.currency.name,12\naccounts.limits.global.min,""""""\nusers,\n'
        ),
    }

    plan = build_plan(open_tables(tables))

    assert (plan.group.name, plan.group.unit_name, plan.group.per_hour) == ("", "", None)
    assert (plan.group.upper_minor, plan.group.newcomer_days) == (None, None)
    assert [(line, field) for _, line, _, field, _ in reasons(plan)] == [
        (2, "data"),
        (0, "transactions.currency.per_hour_ratio"),
        (0, "accounts.limits.global.max"),
        (0, "users.new.days"),
    ]


def test_a_user_row_that_stands_twice_is_refused(open_tables: OpenTables) -> None:
    plan = build_plan(open_tables({"users": USER_HEADER + "1,a,x,,user,1\n1,b,x,,user,1\n"}))

    assert [account.code for account in plan.accounts] == ["a"]
    assert reasons(plan) == [("users.csv", 3, Code.CONFLICT, "id", True)]


def test_small_tables_have_limits(
    open_tables: OpenTables, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables["categories"] = "id,name\n1,a\n2,b\n"
    tables["contact"] = "user_id,value\n1,a\n2,b\n"
    for module, limit in (
        (accounts_module, "ACCOUNTS_MAX"),
        (accounts_module, "CONTACTS_MAX"),
        (categories_module, "CATEGORIES_MAX"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(module, limit, 1)
            error = refused(open_tables, tables)
        assert (error.code, error.facts["line"]) == (Code.CSV_TOO_LARGE, 3)
