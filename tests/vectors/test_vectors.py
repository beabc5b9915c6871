"""The published vectors and docs/protocol.md fit the code of today."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from events.keys import read_history
from events.merkle import leaf_hash
from events.policy import parse_policy
from events.sealed_bodies import BodyRange, open_bodies
from events.tiles import parse_entries, parse_signatures
from federation.leaving.closings import read_closing
from federation.leaving.moves import read_move
from federation.node.app import PUBLIC
from federation.peer.problems import Problem
from federation.peer.signatures import (
    Request,
    Response,
    verify_content,
    verify_head,
    verify_response,
)
from federation.public.card import read_card
from federation.umbrella.flow_figures import Figures
from projections.receipt import check_receipt
from schemas.closings import Closed
from schemas.core_parts import FreezeReason, WireCode
from schemas.cores import KNOWN_TYPES
from schemas.encoding import b64, unb64
from schemas.errors import VerificationError
from schemas.evidence import SignedEvent
from schemas.keys import Role, SignedKeyStatement
from schemas.messages import (
    About,
    Exchange,
    FollowedEntry,
    MirroredTile,
    OwnEvents,
    PayeeAnswer,
    RegisterPage,
    SeenAnswer,
)
from schemas.moves import Moved
from schemas.openings import PeerText
from schemas.register_bodies import GroupKeyStated
from tests.independent.booked import read_proof
from tests.vectors.make import FOLDER, PAGE, with_examples, written
from tests.vectors.questions import RECOVERY, gamma
from tests.vectors.story import NOW, Side1
from tests.vectors.talk import Speaker, asked_by, http_key


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return written()


def test_the_vectors_are_those_of_the_code(files: dict[str, str]) -> None:
    stored = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}

    assert stored == files, "run tests/vectors/make.py"


def test_there_is_an_example_of_every_event(files: dict[str, str]) -> None:
    assert {event["type"] for event in json.loads(files["events.json"])} == KNOWN_TYPES


def test_the_examples_verify_by_hand(files: dict[str, str]) -> None:
    for event in json.loads(files["events.json"]):
        core = event["core"].encode()
        key = Ed25519PublicKey.from_public_bytes(unb64(event["public_key"]))
        key.verify(unb64(event["signature"]), b"ruilbrug/event/v1\n" + core)
        assert unb64(event["id"]) == sha256(b"\x00" + core).digest()
        fields = json.loads(core)
        if "opening" in event:
            salt, text = unb64(event["opening"]["salt"]), unb64(event["opening"]["bytes"])
            committed = sha256(b"ruilbrug/commit/v1\npeer" + salt + text).digest()
            assert unb64(fields["commitments"]["peer"]) == committed
        if "decision" in event:
            signed = b"ruilbrug/decision/v1\n" + event["decision"].encode()
            key.verify(unb64(event["decision_signature"]), signed)


def test_the_proofs_are_read_by_hand_and_the_others_are_refused(files: dict[str, str]) -> None:
    proofs = json.loads(files["proofs.json"])
    policy = parse_policy(proofs["policy"].encode())
    log = policy.logs[0].key

    for file in proofs["proven"].values():
        assert read_proof(file.encode(), log.name, log.key.data)["description"] == "Fiets hersteld"
        check_receipt(file.encode(), policy)
    for code, file in proofs["refused"].items():
        with pytest.raises(VerificationError) as caught:
            check_receipt(file.encode(), policy)
        assert caught.value.code.value == code


def test_the_page_shows_the_feed_as_it_is_written(files: dict[str, str]) -> None:
    page, feed = PAGE.read_text(encoding="utf-8"), json.loads(files["feed.json"])

    assert f"`{feed['question']}`" in page
    assert f"```json\n{feed['page']}\n```" in page
    assert f"`{feed['question_with_cards']}`" in page
    assert f"```json\n{feed['page_with_cards']}\n```" in page


def test_the_page_shows_a_whole_conversation_byte_by_byte() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == with_examples(page), "run tests/vectors/make.py"


def test_the_conversations_are_read_as_nodes_read_them(files: dict[str, str]) -> None:
    sides: dict[str, Speaker] = {name: Side1(name, 20) for name in ("alfa", "beta", "koepel")}
    sides["gamma"] = gamma()
    keys = {
        side.id: {b64(http_key(side).public.data): http_key(side).public} for side in sides.values()
    }
    said = {one["name"]: one for one in json.loads(files["exchange.json"])}
    assert list(said)[:4] == ["seen", "exchange", "refusal", "register"]
    asked_by_others = {"received": "koepel", "register, keys": "gamma"}

    for name, one in said.items():
        request = Request(**{**one["request"], "body": one["request"]["body"].encode()})
        response = answer_of(one)
        base_url = one["base_url"]
        if request.path in PUBLIC:
            assert "signature" not in {**request.fields, **response.fields}
            continue
        caller = verify_head(request, base_url=base_url, keys=lambda n: keys[n], now_s=NOW)
        verify_content(request)
        follows = name.startswith("log, ")
        asker = "koepel" if follows else asked_by_others.get(name, "alfa")
        assert caller.node == sides[asker].id
        node = sides[base_url.removeprefix("https://").removesuffix(".example")].id
        verify_response(response, asked_by(request, base_url), node=node, keys=keys[node])

    bodies = {
        name: (one["request"]["body"], answer_of(one).body.decode())
        for name, one in said.items()
        if not name.startswith("log, ")
    }
    question, answer = (msgspec.json.decode(body, type=Exchange) for body in bodies["exchange"])
    (prepare,), (accept,) = question.events, answer.events
    assert answer.after == json.loads(unb64(prepare.core))["n"]
    assert json.loads(unb64(accept.core))["seen"]["n"] == answer.after
    seen = msgspec.json.decode(bodies["seen"][1], type=SeenAnswer)
    assert seen.heads[0].n == answer.after - 1
    assert seen.session == question.session
    problem = msgspec.json.decode(bodies["refusal"][1], type=Problem)
    assert (problem.code, problem.facts["expected"]) == ("line_gap", answer.after)
    page = msgspec.json.decode(bodies["register"][1], type=RegisterPage)
    (stated,) = [one.said for one in page.changes if isinstance(one.said, GroupKeyStated)]
    assert read_history([stated.statement]).current(Role.ROOT)


def answer_of(said: dict[str, Any]) -> Response:
    """Read an answer of the file; what is no text stands there as base64url."""
    told = dict(said["response"])
    body = unb64(told.pop("body_base64url")) if "body_base64url" in told else None
    return Response(**{**told, "body": told["body"].encode() if body is None else body})


def test_the_other_answers_are_read_as_nodes_read_them(files: dict[str, str]) -> None:
    said = {one["name"]: one for one in json.loads(files["exchange.json"])}
    answer = {name: answer_of(one).body for name, one in said.items()}
    third = gamma()

    about = msgspec.json.decode(answer["about"], type=About)
    assert about.unit is not None
    assert about.unit.rate.per_hour == 60
    stated = msgspec.json.decode(answer["keys"], type=tuple[SignedKeyStatement, ...])
    history = read_history(stated)
    assert history.node == third.id
    told = msgspec.json.decode(answer["payees"], type=PayeeAnswer).payee
    (prepare,) = msgspec.json.decode(said["exchange"]["request"]["body"], type=Exchange).events
    assert prepare.opening is not None
    peer = unb64(prepare.opening.bytes)
    assert msgspec.json.decode(peer, type=PeerText).payee == told
    assert f"`{peer.decode()}`" in PAGE.read_text(encoding="utf-8")
    for name in ("own", "chain", "received", "mirror, line"):
        (event,) = msgspec.json.decode(answer[name], type=OwnEvents).events
        assert event.opening is None
    node = json.loads(parse_entries(answer["log, entries"], 1)[0])["origin"]
    (signature,) = parse_signatures(answer["log, signatures"], 1)
    tile = msgspec.json.decode(answer["mirror"], type=MirroredTile)
    assert tile.entries[0].signature == b64(signature)
    assert unb64(tile.bodies[0].sealed) == answer["log, bodies"]
    assert open_bodies(RECOVERY, BodyRange(node, 0, 1), answer["log, bodies"]) != [None]
    shown = msgspec.json.decode(said["register, followed"]["request"]["body"], type=SignedEvent)
    counts = msgspec.json.decode(answer["register, followed"], type=FollowedEntry).id
    assert counts == b64(leaf_hash(unb64(shown.core)))
    (figures,) = msgspec.json.decode(answer["figures"], type=tuple[Figures, ...])
    assert (figures.trades, figures.hours) == (12, 17)
    card = read_card(
        answer["card"],
        node=about.node,
        origin="beta.example/log",
        key=Side1("beta", 60).key.public,
        now_s=NOW,
    )
    assert card.unit_plural == about.unit.plural
    moved = msgspec.json.decode(said["moved"]["request"]["body"], type=Moved)
    assert read_move(moved.move, read_history(moved.statements)).node == third.id
    closed = msgspec.json.decode(said["closed"]["request"]["body"], type=Closed)
    assert read_closing(closed.closing, read_history(closed.statements)).size == 44


def test_a_request_is_verified_by_hand(files: dict[str, str]) -> None:
    said = {one["name"]: one for one in json.loads(files["exchange.json"])}["exchange"]
    request, fields = said["request"], said["request"]["fields"]
    digest = b64encode(sha256(request["body"].encode()).digest()).decode()
    assert fields["content-digest"] == f"sha-256=:{digest}:"
    _, _, params = fields["signature-input"].partition("=")
    base = "\n".join(
        (
            '"@method": POST',
            f'"@target-uri": {said["base_url"]}{request["path"]}',
            '"content-type": application/json',
            f'"content-digest": {fields["content-digest"]}',
            f'"@signature-params": {params}',
        )
    )
    key_text = params.partition('keyid="')[2].partition('"')[0].partition("/")[2]
    signature = b64decode(fields["signature"].partition("=:")[2].removesuffix(":"))

    Ed25519PublicKey.from_public_bytes(unb64(key_text)).verify(signature, base.encode())


def test_the_names_in_a_feed_can_be_made_by_hand(files: dict[str, str]) -> None:
    feed = json.loads(files["feed.json"])
    secret = hmac.digest(unb64(feed["data_key"]), b"ruilbrug/pseudonym/v1\n", "sha256")

    assert unb64(feed["pseudonym"]) == hmac.digest(secret, feed["reader"].encode(), "sha256")
    named = f"ruilbrug/offer/v1\n{feed['post']}".encode()
    assert unb64(feed["offer"]) == hmac.digest(secret, named, "sha256")[:16]
    assert unb64(feed["card"]) == hmac.digest(secret, b"ruilbrug/card/v1\n", "sha256")[:16]


def test_the_page_names_every_event_and_every_code() -> None:
    page = PAGE.read_text(encoding="utf-8")

    missing = [
        name for name in (*sorted(KNOWN_TYPES), *WireCode, *FreezeReason) if f"`{name}`" not in page
    ]

    assert not missing, f"docs/protocol.md does not say: {missing}"


def test_the_page_says_what_the_loss_of_each_step_of_a_trade_and_of_terms_does() -> None:
    _, _, section = PAGE.read_text(encoding="utf-8").partition("## What is lost where")
    lost = " ".join(row.split("|")[1] for row in section.splitlines() if row.startswith("|"))
    steps = [name for name in sorted(KNOWN_TYPES) if name.startswith(("pay.", "terms."))]

    missing = [name for name in steps if name.removeprefix("pay.") not in lost]
    assert not missing, f"docs/protocol.md does not say what is lost with: {missing}"
