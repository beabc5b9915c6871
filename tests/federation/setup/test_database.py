"""Roles and database are made once, with passwords that lie in one file of mode 0600."""

from __future__ import annotations

import os
from pathlib import Path

import asyncpg
import pytest

from federation.node.postgres import PostgresServer
from federation.setup import database
from federation.setup.database import (
    make_as_superuser,
    read_or_make_passwords,
    require_reached,
    write_addresses,
)
from schemas.errors import Code, InputError, StorageError
from tests.conftest import Background, drop_database

NAME = "voorbeeld"


def test_passwords_are_made_once_and_for_nobody_else(tmp_path: Path) -> None:
    passwords = read_or_make_passwords(tmp_path, NAME)
    path = tmp_path / "database.pgpass"

    assert len(set(passwords)) == 2
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_or_make_passwords(tmp_path, NAME) == passwords
    addresses = write_addresses(tmp_path, NAME, passwords, port=5433)
    assert read_or_make_passwords(tmp_path, NAME) == passwords
    assert "127.0.0.1:5433:voorbeeld:ruilbrug_node_voorbeeld:" in path.read_text()
    assert passwords[1] not in addresses.runtime
    with pytest.raises(InputError):
        read_or_make_passwords(tmp_path, "ander")


async def test_what_is_there_stays_and_what_is_missing_comes(
    postgres_server: PostgresServer, background: Background
) -> None:
    try:
        for passwords in (("one", "two"), ("three", "four")):
            port = await make_as_superuser(postgres_server.dsn(), NAME, passwords)
        connection = await asyncpg.connect(postgres_server.dsn())
        hashes = await connection.fetch(
            "SELECT rolname, rolpassword, rolsuper FROM pg_authid WHERE rolname LIKE $1",
            f"%\\_{NAME}",
        )
        encoding = await connection.fetchval(
            "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = $1", NAME
        )
        await connection.close()
    finally:
        background.run(drop_database(postgres_server, NAME))

    assert port == 5432
    assert encoding == "UTF8"
    assert len(hashes) == 2
    for row in hashes:
        assert row["rolpassword"].startswith("SCRAM-SHA-256$")
        assert not row["rolsuper"]


async def test_a_database_that_does_not_let_us_in_is_named(tmp_path: Path) -> None:
    addresses = write_addresses(tmp_path, NAME, ("a", "b"), port=1)

    with pytest.raises(StorageError) as refused:
        await require_reached(addresses)
    assert refused.value.code is Code.DATABASE_NOT_MADE


def test_only_root_makes_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(StorageError) as refused:
        database.make_database(tmp_path, NAME)

    assert refused.value.code is Code.DATABASE_NOT_MADE
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_run_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "SUPERUSER", "nobody")
    monkeypatch.setattr(database, "SOCKETS", tmp_path / "nothing")

    with pytest.raises(StorageError) as refused:
        database.make_database(tmp_path, NAME)

    assert refused.value.code is Code.DATABASE_NOT_MADE
