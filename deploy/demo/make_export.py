"""A made-up eLAND export (G3): people, offers and two years of transfers out of word lists.

Invariant: the same arguments give the same rows; balances sum to zero and stay in believable
limits. Nobody in it exists. The dirt that real exports have is in it on purpose, and a marker
(`SECRET_MARKER`) wherever a secret would lie.
"""

from __future__ import annotations

import argparse
import json
import random
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from deploy.demo import export_words as words

SECRET_MARKER: Final = "GEHEIM-mag-nergens-opduiken"  # noqa: S105 - the marker itself
GROUP_CODE: Final = "000"
"""The code of the account that is the group's own."""
UNTIL: Final = datetime(2026, 6, 30, 20, 0, tzinfo=UTC)
_DAYS: Final = 730
_BALANCE_HOURS_MAX: Final = 15
_LIMIT_HOURS: Final = 25
_NO_TRANSID: Final = 0.02
_QUOTED: Final = 0.05
_WITH_PARTNER: Final = 0.06
_CONTRIBUTION: Final = 0.01
_TOWARDS_ZERO: Final = 0.5
"""How often who stands higher pays, of the times that it would be the other."""
_DIGEST: Final = 0.8
_BLANK_BEFORE, _BLANK_BEHIND, _LETTERED, _DOUBLED = 4, 6, 9, 5
"""Members whose codes are odd."""

Value = str | int | bool | None
Rows = list[tuple[Value, ...]]


class ExportFacts(NamedTuple):
    """What was made: the figures that a reader of the export must find."""

    members: int
    partners: int
    posts: int
    transfers: int
    without_transid: int
    categories: int
    contacts: int
    balances: dict[int, int]
    """By account id."""


class ExportSize(NamedTuple):
    """How much is made."""

    members: int = 60
    posts: int = 400
    transactions: int = 3000


_SIZE: Final = ExportSize()


class _World:
    """One export, table by table."""

    def __init__(self, seed: int, group: str, unit: str, per_hour: int, until: datetime) -> None:
        self.chance = random.Random(seed)
        self.group, self.unit, self.per_hour, self.until = group, unit, per_hour, until
        self.tables: dict[str, tuple[str, Rows]] = {}
        self.active: list[int] = []
        self.partners: list[int] = []
        self.people: dict[int, str] = {}
        self.balances: dict[int, int] = {}

    def table(self, name: str, header: str) -> Rows:
        """Start a table."""
        self.tables[name] = (header, [])
        return self.tables[name][1]

    def between(self, start: datetime, end: datetime) -> datetime:
        """Pick a moment, to the microsecond."""
        span_us = int((end - start).total_seconds() * 1_000_000)
        return start + timedelta(microseconds=self.chance.randrange(span_us))


def make_export(
    path: Path,
    *,
    seed: int = 1,
    group: str = "LETS Voorbeeld",
    unit: str = "polleke",
    per_hour: int = 20,
    size: ExportSize = _SIZE,
    until: datetime = UNTIL,
) -> ExportFacts:
    """Write the export to `path` (a ZIP) and tell what is in it.

    Transactions spread over the two years before `until`; beside the members there are the
    group's own account (`GROUP_CODE`) and three partner groups' accounts.
    """
    world = _World(seed, group, unit, per_hour, until)
    _make_users(world, size.members)
    contacts = _make_contacts(world)
    categories = _make_categories(world)
    without = _make_transactions(world, size.transactions)
    _make_limits(world)
    _make_messages(world, size.posts, categories)
    _make_config(world)
    _make_others(world)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (header, rows) in world.tables.items():
            lines = [",".join(_cell(value) for value in row) for row in rows]
            member = zipfile.ZipInfo(f"{name}.csv", world.until.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, "\n".join([header, *lines, ""]))
    assert sum(world.balances.values()) == 0, "what one gives another gets"
    partners = len(world.partners)
    return ExportFacts(
        *(size.members, partners, size.posts, size.transactions),
        *(without, len(categories), contacts, world.balances),
    )


