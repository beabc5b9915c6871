"""The contracts about who may import whom cover every package, and no module escapes them."""

from __future__ import annotations

import tomllib

import pytest

from tests.tidy.rooms import PACKAGES, ROOT, SHELVES_OF_PROJECTIONS, product

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS = SETTINGS["tool"]["importlinter"]["contracts"]


def test_the_layers_are_the_four_packages() -> None:
    (layers,) = (contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")

    assert layers == ["federation", "projections", "events", "schemas"]
    assert set(layers) == set(PACKAGES)


@pytest.mark.parametrize("room", ["schemas", "federation.line", "federation.group"])
def test_a_pure_room_is_under_contract(room: str) -> None:
    named = [name for contract in CONTRACTS for name in contract.get("source_modules", ())]

    assert room in named


def test_every_fold_is_under_contract() -> None:
    """A new module of projections is pure, unless its name says that it carries tables."""
    named = {name for contract in CONTRACTS for name in contract.get("source_modules", ())}
    folds = {
        module.place.removesuffix(".py").replace("/", ".")
        for module in product()
        if module.place.startswith("projections/")
        and not module.place.startswith(SHELVES_OF_PROJECTIONS)
        and not module.place.endswith("__init__.py")
    }

    assert folds <= named, f"add to pyproject.toml: {sorted(folds - named)}"
