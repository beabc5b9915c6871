"""My devices: where I am signed in, and signing out there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import devices
from federation.web.routes import Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

pages = Pages()


@pages.get("/me/devices")
async def show_devices(visit: Visit) -> web.Response:
    """List the devices."""
    found = await devices.devices_of(visit.node, visit.member, now_s=visit.now_s)
    return visit.show("devices.html", devices=found)


@pages.post("/me/devices")
async def end_device(visit: Visit) -> web.Response:
    """Sign one device out, or all but this one."""
    form = await visit.form()
    if form.value("which") == "others":
        await devices.end_other_devices(visit.node, visit.member, now_s=visit.now_s)
        return visit.go("/me/devices", notice="devices-out")
    session = form.number("which")
    if session is not None:
        await devices.end_device(visit.node, visit.member, session, now_s=visit.now_s)
    return visit.go("/me/devices", notice="device-out")
