"""Word against word over HTTP: who shows its copy, who has none, and who does not answer."""

from __future__ import annotations

from functools import partial

import pytest

from events.restore import Judgement, Mode
from federation.umbrella.noting import all_findings
from schemas import cores
from schemas.errors import Code, RuilbrugError
from schemas.findings import What
from tests.federation.line.pair import hashed
from tests.federation.umbrella.conftest import Federation, proofs
from tests.federation.umbrella.forging import Forgery
from tests.federation.umbrella.test_byzantine import audited, exchange, hide
from tests.federation.umbrella.test_mirror import proofs_shown, served
from tests.federation.world.conftest import WorldNode, lines


@pytest.fixture
async def hidden(federation: Federation) -> Federation:
    """A has paid B, and hides that."""
    await federation.pay()
    await exchange(federation.a, federation.b)
    await hide(federation.a, cores.PayPrepare, cores.PayCommit)
    return federation


def said(answer: bytes, _: bytes) -> bytes:
    return answer


async def test_who_does_not_answer_is_asked_again_and_accuses_nobody_meanwhile(
    hidden: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a, b = hidden.umbrella, hidden.a, hidden.b
    for answer in (b'{"events":7}', b""):
        with monkeypatch.context() as now:
            served(now, umbrella, b, "get", "/received/", partial(said, answer))
            assert await audited(umbrella) == {(What.WORD_AGAINST_WORD, "")}
    monkeypatch.setattr("federation.umbrella.inquiring.ANSWER_SIZE_MAX", 16)
    assert await audited(umbrella) == {(What.WORD_AGAINST_WORD, "")}, "it says too much"
    monkeypatch.undo()

    assert await audited(umbrella) == {(What.SENT_OTHERWISE, a.node.id)}
    first, last = sorted(await all_findings(umbrella.node), key=lambda one: one.known.seq)
    assert (first.known.finding.what, first.gone_since_s is None) == (What.WORD_AGAINST_WORD, False)
    assert (last.known.finding.what, last.gone_since_s is None) == (What.SENT_OTHERWISE, True)


async def test_what_is_proven_stays_so_when_the_umbrella_starts_anew_and_nobody_answers(
    hidden: Federation,
) -> None:
    umbrella, a, b = hidden.umbrella, hidden.a, hidden.b
    assert await audited(umbrella) == {(What.SENT_OTHERWISE, a.node.id)}
    await b.stop()
    await umbrella.stop()
    await umbrella.start()

    assert await audited(umbrella) == {(What.SENT_OTHERWISE, a.node.id)}
    assert await proofs_shown(umbrella) == ["channel-fork"]
    await b.start()


async def test_a_trade_that_is_left_out_is_proven_by_what_stands_in_its_place(
    federation: Federation,
) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    assert await audited(umbrella) == set()
    await federation.pay()
    await exchange(a, b)
    forgery = await Forgery.read(a)
    del forgery.logs[a.node.id][forgery.place(a.node, cores.PayPrepare) :]
    await forgery.plant()
    for code in ("005", "006", "007", "008"):
        await a.ask("member.add", code=code, name="Nieuw")

    for _ in range(2):
        assert await audited(umbrella) == {(What.SENT_OTHERWISE, a.node.id)}
    kept = await proofs(umbrella)
    assert {name for _, name in kept} == {a.node.id}
    kinds = {kind for kind, _ in kept}
    assert kinds - {"same-size"} == {"same-index"}, "or what witnesses saw of that size, too"
    assert await proofs_shown(umbrella) == ["same-index"]


async def test_who_names_what_it_never_got_is_accused_alone(federation: Federation) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    await federation.pay()
    await exchange(a, b)
    forgery = await Forgery.read(b)
    heads = forgery.logs[b.node.id][forgery.place(b.node, cores.LineHeads, -1)][0]
    made_up = cores.Seen(n=heads.seen.n, id=hashed("x"))
    forgery.change(b.node, cores.LineHeads, -1, seen=made_up)
    await forgery.plant()

    assert (What.CLAIM_UNSUPPORTED, b.node.id) in (told := await audited(umbrella))
    assert {node for _, node in told} == {b.node.id}
    assert await proofs(umbrella) == []


async def question(asker: WorldNode, group: WorldNode, n: int) -> bytes:
    path = f"/federation/v1/lines/{lines(group)[0].line}/received/{n}"
    return await asker.node.client.get(group.node.id, group.node.settings.public_url, path)


async def test_only_the_umbrella_is_shown_what_came_in_and_nobody_unsure_says_it_has_none(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    with pytest.raises(RuilbrugError) as refused:
        await question(a, b, 1)
    assert refused.value.code is Code.FORBIDDEN
    assert b'"core"' in await question(umbrella, b, 1)
    assert await question(umbrella, b, 99) == b'{"events":[]}'

    unsure = Judgement(Mode.RELEASES_NOTHING, "")
    monkeypatch.setattr(b.node.gate, "judgement", unsure)
    assert b'"core"' in await question(umbrella, b, 1)
    with pytest.raises(RuilbrugError) as unknown:
        await question(umbrella, b, 99)
    assert unknown.value.code is not Code.NOT_FOUND
