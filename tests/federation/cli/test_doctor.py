"""`ruilbrug doctor` looks at real nodes, databases and certificates, and changes nothing."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

import msgspec
from aiosmtpd.smtp import AuthResult, LoginPassword

from federation.cli.doctor_looks import look, look_at_mail, look_at_web
from federation.node.control import control_socket
from federation.node.doctor import examine
from federation.node.doctor_findings import Weight
from federation.node.service import now_s
from federation.node.settings import MailSettings
from tests.federation.cli.test_commands import group, ruilbrug
from tests.federation.mail.post import Certificate, Post, listening
from tests.federation.node.test_doctor import RUNNING
from tests.federation.world.conftest import World, WorldNode
from tests.federation.world.sealed_backups import backed_up

MEMORY = Path("/dev/shm")


def found(text: str) -> dict[str, dict[str, str]]:
    """Give the heaviest finding of each check."""
    heaviest: dict[str, dict[str, str]] = {}
    for finding in json.loads(text)["findings"]:
        if finding["weight"] == "person" or finding["check"] not in heaviest:
            heaviest[finding["check"]] = finding
    return heaviest


async def tended(node: WorldNode, target: Path) -> None:
    """Do what an operator has to do once."""
    for name in ("root", "root-next", "recovery"):
        (node.folder.keys / f"{name}.key").rename(target / f"{name}.key")
    await ruilbrug(node.folder.path, "backup", str(target))
    await ruilbrug(node.folder.path, "log", "verify")


async def test_a_node_of_yesterday_is_told_what_to_do_and_one_that_is_tended_is_well(
    world: World, tmp_path: Path
) -> None:
    node = await group(world)
    size = node.node.sequencer.size
    async with control_socket(node.node):
        new = await ruilbrug(node.folder.path, "doctor", "--json")
        await tended(node, tmp_path)
        text = await ruilbrug(node.folder.path, "doctor")
        later = await ruilbrug(node.folder.path, "doctor", "--json")

    assert new.returncode == 1, new.stderr
    before, after = found(new.stdout), found(later.stdout)
    assert before["backup"]["weight"] == "person"
    assert "root.key" in before["keys"]["what"]
    assert before["verify"]["weight"] == "note"
    for check in ("node", "database", "backup", "verify", "keys", "partners"):
        assert after[check]["weight"] == "fine", after[check]
    assert after["web"]["weight"] == "note", "it leads here, without TLS"
    assert "without TLS" in after["web"]["what"]
    assert "ok   node: The node runs" in text.stdout
    assert node.node.sequencer.size == size


async def test_a_stopped_node_and_a_lost_database_are_found(world: World) -> None:
    node = await group(world)
    await node.stop()
    stopped = await ruilbrug(node.folder.path, "doctor", "--json")
    settings = node.folder.settings()
    (node.folder.path / "node.toml").unlink()
    node.folder.write_settings(
        msgspec.structs.replace(settings, database=settings.database.replace("/t", "/gone"))
    )
    lost = await ruilbrug(node.folder.path, "doctor", "--json")
    (node.folder.path / "node.toml").unlink()
    node.folder.write_settings(settings)
    nobody = await ruilbrug(node.folder.path.parent / "nobody", "doctor")
    await node.start()

    assert stopped.returncode == lost.returncode == 1
    assert found(stopped.stdout)["node"]["weight"] == "person"
    assert found(stopped.stdout)["database"]["weight"] == "fine"
    assert found(stopped.stdout)["web"]["weight"] == "person"
    assert found(lost.stdout)["database"]["weight"] == "person"
    assert nobody.stderr.startswith("node_missing: ")


async def test_partners_and_their_clocks_are_looked_at(world: World) -> None:
    a, b = await world.pair()
    await a.ask("pay", payer="001", payee="002", amount_minor=30, group="beta")
    seen = a.node.client.clocks[b.node.id]

    async with control_socket(a.node):
        facts = await look(a.folder, clock=now_s)
        a.node.client.clocks[b.node.id] = seen._replace(ahead_s=3_600)
        off = await look(a.folder, clock=now_s)

    assert abs(seen.ahead_s) <= 2
    assert facts.running is not None
    assert [partner.name for partner in facts.running.partners] == ["beta"]
    assert list(facts.running.offsets_s) == ["beta"]
    assert facts.web.is_this_node
    clock = [finding for finding in examine(off) if finding.check == "clock"]
    assert [finding.weight for finding in clock] == [Weight.PERSON]
    assert "3600 seconds behind" in clock[0].what


async def test_a_backup_that_was_moved_away_is_missed(world: World, tmp_path: Path) -> None:
    node = await group(world)
    made = await backed_up(node.folder, tmp_path, now_s())
    there = await look(node.folder, clock=now_s)
    made.path.unlink()
    gone = await look(node.folder, clock=now_s)

    assert there.backup_there
    assert str(node.folder.path) in [disk.path for disk in there.disks]
    assert all(0 < disk.free_bytes <= disk.total_bytes for disk in there.disks)
    assert not gone.backup_there


async def test_the_mail_server_is_spoken_with_and_gets_nothing(
    world: World, tmp_path: Path
) -> None:
    node = await world.make("alfa", 20)
    certificate, post = Certificate(node.folder.path), Post()

    def known(
        _server: object, _session: object, _envelope: object, _how: str, said: object
    ) -> AuthResult:
        assert isinstance(said, LoginPassword)
        return AuthResult(success=said.password == b"geheim", handled=False)

    async def looked(port: int) -> str:
        mail = MailSettings(
            mode="smtp",
            sender="r@gent.example",
            host="127.0.0.1",
            port=port,
            ca_file="mx.pem",
            username="r",
            password_file="password",
        )
        settings = msgspec.structs.replace(node.folder.settings(), mail=mail)
        return (await look_at_mail(node.folder, settings)).trouble

    async with listening(
        post, tls=certificate.server, authenticator=known, auth_required=True
    ) as port:
        (node.folder.path / "password").write_text("geheim")
        fine = await looked(port)
        (node.folder.path / "password").write_text("verkeerd")
        wrong = await looked(port)
    away = await looked(port)

    assert fine == ""
    assert "535" in wrong
    assert away
    assert post.taken == []


async def test_a_certificate_is_followed_to_its_end_and_to_who_answers(tmp_path: Path) -> None:
    certificate = Certificate(tmp_path)
    body = json.dumps({"node": "b" * 52, "name": "LETS Gent", "role": "group"})

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=certificate.server)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        running = msgspec.structs.replace(RUNNING, node="b" * 52)
        ours = await look_at_web(url, running, tls=certificate.client)
        theirs = await look_at_web(url, RUNNING, tls=certificate.client)
        unknown = await look_at_web(url, running)
    nobody = await look_at_web(url, running, tls=certificate.client)
    nowhere = await look_at_web("https://nowhere.invalid", running)

    assert ours.is_this_node
    assert ours.certificate_ends_at_s is not None
    assert abs(ours.certificate_ends_at_s - now_s() - 86_400) < 120
    assert not theirs.is_this_node
    assert "self-signed" in unknown.trouble or "self signed" in unknown.trouble
    assert nobody.trouble
    assert nowhere.dns_trouble


async def test_the_disk_of_the_backups_is_looked_at_too(world: World, tmp_path: Path) -> None:
    node = await group(world)
    other = MEMORY if MEMORY.is_dir() else tmp_path
    with tempfile.TemporaryDirectory(dir=other) as name:
        await backed_up(node.folder, Path(name), now_s())
        facts = await look(node.folder, clock=now_s)

    places = [disk.path for disk in facts.disks]
    on_another = Path(other).stat().st_dev != node.folder.path.stat().st_dev
    assert places == [str(node.folder.path), *([name] if on_another else [])]
