"""What audits found, for auditors: what it means, what to do, and how it was solved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aiohttp import web

from federation.members.people import names_of
from federation.node.evidence import read_file
from federation.umbrella import flow_views, noting
from federation.umbrella.noting import SOLVED_LENGTH_MAX
from federation.web.pages import flows
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from schemas.errors import Code, InputError
from schemas.evidence import EvidenceKind
from schemas.finding_words import words_of
from schemas.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.umbrella.noting import Shown
    from federation.web.forms import Form
    from federation.web.visit import Visit
    from schemas.texts.words import Words

ROWS: Final = 50
WEIGHTS: Final = {
    Severity.PROOF: later("bewijs"),
    Severity.CONTRADICTION: later("tegenspraak"),
    Severity.ALARM: later("alarm"),
}
PROVEN: Final = {
    EvidenceKind.SAME_SIZE: later("twee versies van hetzelfde logboek"),
    EvidenceKind.SAME_INDEX: later("twee gebeurtenissen op dezelfde plaats in het logboek"),
    EvidenceKind.BROKEN_PROMISE: later("een logboek zonder wat er eerder in stond"),
    EvidenceKind.CHANNEL_FORK: later("twee berichten met hetzelfde nummer"),
    EvidenceKind.TWO_VERDICTS: later("twee beslissingen over dezelfde overschrijving"),
}
"""What each kind of proof shows."""

pages = Pages()


class Row(NamedTuple):
    """A finding, with its words in the reader's language."""

    shown: Shown
    words: Words
    weight: str


@pages.get("/flows/logs/findings", Audience.AUDITORS)
async def list_findings(visit: Visit) -> web.Response:
    """List findings: open ones first."""
    found = await noting.all_findings(visit.node)
    after = min(visit.number("after"), len(found))
    shown = found[after : after + ROWS]
    return visit.show(
        "flow_findings.html",
        **await _told(visit, shown),
        open_count=sum(one.known.solved is None for one in found),
        after=after,
        more=len(found) > after + ROWS,
        step=ROWS,
        fresh=flows.freshness(visit),
    )


@pages.get("/flows/logs/findings/{finding}", Audience.AUDITORS)
async def show_finding(visit: Visit) -> web.Response:
    """Show one finding, and ask how it was solved."""
    return await _show(visit, await visit.blank())


@pages.post("/flows/logs/findings/{finding}", Audience.AUDITORS)
async def solve_finding(visit: Visit) -> web.Response:
    """Write down how it was solved."""
    form, name = await visit.form(), visit.request.match_info["finding"]
    text = form.text("text", most=SOLVED_LENGTH_MAX, lines=True, required=True)
    if form.fine:
        async with visit.trying(form):
            key = form.command_key(visit.member)
            await noting.solve(visit.node, name, text, by=visit.member.account, key=key)
    if not form.fine:
        return await _show(visit, form, status=422)
    await visit.sent()
    return visit.go("/flows/logs/findings", notice="finding-solved")


@pages.get("/flows/logs/findings/{finding}/{proof}", Audience.AUDITORS)
async def save_proof(visit: Visit) -> web.Response:
    """Give the file of evidence about a finding, byte for byte."""
    shown = await noting.one_finding(visit.node, visit.request.match_info["finding"])
    proof = next((one for one in shown.proofs if one.id == visit.request.match_info["proof"]), None)
    if proof is None:
        raise InputError(Code.NOT_FOUND, field="proof")
    name = f"{proof.kind}-{proof.id[:16]}.json"
    return web.Response(
        body=await read_file(visit.node.pool, proof.id),
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


async def _show(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    shown = await noting.one_finding(visit.node, visit.request.match_info["finding"])
    told = await _told(visit, [shown])
    return visit.show(
        "flow_finding.html",
        status=status,
        **told,
        form=form,
        text_max=SOLVED_LENGTH_MAX,
        fresh=flows.freshness(visit),
    )


async def _told(visit: Visit, found: Sequence[Shown]) -> dict[str, Any]:
    """Give findings in words, and the names of groups and auditors in them."""
    solved = [one for row in found for one in (row.known.solved, *row.known.before) if one]
    rows = [
        Row(
            one,
            words_of(one.known.finding, visit.language),
            visit.texts.say(WEIGHTS[one.known.finding.severity]),
        )
        for one in found
    ]
    return {
        "rows": rows,
        "proven": {kind.value: visit.texts.say(words) for kind, words in PROVEN.items()},
        "groups": await flow_views.groups(visit.node),
        "auditors": await names_of(visit.node, {one.by for one in solved if one.by is not None}),
    }