def _make_users(world: _World, members: int) -> None:
    rows = world.table(
        "users",
        "id,code,name,full_name,full_name_access,postcode,birthdate,hobbies,comments,"
        "admin_comments,role,status,adate,password,periodic_overview_en,image_file,created_at,"
        "last_edit_at,edit_count,created_by,remote_schema",
    )
    start = world.until - timedelta(days=_DAYS)
    chance = world.chance
    for number in range(1, members + 2 + len(words.PARTNERS)):
        name = f"{chance.choice(words.FIRST)} {chance.choice(words.LAST)}"
        code, role, status = f"{number - 1:03d}", "user", 1
        if number == 1:
            code, name = GROUP_CODE, "Secretariaat"
        elif number > members + 1:
            code, _, name, _ = words.PARTNERS[number - members - 2]
            role, status = "guest", 7
            world.partners.append(number)
        else:
            code, status = _member_dirt(number - 1, members, code)
            role = "admin" if number - 1 in {1, 2} else "user"
        since = world.between(start - timedelta(days=2000), start)
        if status == 1 and number % 20 == 0:
            since = world.until - timedelta(days=chance.randrange(5, 60))  # a newcomer
        if status in {1, 2} and number > 1:
            world.active.append(number)
        world.people[number] = f"{code.strip()} {name}"
        world.balances[number] = 0
        first, _, last = name.partition(" ")
        rows.append(
            (
                *(number, code, f"{first} {last[:1]}.".strip(" ."), name),
                *(chance.choice(("admin", "user", "guest")), chance.choice(words.PLACES)[0]),
                f"{chance.randrange(1945, 2000)}-{chance.randrange(1, 13):02d}-15",
                chance.choice((None, "", f"{chance.choice(words.WORK)}, wandelen")),
                chance.choice((None, 'zegt "ja" tegen alles\nbelt liever')),
                None,
                *(role, status, _moment(since), f"$2y$10${SECRET_MARKER}{number:04d}"),
                *(chance.random() < _DIGEST, None, _moment(since), None, 0, 1, None),
            )
        )


def _member_dirt(number: int, members: int, code: str) -> tuple[str, int]:
    """Give some members' codes blanks or another's code, and some another status."""
    odd = {
        _BLANK_BEFORE: (f" {code}", 1),
        _BLANK_BEHIND: (f"{code} ", 1),
        _LETTERED: ("K9", 1),
        members: ("k9", 0),  # twice, in another case
        members - 1: (f"{_DOUBLED:03d}", 0),  # twice
        members - 2: (code, 5),
        members - 3: (code, 2),
        members - 4: (code, 2),
    }
    return odd.get(number, (code, 1))


def _make_contacts(world: _World) -> int:
    kinds = world.table("type_contact", "id,name,abbrev")
    names = (("E-mail", "mail"), ("Adres", "adr"), ("Telefoon", "tel"), ("GSM", "gsm"))
    kinds.extend((number, *names[number - 1]) for number in range(1, 5))
    rows = world.table("contact", "id,user_id,id_type_contact,value,comments,access,created_by")
    chance = world.chance
    for user in world.people:
        street, (postcode, place) = chance.choice(words.STREETS), chance.choice(words.PLACES)
        address = f"{street} {chance.randrange(1, 180)}, {postcode} {place}"
        phone = f"04{chance.randrange(70, 100)} 00 {chance.randrange(10, 99)} 00"
        for kind, value, access in (
            (1, f"lid{user}@voorbeeld.invalid", "user"),
            (2, address, "user"),
            (4, phone, chance.choice(("user", "guest"))),
        ):
            rows.append((len(rows) + 1, user, kind, value, chance.choice((None, "")), access, 1))
    return len(rows)


def _make_categories(world: _World) -> list[int]:
    rows = world.table("categories", "id,name,parent_id,level,left_id,right_id,created_by")
    for name, children in words.CATEGORIES:
        parent = len(rows) + 1
        rows.append((parent, name, None, 1, None, None, 1))
        rows.extend(
            (parent + place + 1, child, parent, 2, None, None, 1)
            for place, child in enumerate(children)
        )
    return list(range(1, len(rows) + 1))


