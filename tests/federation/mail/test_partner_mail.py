"""Mails to the contact of a group without a node: asked once, reminded twice, told each month."""

from __future__ import annotations

from datetime import datetime

import msgspec

from federation.group.partner_commands import AskPartner, ReachPartner
from federation.mail.kinds import MailKind, choosable
from federation.mail.links import PARTNER_PATH
from federation.mail.office import office_of
from federation.mail.partner_links import answer_month, answer_trade, open_link
from federation.mail.partner_reminders import REMIND_AFTER_S
from federation.mail.reminders import Reminders
from federation.members import partner_reversals, partners
from federation.members.partner_statement import bounds_s
from federation.members.projector import reached
from federation.members.reader import OPERATOR
from federation.node.service import now_s
from federation.node.use_cases import account_by_code, new_key
from federation.node.verify import verify_log
from schemas.encoding import unb64
from schemas.openings import PersonText
from tests.federation.mail.test_office import MAILBOX, with_mail
from tests.federation.mail.test_telling import mails, told
from tests.federation.world.conftest import World, WorldNode

GRIET = PersonText(name="Griet", address="griet@voorbeeld.be", language="nl")
DAY_S = 86_400


async def partner_of(node: WorldNode) -> int:
    command = ReachPartner(
        key=new_key(),
        actor=None,
        group="LETS Gent",
        contact=GRIET,
        subject=new_key(),
        lower_minor=-100,
        upper_minor=100,
        code="GENT",
    )
    account: int = (await node.node.do(command)).value
    await reached(node.node, node.node.sequencer.size - 1)
    return account


async def asked(node: WorldNode, partner: int) -> str:
    member = account_by_code(node.node, "001").account
    key = new_key()
    await node.node.do(AskPartner(key, member, partner, True, 8, "Ramen", "Rita"))
    return key


async def link_in(node: WorldNode, kind: MailKind) -> str:
    text: str = await node.node.pool.fetchval(
        "SELECT text FROM plain.mail WHERE kind = $1 ORDER BY written_at_s DESC LIMIT 1", kind
    )
    assert text.count(PARTNER_PATH) == 1, text
    return text.partition(PARTNER_PATH)[2].partition("\n")[0]


