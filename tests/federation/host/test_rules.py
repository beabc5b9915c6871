"""The rules of a host: addresses, connections, pauses, and what its doctor says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.cli.host_doctor import judge
from federation.host.addresses import address_asked, address_of
from federation.host.hosted import PAUSE_FIRST_S, PAUSE_MAX_S, pause_s, reason_of
from federation.host.settings import HostFolder, HostSettings, shared_connections
from federation.node.doctor_findings import Weight
from schemas.errors import Code, InputError

NAMES = st.from_regex(r"[a-z]{1,8}(\.[a-z]{2,5}){0,2}", fullmatch=True)
PORTS = st.integers(1, 65_535)


@given(NAMES, PORTS)
def test_a_group_is_found_by_its_own_address(name: str, port: int) -> None:
    address = address_of(f"http://{name}:{port}")

    assert address_asked([f"{name.upper()}.:{port}"], "/") == address
    assert address_asked([f"{name}:{port}"], f"http://{name}:{port}/x?y") == address


@given(NAMES, NAMES, PORTS)
def test_no_other_name_leads_to_it(name: str, other: str, port: int) -> None:
    if name == other:
        return
    address = address_of(f"https://{name}:{port}")

    for hosts in ([f"{other}:{port}"], [f"{other}.{name}:{port}"], [name, name], []):
        assert address_asked(hosts, "/") != address
    assert address_asked([f"{name}:{port}"], f"http://{other}:{port}/") is None
    assert address_asked([f"{name}:{port}"], "*") is None


@given(st.text(max_size=300), st.text(max_size=50))
def test_whatever_is_asked_is_an_address_or_none(host: str, target: str) -> None:
    assert isinstance(address_asked([host], target), str | None)


def test_the_usual_ports_need_no_naming() -> None:
    assert address_of("https://Lets.Example") == "lets.example"
    assert address_asked(["lets.example:443"], "/") == "lets.example"
    assert address_of("http://[::1]:8080") == address_asked(["[::1]:8080"], "/") == "[::1]:8080"
    assert address_of("http://[::1]") == address_asked(["[::1]"], "/") == "[::1]"


@given(st.integers(0, 2_000), st.integers(8, 1_000), st.integers(1, 16))
def test_connections_never_pass_what_is_allowed(groups: int, most: int, at_once: int) -> None:
    settings = HostSettings(connections_max=most, starts_at_once=at_once)
    try:
        shared = shared_connections(settings, groups)
    except InputError as error:
        assert error.code is Code.MALFORMED
        assert str(groups) in str(error)
    else:
        assert shared >= 4
        assert groups + shared + 2 * at_once == most


def test_fifty_groups_fit_below_the_limit_that_postgresql_has_by_itself() -> None:
    assert HostSettings().connections_max < 97
    assert shared_connections(HostSettings(), 50) >= 20


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pauses_grow_and_end(failures: int, jitter: float) -> None:
    assert PAUSE_FIRST_S <= pause_s(failures, jitter) <= PAUSE_MAX_S * 1.25
    assert pause_s(failures, jitter) <= pause_s(failures + 1, jitter)


def test_a_reason_is_a_code_with_its_sentence_or_the_kind_of_a_bug() -> None:
    told = InputError(Code.NODE_MISSING, field="x")
    grouped = ExceptionGroup("tasks", [ExceptionGroup("inner", [told])])

    assert reason_of(grouped).startswith("node_missing: ")
    assert reason_of(ZeroDivisionError("a secret")) == "ZeroDivisionError"


def test_what_the_doctor_says_of_a_host() -> None:
    def told(name: str, state: str) -> dict[str, str]:
        return {"name": name, "state": state, "reason": "bad_key: ..."}

    groups = [told("a", "running"), told("b", "failed"), told("c", "stopped")]

    assert [finding.weight for finding in judge(None, [])] == [Weight.PERSON]
    found = judge({"groups": groups}, ["a", "b", "c", "d"])
    assert [finding.weight for finding in found] == [Weight.PERSON, Weight.NOTE, Weight.NOTE]
    assert judge({"groups": groups[:1]}, ["a"])[0].weight is Weight.FINE


def test_host_toml_is_read_or_refused(tmp_path: Path) -> None:
    assert HostFolder(tmp_path).settings() == HostSettings()
    for wrong in ("listen_port = 0", "colour = 3", "left_out = ", "connections_max = 1"):
        (tmp_path / "host.toml").write_text(wrong)
        with pytest.raises(InputError) as refused:
            HostFolder(tmp_path).settings()
        assert refused.value.code is Code.MALFORMED
    with pytest.raises(InputError):
        HostFolder(tmp_path / "nowhere").settings()