def _make_transactions(world: _World, transactions: int) -> int:
    rows = world.table(
        "transactions",
        "id,transid,amount,description,id_from,id_to,real_from,real_to,created_at,last_edit_at,"
        "edit_count,created_by,service_stuff",
    )
    balance_rows = world.table("balance", "id,account_id,amount,balance,created_at")
    chance = world.chance
    start = world.until - timedelta(days=_DAYS)
    moments = sorted(world.between(start, world.until) for _ in range(transactions))
    without = 0
    for number, at in enumerate(moments, 1):
        payer, payee, amount = _pick_trade(world)
        partner = {account: account in world.partners for account in (payer, payee)}
        real = {
            account: f"{chance.randrange(1, 90):03d} {chance.choice(words.FIRST)}" if far else None
            for account, far in partner.items()
        }
        transid: str | None = f"{number}{chance.randrange(10**9):09d}@voorbeeld"
        if chance.random() < _NO_TRANSID:
            transid = chance.choice((None, ""))
            without += 1
        phrase = f"{chance.choice(words.WORK)} {chance.choice(words.WHEN)}"[:60]
        if chance.random() < _QUOTED:
            phrase = f'{chance.choice(words.WORK)}, "zoals afgesproken"'[:60]
        rows.append(
            (
                *(number, transid, amount, phrase, payer, payee, real[payer], real[payee]),
                *(_moment(at), None, 0, payer, chance.choice(("service", "stuff", "", None))),
            )
        )
        for account, change in ((payer, -amount), (payee, amount)):
            world.balances[account] += change
            balance_rows.append(
                (len(balance_rows) + 1, account, change, world.balances[account], _moment(at))
            )
    return without


