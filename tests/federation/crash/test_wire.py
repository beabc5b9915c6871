"""What the judge hears on the wire: bytes that only look like JSON stop nothing."""

from __future__ import annotations

import json

import pytest

from schemas.encoding import b64
from tests.independent.wire import Wire


@pytest.mark.parametrize("kind", ["sigs", "bodies", "0"])
def test_bytes_of_a_tile_that_begin_like_json_are_passed_by(kind: str) -> None:
    wire = Wire()

    wire.hear(f"/federation/v1/log/tile/{kind}/000", b"[\xfa\x18\xf9")
    wire.hear(f"/federation/v1/log/tile/{kind}/000", b'{"core": 1')

    assert not wire.ids


def test_two_events_for_one_index_are_heard() -> None:
    wire = Wire()
    for ts in (1, 2):
        core = json.dumps({"origin": "o", "seq": 3, "ts": ts}).encode()
        wire.hear(
            "/federation/v1/lines/l/events", json.dumps({"events": [{"core": b64(core)}]}).encode()
        )

    assert wire.newest("o") == 3
    with pytest.raises(AssertionError, match="two events for one index"):
        wire.require_one_history()
