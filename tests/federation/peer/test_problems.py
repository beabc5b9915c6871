"""Errors travel as problems with their code and facts, and nothing else of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.peer.problems import PROBLEM_TYPE, read_problem, status_of, write_problem
from federation.peer.signatures import Response
from schemas.errors import (
    Code,
    InputError,
    PeerUnavailable,
    RefusedError,
    RuilbrugError,
    StorageError,
    VerificationError,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (VerificationError(Code.SIGNATURE_WRONG), 401),
        (VerificationError(Code.DIGEST_MISMATCH), 401),
        (RefusedError(Code.PEER_UNKNOWN), 403),
        (RefusedError(Code.NOT_FOUND), 404),
        (RefusedError(Code.LINE_GAP), 409),
        (InputError(Code.TOO_LARGE), 413),
        (InputError(Code.MALFORMED), 422),
        (VerificationError(Code.BAD_SIGNATURE), 422),
        (RuilbrugError(Code.INTERNAL), 500),
        (RefusedError(Code.BUSY), 503),
        (StorageError(Code.CONFLICT), 503),
        (PeerUnavailable(Code.PEER_UNREACHABLE), 503),
    ],
)
def test_each_kind_of_error_has_its_status(error: RuilbrugError, status: int) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize("code", list(Code))
def test_every_code_is_told_and_read_again(code: Code) -> None:
    problem = write_problem(RefusedError(code, field="x", limit=3))

    error = read_problem(problem)

    assert isinstance(error, RefusedError)
    assert error.code == code
    assert error.facts == {"field": "x", "limit": 3}


def test_problem_has_the_members_of_the_rfc() -> None:
    problem = write_problem(RefusedError(Code.LINE_GAP, field="n", expected=4))

    assert problem.fields == {"content-type": "application/problem+json"}
    assert json.loads(problem.body) == {
        "type": "/docs/errors#line_gap",
        "title": str(RefusedError(Code.LINE_GAP, field="n", expected=4)),
        "status": 409,
        "code": "line_gap",
        "facts": {"field": "n", "expected": 4},
        "field": "n",
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"code":"unheard_of"}',
        b'{"code":1}',
        b'{"code":"busy","facts":{"a":null}}',
        b'{"code":"busy","facts":{"a":1.5}}',
        b'{"code":"busy","facts":{"a":"' + b"x" * 201 + b'"}}',
        b'{"code":"busy","facts":{"a":99999999999999999999}}',
        b"\xff",
    ],
)
def test_problem_that_we_cannot_use_is_a_wrong_answer(body: bytes) -> None:
    error = read_problem(Response(status=409, fields={"content-type": PROBLEM_TYPE}, body=body))

    assert isinstance(error, VerificationError)
    assert error.code == Code.PEER_WRONG


def test_content_of_another_type_is_no_problem() -> None:
    body = b'{"code":"busy"}'

    for fields in ({}, {"content-type": "application/json"}):
        assert read_problem(Response(status=409, fields=fields, body=body)).code == Code.PEER_WRONG
    charset = {"content-type": "application/problem+json; charset=utf-8"}
    assert read_problem(Response(status=409, fields=charset, body=body)).code == Code.BUSY


@given(st.binary())
def test_random_bytes_are_an_error_and_no_crash(body: bytes) -> None:
    error = read_problem(Response(status=400, fields={"content-type": PROBLEM_TYPE}, body=body))

    assert str(error)