def _pick_trade(world: _World) -> tuple[int, int, int]:
    """Pick payer, payee and amount so that both stay within believable balances."""
    chance, highest = world.chance, world.per_hour * _BALANCE_HOURS_MAX
    while True:
        amount = max(1, world.per_hour * chance.randrange(1, 13) // 4)
        payer, payee = chance.sample(world.active, 2)
        if world.balances[payer] < world.balances[payee] and chance.random() < _TOWARDS_ZERO:
            payer, payee = payee, payer
        if chance.random() < _WITH_PARTNER:
            ends = [chance.choice(world.partners), payee]
            chance.shuffle(ends)
            payer, payee = ends
        elif chance.random() < _CONTRIBUTION:
            payee, amount = 1, max(1, world.per_hour // 2)  # the yearly contribution
        low, high = world.balances[payer] - amount, world.balances[payee] + amount
        if payer != payee and low >= -highest and high <= highest:
            return payer, payee, amount


def _make_limits(world: _World) -> None:
    lower = world.table("min_limit", "id,account_id,min_limit,created_at,created_by,is_auto")
    upper = world.table("max_limit", "id,account_id,max_limit,created_at,created_by,is_auto")
    hours = world.per_hour * _LIMIT_HOURS
    for place, account in enumerate(world.active):
        early = _moment(world.until - timedelta(days=900 + place))
        late = _moment(world.until - timedelta(days=100 + place))
        if place % 5 == 0:  # the older row stands behind the newer
            lower.append((len(lower) + 1, account, -hours, late, 1, False))
            lower.append((len(lower) + 1, account, -hours // 2, early, None, True))
        if place % 7 == 0:
            none = (0, 999999999, None)[place % 3]
            upper.append((len(upper) + 1, account, none, late, 1, False))
    for account in world.partners:
        lower.append((len(lower) + 1, account, -999999999, early, 1, False))


def _make_messages(world: _World, posts: int, categories: list[int]) -> None:
    rows = world.table(
        "messages",
        "id,user_id,category_id,subject,content,offer_want,service_stuff,amount,units,expires_at,"
        "exp_user_warn,image_files,access,created_at,last_edit_at,edit_count,created_by",
    )
    chance = world.chance
    for number in range(1, posts + 1):
        user = chance.choice(world.active)
        work, when = chance.choice(words.WORK), chance.choice(words.WHEN)
        tone = chance.choice(words.TONE)
        at = world.between(world.until - timedelta(days=_DAYS), world.until)
        ends = at + timedelta(days=chance.choice((180, 365, 730)))
        pictures = [f"voorbeeld_{number}_{place}.jpg" for place in range(chance.randrange(3))]
        content = f"<p>{work} <b>{when}</b>.</p>\n<p>{tone}&nbsp;Vraag &amp; antwoord"
        content += chance.choice(
            ("</p>", "<br>tot dan</p>", "</p><ul><li>snel</li><li>net</li></ul>")
        )
        rows.append(
            (
                *(number, user, chance.choice(categories), work, content),
                *(
                    chance.choice(("offer", "offer", "offer", "want")),
                    chance.choice(("service", "")),
                ),
                chance.choice((None, max(1, world.per_hour // 2), world.per_hour)),
                *(chance.choice((None, "uur", "stuk")), _moment(ends), False),
                chance.choice((None, "[]", json.dumps(pictures))),
                *(chance.choice(("user", "user", "guest")), _moment(at), None, 0, user),
            )
        )


def _make_config(world: _World) -> None:
    partners = world.table("letsgroups", "id,groupname,shortname,apimethod,localletscode,url")
    for number, (_, code, name, method) in enumerate(words.PARTNERS, 1):
        url = f"https://{name.rpartition(' ')[2].lower()}.voorbeeld.invalid"
        partners.append((number, name, None, method, code, url))
    rows = world.table("config", "id,data")
    hours = world.per_hour * _LIMIT_HOURS
    for path, setting in (
        ("accounts.limits.global.max", 2 * hours),
        ("accounts.limits.global.min", -hours),
        ("mail.addresses.admin", ["beheer@voorbeeld.invalid"]),
        ("mollie.apikey", f"live_{SECRET_MARKER}"),
        ("mollie.enabled", True),
        ("system.name", world.group),
        ("transactions.currency.name", world.unit),
        ("transactions.currency.per_hour_ratio", world.per_hour),
        ("users.new.days", 365),
    ):
        rows.append((path, json.dumps(setting, ensure_ascii=False)))


def _make_others(world: _World) -> None:
    news = world.table("news", "id,headline,newsitem,created_at")
    for number in range(1, 13):
        text = f'Samenkomst {number}.\nBreng iets mee om te delen, "wat je wil".'
        news.append((number, f"Bijeenkomst {number}", text, _moment(world.until)))
    logs = world.table("logs", "id,type,event,ts,user_id,data")
    for number in range(1, 201):
        logs.append(
            (number, "login", f"token {SECRET_MARKER}", _moment(world.until), 2, '{"ip": ""}')
        )


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000")


def _cell(value: Value) -> str:
    """Write a value as PostgreSQL does: NULL empty, an empty text as two quotes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    text = str(value)
    if text and not any(sign in text for sign in ',"\r\n'):
        return text
    return '"' + text.replace('"', '""') + '"'


def main() -> None:
    """Read the arguments and write one export."""
    parser = argparse.ArgumentParser(description="Make up an eLAND export for trying things out.")
    parser.add_argument("path", type=Path, help="the ZIP to write")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--group", default="LETS Voorbeeld")
    parser.add_argument("--unit", default="polleke")
    parser.add_argument("--per-hour", type=int, default=20)
    parser.add_argument("--until", type=datetime.fromisoformat, default=UNTIL)
    for name, default in _SIZE._asdict().items():
        parser.add_argument(f"--{name}", type=int, default=default)
    given = vars(parser.parse_args())
    size = ExportSize(**{name: given.pop(name) for name in ExportSize._fields})
    facts = make_export(given.pop("path"), size=size, **given)
    print(f"{facts.members} members, {facts.posts} posts, {facts.transfers} transfers")


if __name__ == "__main__":
    main()
