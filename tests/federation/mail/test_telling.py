"""What happens to members leads to mails: each kind of event, told once, to whom it concerns."""

from __future__ import annotations

import pytest

from federation.mail import mailbox
from federation.mail.kinds import MailKind
from federation.mail.office import office_of
from federation.mail.reminders import BEFORE_END_S, Reminders
from federation.members import giving, profiles, roles
from federation.members.people import Party
from federation.members.projector import reached
from federation.members.reader import OPERATOR
from federation.node.service import now_s
from federation.node.use_cases import account_by_code, new_key
from schemas.openings import Contact, MemberText
from tests.federation.mail.test_office import MAILBOX, until, with_mail
from tests.federation.world.conftest import World, WorldNode, lines

DAY_S = 86_400


async def mails(node: WorldNode, name: str = "") -> list[tuple[str, str]]:
    """Give who was mailed what, oldest first."""
    rows = await node.node.pool.fetch(
        "SELECT name, subject FROM plain.mail WHERE $1 IN ('', name) ORDER BY written_at_s, ctid",
        name,
    )
    return [(row["name"], row["subject"]) for row in rows]


async def told(node: WorldNode, count: int) -> set[tuple[str, str]]:
    """Wait until so many mails are there, and no more come of what has been read."""

    async def enough() -> bool:
        return len(await mails(node)) >= count and await _all_read(node)

    await until(enough)
    found = await mails(node)
    assert len(found) == count, found
    return {(name, subject.replace("\u00a0", " ")) for name, subject in found}


async def _all_read(node: WorldNode) -> bool:
    rows = await node.node.pool.fetch("SELECT line, n FROM plain.mail_read")
    places = {row["line"]: row["n"] for row in rows}
    chains = all(places.get(line.line, 0) >= line.in_n for line in lines(node))
    return chains and places.get("") == node.node.sequencer.size


async def clear(node: WorldNode) -> None:
    """Forget the mails, not that they were told."""
    await node.node.pool.execute("DELETE FROM plain.mail")


