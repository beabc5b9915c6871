"""Caddy and nginx take their files, and let through to a node what is meant for others."""

from __future__ import annotations

import asyncio
import contextlib
import io
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from federation.node.settings import NodeLimits
from federation.web.pages.post_form import BYTES_MAX
from tests.deploy.certificate import write_certificate
from tests.deploy.validators import DEPLOY, PATH, judge, validator
from tests.ports import free_port

CADDYFILE: Final = DEPLOY / "caddy" / "Caddyfile"
TRIES: Final = 200
SPOOFED: Final = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9"}
NGINX: Final = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/ruilbrug.conf;
}}
"""
NAMES: Final = ("gent.example.org", "brugge.example.org")


def test_caddy_takes_its_file(tmp_path: Path) -> None:
    code, said = judge(
        validator("caddy"),
        "validate",
        "--config",
        CADDYFILE,
        "--adapter",
        "caddyfile",
        folder=tmp_path,
    )

    assert code == 0, said
    assert "Valid configuration" in said


def test_the_caddyfile_is_written_as_caddy_writes_it() -> None:
    assert judge(validator("caddy"), "fmt", CADDYFILE) == (0, CADDYFILE.read_text())


def nginx_folder(folder: Path, node: int, plain: int, secure: int) -> Path:
    """Lay nginx's files out, with certificates and ports of this test; give the main one."""
    (folder / "snippets").mkdir()
    shutil.copy(DEPLOY / "nginx" / "ruilbrug-node.conf", folder / "snippets")
    site = (DEPLOY / "nginx" / "ruilbrug.conf").read_text()
    for name in NAMES:
        write_certificate(folder / "live" / name, name)
    for was, becomes in (
        ("/etc/letsencrypt/live", f"{folder}/live"),
        ("127.0.0.1:8080", f"127.0.0.1:{node}"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{secure} ssl http2;"),
        ("    listen [::]:80;\n", ""),
        ("    listen [::]:443 ssl http2;\n", ""),
    ):
        assert was in site
        site = site.replace(was, becomes)
    (folder / "ruilbrug.conf").write_text(site)
    main = folder / "nginx.conf"
    main.write_text(NGINX.format(folder=folder))
    return main


def nginx(main: Path, *arguments: str) -> list[str]:
    folder = main.parent
    return [validator("nginx"), "-p", str(folder), "-e", "stderr", "-c", str(main), *arguments]


def test_nginx_takes_its_files(tmp_path: Path) -> None:
    main = nginx_folder(tmp_path, free_port(), free_port(), free_port())

    code, said = judge(*nginx(main, "-t"))

    assert code == 0, said
    assert "[warn]" not in said


class Behind:
    """A node as a proxy sees it: notes what arrives."""

    def __init__(self) -> None:
        self.port = free_port()
        self.seen: list[web.Request] = []
        self.whole = 0
        """Requests that arrived to their end."""

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[Behind]:
        async def answer(request: web.Request) -> web.Response:
            self.seen.append(request)
            await request.read()
            self.whole += 1
            return web.Response()

        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield self
        finally:
            await runner.cleanup()


Ask = Callable[..., Awaitable[int]]


@contextlib.asynccontextmanager
async def proxy(kind: str, folder: Path, behind: Behind) -> AsyncIterator[Ask]:
    """Run a proxy before a node, and give a function that asks it for a status."""
    plain, secure = free_port(), free_port()
    if kind == "nginx":
        command = nginx(nginx_folder(folder, behind.port, plain, secure))
        url = f"https://127.0.0.1:{secure}"
    else:
        said = CADDYFILE.read_text().replace("gent.example.org {", f"http://127.0.0.1:{plain} {{")
        said = said.partition("brugge.example.org")[0].replace(
            "127.0.0.1:8080", f"127.0.0.1:{behind.port}"
        )
        (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + said)
        command = [validator("caddy"), "run", "--config", str(folder / "Caddyfile")]
        url = f"http://127.0.0.1:{plain}"
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": PATH, "HOME": str(folder)},
        cwd=folder,
    )

    async def ask(path: str, data: bytes | None = None) -> int:
        method = "GET" if data is None else "POST"
        headers = {"Host": NAMES[0]} if kind == "nginx" else {}
        async with session.request(
            method,
            URL(url + path, encoded=True),
            data=None if data is None else io.BytesIO(data),
            headers={**SPOOFED, **headers},
            server_hostname=NAMES[0] if kind == "nginx" else None,
            allow_redirects=False,
        ) as response:
            await response.read()
            return response.status

    connector = aiohttp.TCPConnector(ssl=False)
    async with aiohttp.ClientSession(connector=connector) as session:
        try:
            for _ in range(TRIES):
                assert process.returncode is None
                try:
                    await ask("/ready")
                    break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.05)
            behind.seen.clear()
            yield ask
        finally:
            process.terminate()
            await process.wait()


@pytest.mark.parametrize("kind", ["caddy", "nginx"])
async def test_a_proxy_passes_on_what_is_meant_for_others_and_no_more(
    kind: str, tmp_path: Path
) -> None:
    async with Behind().listening() as behind, proxy(kind, tmp_path, behind) as ask:
        path = "/federation/v1/lines/ab%2Fc/events?x=%20"
        assert await ask(path, b"x" * NodeLimits().request_bytes_max) == 200
        (arrived,) = behind.seen
        assert arrived.raw_path == path
        assert arrived.headers["X-Forwarded-For"] == "127.0.0.1"
        assert "X-Real-IP" not in arrived.headers
        assert [await ask(p) for p in ("/home", "/log/checkpoint", "/api/v1/")] == [200, 200, 200]
        assert await ask("/log/witness/add-checkpoint", b"x" * 135_000) == 200
        assert await ask("/posts/new", b"x" * BYTES_MAX) == 200

        behind.whole = 0
        inside = ("/healthz", "/readyz", "/metrics", "/mailbox", "/mailbox/1")
        assert [await ask(p) for p in inside] == [404] * len(inside)
        assert await ask("/log/witness/add-checkpoint", b"x" * 200_000) != 200
        assert await ask("/posts/new", b"x" * (BYTES_MAX + 4 * 2**20)) != 200
        assert not behind.whole
