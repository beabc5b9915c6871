"""The proof of a booking: a page that says what it proves, and the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from events.tlog_proof import ENDING
from federation.members import booking_proof
from federation.node.use_cases import account_by_code
from federation.web.routes import Audience, Pages

if TYPE_CHECKING:
    from federation.web.visit import Visit

pages = Pages()


@pages.get("/statement/{booking}/proof")
async def show_proof(visit: Visit) -> web.Response:
    """Say what the proof of an own booking shows."""
    return await _show(visit, visit.member.shown_account, "/statement")


@pages.get("/statement/{booking}/proof/file")
async def give_proof(visit: Visit) -> web.Response:
    """Give the proof of an own booking."""
    return await _give(visit, visit.member.shown_account, visit.member.code_in_file)


@pages.get("/members/{code}/bookings/{booking}/proof", Audience.AUDITORS)
async def show_members_proof(visit: Visit) -> web.Response:
    """Say what the proof of another member's booking shows."""
    account = account_by_code(visit.node, visit.request.match_info["code"], field="code").account
    back = visit.request.rel_url.raw_path.removesuffix("/proof").rpartition("/")[0]
    return await _show(visit, account, back)


@pages.get("/members/{code}/bookings/{booking}/proof/file", Audience.AUDITORS)
async def give_members_proof(visit: Visit) -> web.Response:
    """Give the proof of another member's booking."""
    account = account_by_code(visit.node, visit.request.match_info["code"], field="code").account
    return await _give(visit, account, str(account))


async def _show(visit: Visit, account: int, back: str) -> web.Response:
    found = await booking_proof.shown_proof(
        visit.node, visit.reader, account, visit.part("booking")
    )
    here = visit.request.rel_url.raw_path
    return visit.show("proof.html", found=found, here=here, back=back)


async def _give(visit: Visit, account: int, whose: str) -> web.Response:
    seq = visit.part("booking")
    body = await booking_proof.proof_file(visit.node, visit.reader, account, seq)
    named = f'attachment; filename="{visit.texts.say("bewijs")}-{whose}-{seq}{ENDING}"'
    return web.Response(
        body=body,
        headers={
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Disposition": named,
            "Cache-Control": "no-store",
        },
    )
