"""What a mail with the group's own words looks like: made-up facts, links that do nothing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.mail.compose.digest import digest
from federation.mail.compose.joining import declined, invitation, welcome
from federation.mail.compose.newsletter import issue_letter
from federation.mail.compose.people import Ending, ending
from federation.mail.digest import Digest, Rhythm, Story
from federation.mail.own_words import OwnLetter
from federation.words.texts import texts

if TYPE_CHECKING:
    from federation.mail.letter import Desk, Letter, Recipient

DAY_S: Final = 86_400
NOTHING: Final = bytes(32)
"""Signs the links of a preview: none of them is believed."""


def preview(
    letter: OwnLetter, desk: Desk, to: Recipient, own: tuple[str, ...], *, at_s: int
) -> Letter:
    """Give one mail of a kind as somebody would read it, with these own words."""
    desk = desk._replace(secret=NOTHING)
    said, link, day = texts(to.language), desk.page("/login"), 7 * DAY_S
    match letter:
        case OwnLetter.DIGEST:
            story = Story(item=1, title=said.say("Zomerfeest"), placed_at_s=at_s, known_s=at_s)
            found = Digest(stories=(story,))
            return digest(desk, to, found, Rhythm.WEEKLY, due_s=at_s, own=own, test="preview")
        case OwnLetter.INVITATION:
            return invitation(desk, to, link=link, about="preview", lasts_s=day, at_s=at_s, own=own)
        case OwnLetter.WELCOME:
            return welcome(desk, to, link=link, about="preview", lasts_s=day, at_s=at_s, own=own)
        case OwnLetter.DECLINED:
            reason = said.say("We zijn nu met veel. Vraag het in de lente nog eens.")
            return declined(desk, to, reason=reason, about="preview", at_s=at_s, own=own)
        case OwnLetter.ENDING:
            return ending(
                desk,
                to,
                Ending(
                    post="0",
                    title=said.say("Fiets herstellen"),
                    want=False,
                    ends_at_s=at_s + day,
                    renew_until_s=at_s + 26 * day,
                ),
                at_s=at_s,
                own=own,
            )
        case OwnLetter.NEWSLETTER:
            return issue_letter(
                desk,
                to,
                subject=said.say("Zomerfeest"),
                text=said.say("Kom je ook?"),
                about="preview",
                stop_url=desk.page("/newsletter"),
                at_s=at_s,
                own=own,
            )