async def test_a_thread_and_its_booking_are_told_step_by_step(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    posted = await node.ask(
        "post.place", by="002", title="Fiets herstellen", expires_at_s=now_s() + 90 * DAY_S
    )
    await reached(node.node, node.node.sequencer.size - 1)

    begun = await node.ask(
        "thread.start", by="001", code="002", text="Kan het?", offer=str(posted["post"])
    )
    thread = begun["thread"]
    assert await told(node, 1) == {("Bert", "Anna heeft interesse: Fiets herstellen")}
    await node.ask("thread.answer", by="002", thread=thread, reply="yes", text="Zeker")
    await node.ask("thread.propose", by="002", thread=thread, gives=False, amount_minor=8)
    assert await told(node, 3) >= {
        ("Anna", "Bert schreef je: Fiets herstellen"),
        ("Anna", "Bert stelt iets voor"),
    }
    mine = await node.ask("thread.show", by="001", thread=thread)
    to = mine["standing"]["id"]
    await node.ask("thread.answer", by="001", thread=thread, reply="yes", to=to)
    assert ("Bert", "Anna is akkoord") in await told(node, 4)
    booked = await node.ask("thread.book", by="001", thread=thread)
    assert await told(node, 6) >= {
        ("Anna", "Geboekt: je gaf Bert 8 units"),
        ("Bert", "Anna gaf je 8 units"),
    }
    await node.ask("trade.thank", by="001", trade=booked["id"], text="Prima!", public=True)
    assert ("Bert", "Anna bedankt je") in await told(node, 7)


async def test_requests_their_ends_and_reversals_are_told(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    for number in range(2):
        await node.ask("trade.ask", by="002", payer="001", amount_minor=5 + number)
    assert await told(node, 2) == {("Anna", "Bert gaf hulp en wacht op je antwoord")}
    one, other = [trade["id"] for trade in await node.ask("trade.list", by="002")]
    await clear(node)

    await node.ask("trade.decline", by="001", trade=one)  # Anna says no: Bert is told
    await node.ask("trade.decline", by="002", trade=other)  # Bert takes it back: Anna is told
    assert {name for name, _ in await told(node, 2)} == {"Anna", "Bert"}
    await clear(node)

    third = await node.ask("trade.ask", by="002", payer="001", amount_minor=3)
    await told(node, 1)
    await node.ask("trade.consent", by="001", trade=third["id"])
    await told(node, 3)
    await clear(node)
    back = await node.ask("trade.reverse", by="001", trade=third["id"])  # the payer asks
    assert await told(node, 1) == {("Bert", "Anna vraagt om een ruil terug te draaien")}
    await node.ask("trade.consent", by="002", trade=back["id"])
    assert await told(node, 3) >= {
        ("Anna", "Teruggedraaid: 3 units, met Bert"),
        ("Bert", "Teruggedraaid: 3 units, met Anna"),
    }


async def test_what_is_done_together_is_told(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    at_s = now_s() + 12 * 3600
    placed = await node.ask(
        "activity.place", by="001", title="Tuin opruimen", starts_at_s=at_s, ends_at_s=at_s + 3600
    )
    number = placed["activity"]
    await node.ask("activity.join", by="002", activity=number)
    assert ("Anna", "Bert komt mee: Tuin opruimen") in await told(node, 1)
    await Reminders(node.node, office_of(node.node)).round(now_s())
    assert await told(node, 3) >= {
        ("Anna", "Binnenkort: Tuin opruimen"),
        ("Bert", "Binnenkort: Tuin opruimen"),
    }
    await node.ask(
        "activity.place",
        by="001",
        title="Tuin opruimen",
        starts_at_s=at_s,
        ends_at_s=at_s + 7200,
        activity=number,
    )
    assert ("Bert", "Er verandert iets: Tuin opruimen") in await told(node, 4)
    await node.ask("activity.join", by="003", activity=number)
    await node.ask(
        "activity.spread", by="001", activity=number, helpers=["002", "003"], total_minor=4
    )
    assert await told(node, 8) >= {
        ("Bert", "Anna gaf je 2 units"),
        ("Carla", "Anna gaf je 2 units"),
    }
    await node.ask("collective.book", by="003", amount_minor=3, description="Bijdrage")
    assert await told(node, 11) >= {
        ("Anna", "Geboekt: je gaf alfa 3 units"),
        ("Carla", "Geboekt: je gaf alfa 3 units"),
    }
    soon = await node.ask(
        "activity.place", by="001", title="Soep", starts_at_s=at_s, ends_at_s=at_s + 3600
    )
    await node.ask("activity.join", by="002", activity=soon["activity"])
    await node.ask("activity.join", by="002", activity=soon["activity"], leave=True)
    await node.ask("activity.join", by="003", activity=soon["activity"])
    await node.ask("activity.cancel", by="001", activity=soon["activity"])
    assert await told(node, 15) >= {
        ("Anna", "Bert komt toch niet: Soep"),
        ("Carla", "Gaat niet door: Soep"),
    }


async def test_a_report_is_told_once_to_every_coordinator_but_its_own(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    node = await with_mail(world, MAILBOX)
    await node.ask("member.role", code="002", role="coordinator")
    assert ("Bert", "Je taak bij alfa: kerngroeplid") in await told(node, 1)
    begun = await node.ask("thread.start", by="001", code="002", text="LELIJK")
    await told(node, 2)
    (letter,) = begun["messages"]
    await clear(node)

    await node.ask(
        "report.make", by="002", text="GEHEIM", thread=begun["thread"], message=letter["id"]
    )
    subject = "Een lid meldt dat er iets niet in orde is"
    assert await told(node, 1) == {("Carla", subject)}
    (row,) = await node.node.pool.fetch("SELECT kind, text, html FROM plain.mail")
    assert row["kind"] == MailKind.REPORTED.value
    assert f"{node.node.settings.public_url}/group/reports" in row["text"]
    for secret in ("GEHEIM", "LELIJK", "Anna", "Bert"):
        assert secret not in row["text"] + row["html"]

    await node.ask("report.make", by="001", text="GEHEIM")
    assert await told(node, 3) == {("Carla", subject), ("Bert", subject)}
    await node.node.pool.execute("UPDATE plain.mail_read SET n = 0")  # as after a crash
    await node.stop()
    await node.start()
    assert ("Carla", "Je taak bij alfa: kerngroeplid") in await told(node, 4)  # before mail began
    assert "GEHEIM" not in capsys.readouterr().out


async def test_a_coordinator_is_mailed_no_report_about_itself(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    await node.ask("member.role", code="002", role="coordinator")
    begun = await node.ask("thread.start", by="002", code="001", text="LELIJK")
    await told(node, 2)
    await clear(node)

    made = await node.ask("report.make", by="001", text="GEHEIM", thread=begun["thread"])

    assert made["read_by"] == "others"
    assert {name for name, _ in await told(node, 1)} == {"Carla"}


async def test_who_is_no_coordinator_any_more_is_told_of_no_report(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    await node.ask("member.role", code="002", role="coordinator")
    await node.ask("member.role", code="003", role="coordinator", take=True)
    await told(node, 2)
    await clear(node)

    await node.ask("report.make", by="001", text="Let eens op")

    assert {name for name, _ in await told(node, 1)} == {"Bert"}


async def test_a_post_that_ends_is_told_once(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    ends_s = now_s() + 10 * DAY_S
    await node.ask("post.place", by="002", title="Fiets", expires_at_s=ends_s)
    await reached(node.node, node.node.sequencer.size - 1)
    reminders = Reminders(node.node, office_of(node.node))

    await reminders.round(ends_s - BEFORE_END_S)
    assert await mails(node) == []  # more than a week
    for _ in range(2):
        await reminders.round(ends_s - 4 * DAY_S)

    assert await mails(node) == [("Bert", "Je aanbod loopt af: Fiets")]


async def test_a_restart_tells_nothing_again_and_misses_nothing(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    await node.ask("pay", payer="001", payee="002", amount_minor=2)
    await told(node, 2)
    await node.ask("pay", payer="001", payee="003", amount_minor=1)
    await node.stop()
    await node.start()
    assert len(await told(node, 4)) == 4

    await node.node.pool.execute("UPDATE plain.mail_read SET n = 0")  # as after a crash
    await node.stop()
    await node.start()

    role = ("Carla", "Je taak bij alfa: kerngroeplid")  # from before mail began
    assert len(await told(node, 5) - {role}) == 4


async def test_nothing_that_was_there_before_is_told(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    await node.ask("pay", payer="001", payee="002", amount_minor=2)
    await told(node, 2)
    await node.stop()
    await node.start()
    await node.node.pool.execute("DELETE FROM plain.mail_read; DELETE FROM mail_told")
    await node.stop()
    await node.start()

    await node.ask("pay", payer="001", payee="003", amount_minor=1)

    assert len(await told(node, 4)) == 4


async def between(world: World) -> tuple[WorldNode, WorldNode]:
    """Make two groups with a line, whose members have addresses, and which keep their mails."""
    a, b = await world.pair()
    for node in (a, b):
        await node.stop()
        file = node.folder.path / "node.toml"
        file.write_text(f"{file.read_text()}{MAILBOX}")
        await node.start()
        for code in ("001", "002"):
            name = f"{node.name} {code}"
            contact = Contact(kind="mail", value=f"{code}@{node.name}.be")
            text = MemberText(name=name, contacts=(contact,))
            number = account_by_code(node.node, code).account
            await profiles.describe(node.node, OPERATOR, number, text, key=new_key())
        await reached(node.node, node.node.sequencer.size - 1)
    return a, b


async def test_a_trade_between_groups_is_told_on_both_sides(world: World) -> None:
    a, b = await between(world)

    await a.ask("pay", payer="001", payee="002", amount_minor=6, group="beta")
    assert {name for name, _ in await told(a, 1)} == {"alfa 001"}
    assert {name for name, _ in await told(b, 1)} == {"beta 002"}
    await until(lambda: mailbox.mailbox(a.node))
    (mine,) = [await mailbox.message(a.node, one.id) for one in await mailbox.mailbox(a.node)]
    assert mine.kind == MailKind.BOOKED
    assert mine.subject == "Geboekt: je gaf iemand van beta 2 units"
    assert "\nIemand van beta ziet dit ook." in mine.text
    (theirs,) = [await mailbox.message(b.node, one.id) for one in await mailbox.mailbox(b.node)]
    assert theirs.subject.startswith("Iemand van alfa gaf je ")
    assert "(alfa)" not in theirs.text + theirs.subject


async def test_a_member_is_told_what_is_hidden_and_why_and_when_it_is_shown_again(
    world: World,
) -> None:
    node = await with_mail(world, MAILBOX)
    made = await node.ask(
        "post.place", by="002", title="Gouden horloge", expires_at_s=now_s() + 90 * DAY_S
    )
    post = made["post"]

    await node.ask("post.hide", by="003", post=post, reason="Dit is RECLAME")

    assert await told(node, 1) == {("Bert", "Even niet te zien: Gouden horloge")}
    (row,) = await node.node.pool.fetch("SELECT kind, text FROM plain.mail")
    assert row["kind"] == MailKind.HIDDEN.value
    assert "RECLAME" in row["text"]
    assert f"{node.node.settings.public_url}/posts/{post}/report" in row["text"]
    await clear(node)
    await node.ask("post.unhide", by="003", post=post)
    assert await told(node, 1) == {("Bert", "Weer te zien: Gouden horloge")}


async def test_a_member_is_told_of_a_role_that_is_given_and_taken(world: World) -> None:
    node = await with_mail(world, MAILBOX)

    await node.ask("member.role", by="003", code="002", role="editor")
    assert await told(node, 1) == {("Bert", "Je taak bij alfa: redacteur")}
    await clear(node)
    await node.ask("member.role", by="003", code="002", role="editor", take=True)

    assert await told(node, 1) == {("Bert", "Je bent geen redacteur meer van alfa")}


async def test_what_somebody_books_for_another_is_told_to_whose_balance_it_is(
    world: World,
) -> None:
    """To Anna it is her own balance; Bert, who did it for her, is told of none."""
    node = await with_mail(world, MAILBOX)
    anna, bert, carla = (account_by_code(node.node, code).account for code in ("001", "002", "003"))
    await roles.appoint_helper(node.node, OPERATOR, anna, bert, key=new_key())
    for helper, minor in ((bert, 4), (carla, 2)):
        reader = roles.reader_of(node.node, helper, acting_for=anna)
        other = Party(account=bert if helper == carla else carla)
        await giving.give(node.node, reader, other, giving.Seen(minor, minor), key=new_key())

    await told(node, 4)
    rows = await node.node.pool.fetch("SELECT text FROM plain.mail WHERE name = 'Anna'")
    texts = sorted(row["text"].replace("\u00a0", " ") for row in rows)

    assert ["Bert gaf dit in voor jou." in text for text in texts] == [False, True]
    assert ["Carla gaf dit in voor jou." in text for text in texts] == [True, False]
    assert all("Je saldo is nu -" in text for text in texts)
