"""What the demo's members write to each other: inside a group and between groups."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, NamedTuple

from deploy.demo.deeds import KOBE, MARC, MARLEEN, NOEMIE, OSCAR, SAMIRA, ZOE
from deploy.demo.hands import Hands, Who


class Word(NamedTuple):
    """One message: who says it, how, and what."""

    by: Who
    how: str
    """`write`, `answer`, `propose` or `book`."""
    text: str = ""
    reply: str = ""
    """`yes`, `yes_but` or `rather_not`."""
    quarters: int = 0
    gives: bool = False
    """Who proposes is to give the units."""


class Talk(NamedTuple):
    """A thread about an offer or a want of `other`: the first words, and what followed."""

    name: str
    one: Who
    other: Who
    title: str
    first: str
    words: tuple[Word, ...] = ()
    state: str = "interest"
    """How it stands in the end."""


TALKS: Final = (
    Talk(
        "hedge",
        NOEMIE,
        OSCAR,
        "Haag scheren en fruitbomen snoeien",
        "Mijn haag komt tot aan het dak. Heb je volgende week een uur of twee?",
        (
            Word(OSCAR, "answer", "Dinsdagvoormiddag kan.", "yes"),
            Word(NOEMIE, "propose", "Twee uur dan?", quarters=8, gives=True),
            Word(OSCAR, "answer", "", "yes"),
            Word(NOEMIE, "book", "haag geschoren"),
        ),
        "booked",
    ),
    Talk(
        "pie",
        SAMIRA,
        MARLEEN,
        "Appeltaart voor een feest",
        "Mijn dochter wordt tien op zaterdag. Heb jij tijd voor een taart?",
    ),
    Talk(
        "telephone",
        KOBE,
        MARLEEN,
        "Wie helpt mij met mijn nieuwe telefoon?",
        "Ik ken dat toestel. Volgende week ben ik toch in Leuven, zal ik langskomen?",
    ),
    Talk(
        "tea",
        MARLEEN,
        ZOE,
        "English conversation, all levels",
        "Mijn kleinzoon woont nu in Dublin. Kan ik bij jou leren praten met hem?",
        (
            Word(ZOE, "answer", "With pleasure! By telephone, perhaps?", "yes_but"),
            Word(MARLEEN, "propose", "Drie kwartier aan de telefoon.", quarters=3, gives=True),
            Word(ZOE, "propose", "Let us say a full hour, I prepare the lesson.", quarters=4),
        ),
        "proposed",
    ),
    Talk(
        "wheel",
        MARLEEN,
        MARC,
        "Fiets herstellen in Gentbrugge",
        "Er zit een slag in mijn achterwiel. Mag ik zaterdag langskomen?",
        (
            Word(MARC, "answer", "Zaterdag na de middag ben ik thuis.", "yes"),
            Word(MARC, "propose", "Een uurtje werk.", quarters=4),
            Word(MARLEEN, "answer", "", "yes"),
        ),
        "agreed",
    ),
)


class Talks(Hands):
    """Lets them write."""

    async def talk(self) -> None:
        """Let each thread go as far as it has gone."""
        for talk in TALKS:
            await self._talk(talk)

    def thread(self, talk: Talk) -> str:
        """Give the id of a thread."""
        return self.key("thread", talk.name)

    async def show(self, talk: Talk, who: Who) -> Any:
        """Give a thread as one of the two sees it; nothing when it is not there."""
        return await self.found(who.group, "thread.show", by=who.code, thread=self.thread(talk))

    async def states(self) -> dict[str, str]:
        """Tell how each thread stands for who began it."""
        return {talk.name: (await self.show(talk, talk.one))["state"] for talk in TALKS}

    async def _talk(self, talk: Talk) -> None:
        if await self.show(talk, talk.one) is None:
            await self._start(talk)
        for place, word in enumerate(talk.words, 1):
            heard = partial(self._heard, talk, word.by, place)
            await self.until(heard, f"{talk.name}: message {place} arrives")
            shown = await self.show(talk, word.by)
            if word.how == "book":
                if not shown["trade"]:
                    await self._say(talk, word, description=word.text)
            elif len(shown["messages"]) == place:
                await self._say(talk, word, **self._said(word, shown))
        await self.until(lambda: self._heard(talk, talk.other, 1), f"{talk.name} arrives")

    async def _heard(self, talk: Talk, who: Who, messages: int) -> bool:
        shown = await self.show(talk, who)
        return shown is not None and len(shown["messages"]) >= messages

    async def _start(self, talk: Talk) -> None:
        hit = await self._hit(talk)
        to = {"code": talk.other.code}
        if hit["node"]:
            to = {"group": self.groups[talk.other.group].name, "pseudonym": hit["poster"]}
        await self.ask(
            talk.one.group,
            "thread.start",
            by=talk.one.code,
            key=self.thread(talk),
            text=talk.first,
            offer=hit["post"],
            **to,
        )

    async def _hit(self, talk: Talk) -> dict[str, Any]:
        """Find the post as who is interested finds it; another group's feed may be on its way."""
        found: list[dict[str, Any]] = []

        async def there() -> bool:
            page = await self.ask(talk.one.group, "post.search", by=talk.one.code, text=talk.title)
            found[:] = [hit for hit in page["hits"] if hit["title"] == talk.title]
            return bool(found)

        await self.until(there, f"{talk.title} is found")
        return found[0]

    async def _say(self, talk: Talk, word: Word, **more: Any) -> None:
        thread = self.thread(talk)
        await self.ask(word.by.group, f"thread.{word.how}", by=word.by.code, thread=thread, **more)

    def _said(self, word: Word, shown: dict[str, Any]) -> dict[str, Any]:
        said: dict[str, Any] = {"text": word.text}
        if word.how == "answer":
            standing = shown["standing"]
            to = standing["id"] if standing and not standing["own"] else None
            return {**said, "reply": word.reply, "to": to}
        said["key"] = self.key("word", shown["thread"], len(shown["messages"]))
        if word.how == "propose":
            payee = word.by if not word.gives else None
            group = payee.group if payee else self._other_group(shown, word.by)
            said |= {"amount_minor": self.units(group, word.quarters), "gives": word.gives}
        return said

    def _other_group(self, shown: dict[str, Any], who: Who) -> str:
        """Give the key of the other side's group; amounts are in the payee's unit."""
        named = shown["other"]["group"]
        found = [key for key, group in self.groups.items() if group.name == named]
        return found[0] if found else who.group
