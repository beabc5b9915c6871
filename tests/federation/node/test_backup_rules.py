"""A backup goes back beside its own node's keys only, and `--keep` lets no other file go."""

from __future__ import annotations

import msgspec
import pytest

from events.signing import PrivateKey
from federation.node.backup_rules import file_name, in_order, restore_refused, too_many
from schemas.backup import Manifest
from schemas.encoding import b64
from schemas.errors import Code
from tests.events.stated import StatedGroup

OWN, OTHER = StatedGroup(1), StatedGroup(2)
MIGRATIONS = 24


def manifest(group: StatedGroup = OWN, **other: object) -> Manifest:
    plain = Manifest(
        v=1,
        node=group.node,
        name="LETS Gent",
        made_at_s=1_795_780_000,
        size=4,
        root=b64(bytes(32)),
        checkpoint="",
        statements=group.first,
        migration=MIGRATIONS,
        tables=(),
    )
    return msgspec.structs.replace(plain, **other)


def code_of(found: Manifest, *keys: PrivateKey) -> Code | None:
    public = [key.public.data for key in keys]
    refusal = restore_refused(found, public, migrations=MIGRATIONS, field="gent.backup")
    assert refusal is None or refusal.facts["field"] == "gent.backup"
    return None if refusal is None else refusal.code


def test_a_backup_goes_back_beside_its_own_keys() -> None:
    assert code_of(manifest(), OWN.log[0]) is None


def test_a_backup_from_before_a_change_of_keys_goes_back_beside_the_new_ones() -> None:
    assert code_of(manifest(), OWN.log[1]) is None
    assert code_of(manifest(), OWN.log[2]) is Code.BACKUP_OTHER_GROUP


def test_a_backup_from_after_a_change_of_keys_goes_back_beside_the_old_ones() -> None:
    later = manifest(statements=(*OWN.first, OWN.rotation(1, 3)))

    assert code_of(later, OWN.log[0]) is None


def test_a_backup_of_an_older_release_goes_back() -> None:
    assert code_of(manifest(migration=1), OWN.log[0]) is None


def test_a_backup_of_another_group_is_refused_and_named() -> None:
    refusal = restore_refused(
        manifest(OTHER), [OWN.log[0].public.data], migrations=MIGRATIONS, field="leuven.backup"
    )

    assert refusal is not None
    assert refusal.code is Code.BACKUP_OTHER_GROUP
    assert "LETS Gent" in refusal.sentence()


def test_without_any_keys_nothing_goes_back() -> None:
    assert code_of(manifest()) is Code.BACKUP_OTHER_GROUP


@pytest.mark.parametrize(
    "statements", [OTHER.first, OWN.first[1:], (*OWN.first, OTHER.rotation(1, 3))]
)
def test_statements_that_do_not_prove_the_node_are_refused(statements: object) -> None:
    assert code_of(manifest(statements=statements), OWN.log[0]) is Code.BACKUP_DAMAGED


def test_a_backup_of_a_newer_schema_is_refused() -> None:
    assert code_of(manifest(migration=MIGRATIONS + 1), OWN.log[0]) is Code.BACKUP_NEWER


def test_only_the_oldest_own_backups_go() -> None:
    own = [file_name(OWN.node, 1_795_780_000 + day * 86_400) for day in range(4)]
    others = [
        file_name(OTHER.node, 0),
        f"{own[0]}.new",
        f"copy of {own[0]}",
        "ruilbrug.backup",
        "node.toml",
    ]

    newest = own[-1]
    assert too_many([*reversed(own), *others], newest, 3) == own[:1]
    assert too_many([*own, *others], newest, 1) == own[:3]
    assert too_many([*own, *others], newest, 4) == []
    assert too_many([*own, *others], newest, 9) == []
    assert too_many([newest], newest, 1) == []


def test_the_backup_that_was_just_made_stays_though_the_clock_went_back() -> None:
    later = [file_name(OWN.node, 1_795_780_000 + hour * 3_600) for hour in range(1, 4)]
    made = file_name(OWN.node, 1_795_780_000)

    assert too_many([made, *later], made, 1) == later
    assert too_many([made, *later], made, 2) == later[:2]


def test_a_file_is_named_by_node_and_time() -> None:
    assert file_name("a" * 52, 1_795_780_000) == "ruilbrug-aaaaaaaaaaaa-20261127T114640Z.backup"


def test_tables_stand_behind_those_that_they_refer_to() -> None:
    behind = {"a": ["c"], "b": [], "c": ["d"], "d": []}

    assert in_order(behind) == ["b", "d", "c", "a"]