async def test_the_contact_is_asked_reminded_twice_and_not_once_it_answered(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    partner = await partner_of(node)
    name = await asked(node, partner)
    assert await told(node, 1) == {("Griet", "Klopt deze ruil met Anna?")}
    at_s = now_s()

    for after_s in (0, *REMIND_AFTER_S, REMIND_AFTER_S[1] + DAY_S):
        for _ in range(2):
            await Reminders(node.node, office_of(node.node)).round(at_s + after_s)
    subjects = [subject for _, subject in await mails(node, "Griet")]
    assert subjects.count("Herinnering: klopt deze ruil met Anna?") == 2

    link = open_link(node.node, await link_in(node, MailKind.PARTNER_ASKED), now_s=now_s())
    await answer_trade(node.node, link, right=True, reason="")
    other = await asked(node, partner)
    assert other != name
    found = await told(node, len(subjects) + 2)
    assert ("Griet", "Klopt deze ruil met Anna?") in found
    assert [who for who, subject in found if "Geboekt" in subject] == ["Anna"]


async def test_a_month_is_told_once_with_what_moved_and_answered_by_its_link(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    partner = await partner_of(node)
    await asked(node, partner)
    await told(node, 1)
    link = open_link(node.node, await link_in(node, MailKind.PARTNER_ASKED), now_s=now_s())
    await answer_trade(node.node, link, right=True, reason="")
    zone = office_of(node.node).zone
    month = datetime.fromtimestamp(now_s(), zone).strftime("%Y-%m")
    _, end_s = bounds_s(month, zone)
    reminders = Reminders(node.node, office_of(node.node))

    for at_s in (end_s - 1, end_s + DAY_S, end_s + 2 * DAY_S, end_s + 40 * DAY_S):
        await reminders.round(at_s)

    rows = await node.node.pool.fetch(
        "SELECT text FROM plain.mail WHERE kind = $1", MailKind.PARTNER_MONTH
    )
    text = rows[0]["text"].replace("\u00a0", " ")
    assert "0 units" in text
    assert "8 units" in text
    assert "Rita · Ramen" in text
    token = text.partition(PARTNER_PATH)[2].partition("\n")[0]
    month_link = open_link(node.node, token, now_s=now_s())
    await answer_month(node.node, month_link, right=True, reason="")
    answer = node.node.machine.books.agreeing.partners[partner].answer(month)
    assert answer is not None
    assert (answer.agrees, answer.balance_minor) == (True, 8)
    assert len([row for row in rows if month in row["text"] or "Rita" in row["text"]]) == 1


async def test_the_contact_is_told_once_that_a_trade_was_given_back_and_why(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    partner = await partner_of(node)
    await asked(node, partner)
    await told(node, 1)
    link = open_link(node.node, await link_in(node, MailKind.PARTNER_ASKED), now_s=now_s())
    await answer_trade(node.node, link, right=True, reason="")
    booked = node.node.sequencer.size - 1
    await told(node, 2)

    seq = await partner_reversals.reverse(
        node.node, OPERATOR, partner, booked, reason="Stond er dubbel", key=new_key()
    )
    found = await told(node, 4)

    assert ("Griet", "Teruggedraaid: de ruil met Anna") in found
    assert len([who for who, subject in found if "Teruggedraaid" in subject]) == 2
    text = await node.node.pool.fetchval(
        "SELECT text FROM plain.mail WHERE kind = $1", MailKind.PARTNER_REVERSED
    )
    assert "> Stond er dubbel" in text
    assert "Rita" in text
    assert "8 units" in text.replace("\u00a0", " ")
    (undo, done) = (await partner_reversals.booked_with(node.node, OPERATOR, partner))[:2]
    assert (undo.seq, undo.reversal, done.reversed) == (seq, True, True)


def test_members_do_not_choose_what_only_contacts_get() -> None:
    kinds = choosable(coordinator=True)

    assert MailKind.PARTNER_ASKED not in kinds
    assert MailKind.PARTNER_MONTH not in kinds


async def test_of_an_earlier_contact_nothing_opens_any_more(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    partner = await partner_of(node)
    await asked(node, partner)
    await told(node, 1)
    before = node.node.machine.books.agreeing.partners[partner]
    form = partners.PartnerForm(
        group="LETS Gent",
        contact="Hilde",
        address="hilde@voorbeeld.be",
        language="nl",
        lower_minor=-100,
        upper_minor=100,
        account=partner,
    )

    await partners.reach(node.node, OPERATOR, form, key=new_key())
    await reached(node.node, node.node.sequencer.size - 1)

    now = node.node.machine.books.agreeing.partners[partner]
    assert (now.contact, now.former) == (before.contact + 1, (before.subject,))
    shown = await partners.of_account(node.node, partner)
    assert (shown.name, shown.contact, shown.address) == (
        "LETS Gent",
        "Hilde",
        "hilde@voorbeeld.be",
    )
    rows = await node.node.pool.fetch(
        "SELECT address FROM plain.person UNION ALL SELECT address FROM plain.mail"
    )
    assert "griet@voorbeeld.be" not in {row["address"] for row in rows}
    keys = await node.node.pool.fetch("SELECT subject FROM data_key")
    assert unb64(before.subject) not in {row["subject"] for row in keys}
    assert unb64(now.subject) in {row["subject"] for row in keys}
    wider = msgspec.structs.replace(form, upper_minor=200)
    await partners.reach(node.node, OPERATOR, wider, key=new_key())  # the same contact stays
    assert node.node.machine.books.agreeing.partners[partner].former == (before.subject,)
    await node.stop()
    assert (await verify_log(node.folder)).findings == []
    await node.start()  # and it is so still after a restart
    assert not node.node.machine.keyring.knows(unb64(before.subject))
    assert (await partners.of_account(node.node, partner)).address == "hilde@voorbeeld.be"
    trade = await asked(node, partner)
    assert node.node.machine.books.agreeing.requests[trade].confirms == partner
