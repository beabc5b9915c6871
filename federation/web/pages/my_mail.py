"""Which mails I get, in which language, at which hours; and what to do when they come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.mail import bounces, choices, digest_choices
from federation.mail.choices import Habit
from federation.mail.digest import Block, Rhythm
from federation.mail.digest_choices import Wish, blocks_of
from federation.mail.kinds import MailKind, choosable, words_of
from federation.mail.quiet import NIGHTS, NO_NIGHT
from federation.members.profiles import person
from federation.web.forms import Form
from federation.web.languages import NAMES, read_language
from federation.web.routes import Pages
from federation.words.texts import later
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from aiohttp import web

    from federation.mail.bounces import Marked
    from federation.web.visit import Visit

KIND: Final = "kind-"
BLOCK: Final = "block-"
NEVER: Final = "never"
RHYTHMS: Final = {
    Rhythm.WEEKLY.value: later("Elke week"),
    Rhythm.MONTHLY.value: later("Elke maand"),
    NEVER: later("Nooit"),
}
BLOCKS: Final = {
    Block.NEWS: later("Nieuws van de groep"),
    Block.DATES: later("Wat er te doen is"),
    Block.HERE: later("Nieuwe vraag en aanbod bij ons"),
    Block.ELSEWHERE: later("Nieuwe vraag en aanbod van andere groepen in de buurt"),
}
BY_KEY: Final = {f"{night.evening}-{night.morning}": night for night in NIGHTS}
_ANY_HOUR: Final = later("Op elk uur")
_NOT_BETWEEN: Final = later("Niet tussen %(evening)s en %(morning)s uur")

pages = Pages()


@pages.get("/me/mail")
async def show_mail(visit: Visit) -> web.Response:
    """Show what somebody has chosen."""
    pool, member = visit.node.pool, visit.member
    unwanted = await choices.unwanted(pool, member.account, member.person)
    habit = await choices.habit(pool, member.account, member.person)
    values = {KIND + kind.value: "1" for kind in _kinds(visit) if kind not in unwanted}
    wish = await digest_choices.wish(pool, member.account, member.person)
    values |= {BLOCK + block.value: "1" for block in wish.blocks}
    values["rhythm"] = NEVER if MailKind.DIGEST in unwanted else wish.rhythm.value
    language = "" if habit.language is None else habit.language.value
    night = f"{habit.night.evening}-{habit.night.morning}"
    return await _page(visit, Form.filled(**values, language=language, night=night))


@pages.post("/me/mail")
async def save_mail(visit: Visit) -> web.Response:
    """Note what somebody chooses, or that an address works again."""
    form, pool, member = await visit.form(), visit.node.pool, visit.member
    if form.flag("works"):
        await bounces.works_again(pool, await _address(visit))
        return visit.go("/me/mail", notice="mail-works")
    night, rhythm = form.choice("night", BY_KEY), form.choice("rhythm", RHYTHMS)
    if not form.fine:
        return await _page(visit, form, status=422)
    coordinator = member.is_role(Role.COORDINATOR)
    wanted = [kind for kind in _kinds(visit) if form.flag(KIND + kind.value)]
    who = (member.account, member.person)
    if rhythm != NEVER:
        wanted.append(MailKind.DIGEST)
        await digest_choices.set_wish(pool, *who, Wish(Rhythm(rhythm), _blocks(form)))
    await choices.choose_all(pool, *who, wanted, coordinator=coordinator, now_s=visit.now_s)
    await choices.set_habit(pool, *who, Habit(read_language(form.value("language")), BY_KEY[night]))
    return visit.go("/me/mail", notice="saved")


def _kinds(visit: Visit) -> list[MailKind]:
    """Give the kinds that are ticked; how often a digest comes is a question of its own."""
    kinds = choosable(coordinator=visit.member.is_role(Role.COORDINATOR))
    return [kind for kind in kinds if kind is not MailKind.DIGEST]


def _blocks(form: Form) -> frozenset[Block]:
    return blocks_of(block.value for block in Block if form.flag(BLOCK + block.value))


async def mark(visit: Visit) -> Marked | None:
    """Give the mark of the reader's address, if mails come back from it."""
    return await bounces.mark_of(visit.node.pool, visit.member.account, await _address(visit))


async def _address(visit: Visit) -> str:
    known = await person(visit.node, visit.member.account, visit.member.person)
    return "" if known is None else known.address


async def _page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    said = visit.texts.say
    nights = {
        key: said(_ANY_HOUR)
        if night == NO_NIGHT
        else said(_NOT_BETWEEN, evening=night.evening, morning=night.morning)
        for key, night in BY_KEY.items()
    }
    return visit.show(
        "my_mail.html",
        status=status,
        form=form,
        kinds=[(KIND + kind.value, words_of(kind, visit.texts)) for kind in _kinds(visit)],
        rhythms={key: said(words) for key, words in RHYTHMS.items()},
        blocks=[(BLOCK + block.value, said(words)) for block, words in BLOCKS.items()],
        nights=nights,
        languages={"": "", **{key.value: name for key, name in NAMES.items()}},
        address=await _address(visit),
        mark=await mark(visit),
    )
