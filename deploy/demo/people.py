"""The demo's members: who they are, what they offer and ask for, and what they do together."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from deploy.demo import cast, posts
from deploy.demo.drawings import draw_all
from deploy.demo.hands import Hands

DAY_S: Final = 86_400
AFTERNOON_S: Final = 13 * 3600
"""Two or three in the afternoon by Belgian clocks."""


class People(Hands):
    """Settles the members in their groups."""

    async def settle(self) -> None:
        """Describe everybody, and place what they offer and ask for; groups beside each other."""
        drawn = await asyncio.to_thread(draw_all, self.setting.pictures)
        self._drawn = {name: str(path) for name, path in drawn.items()}
        await asyncio.gather(*(self._group(group) for group in self.groups))

    async def _group(self, group: str) -> None:
        await self._members(group)
        await self._roles(group)
        numbers = await self._categories(group)
        for said in posts.POSTS[group]:
            await self._post(group, said, numbers)
        await self._together(group)
        await self._told(group)

    async def _members(self, group: str) -> None:
        known = {row["code"] for row in await self.ask(group, "member.list")}
        for one in cast.PEOPLE[group]:
            if one.code not in known:
                key = self.key("member", group, one.code)
                await self.ask(group, "member.add", code=one.code, name=one.name, key=key)
            contacts = [{"kind": "mail", "value": one.address, "access": "members"}]
            if one.phone:
                phone = {"kind": "gsm", "value": one.phone, "access": one.phone_seen_by}
                contacts.append(phone)
            await self.ask(
                group,
                "member.describe",
                key=self.key("described", group, one.code),
                code=one.code,
                name=one.name,
                full_name=one.name,
                postcode=one.postcode,
                place=one.place,
                skills=one.skills,
                comment=one.about,
                language=one.language or "nl",
                contacts=contacts,
            )

    async def _roles(self, group: str) -> None:
        coordinator = cast.COORDINATOR
        key = self.key("role", group)
        await self.ask(group, "member.role", code=coordinator, role="coordinator", key=key)
        if group == cast.AWAY[0]:
            until_s = self.setting.at_s + 20 * DAY_S
            key = self.key("away", *cast.AWAY)
            await self.ask(group, "member.pause", code=cast.AWAY[1], until_s=until_s, key=key)
        if group != cast.HOME:
            return
        name, address = cast.SECOND
        key = self.key("household")
        await self.ask(group, "member.join", code=cast.HEROINE, name=name, address=address, key=key)
        key = self.key("helper")
        await self.ask(group, "member.helper", code=cast.HELPED, helper=cast.HELPER, key=key)
        key = self.key("rules")
        await self.ask(group, "member.rules", members_see_balances=True, key=key)

    async def _categories(self, group: str) -> dict[str, int]:
        """Make the categories that are missing, and give their numbers by name."""
        rows = await self.ask(group, "category.list")
        numbers = {row["name"]: row["category"] for row in rows}
        wanted = [said.category for said in posts.POSTS[group]]
        for name in dict.fromkeys(name for lower in wanted for name in (posts.UPPER[lower], lower)):
            if name in numbers:
                continue
            upper = posts.UPPER.get(name)
            parent = None if upper is None else numbers[upper]
            key = self.key("category", group, name)
            made = await self.ask(group, "category.place", name=name, parent=parent, key=key)
            numbers[name] = made["category"]
        return numbers

    async def _post(self, group: str, said: posts.Said, numbers: dict[str, int]) -> None:
        price: dict[str, Any] = {"price_kind": "talk"}
        if said.quarters:
            amount = self.units(group, said.quarters)
            price = {"price_kind": said.per, "price_minor": amount}
        await self.ask(
            group,
            "post.place",
            key=self.key("post", group, said.title),
            by=said.code,
            title=said.title,
            text=said.text,
            want=said.want,
            goods=said.goods,
            category=numbers[said.category],
            visibility=said.seen_by,
            expires_at_s=self.setting.at_s + said.days * DAY_S,
            pictures=[self._drawn[name] for name in said.drawings],
            **price,
        )

    async def _together(self, group: str) -> None:
        """Place what is done together, and let people join."""
        for said in cast.ACTIVITIES:
            if said.group != group:
                continue
            day_s = self.setting.at_s // DAY_S * DAY_S + said.days * DAY_S
            shown = await self.ask(
                group,
                "activity.place",
                key=self.key("activity", said.title),
                by=cast.COORDINATOR,
                for_group=True,
                title=said.title,
                text=said.text,
                place=said.place,
                starts_at_s=day_s + AFTERNOON_S,
                ends_at_s=day_s + AFTERNOON_S + 4 * 3600,
            )
            for code in said.joined:
                await self.ask(group, "activity.join", by=code, activity=shown["activity"])

    async def _told(self, group: str) -> None:
        """Let the coordinator tell what there is to know."""
        for said in cast.TOLD:
            if said.group == group:
                starts_at_s = self.setting.at_s + said.days * DAY_S
                date = said.kind == "date"
                await self.ask(
                    group,
                    "board.place",
                    key=self.key("told", said.title),
                    by=cast.COORDINATOR,
                    kind=said.kind,
                    title=said.title,
                    text=said.text,
                    place=said.place,
                    starts_at_s=starts_at_s,
                    ends_at_s=starts_at_s + 2 * 3600 if date else None,
                )
