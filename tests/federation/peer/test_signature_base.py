"""The signature base against RFC 9421 appendix B, and what the two fields may look like."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from hypothesis import given
from hypothesis import strategies as st

from events.signing import PrivateKey, PublicKey
from federation.peer.signature_base import (
    FIELD_SIZE_MAX,
    Component,
    Message,
    SignatureInput,
    fields_of,
    read_input,
    read_signature,
    signature_base,
    write_signature,
)
from schemas.encoding import unb64
from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from pathlib import Path

CASES = ["sig-b21", "sig-b22", "sig-b23", "sig-b24", "sig-b25", "sig-b26"]


@pytest.fixture(scope="session")
def appendix_b(shared_vectors: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((shared_vectors / "rfc9421/appendix_b.json").read_text())
    return read


def case_of(appendix_b: dict[str, Any], name: str) -> tuple[dict[str, str], Message]:
    case = next(case for case in appendix_b["cases"] if case["id"] == name)
    start, *lines = appendix_b["messages"][case["message"]].split("\n\n")[0].split("\n")
    fields = fields_of(tuple(line.split(": ", 1)) for line in lines)
    if case["message"] == "response":
        return case, Message(fields=fields, status=int(start.split(" ")[1]))
    method, path, _ = start.split(" ")
    return case, Message(fields=fields, method=method, target_uri=f"https://example.com{path}")


@pytest.mark.parametrize("name", CASES)
def test_base_is_that_of_the_rfc(appendix_b: dict[str, Any], name: str) -> None:
    case, message = case_of(appendix_b, name)

    signed = read_input(case["signature_input"])

    assert signature_base(signed, message).decode() == case["signature_base"]
    assert str(signed) == case["signature_input"]


@pytest.mark.parametrize("name", CASES)
def test_signature_of_the_rfc_verifies_over_our_base(appendix_b: dict[str, Any], name: str) -> None:
    case, message = case_of(appendix_b, name)
    base = signature_base(read_input(case["signature_input"]), message)
    label, signature = read_signature(case["signature"])
    key = appendix_b["keys"][case["key"]]

    assert label == name
    match case["alg"]:
        case "rsa-pss-sha512":
            public = serialization.load_pem_public_key(key["public_pem"].encode())
            assert isinstance(public, rsa.RSAPublicKey)
            pss = padding.PSS(padding.MGF1(hashes.SHA512()), 64)
            public.verify(signature, base, pss, hashes.SHA512())
        case "ecdsa-p256-sha256":
            curve = serialization.load_pem_public_key(key["public_pem"].encode())
            assert isinstance(curve, ec.EllipticCurvePublicKey)
            r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
            encoded = utils.encode_dss_signature(r, s)
            curve.verify(encoded, base, ec.ECDSA(hashes.SHA256()))
        case "hmac-sha256":
            code = hmac.HMAC(b64decode(key["base64"]), hashes.SHA256())
            code.update(base)
            code.verify(signature)
        case _:
            assert PublicKey.parse(unb64(key["jwk"]["x"])).verify(signature, base)
            assert PrivateKey(unb64(key["jwk"]["d"])).sign(base) == signature


REQUEST = Message(
    fields={"signature": "sig=:AA==:"},
    method="GET",
    target_uri="https://Bridge.Example:443/p?a=1&b=x%20y&b=2&c=%C3%A9~*",
)
RESPONSE = Message(fields={"x": "tab\there"}, status=404, request=REQUEST)


@pytest.mark.parametrize(
    ("component", "value"),
    [
        ('"@status"', "404"),
        ('"x"', "tab\there"),
        ('"@method";req', "GET"),
        ('"signature";req', "sig=:AA==:"),
        ('"@target-uri";req', REQUEST.target_uri),
        ('"@authority";req', "bridge.example"),
        ('"@scheme";req', "https"),
        ('"@path";req', "/p"),
        ('"@query";req', "?a=1&b=x%20y&b=2&c=%C3%A9~*"),
        ('"@query-param";name="a";req', "1"),
        ('"@query-param";name="c";req', "%C3%A9%7E*"),
    ],
)
def test_components_have_these_values(component: str, value: str) -> None:
    signed = read_input(f"sig=({component});created=1")

    base = signature_base(signed, RESPONSE).decode()

    assert base == f'{component}: {value}\n"@signature-params": ({component});created=1'


@pytest.mark.parametrize(
    "components",
    [
        '"@method"',  # of a request, and this is a response
        '"@path"',
        '"missing"',
        '"@unknown"',
        '"x" "x"',
        '"x";sf',
        '"x";bs',
        '"x";key="a"',
        '"x";req',
        '"@query-param";req',
        '"@query-param";name="b";req',  # twice there
        '"@query-param";name="z";req',
        '"@query-param";name="a";sf;req',
        '"@signature-params"',
    ],
)
def test_components_that_are_not_there_are_refused(components: str) -> None:
    signed = read_input(f"sig=({components})")

    with pytest.raises(VerificationError) as refused:
        signature_base(signed, RESPONSE)

    assert refused.value.code == Code.SIGNATURE_MALFORMED


def test_req_without_a_request_is_refused() -> None:
    with pytest.raises(VerificationError):
        signature_base(read_input('sig=("@method";req)'), REQUEST)


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b", "é", "\x7f"])
def test_values_that_could_fake_a_line_are_refused(value: str) -> None:
    signed = SignatureInput("sig", (Component("x"),), ())

    with pytest.raises(VerificationError):
        signature_base(signed, Message(fields={"x": value}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sig",
        "sig=",
        "sig=(",
        'sig=("a"',
        'sig=("a" )',
        'sig=( "a")',
        'sig=("a"  "b")',
        'sig=("a""b")',
        "sig=(a)",
        'sig=("a";req=?1)',
        'sig=("a";req=?0)',
        'sig=("a");created=01',
        'sig=("a");created=-0',
        'sig=("a");created=1.0',
        'sig=("a");created=1234567890123456',
        'sig=("a");created=1;created=1',
        'sig=("a"); created=1',
        'sig=("a");Created=1',
        'sig=("a");keyid="é"',
        'sig=("a");keyid="\\x"',
        'sig=("a");keyid=token',
        'sig=("a");created=1, other=("a")',
        'Sig=("a")',
        'sig=("a")\n',
        ' sig=("a")',
        f'sig=("a");nonce="{"x" * FIELD_SIZE_MAX}"',
    ],
)
def test_signature_input_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(VerificationError) as refused:
        read_input(text)

    assert refused.value.code == Code.SIGNATURE_MALFORMED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sig=AA==",
        "sig=:AA:",
        "sig=:AB==:",  # loose bits
        "sig=:AA===:",
        "sig=:A A==:",
        "sig=:AA==:;p=1",
        "sig=:AA==:, other=:AA==:",
        "sig=:_-8=:",
        "sig=:AA==:\n",
        f"sig=:{'A' * FIELD_SIZE_MAX}:",
    ],
)
def test_signature_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(VerificationError) as refused:
        read_signature(text)

    assert refused.value.code == Code.SIGNATURE_MALFORMED


printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)
keys = st.from_regex(r"[a-z*][a-z0-9_.*-]{0,8}", fullmatch=True)
values = st.one_of(st.integers(-(10**15) + 1, 10**15 - 1), printable, st.just(value=True))
params = st.dictionaries(keys, values, max_size=3).map(lambda some: tuple(some.items()))


@given(keys, st.lists(st.builds(Component, printable, params), max_size=3), params)
def test_whatever_is_written_is_read_again(
    label: str, components: list[Component], some: tuple[tuple[str, int | str | bool], ...]
) -> None:
    signed = SignatureInput(label, tuple(components), some)

    if len(str(signed)) <= FIELD_SIZE_MAX:
        assert read_input(str(signed)) == signed


@given(keys, st.binary(min_size=1, max_size=80))
def test_whatever_signature_is_written_is_read_again(label: str, signature: bytes) -> None:
    assert read_signature(write_signature(label, signature)) == (label, signature)


@given(st.text() | st.text('sig=("a b");:\\,-?1').map(lambda text: f"sig=({text}"))
def test_random_text_is_read_exactly_or_refused(text: str) -> None:
    try:
        signed = read_input(text)
    except VerificationError as refused:
        assert refused.code == Code.SIGNATURE_MALFORMED
    else:
        assert str(signed) == text


@given(st.text() | st.text("AQg=:/+").map(lambda text: f"sig=:{text}:"))
def test_random_signature_is_read_exactly_or_refused(text: str) -> None:
    try:
        label, signature = read_signature(text)
    except VerificationError as refused:
        assert refused.code == Code.SIGNATURE_MALFORMED
    else:
        assert write_signature(label, signature) == text


def test_lines_of_a_field_are_joined() -> None:
    assert fields_of([("A", " 1\t"), ("b", "2"), ("a", "3")]) == {"a": "1, 3", "b": "2"}
