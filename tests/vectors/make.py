"""The files of docs/vectors/, made from the code: for whoever writes a second implementation.

    python3 dev.py run -- python tests/vectors/make.py

writes them anew; a test holds them against the code of today.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from events.merkle import leaf_hash
from events.note import NoteSigner
from events.policy import write_policy
from events.sealed import Keyring
from events.signing import PrivateKey
from federation.line.conversion import quote
from federation.members.feed_cards import card_of, epoch_with_cards
from federation.members.feed_serving import offer_of
from schemas.amounts import Rate, Unit, to_minor
from schemas.bodies import CommitBody
from schemas.core_parts import Fixed
from schemas.encoding import b64, encode
from schemas.errors import Refusal
from schemas.feed import (
    CardGone,
    FeedCard,
    FeedPage,
    FeedPicture,
    FeedPost,
    FeedPrice,
    Tombstone,
)
from schemas.ids import line_id
from schemas.member_bodies import PriceKind
from schemas.terms import terms_hash
from tests.projections.receipts import LEGS, LOG, PLACE, POLICY, WITNESSES, between, local
from tests.vectors.questions import Questions, as_short_text
from tests.vectors.story import Story, core_bytes, decision_of
from tests.vectors.talk import Said, Talk, as_json, as_text

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "docs" / "vectors"
PAGE: Final = ROOT / "docs" / "protocol.md"
BEGINS: Final = "<!-- the worked example: written by tests/vectors/make.py -->"
ENDS: Final = "<!-- the end of the worked example -->"
SHORT_BEGINS: Final = "<!-- the other questions: written by tests/vectors/make.py -->"
SHORT_ENDS: Final = "<!-- the end of the other questions -->"
RATES: Final = ((20, 0), (40, 0), (60, 0), (1, 2), (3600, 2), (7, 1))
AMOUNTS: Final = (1, 2, 17, 50, 99, 1000)


def events(story: Story) -> list[dict[str, Any]]:
    """One event of each type: core, id, signature, opening, and the key that verifies it."""
    found = []
    for kind, (side, core, wire) in sorted(story.examples().items()):
        data = core_bytes(wire)
        entry: dict[str, Any] = {
            "type": kind,
            "core": data.decode(),
            "id": b64(leaf_hash(data)),
            "signature": wire.signature,
            "public_key": b64(side.key.public.data),
        }
        if wire.opening is not None:
            entry["opening"] = {"salt": wire.opening.salt, "bytes": wire.opening.bytes}
        decision = decision_of(core)
        if decision is not None:
            entry["decision"] = encode(decision.decision).decode()
            entry["decision_signature"] = decision.signature
        found.append(entry)
    return found


def conversion() -> list[dict[str, Any]]:
    """X, p and q for rates, amounts and each kind of `fixed`; or the code of the refusal."""
    found = []
    for payer in RATES:
        for payee in RATES:
            for fixed in Fixed:
                for amount in AMOUNTS:
                    numbers = quote(fixed, amount, payer=Rate(*payer), payee=Rate(*payee))
                    entry: dict[str, Any] = {
                        "payer": list(payer),
                        "payee": list(payee),
                        "fixed": fixed.value,
                        "amount": amount,
                    }
                    if isinstance(numbers, Refusal):
                        entry["refused"] = numbers.code.value
                    else:
                        entry["line_units"], entry["payer_minor"], entry["payee_minor"] = numbers
                    found.append(entry)
    return found


def rounding() -> list[dict[str, Any]]:
    """R(b): a line balance in minor units, half away from zero."""
    balances = (0, 1, -1, 8999, 9000, -8999, -9000, 18_000, 186_000, -186_000, 7_200_000)
    return [
        {"rate": list(rate), "line_units": units, "minor": to_minor(units, Rate(*rate))}
        for rate in RATES
        for units in balances
    ]


def names(story: Story) -> dict[str, Any]:
    """Line id and terms hash."""
    line = story.a.books.lines[story.line]
    assert line.terms is not None
    return {
        "nodes": sorted((story.a.id, story.b.id)),
        "line_ids": [line_id(story.a.id, story.b.id, counter) for counter in range(3)],
        "terms": encode(line.terms).decode(),
        "terms_hash": terms_hash(line.terms),
    }


def chains(story: Story) -> dict[str, list[str]]:
    """The types of everything that the two said, in the order of each chain."""
    return {
        side.name: [core.__struct_config__.tag for core, _ in side.chain]
        for side in (story.a, story.b)
    }


def feed(story: Story) -> dict[str, Any]:
    """Pages of an offer feed, and the names by which its reader knows members, posts and cards."""
    data_key, subject, post = bytes(range(32)), bytes(range(16)), "7"
    keyring = Keyring({"k": bytes(32)}, "k")
    keyring.ensure(subject, lambda size: data_key[:size])
    pseudonym = keyring.pseudonym(subject, story.b.id)
    offer = offer_of(keyring, subject, post)
    assert pseudonym is not None
    assert offer is not None
    epoch = b64(bytes(range(16, 32)))
    offered = FeedPost(
        n=3,
        offer=offer,
        goods=False,
        category="Vervoer / Fietsen",
        title="Fiets herstellen",
        text="Banden, remmen, licht.\nBreng je fiets mee.",
        price=FeedPrice(kind=PriceKind.HOUR, amount_minor=8),
        unit=Unit(singular="bloem", plural="bloemen", rate=Rate(20)),
        postcode="3000",
        placed_at_s=1_800_000_000,
        expires_at_s=1_810_000_000,
        poster=b64(pseudonym),
        poster_name="Marc",
        pictures=(FeedPicture(digest=b64(bytes(32)), size=81_920),),
    )
    gone = Tombstone(n=5, offer=b64(bytes(16)))
    page = FeedPage(epoch=epoch, entries=(offered, gone), next=5, more=False)
    card = card_of(keyring, subject)
    assert card is not None
    named = FeedCard(n=6, card=card, member=b64(pseudonym), name="Marc Peeters", place="Leuven")
    ended = CardGone(n=7, card=b64(bytes(16)))
    with_cards = epoch_with_cards(epoch)
    cards = FeedPage(epoch=with_cards, entries=(named, ended), next=7, more=False)
    return {
        "question": f"GET /federation/v1/offers?after={epoch}.2",
        "page": encode(page).decode(),
        "reader": story.b.id,
        "data_key": b64(data_key),
        "post": post,
        "pseudonym": b64(pseudonym),
        "offer": offer,
        "question_with_cards": f"GET /federation/v1/offers?cards=1&after={with_cards}.5",
        "page_with_cards": encode(cards).decode(),
        "card": card,
    }


def proofs() -> dict[str, Any]:
    """A policy, proofs that it lets through, and others with the code by which each is refused."""
    fine = {"local": local(), "payer": between(), "payee": between(arrives=True)}
    refused = {
        "proof_log_unknown": local(log=NoteSigner("elders.example/log", PrivateKey(bytes(32)))),
        "proof_unsigned": local(log=NoteSigner(LOG.public.name, PrivateKey(bytes(32)))),
        "proof_witnesses_missing": local(witnesses=WITNESSES[:1]),
        "proof_other_log": local(seq=PLACE + 1),
        "proof_no_booking": local(CommitBody(v=1, postings=LEGS)),
    }
    return {
        "policy": write_policy(POLICY).decode(),
        "proven": {name: one.file().decode() for name, one in fine.items()},
        "refused": {code: one.file().decode() for code, one in refused.items()},
    }


def written() -> dict[str, str]:
    """Give each file's text."""
    story = Story()
    files = {
        "events.json": events(story),
        "conversion.json": conversion(),
        "rounding.json": rounding(),
        "names.json": names(story),
        "chains.json": chains(story),
        "feed.json": feed(story),
        "proofs.json": proofs(),
        "exchange.json": [as_json(said) for said in all_said(story)],
    }
    return {
        name: json.dumps(what, indent=1, ensure_ascii=False) + "\n" for name, what in files.items()
    }


def all_said(story: Story) -> list[Said]:
    """Give every conversation: those of the worked example, then the other questions."""
    talk = Talk(story)
    return talk.all() + Questions(talk).all()


def with_examples(page: str) -> str:
    """Give docs/protocol.md with the conversations of today between their marks."""
    said = all_said(Story())
    whole = "\n\n".join(as_text(one) for one in said if one.whole)
    short = "\n\n".join(as_short_text(one) for one in said if not one.whole)
    for begins, told, ends in ((BEGINS, whole, ENDS), (SHORT_BEGINS, short, SHORT_ENDS)):
        before, _, rest = page.partition(begins)
        _, _, after = rest.partition(ends)
        assert after, f"docs/protocol.md has lost its mark {begins} or {ends}"
        page = f"{before}{begins}\n\n{told}\n\n{ends}{after}"
    return page


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in written().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    PAGE.write_text(with_examples(PAGE.read_text("utf-8")), encoding="utf-8")
